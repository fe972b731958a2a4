"""The nouns of the project: frozen dataclasses that every room shares, without I/O."""

from .catalogue import (
    Architectures,
    Build,
    Catalogue,
    Companion,
    DriverRow,
    Drivers,
    Release,
    Toolkits,
)
from .errors import GuardError, UsageError, fault
from .host import PLATFORMS, Gpu, Host
from .package import Package
from .plan import SCHEMA, Note, Plan
from .request import PYTORCH_WHEEL_INDEX, Request, Sources

__all__ = [
    "PLATFORMS",
    "PYTORCH_WHEEL_INDEX",
    "SCHEMA",
    "Architectures",
    "Build",
    "Catalogue",
    "Companion",
    "DriverRow",
    "Drivers",
    "Gpu",
    "GuardError",
    "Host",
    "Note",
    "Package",
    "Plan",
    "Release",
    "Request",
    "Sources",
    "Toolkits",
    "UsageError",
    "fault",
]
