"""The nouns of the project: frozen dataclasses that every room shares, without I/O.

Each is loaded when it is first asked for, as a command that names no family needs next to none.
Those of conda alone are in `channels` and `package`: pip's side need not load them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalogue import (
        Architectures,
        Build,
        Catalogue,
        DriverRow,
        Drivers,
        Release,
        Toolkits,
    )
    from .companions import Companion
    from .errors import GuardError, Phrase, UsageError, internal_error, joined
    from .family import CondaName, CondaNames, Family, Member
    from .host import Gpu, Host
    from .plan import SCHEMA, AsTyped, FamilyPlan, FromSource, Note, Plan
    from .platforms import PLATFORMS
    from .request import TYPED, Installed, Origin, Request, Sources
    from .sources import (
        CONDA_CHANNEL_HOST,
        PYTORCH_WHEEL_INDEX,
        Answer,
        ChannelSpelling,
        Mirror,
        Question,
        Wheel,
        WheelIndex,
    )
else:
    _HOMES = {
        "catalogue": "Architectures Build Catalogue DriverRow Drivers Release Toolkits",
        "companions": "Companion",
        "errors": "GuardError Phrase UsageError internal_error joined",
        "family": "CondaName CondaNames Family Member",
        "host": "Gpu Host",
        "plan": "SCHEMA AsTyped FamilyPlan FromSource Note Plan",
        "platforms": "PLATFORMS",
        "request": "TYPED Installed Origin Request Sources",
        "sources": "CONDA_CHANNEL_HOST PYTORCH_WHEEL_INDEX Answer ChannelSpelling Mirror Question"
        " Wheel WheelIndex",
    }
    _HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

    def __getattr__(name: str) -> object:
        """Return a noun from the module that it lives in."""
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
        return value


__all__ = [
    "CONDA_CHANNEL_HOST",
    "PLATFORMS",
    "PYTORCH_WHEEL_INDEX",
    "SCHEMA",
    "TYPED",
    "Answer",
    "Architectures",
    "AsTyped",
    "Build",
    "Catalogue",
    "ChannelSpelling",
    "Companion",
    "CondaName",
    "CondaNames",
    "DriverRow",
    "Drivers",
    "Family",
    "FamilyPlan",
    "FromSource",
    "Gpu",
    "GuardError",
    "Host",
    "Installed",
    "Member",
    "Mirror",
    "Note",
    "Origin",
    "Phrase",
    "Plan",
    "Question",
    "Release",
    "Request",
    "Sources",
    "Toolkits",
    "UsageError",
    "Wheel",
    "WheelIndex",
    "internal_error",
    "joined",
]
