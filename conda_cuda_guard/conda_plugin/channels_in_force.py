"""Where conda would take packages from: its own reading of the user's configuration, asked for."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Callable, TypeVar

from conda.base.context import context

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Sources, redact
from conda_cuda_guard.model.conda import ChannelAddress, ChannelInForce, ChannelsInForce
from conda_cuda_guard.sources.channels import plan_channels, spell_channels

from . import environment

log = logging.getLogger(__name__)

_PRIORITIES = ("strict", "flexible", "disabled")
_FORBIDDING = ("ChannelNotAllowed", "ChannelDenied")

_Value = TypeVar("_Value")


def channels_in_force(prefix: str | None = None) -> ChannelsInForce:
    """Read what conda's configuration and command line say; `prefix` is the target's by default.

    What cannot be read keeps its neutral value: conda tells its own users about it.
    """
    from conda.base.context import context

    blank = ChannelsInForce()
    added = plan_channels()
    return ChannelsInForce(
        channels=_or(blank.channels, lambda: _in_force(environment.typed_channels())),
        addresses={name: address(name) for name in added},
        forbidden=frozenset(filter(is_forbidden, added)),
        priority=_or(blank.priority, lambda: _priority(context.channel_priority)),
        override_channels_enabled=_or(
            blank.override_channels_enabled, lambda: bool(context.override_channels_enabled)
        ),
        pinned=_or(blank.pinned, lambda: _pinned(prefix)),
        use_only_tar_bz2=_or(blank.use_only_tar_bz2, lambda: bool(context.use_only_tar_bz2)),
        offline=_or(blank.offline, lambda: bool(context.offline)),
    )


def address(channel: str) -> ChannelAddress:
    """Return where conda looks for a channel, a bare name or a URL (which may have moved too)."""
    return _or(
        ChannelAddress(), lambda: ChannelAddress(_urls(_conda_channel(channel)), _origin(channel))
    )


def is_forbidden(channel: str) -> bool:
    """Return whether conda's allowlist or denylist keeps a channel out."""
    return _or(False, lambda: _is_refused(channel))


def quietly(ask: Callable[[], _Value]) -> _Value:
    """Ask conda without its warnings: it gives them when it reads its configuration itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ask()


def _or(neutral: _Value, ask: Callable[[], _Value]) -> _Value:
    try:
        return quietly(ask)
    except Exception as error:  # noqa: BLE001 - whatever it is: see `channels_in_force`
        # No more than its kind: conda's messages may quote an address with its credentials.
        log.debug("conda's configuration could not be read: %s", type(error).__name__)
        return neutral


def _conda_channel(channel: str) -> Any:  # noqa: ANN401
    from conda.models.channel import Channel

    return Channel(channel)


def conda_channels(name: str) -> tuple[Any, ...]:
    """Return the channels that conda reads a name as: one of its own, or several."""
    channel = _conda_channel(name)
    # The public `channels` is younger than what it gives.
    return tuple(getattr(channel, "_channels", (channel,)))


def _in_force(names: Iterable[str]) -> tuple[ChannelInForce, ...]:
    found: dict[str, ChannelInForce] = {}
    for name in names:
        for channel in conda_channels(name):
            url = redact(channel.base_url)
            found.setdefault(url, ChannelInForce(redact(channel.name), url, _as_configured(name)))
    return tuple(found.values())


def _as_configured(name: str) -> str:
    """Return the channel as configured; an address without its credentials."""
    return redact(str(_conda_channel(name)) if "://" in name else name)


def _urls(channel: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(redact(url) for url in channel.base_urls if url)


def _origin(channel: str) -> str:
    from conda.base.constants import DEFAULT_CHANNEL_ALIAS
    from conda.base.context import context

    if channel in context.custom_channels or channel in context.custom_multichannels:
        return "mapped"
    alias = context.channel_alias
    is_condas = f"{alias.scheme}://{alias.location}" == DEFAULT_CHANNEL_ALIAS.rstrip("/")
    return "default" if is_condas else "alias"


def _priority(value: object) -> str:
    word = str(getattr(value, "value", value)).lower()
    return word if word in _PRIORITIES else ChannelsInForce.priority


def _is_refused(channel: str) -> bool:
    """Return whether conda refuses a channel by its lists: an allowlist alone before 24.11."""
    from conda.base import context as module

    try:
        if hasattr(module, "validate_channels"):
            module.validate_channels((channel,))
        else:
            from conda.core.index import check_allowlist

            check_allowlist((channel,))
    except Exception as error:
        if type(error).__name__ in _FORBIDDING:
            return True
        raise
    return False


def _pinned(prefix: str | None) -> tuple[str, ...]:
    """Read `pinned_packages` and the environment's own file, unless `--no-pin` is in force."""
    from conda.base.context import context
    from conda.core.solve import get_pinned_specs

    if context.ignore_pinned:
        return ()
    specs = get_pinned_specs(prefix or context.target_prefix)
    return tuple(redact(str(spec)) for spec in specs)


def sources_in_force() -> Sources:
    """Return the channels in force and how others are to be named, by conda's configuration."""
    return _read(environment.typed_channels(), str(context.target_prefix))


@lru_cache(maxsize=4)  # hooks ask several times; reading it all takes conda a tenth of a second
def _read(channels: tuple[str, ...], prefix: str) -> Sources:
    found = channels_in_force(prefix)
    urls = [channel.url for channel in found.channels]
    return Sources(
        channels=channels,
        channels_fixed=environment.channels_are_fixed(),
        addresses=tuple(urls),
        spelling=spell_channels(urls, found.addresses, catalogue.mirrors(), environment.platform()),
        forbidden=found.forbidden,
        pins=found.pinned,
        priority=found.priority,
    )
