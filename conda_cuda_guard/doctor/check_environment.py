"""The interpreter, Jupyter's too: whether there is a torch for it, whether pip may change it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from platformdirs import user_data_path

from conda_cuda_guard.host.packages import CUDNN_OF_PIP, find_torch
from conda_cuda_guard.host.programs import paths_beside
from conda_cuda_guard.host.surroundings import shadowing, system_cudnn
from conda_cuda_guard.model import Phrase, joined
from conda_cuda_guard.model.versions import cuda_in_build
from conda_cuda_guard.planner.alternatives import pythons_of
from conda_cuda_guard.sources.builtin import from_catalogue

from .report import CheckResult, Link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.host.packages import Packages

    from .report import DetectedMachine, Environment


def python(environment: Environment, detected: DetectedMachine) -> CheckResult:
    """Return the link of the interpreter that is installed into."""
    # https://packaging.python.org/en/latest/specifications/externally-managed-environments/
    managed = next(environment.prefix.glob("lib/python3*/EXTERNALLY-MANAGED"), None)
    facts = {
        "python": environment.python,
        "python_for_torch": _for_torch(environment, detected)
        if environment.manager == "pip"
        else None,
        "externally_managed": str(managed) if managed else None,
    }
    names = tuple(facts)
    return CheckResult((Link("Python", environment.python, str(environment.prefix), names),), facts)


def _for_torch(environment: Environment, detected: DetectedMachine) -> str | None:
    """Return whether any release was made for it; conda would take another Python by itself."""
    builds = from_catalogue("pip", detected.host.platform).builds
    known = {one for build in builds for one in build.pythons}
    if environment.python is None or not known:
        return None
    if environment.python in known:
        return Phrase("there is one")
    return Phrase("none: torch is known for Python {pythons}", pythons=pythons_of(builds))


# Made for the classic notebook, which notebook 7 is not.
_OLD_EXTENSIONS = ("jupyter-contrib-nbextensions", "jupyter-nbextensions-configurator")


def jupyter(environment: Environment, packages: Packages) -> CheckResult:
    """Return the link of the environment's Jupyter kernels and notebook."""
    kernels = find_kernels(environment.environ, environment.prefix)
    torches = {kernel: _torch(kernel) for kernel in kernels}
    extensions = [f"{n} {packages.versions[n]}" for n in _OLD_EXTENSIONS if n in packages.versions]
    facts = {
        "kernel_python": ", ".join(str(kernel.python) for kernel in kernels) or None,
        "kernel_torch": ", ".join(filter(None, torches.values())) or ("none" if kernels else None),
        "notebook": packages.versions.get("notebook"),
        "notebook_extensions": ", ".join(extensions) or None,
    }
    details = tuple(
        joined(": ", (kernel.name, str(kernel.python), _told(torch)))
        for kernel, torch in torches.items()
    )
    names = ("kernel_torch", "notebook", "notebook_extensions", "kernel_python")
    value = ", ".join(kernel.name for kernel in kernels) or None
    return CheckResult((Link("Jupyter kernels", value, "kernel.json", names, details),), facts)


def _told(torch: str | None) -> str:
    return f"torch {torch}" if torch else Phrase("no torch")


def _torch(kernel: Kernel) -> str | None:
    found = find_torch(paths_beside(kernel.python))
    return found.version if found else None


_GIB = 2**30


def libraries(environment: Environment, packages: Packages) -> CheckResult:
    """Return the links of cuDNN, and of copies of libraries that hide torch's own."""
    hiding = shadowing(environment.environ, environment.prefix)
    own, system = _installed_cudnn(packages), system_cudnn(environment.roots)
    places = [f"{one.version} ({one.name})" for one in own]
    places += [f"{system[0]} ({system[1]})"] if system else []
    wanted = _wanted(packages)
    path = environment.environ.get("LD_LIBRARY_PATH") or None
    facts = {
        "cudnn": "; ".join(places) or None,
        "cudnn_for_torch": _library_for_torch(own, wanted, packages) if own or not system else None,
        "ld_library_path": path,
        "shadowing": ", ".join(hiding) or None,
    }
    made_with = f"{wanted.version} ({wanted.name})" if wanted else ""
    details = (Phrase("torch was made with {wanted}", wanted=made_with),) if wanted else ()
    links = (
        Link("cuDNN", facts["cudnn"], "packages, files", ("cudnn", "cudnn_for_torch"), details),
        Link("LD_LIBRARY_PATH", path, "variable", ("ld_library_path", "shadowing"), hiding),
    )
    return CheckResult(links, facts)


class _Cudnn(NamedTuple):
    """A package of cuDNN, and the major version of the CUDA that it is for, where it says so."""

    name: str
    version: str
    cuda: str | None


def _installed_cudnn(packages: Packages) -> list[_Cudnn]:
    found = [_of_pip(*one) for one in packages.versions.items() if one[0].startswith(CUDNN_OF_PIP)]
    conda = packages.by_conda.get("cudnn")
    if conda and not found:
        named = cuda_in_build(packages.builds.get("cudnn", ""))
        found.append(_Cudnn("cudnn", conda, str(named.major) if named else None))
    return found


def _of_pip(name: str, version: str) -> _Cudnn:
    return _Cudnn(name, version, name[len(CUDNN_OF_PIP) :] or None)


def _wanted(packages: Packages) -> _Cudnn | None:
    wanted = (_of_pip(*one) for one in packages.wants.items() if one[0].startswith(CUDNN_OF_PIP))
    return next(wanted, None)


def _library_for_torch(own: list[_Cudnn], wanted: _Cudnn | None, packages: Packages) -> str | None:
    """Return whether the installed cuDNN is what torch pins, or else of its CUDA."""
    if wanted is not None:
        there = next((one for one in own if one.name == wanted.name), next(iter(own), None))
        if there is None:
            return Phrase("missing: torch wants {name} {version}", **wanted._asdict())
        if there[:2] == wanted[:2]:
            return Phrase("same")
        return Phrase(
            "another: {own} is there, torch wants {wanted}",
            own=" ".join(there[:2]),
            wanted=" ".join(wanted[:2]),
        )
    cuda = packages.torch.cuda if packages.torch else None
    told = [one for one in own if one.cuda is not None]
    if cuda is None or not told or any(cuda.startswith(f"{one.cuda}.") for one in told):
        return None
    wrong = told[0]
    return Phrase(
        "another: {own} is for CUDA {its}, torch for {cuda}",
        own=" ".join(wrong[:2]),
        its=wrong.cuda,
        cuda=cuda,
    )


def disk(environment: Environment) -> CheckResult:
    """Return the link of the free disk space: a CUDA torch takes several GiB."""
    free = shutil.disk_usage(environment.prefix).free
    text = Phrase("{free:.1f} GiB free", free=free / _GIB)
    return CheckResult((Link("disk", text, str(environment.prefix), ("disk",)),), {"disk": text})


@dataclass(frozen=True)
class Kernel:
    """A kernel: its name, and the interpreter that it starts."""

    name: str
    python: Path


def find_kernels(environ: Mapping[str, str], prefix: Path) -> tuple[Kernel, ...]:
    """Return the Python kernels where Jupyter looks; the first of a name counts."""
    found: dict[str, Kernel] = {}
    for folder in _folders(environ, prefix):
        for spec in sorted(folder.glob("kernels/*/kernel.json")):
            python = _python(spec)
            if python is not None:
                found.setdefault(spec.parent.name, Kernel(spec.parent.name, prefix / python))
    return tuple(found.values())


def _folders(environ: Mapping[str, str], prefix: Path) -> Iterator[Path]:
    # https://docs.jupyter.org/en/latest/use/jupyter-directories.html
    for entry in filter(None, (environ.get("JUPYTER_DATA_DIR"), environ.get("JUPYTER_PATH"))):
        yield Path(entry)
    yield user_data_path("jupyter", appauthor=False, roaming=True)
    yield prefix / "share" / "jupyter"


def _python(spec: Path) -> str | None:
    """Return the interpreter of a kernel; None where it is of another language."""
    try:
        words = json.loads(spec.read_text(encoding="utf-8"))["argv"]
        program = str(words[0])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    name = Path(program).name.lower()
    if not name.startswith("python"):
        return None
    # A bare `python` is the one that Jupyter itself runs on.
    return program if Path(program).is_absolute() else f"bin/{name}"
