"""Hosts in JSON, and the values that drivers report; those known to be wrong become None."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from conda_cuda_guard.model import PLATFORMS, Gpu, Host, Phrase, UsageError
from conda_cuda_guard.model.host import JETSON, this_platform

from .spelling import parse_cuda, parse_driver, parse_gpu

_DRIVER = re.compile(r"\d{2,4}(\.\d+){1,2}")
_LIBC = re.compile(r"(glibc|musl) \d{1,3}\.\d{1,3}", re.ASCII)
_CAPABILITY = re.compile(r"(\d{1,4})\.(\d)")
_OLDEST_CUDA, _NEWEST_CUDA = 1000, 100_000
_NEWEST_CAPABILITY = 99


def clean_driver(text: object) -> str | None:
    """Return a driver version; None for what stands in its place (`""`, `"[N/A]"`)."""
    if isinstance(text, str) and _DRIVER.fullmatch(text.strip()):
        return text.strip()
    return None


def clean_cuda(number: object) -> str | None:
    """Return `"12.2"` for 12020; None for the zero of a driver that does not know."""
    if isinstance(number, int) and _OLDEST_CUDA <= number < _NEWEST_CUDA:
        return f"{number // 1000}.{number % 1000 // 10}"
    return None


def clean_capability(value: object) -> str | None:
    """Return `"8.6"` for `"8.6"` or [8, 6]; None for (0, 0), (9999, 9999) and `"[N/A]"`."""
    if isinstance(value, list):
        value = ".".join(map(str, value))
    match = _CAPABILITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match and 1 <= int(match[1]) <= _NEWEST_CAPABILITY:
        return f"{int(match[1])}.{match[2]}"
    return None


def clean_name(text: object) -> str | None:
    """Return the name of a GPU; None for a placeholder."""
    name = text.strip() if isinstance(text, str) else ""
    if not name or name.startswith("[") or name.lower() in {"n/a", "unknown", "unknown error"}:
        return None
    return name


def make_gpu(name: object, capability: object) -> Gpu:
    """Return a Gpu from reported values; the catalogue fills in a missing capability by name."""
    known, found = clean_name(name), clean_capability(capability)
    if known and not found:
        # Only here, because reading the catalogue costs more than most detections.
        from conda_cuda_guard.catalogue import gpu_capability

        found = gpu_capability(known)
    return Gpu(known, found)


_EXAMPLE = '{"driver": "535.104.05", "cuda": "12.2", "gpus": [{"compute_capability": "8.0"}]}'


_TOO_DEEP = ValueError(Phrase("it is nested too deeply"))
_LONGEST = 200  # characters of a value; no GPU has a name like that


def read_hosts(
    text: str, *, platform: str | None, python: str | None, libc: str | None = None
) -> tuple[Host, ...]:
    """Return the Hosts of a file: one JSON object, or one on each line."""
    stand_in = Host(platform or this_platform(), python, libc=libc)
    hosts = tuple(_host(line, value, stand_in) for line, value in _values(text))
    if not hosts:
        raise UsageError(
            "the host file is empty", hint=Phrase("write a line like {example}", example=_EXAMPLE)
        )
    return hosts


def _host(line: int, value: object, stand_in: Host) -> Host:
    try:
        return host_from_json(value, stand_in)
    except UsageError as error:
        raise UsageError(
            Phrase("line {line}: {message}", line=line, message=error.message),
            why=error.why,
            hint=error.hint,
        ) from None


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number, JSON value) of one object over many lines, or of JSON Lines."""
    text = text.lstrip("\ufeff")
    try:
        yield 1, json.loads(text)
    except RecursionError:
        raise _broken(_TOO_DEEP, 0) from None
    except ValueError as error:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) > 1 and not _is_json(lines[0][1]):
            raise _broken(error, 0) from None
        for number, line in lines:
            yield number, _load(line, number)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except RecursionError:
        return True  # and its line is to be named
    except ValueError:
        return False
    return True


def _load(line: str, number: int) -> Any:  # noqa: ANN401
    try:
        return json.loads(line)
    except RecursionError:
        raise _broken(_TOO_DEEP, number - 1) from None
    except ValueError as error:
        raise _broken(error, number - 1) from None


def _broken(error: ValueError, lines_before: int) -> UsageError:
    line = lines_before + getattr(error, "lineno", 1)
    what = getattr(error, "msg", error.args[0] if error.args else "")
    return UsageError(
        Phrase("line {line}: not JSON: {what}", line=line, what=what),
        hint=Phrase("write a line like {example}", example=_EXAMPLE),
    )


def host_from_json(value: object, stand_in: Host | None = None) -> Host:
    """Return a Host from its JSON object.

    Platform, Python and C library of `stand_in`, the environment that is installed into, take the
    place of what it leaves out.
    """
    if not isinstance(value, dict):
        raise UsageError(
            Phrase("a host is a JSON object, not {value!r}", value=value),
            hint=Phrase("for one, {example}", example=_EXAMPLE),
        )
    here = stand_in or Host(this_platform())
    driver, cuda = _text(value, "driver"), _text(value, "cuda")
    platform = _platform(_text(value, "platform") or here.platform)
    # null means not known, and the C library of another platform is not this one's.
    same = platform == here.platform and "libc" not in value
    return Host(
        platform=platform,
        python=_text(value, "python") or here.python,
        driver=parse_driver(driver, "driver") if driver else None,
        cuda=parse_cuda(cuda, "cuda") if cuda else None,
        gpus=_gpus(value.get("gpus")),
        libc=here.libc if same else _libc(_text(value, "libc")),
        board=_board(_text(value, "board")),
    )


def _libc(text: str | None) -> str | None:
    if text is None or _LIBC.fullmatch(text):
        return text
    raise UsageError(
        Phrase('"libc" is a C library and its version, not {text!r}', text=text),
        hint='"libc": "glibc 2.35"',
    )


def _board(text: str | None) -> str | None:
    if text in (None, JETSON):
        return text
    raise UsageError(
        Phrase('"board" is "{known}" or null, not {text!r}', known=JETSON, text=text),
        hint=f'"board": "{JETSON}"',
    )


def _platform(name: str) -> str:
    if name in PLATFORMS:
        return name
    raise UsageError(
        Phrase("{name!r} is not a platform that PyTorch is built for", name=name),
        why=Phrase("the platforms are {platforms}", platforms=", ".join(PLATFORMS)),
        hint=f'"platform": "{PLATFORMS[0]}"',
    )


def _text(value: dict[str, Any], key: str) -> str | None:
    """Return a text field, None where it is null or missing."""
    text = value.get(key)
    if text is None or isinstance(text, str):
        return _short(text, key)
    raise UsageError(
        Phrase('"{key}" is a text, not {text!r}', key=key, text=text), hint=f'"{key}": "{text}"'
    )


def _short(text: str | None, key: str) -> str | None:
    if text is None or len(text) <= _LONGEST:
        return text
    raise UsageError(
        Phrase('"{key}" has more than {most} characters', key=key, most=_LONGEST),
        hint=Phrase("write a line like {example}", example=_EXAMPLE),
    )


def _gpus(value: object) -> tuple[Gpu, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise UsageError(
            Phrase('"gpus" is a list, not {value!r}', value=value), hint='"gpus": ["8.6"]'
        )
    return tuple(map(_gpu, value))


def _gpu(value: object) -> Gpu:
    """Return a GPU from an object, or from a text that is its name or compute capability."""
    if isinstance(value, str):
        _short(value, "gpus")
        return parse_gpu(value, "gpus")
    if not isinstance(value, dict):
        raise UsageError(
            Phrase("a GPU is an object or a text, not {value!r}", value=value),
            hint='"gpus": ["8.6"]',
        )
    name, capability = _text(value, "name"), _text(value, "compute_capability")
    if capability:
        return Gpu(name, parse_gpu(capability, "compute_capability").compute_capability)
    if name:
        # Only here, because reading the catalogue costs more than all of this.
        from conda_cuda_guard.catalogue import gpu_capability

        return Gpu(name, gpu_capability(name))
    return Gpu()
