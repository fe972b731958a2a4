"""A solver for conda that enforces `constrains: __cuda`, as libmamba does and classic does not.

It is py-rattler behind conda's solver interface, small enough for any conda of the tests. conda
finds it by the entry point beside it, when this folder is on PYTHONPATH. rattler runs in a process
of its own, which is this file: its threads may crash an interpreter that ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NAME = "enforcing"


def _solve(question: dict[str, Any]) -> list[dict[str, Any]]:
    import rattler

    build = getattr(rattler, "BuildString", str)  # a plain text in older versions
    virtual = [
        rattler.GenericVirtualPackage(
            rattler.PackageName(name), rattler.Version(version), build(text)
        )
        for name, version, text in question["virtual"]
    ]
    metas = Path(question["prefix"]).glob("conda-meta/*.json")
    solving = rattler.solve(
        [rattler.Channel(url) for url in question["channels"]],
        question["specs"],
        platforms=question["subdirs"],
        virtual_packages=virtual,
        locked_packages=[rattler.PrefixRecord.from_path(path) for path in metas],
    )

    async def solve() -> Any:
        return await solving

    return [_fields(record) for record in asyncio.run(solve())]


def _fields(found: Any) -> dict[str, Any]:
    known = {
        "name": found.name.normalized,
        "version": str(found.version),
        "build": str(found.build),
        "build_number": found.build_number,
        "channel": str(found.channel),
        "subdir": found.subdir,
        "fn": found.file_name,
        "url": str(found.url),
        "depends": list(found.depends),
        "constrains": list(found.constrains),
        "md5": found.md5.hex() if found.md5 else None,
        "sha256": found.sha256.hex() if found.sha256 else None,
        "size": found.size,
    }
    return {name: value for name, value in known.items() if value is not None}


def main() -> None:
    """Answer the question on standard input, and leave without waiting for rattler's threads."""
    try:
        print(json.dumps(_solve(json.load(sys.stdin))))
    except Exception as error:  # noqa: BLE001 - rattler has several, and a text for each
        print(json.dumps(str(error)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

from boltons.setutils import IndexedSet  # type: ignore[import-untyped,unused-ignore]  # noqa: E402
from conda.base.context import context  # noqa: E402
from conda.core.prefix_data import PrefixData  # noqa: E402
from conda.core.solve import Solver  # noqa: E402
from conda.exceptions import CondaError, UnsatisfiableError  # noqa: E402
from conda.models.match_spec import MatchSpec  # noqa: E402
from conda.models.records import PackageRecord  # noqa: E402
from conda.plugins import hookimpl  # noqa: E402
from conda.plugins.types import CondaSolver  # noqa: E402


class UnsolvableError(UnsatisfiableError):  # type: ignore[misc]
    """No solution; the message is rattler's."""

    def __init__(self, message: str) -> None:
        CondaError.__init__(self, message.replace("%", "%%"))
        self.allow_retry = False


class EnforcingSolver(Solver):  # type: ignore[misc]
    """rattler, with the packages of the prefix kept where they can be."""

    def solve_final_state(self, *_args: Any, **_keywords: Any) -> IndexedSet:
        """Return all the packages that the environment is to have."""
        installed = {record.name: record for record in PrefixData(self.prefix).iter_records()}
        added = {spec.name for spec in self.specs_to_add}
        kept = [MatchSpec(name) for name in installed if name not in added]
        question = {
            "prefix": str(self.prefix),
            "channels": [url for channel in self.channels for url in channel.base_urls],
            "subdirs": [*dict.fromkeys((*self.subdirs, "noarch"))],
            "specs": [_written(spec) for spec in (*self.specs_to_add, *kept)],
            "virtual": _virtual_packages(),
        }
        done = subprocess.run(
            [sys.executable, __file__],
            input=json.dumps(question), capture_output=True, text=True, check=True,
        )  # fmt: skip
        answer = json.loads(done.stdout)
        if isinstance(answer, str):
            raise UnsolvableError(answer)
        return IndexedSet(PackageRecord(**fields) for fields in answer)


def _written(spec: MatchSpec) -> str:
    version = str(spec.get_raw_value("version") or "*")
    if version[0].isdigit() and not set(version) & set("*|,<>"):
        version = f"=={version}"
    build = spec.get_raw_value("build")
    return f"{spec.name} {version}" + (f"[build='{build}']" if build else "")


def _virtual_packages() -> list[tuple[str, str, str]]:
    plugins = context.plugin_manager
    if hasattr(plugins, "get_virtual_package_records"):
        known = plugins.get_virtual_package_records()
        return [(one.name, one.version or "0", one.build or "0") for one in known]
    found = plugins.get_virtual_packages()
    return [(f"__{one.name}", one.version or "0", one.build or "0") for one in found]


@hookimpl  # type: ignore[untyped-decorator]
def conda_solvers() -> Any:
    """Offer the solver to conda."""
    yield CondaSolver(name=NAME, backend=EnforcingSolver)
