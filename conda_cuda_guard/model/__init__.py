"""The nouns of the project: frozen dataclasses that every room shares, without I/O.

Those of conda alone are in `channels` and `package`: pip's side need not load them.
"""

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
from .plan import SCHEMA, AsTyped, FamilyPlan, Note, Plan
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
