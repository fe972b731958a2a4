"""Batch requests: JSON, one a line, and the plans that answer them (contract, section 3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.host.host_json import host_from_json
from conda_cuda_guard.sources.channels import spell_channels

from . import catalogue
from .model import Note, Phrase, Plan, Request, Sources, UsageError
from .planner import make_plan
from .sources.builtin import from_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Host

_MANAGERS = ("pip", "conda")
_POLICIES = ("auto", "strict")
_EXAMPLE = '{"manager": "pip", "requirements": ["torch"]}'


@dataclass(frozen=True)
class Defaults:
    """Defaults of requests: this machine (detected when first needed), the policy, CPU builds."""

    here: Callable[[], tuple[Host, ...]]
    policy: str = "auto"
    cpu: bool = False
    variant: str | None = None


def answer(text: str, number: int, defaults: Defaults) -> tuple[Plan, bool]:
    """Return the plan for one line, and False where the line was not a valid request."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return _invalid(None, number, Phrase("not JSON: {error}", error=error)), False
    try:
        request = _request(value, defaults)
    except UsageError as error:
        return _invalid(value, number, error.message, error.hint), False
    try:
        platform = request.hosts[0].platform
        return make_plan(request, from_catalogue(request.manager, platform)), True
    except (ValueError, RecursionError) as error:  # a version of a million digits, say
        return _invalid(value, number, f"{type(error).__name__}: {error}"), False


def _phrase(text: str) -> Phrase:
    """Return an error's message as a phrase, which is translated where it is a fact too."""
    return text if isinstance(text, Phrase) else Phrase(text.replace("{", "{{").replace("}", "}}"))


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _invalid(value: object, number: int, problem: str, hint: str = _EXAMPLE) -> Plan:
    found = Phrase("line {number}: {problem}", number=number, problem=_phrase(problem))
    note = Note("request-invalid", "error", "", {"problem": found, "hint": _phrase(hint)})
    known = value if isinstance(value, dict) else {}
    manager = "conda" if known.get("manager") == "conda" else "pip"
    return Plan(id=known.get("id"), manager=manager, status="refused", notes=(note,))


def _request(value: Any, defaults: Defaults) -> Request:  # noqa: ANN401
    if not isinstance(value, dict):
        raise UsageError("a request is a JSON object", hint=_EXAMPLE)
    host = value.get("host")
    hosts = defaults.here() if host is None else (host_from_json(host),)
    return Request(
        manager=_one_of(value, "manager", _MANAGERS, None),
        requirements=_texts(value, "requirements", required=True),
        hosts=hosts,
        policy=_one_of(value, "policy", _POLICIES, defaults.policy),
        sources=_sources(_texts(value, "channels"), hosts[0].platform),
        cpu=defaults.cpu,
        variant=defaults.variant,
        id=value.get("id"),
    )


def _sources(channels: tuple[str, ...], platform: str) -> Sources:
    """Return the sources; channels to add are spelled on the given ones' mirror, if it has them."""
    urls = [channel for channel in channels if "://" in channel]
    spelling = spell_channels(urls, {}, catalogue.mirrors(), platform) if urls else {}
    return Sources(channels=channels, spelling=spelling)


def _one_of(value: dict[str, Any], key: str, allowed: tuple[str, str], default: str | None) -> str:
    found = value.get(key, default)
    if found not in allowed:
        choice = Phrase('"{first}" or "{second}"', first=allowed[0], second=allowed[1])
        raise UsageError(
            Phrase("{key} is {found!r}", key=key, found=found),
            hint=Phrase('"{key}" is {choice}', key=key, choice=choice),
        )
    return str(found)


def _texts(value: dict[str, Any], key: str, *, required: bool = False) -> tuple[str, ...]:
    found = value.get(key)
    if found is None and not required:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise UsageError(Phrase("{key} is not a list of texts", key=key), hint=_EXAMPLE)
    return tuple(found)
