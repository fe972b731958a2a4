"""The hosts to plan for, from what is declared and what is detected."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conda_cuda_guard.model import PLATFORMS, Host, Phrase, UsageError, this_platform

from .files import read_file
from .host_json import read_hosts
from .overrides import Options, read_overrides
from .spelling import branch

if TYPE_CHECKING:
    from collections.abc import Callable

    from .finding import Detection
    from .overrides import Overrides


def _here() -> Detection:
    # Imported late: not needed where everything is declared.
    from .detection import detect

    return detect()


def _elsewhere() -> Detection:
    # Detection here does not describe a machine of another platform.
    from .finding import Detection

    return Detection()


def resolve_hosts(
    overrides: Overrides,
    *,
    platform: str,
    python: str | None,
    libc: str | None = None,
    detect: Callable[[], Detection] = _here,
) -> tuple[tuple[Host, ...], Detection | None]:
    """Return the Hosts that a plan must fit, and the detection where one was needed.

    `platform`, `python` and `libc` are those of the environment that is installed into.
    """
    if overrides.hosts_file is not None:
        _refuse_parts_beside(overrides)
        path, origin = overrides.hosts_file, overrides.origin.get("hosts_file", "--host")
        text = _read(path, origin)
        try:
            return read_hosts(text, platform=platform, python=python, libc=libc), None
        except UsageError as error:
            said = Phrase("{origin} {path}: {said}", origin=origin, path=path, said=error.message)
            raise UsageError(said, why=error.why, hint=error.hint) from None
    if overrides.no_cuda:
        return (Host(platform, python, libc=libc),), None
    _refuse_contradiction(overrides, platform)
    declared = overrides.cuda is not None or overrides.driver is not None
    if declared and overrides.gpus is not None:
        host = Host(platform, python, overrides.driver, overrides.cuda, overrides.gpus, libc)
        return (host,), None
    found = detect()
    # A declared CUDA version is not of the driver found here, so the two are not mixed.
    pair = overrides if declared else found
    # What the kernel lists tells the capability, also where the driver does not give it.
    gpus = (found.gpus or found.listed) if overrides.gpus is None else overrides.gpus
    failures = (None, None) if declared else (found.failure, found.gpu_failure)
    host = Host(platform, python, pair.driver, pair.cuda, gpus, libc, found.board, *failures)
    return (host,), found


def _read(path: str, origin: str) -> str:
    try:
        return read_file(os.path.expanduser(path)).decode("utf-8")  # noqa: PTH111
    except (OSError, ValueError) as error:
        raise UsageError(
            Phrase("{origin}: cannot read {path}", origin=origin, path=path),
            why=getattr(error, "strerror", None) or str(error),
            hint='name a file with a line like {"driver": "535.104.05", "gpus": ["8.0"]}',
        ) from None


def _refuse_parts_beside(overrides: Overrides) -> None:
    """Raise UsageError for a host file beside an option that declares a part of a machine."""
    file = overrides.origin.get("hosts_file", "")
    parts = (overrides.origin.get(one, "") for one in ("cuda", "driver", "gpus"))
    own = ("--",) if file.startswith("--") else ("CUDA_GUARD_",)
    rivals = [one for one in parts if one.startswith(own)]
    if rivals:
        raise UsageError(
            Phrase("{file} and {rivals} cannot be used together", file=file, rivals=rivals[0]),
            why="a host file describes the whole machine",
            hint=Phrase("leave out {rivals}, or write it into the file", rivals=rivals[0]),
        )


def _refuse_contradiction(overrides: Overrides, platform: str) -> None:
    """Raise a UsageError for a declared CUDA version that the declared driver is too old for."""
    cuda, driver = overrides.cuda, overrides.driver
    if cuda is None or driver is None:
        return
    # Late: reading the catalogue costs more than all of this, and needs packages of others.
    from conda_cuda_guard.catalogue import drivers
    from conda_cuda_guard.model import version

    windows = platform.startswith("windows")
    rows = ((row.cuda, row.windows if windows else row.linux) for row in drivers().rows)
    # A driver may report a CUDA that no toolkit has (12.7): the row below it then counts.
    minimum = next((oldest for one, oldest in rows if version(one) <= version(cuda)), None)
    if minimum is None or branch(driver) >= branch(minimum):
        return
    names = overrides.origin.get("cuda", "--cuda"), overrides.origin.get("driver", "--driver")
    raise UsageError(
        Phrase("driver {driver} does not support CUDA {cuda}", driver=driver, cuda=cuda),
        why=Phrase("CUDA {cuda} came with driver {minimum}", cuda=cuda, minimum=minimum),
        hint=Phrase("leave out {cuda} or {driver}", cuda=names[0], driver=names[1]),
    )


def machines(
    overrides: Overrides, platform: str, python: str | None, libc: str | None = None
) -> tuple[Host, ...]:
    """Return the hosts to plan for, all of one platform that PyTorch is built for."""
    looking = _here if platform == this_platform() else _elsewhere
    hosts, _ = resolve_hosts(overrides, platform=platform, python=python, libc=libc, detect=looking)
    _require_known(hosts)
    return hosts


def declared_machine(options: Options, python: str | None) -> Host | None:
    """Return the one machine that options declare, what they leave open detected; else None."""
    if options == Options():
        return None
    found = machines(read_overrides(options, {}), this_platform(), python)
    if len(found) > 1:
        raise UsageError(
            Phrase("the doctor judges for one machine, and these are {count}", count=len(found)),
            hint="name a file with one of them: --host FILE",
        )
    return found[0]


def _require_known(hosts: tuple[Host, ...]) -> None:
    platforms = sorted({host.platform for host in hosts})
    if len(platforms) > 1:
        raise UsageError(
            Phrase(
                "the hosts are of different platforms: {platforms}", platforms=", ".join(platforms)
            ),
            why="one command installs for one platform",
            hint="make a plan for each platform",
        )
    if platforms[0] not in PLATFORMS:
        raise UsageError(
            Phrase("PyTorch has no builds for {platforms}", platforms=platforms[0]),
            why=Phrase("the platforms are {platforms}", platforms=", ".join(PLATFORMS)),
            hint="use plain pip or conda here",
        )


def require_same(hosts: tuple[Host, ...], platform: str) -> None:
    """Raise UsageError where packages would be installed for another platform."""
    if hosts[0].platform != platform:
        raise UsageError(
            Phrase(
                "the host is {platform}, and the packages would be for {platform2}",
                platform=hosts[0].platform,
                platform2=platform,
            ),
            why="a host file describes the machine that runs them, not the one to install on",
            hint="see the plan alone: pipcuda plan, or conda cuda-install --plan",
        )
