"""A solver for conda that enforces `constrains: __cuda`, as libmamba does and classic does not.

It is py-rattler behind conda's solver interface, small enough for any conda of the tests. conda
finds it by the entry point beside it, when this folder is on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import rattler
from boltons.setutils import IndexedSet
from conda.base.context import context
from conda.core.prefix_data import PrefixData
from conda.core.solve import Solver
from conda.exceptions import CondaError, UnsatisfiableError
from conda.models.match_spec import MatchSpec
from conda.models.records import PackageRecord
from conda.plugins import hookimpl
from conda.plugins.types import CondaSolver

NAME = "enforcing"
_BUILD = getattr(rattler, "BuildString", str)


class UnsolvableError(UnsatisfiableError):
    """No solution; the message is rattler's."""

    def __init__(self, message: str) -> None:
        CondaError.__init__(self, message.replace("%", "%%"))
        self.allow_retry = False


class EnforcingSolver(Solver):
    """rattler, with the packages of the prefix kept where they can be."""

    def solve_final_state(self, *_args: Any, **_keywords: Any) -> IndexedSet:
        """Return all the packages that the environment is to have."""
        installed = {record.name: record for record in PrefixData(self.prefix).iter_records()}
        added = {spec.name for spec in self.specs_to_add}
        kept = [MatchSpec(name) for name in installed if name not in added]
        wanted = [_written(spec) for spec in (*self.specs_to_add, *kept)]
        try:
            found = asyncio.run(self._solve(wanted))
        except Exception as error:  # noqa: BLE001 - rattler has several, and a text for each
            raise UnsolvableError(str(error)) from None
        return IndexedSet(map(_record, found))

    async def _solve(self, wanted: list[str]) -> list[Any]:
        return await rattler.solve(
            [rattler.Channel(url) for channel in self.channels for url in channel.base_urls],
            wanted,
            platforms=[*dict.fromkeys((*self.subdirs, "noarch"))],
            virtual_packages=list(_virtual_packages()),
            locked_packages=self._locked(),
        )

    def _locked(self) -> list[Any]:
        metas = Path(self.prefix).glob("conda-meta/*.json")
        return [rattler.PrefixRecord.from_path(path) for path in metas]


def _written(spec: MatchSpec) -> str:
    version = str(spec.get_raw_value("version") or "*")
    if version[0].isdigit() and not set(version) & set("*|,<>"):
        version = f"=={version}"
    build = spec.get_raw_value("build")
    return f"{spec.name} {version}" + (f"[build='{build}']" if build else "")


def _record(found: Any) -> PackageRecord:
    fields = json.loads(found.to_json()) if hasattr(found, "to_json") else {}
    known = {
        "name": found.name.normalized,
        "version": str(found.version),
        "build": str(found.build),
        "build_number": found.build_number,
        "channel": str(found.channel),
        "subdir": found.subdir,
        "fn": getattr(found, "file_name", None) or fields.get("fn"),
        "url": str(found.url),
        "depends": list(found.depends),
        "constrains": list(found.constrains),
        "md5": found.md5.hex() if found.md5 else None,
        "sha256": found.sha256.hex() if found.sha256 else None,
        "size": found.size,
    }
    return PackageRecord(**{name: value for name, value in known.items() if value is not None})


def _virtual_packages() -> Any:
    plugins = context.plugin_manager
    if hasattr(plugins, "get_virtual_package_records"):
        found = [
            (one.name, one.version, one.build) for one in plugins.get_virtual_package_records()
        ]
    else:
        known = plugins.get_virtual_packages()
        found = [(f"__{one.name}", one.version, one.build) for one in known]
    for name, version, build in found:
        yield rattler.GenericVirtualPackage(
            rattler.PackageName(name), rattler.Version(version or "0"), _BUILD(build or "0")
        )


@hookimpl
def conda_solvers() -> Any:
    """Offer the solver to conda."""
    yield CondaSolver(name=NAME, backend=EnforcingSolver)
