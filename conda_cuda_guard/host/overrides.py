"""What the user declares instead of detection: option, CUDA_GUARD_*, then CONDA_OVERRIDE_*."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Callable

from conda_cuda_guard.guard_options import GUARD_OPTIONS

from . import spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.model import Gpu


@dataclass(frozen=True)
class Options:
    """The guard's options as they stand on the command line."""

    cuda: str | None = None
    variant: str | None = None
    driver: str | None = None
    gpu: tuple[str, ...] = ()
    host: str | None = None
    cpu: bool | None = None
    policy: str | None = None
    as_is: bool | None = None
    offline: bool | None = None
    prefer_index: bool | None = None
    locked: bool | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return the options among these values, by the names of their fields."""
        return cls(**{one.name: values[one.name] for one in fields(cls) if one.name in values})


@dataclass(frozen=True)
class Overrides:
    """What is declared; None where nothing is.

    `no_cuda` is the wish of an empty `--cuda`: this machine has no driver. `gpus` is empty when no
    GPU is declared to be there. `variant` is a wish, `cu121` or `cpu`, and no fact of the machine.
    `origin` tells of each field that is set where it came from.
    """

    cuda: str | None = None
    variant: str | None = None
    driver: str | None = None
    gpus: tuple[Gpu, ...] | None = None
    no_cuda: bool = False
    hosts_file: str | None = None
    cpu: bool | None = None
    policy: str | None = None
    as_is: bool | None = None
    offline: bool | None = None
    prefer_index: bool | None = None
    locked: bool | None = None
    origin: Mapping[str, str] = field(default_factory=dict)


def read_options(pairs: Iterable[tuple[str, str]]) -> Options:
    """Return the options of a line, given as (name, value); a later one wins, --gpu adds up."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        option = GUARD_OPTIONS[name]
        if option.repeatable:
            values[option.field] = (*values.get(option.field, ()), value)
        else:
            values[option.field] = value if option.metavar else True
    return Options.of(values)


def read_overrides(options: Options, environ: Mapping[str, str]) -> Overrides:
    """Return what the command line and the environment declare, checked."""
    origin: dict[str, str] = {}
    cuda, driver = _driver(options, environ, origin)
    gpus = _gpus(options, environ, origin)
    return Overrides(
        cuda=cuda or None,
        variant=_word("variant", spelling.parse_variant, options.variant, environ, origin),
        driver=driver,
        gpus=gpus,
        no_cuda=cuda == "",
        hosts_file=_hosts_file(options, environ, origin),
        cpu=_switch("cpu", options.cpu, environ, origin),
        policy=_word("policy", spelling.parse_policy, options.policy, environ, origin),
        as_is=_switch("as_is", options.as_is, environ, origin),
        offline=_switch("offline", options.offline, environ, origin),
        prefer_index=_switch("prefer_index", options.prefer_index, environ, origin),
        locked=_switch("locked", options.locked, environ, origin),
        origin=origin,
    )


def _driver(
    options: Options, environ: Mapping[str, str], origin: dict[str, str]
) -> tuple[str | None, str | None]:
    """Return (CUDA version, driver), both from the first place that declares either.

    The CUDA version of one place says nothing of the driver that another one names.
    """
    # An empty driver declares nothing; an empty CUDA version declares that there is no driver.
    places = (
        ("--cuda", options.cuda, "--driver", options.driver or None),
        (
            "CUDA_GUARD_CUDA",
            environ.get("CUDA_GUARD_CUDA"),
            "CUDA_GUARD_DRIVER",
            environ.get("CUDA_GUARD_DRIVER") or None,
        ),
        ("CONDA_OVERRIDE_CUDA", environ.get("CONDA_OVERRIDE_CUDA"), "", None),
    )
    for cuda_name, cuda, driver_name, driver in places:
        if cuda is not None:
            origin["cuda"] = cuda_name
        if cuda is not None and not cuda.strip():
            return "", None
        if driver is not None:
            origin["driver"] = driver_name
        if cuda is not None or driver is not None:
            return (
                None if cuda is None else spelling.declared_cuda(cuda, cuda_name),
                None if driver is None else spelling.declared_driver(driver, driver_name),
            )
    return None, None


def _gpus(
    options: Options, environ: Mapping[str, str], origin: dict[str, str]
) -> tuple[Gpu, ...] | None:
    name, texts = "--gpu", options.gpu
    if not texts:
        name = "CUDA_GUARD_GPU" if "CUDA_GUARD_GPU" in environ else "CONDA_OVERRIDE_CUDA_ARCH"
        if name not in environ:
            return None
        # conda allows a build string after the capability ("8.6=0").
        texts = tuple(part.split("=")[0] for part in re.split("[,;]", environ[name]))
    origin["gpus"] = name
    return tuple(spelling.parse_gpu(text, name) for text in texts if text.strip())


def _hosts_file(options: Options, environ: Mapping[str, str], origin: dict[str, str]) -> str | None:
    if options.host is not None:
        origin["hosts_file"] = "--host"
        return options.host
    # A part of a machine on the command line beats a whole machine in the environment.
    if options.cuda is not None or options.driver is not None or options.gpu:
        return None
    if environ.get("CUDA_GUARD_HOST"):
        origin["hosts_file"] = "CUDA_GUARD_HOST"
    return environ.get("CUDA_GUARD_HOST") or None


def _word(
    field_name: str,
    parse: Callable[[str, str], str | None],
    option: str | None,
    environ: Mapping[str, str],
    origin: dict[str, str],
) -> str | None:
    name, text = f"--{field_name}", option
    if text is None:
        name = f"CUDA_GUARD_{field_name.upper()}"
        text = environ.get(name) or None
    if text is None:
        return None
    origin[field_name] = name
    return parse(text, name)


def _switch(
    field_name: str, option: bool | None, environ: Mapping[str, str], origin: dict[str, str]
) -> bool | None:
    variable = f"CUDA_GUARD_{field_name.upper()}"
    if option is not None:
        origin[field_name] = "--" + field_name.replace("_", "-")
        return option
    if variable not in environ:
        return None
    origin[field_name] = variable
    return spelling.parse_switch(environ[variable], variable)
