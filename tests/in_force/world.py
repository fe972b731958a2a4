"""A local world for the mixes: the indexes, and an environment that is filled and emptied."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from tests import stubs
from tests.pip_hook.running import Machine, installed
from tests.support.pips import environment_with_pip
from tests.support.tools import site_packages, version_of
from tests.support.wheel_catalogue import from_catalogue
from tests.support.wheel_file import WheelFile, unpack

from .cases import MACHINES, PACKAGES, SETS, VARIANTS, Case

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.tools import Result
    from tests.support.wheel_index import WheelServer

FAMILY = catalogue.family().own_names
_ROCM = (("torch", "2.5.1"), ("torchvision", "0.20.1"), ("torchaudio", "2.5.1"))
_TAGS = "-{python}-{python}-linux_x86_64.whl"


class World:
    """The indexes on a server, a pip, uv, and an environment to install into."""

    def __init__(
        self, server: WheelServer, python: Path, uv: Path, folder: Path, driver: Path
    ) -> None:
        self.server = server
        self._uv = uv
        self._folder = folder
        self._driver = driver
        self._count = 0
        self._tag = "cp" + (version_of(python) or "").replace(".", "")
        self.python = environment_with_pip(python, folder / "environment")
        self.site = site_packages(folder / "environment")
        self.files = [*self._official(), *self._others()]
        server.add(self.files)
        self._wheels = {(one.name, one.version): one for one in self.files if one.name in FAMILY}

    def _official(self) -> list[WheelFile]:
        """List the files of the catalogue for this Python: thousands of others make pip slow."""
        return [
            one
            for one in from_catalogue()
            if f"-{self._tag}-{self._tag}-" in one.filename or "-none-any" in one.filename
        ]

    def _others(self) -> list[WheelFile]:
        tags = _TAGS.format(python=self._tag)
        found = [
            WheelFile(f"whl/rocm6.2/{name}", f"{name}-{number}+rocm6.2{tags}")
            for name, number in _ROCM
        ]
        found += [
            WheelFile(
                f"simple/{name}", f"{name.replace('-', '_')}-{number}-py3-none-any.whl", needs
            )
            for name, numbers in PACKAGES.items()
            for number, needs in numbers.items()
        ]
        # A company's index: two plain torches and everything else; another has a label of its own.
        plain = [one for one in self._official() if one.index_path.startswith("simple/")]
        kept = [
            one
            for one in (*plain, *found)
            if one.index_path.startswith("simple/")
            and (one.name not in FAMILY or one.version in ("2.6.0", "2.2.2", "0.21.0", "0.17.2"))
        ]
        company = [
            WheelFile(one.index_path.replace("simple", "company", 1), one.filename, one.requires)
            for one in kept
        ]
        pinned = [
            WheelFile("company-pinned/torch", f"torch-2.5.1+cu118{tags}", ("typing-extensions",)),
            WheelFile(
                "company-pinned/torchvision", f"torchvision-0.20.1+cu118{tags}", ("torch==2.5.1",)
            ),
        ]
        project = [
            WheelFile("project/cu121/needs-none", "needs_none-2.0-py3-none-any.whl"),
            WheelFile(
                "project/torch-2.5.0+cu121.html", "needs_none-2.5+pt25cu121-py3-none-any.whl"
            ),
        ]
        return [*found, *company, *pinned, *project]

    def prepare(self, case: Case) -> Machine:
        """Return the machine of a case, with what is installed on it."""
        self._count += 1
        home = self._folder / f"home{self._count}"
        home.mkdir()
        driver, cuda, gpu = MACHINES[case.machine]
        variables = stubs.environment(self._driver, driver=driver, cuda=cuda, gpus=[gpu])
        machine = Machine(self.python, home, self.server, variables)
        if case.installer == "uv":
            path = f"{self._uv.parent}:{machine.environment['PATH']}"
            more = {"PATH": path, "UV_CACHE_DIR": str(home / "uv"), "CUDA_GUARD_INSTALLER": "uv"}
            machine.variables = {**machine.variables, **more}
        self._empty()
        self._put(SETS[case.before])
        return machine

    def _empty(self) -> None:
        for one in self.site.iterdir():
            if one.is_dir():
                shutil.rmtree(one)
            elif one.suffix != ".pth":
                one.unlink()

    def _put(self, pins: Iterable[str]) -> None:
        for pin in pins:
            name, _, number = pin.partition("==")
            unpack(self._wheels[name, number], self.site)

    def has(self) -> dict[str, str]:
        """Return what is installed."""
        return installed(self.site)

    def address(self, name: str) -> str:
        """Return the URL of an index."""
        below = self.server.base if name in VARIANTS or name.startswith("rocm") else None
        return f"{below or self.server.root}/{name}"

    def sources(self, case: Case) -> dict[str, list[str]]:
        """Return the sources in force, by pip's name of the option."""
        page = f"{self.server.base}/torch_stable.html"
        if case.page == "project":
            page = f"{self.server.root}/project/torch-2.5.0+cu121.html"
        return {
            "index-url": [self.address(case.main)],
            "extra-index-url": [self.address(one) for one in case.extras if one != case.main],
            "find-links": [page] if case.page else [],
        }

    def run(self, case: Case, machine: Machine) -> Result:
        """Run pipcuda as the case says."""
        if case.dead:
            self.server.fault("/whl", "503")
        try:
            return self._run(case, machine)
        finally:
            if case.dead:
                self.server.mend()

    def _run(self, case: Case, machine: Machine) -> Result:
        sources = self.sources(case)
        words = [*case.switches]
        more: dict[str, str] = {}
        if case.constraints:
            (machine.home / "c.txt").write_text("\n".join(case.constraints), "utf-8")
            words += ["-c", "c.txt"]
        if case.way in ("line", "file"):
            options = [f"--{name} {url}" for name, urls in sources.items() for url in urls]
        if case.way == "line":
            words += [*(" ".join(options)).split(), *case.words]
        elif case.way == "file":
            (machine.home / "r.txt").write_text("\n".join([*options, *case.words]), "utf-8")
            words += ["-r", "r.txt"]
        elif case.way == "configuration":
            lines = [f"{name} = {' '.join(urls)}" for name, urls in sources.items() if urls]
            place = machine.home / "pip.conf"
            place.write_text("\n".join(["[global]", *lines, ""]), "utf-8")
            more = {"PIP_CONFIG_FILE": str(place), "PIP_INDEX_URL": sources["index-url"][0]}
            words += case.words
        else:
            more = {
                f"PIP_{name.upper().replace('-', '_')}": " ".join(urls)
                for name, urls in sources.items()
                if urls
            }
            words += case.words
        return machine.pipcuda("install", *words, more=more)
