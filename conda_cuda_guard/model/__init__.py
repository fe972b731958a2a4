"""The nouns of the project, without I/O, and what every room does with them.

Each is loaded when it is first asked for, as a command that names no family needs next to none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .built import Against, BuiltFamily, BuiltFiles
    from .catalogue import (
        Architectures,
        Build,
        BuiltFamilies,
        Catalogue,
        DriverRow,
        Drivers,
        Release,
        SpeltFamilies,
        Toolkits,
    )
    from .companions import Companion, Follower
    from .conda import ChannelAddress, ChannelAnswer, ChannelsInForce, CondaFamily, Package
    from .errors import (
        DONE,
        FAILED,
        INTERRUPTED,
        REFUSED,
        UNUSABLE,
        GuardError,
        Phrase,
        UsageError,
        internal_error,
        joined,
    )
    from .family import CondaName, CondaNames, Conflict, Family, Member
    from .host import PLATFORMS, SUBDIRS, Gpu, Host, platform_named, this_platform
    from .plan import SCHEMA, AsTyped, FamilyPlan, FromSource, Note, Plan
    from .request import TYPED, Dependent, Installed, Origin, Request, Sources
    from .shown_text import quoted, redact
    from .sources import (
        CONDA_CHANNEL_HOST,
        PYTORCH_WHEEL_INDEX,
        Answer,
        ChannelSpelling,
        Mirror,
        Question,
        Wheel,
        WheelIndex,
        WheelVariant,
    )
    from .spelling import SpeltBuild, SpeltFamily
    from .spelt_found import FoundPackage
    from .versions import (
        Range,
        cuda_major,
        cuda_of,
        is_version,
        public_version,
        read_cuda,
        variant_of,
        version,
    )
else:
    _HOMES = {
        "built": "Against BuiltFamily BuiltFiles",
        "catalogue": "Architectures Build BuiltFamilies Catalogue DriverRow Drivers Release"
        " SpeltFamilies Toolkits",
        "companions": "Companion Follower",
        "conda": "ChannelAddress ChannelAnswer ChannelsInForce CondaFamily Package",
        "errors": "DONE FAILED INTERRUPTED REFUSED UNUSABLE GuardError Phrase UsageError"
        " internal_error joined",
        "family": "CondaName CondaNames Conflict Family Member",
        "host": "PLATFORMS SUBDIRS Gpu Host platform_named this_platform",
        "plan": "SCHEMA AsTyped FamilyPlan FromSource Note Plan",
        "request": "TYPED Dependent Installed Origin Request Sources",
        "shown_text": "quoted redact",
        "sources": "CONDA_CHANNEL_HOST PYTORCH_WHEEL_INDEX Answer ChannelSpelling Mirror"
        " Question Wheel WheelIndex WheelVariant",
        "spelling": "SpeltBuild SpeltFamily",
        "spelt_found": "FoundPackage",
        "versions": "Range cuda_major cuda_of is_version public_version read_cuda variant_of"
        " version",
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
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "PLATFORMS",
    "PYTORCH_WHEEL_INDEX",
    "REFUSED",
    "SCHEMA",
    "SUBDIRS",
    "TYPED",
    "UNUSABLE",
    "Against",
    "Answer",
    "Architectures",
    "AsTyped",
    "Build",
    "BuiltFamilies",
    "BuiltFamily",
    "BuiltFiles",
    "Catalogue",
    "ChannelAddress",
    "ChannelAnswer",
    "ChannelSpelling",
    "ChannelsInForce",
    "Companion",
    "CondaFamily",
    "CondaName",
    "CondaNames",
    "Conflict",
    "Dependent",
    "DriverRow",
    "Drivers",
    "Family",
    "FamilyPlan",
    "Follower",
    "FoundPackage",
    "FromSource",
    "Gpu",
    "GuardError",
    "Host",
    "Installed",
    "Member",
    "Mirror",
    "Note",
    "Origin",
    "Package",
    "Phrase",
    "Plan",
    "Question",
    "Range",
    "Release",
    "Request",
    "Sources",
    "SpeltBuild",
    "SpeltFamilies",
    "SpeltFamily",
    "Toolkits",
    "UsageError",
    "Wheel",
    "WheelIndex",
    "WheelVariant",
    "cuda_major",
    "cuda_of",
    "internal_error",
    "is_version",
    "joined",
    "platform_named",
    "public_version",
    "quoted",
    "read_cuda",
    "redact",
    "this_platform",
    "variant_of",
    "version",
]
