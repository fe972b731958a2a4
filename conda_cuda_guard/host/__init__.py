"""This machine: detection of driver and GPUs, and what the user declares instead."""

from .detection import detect
from .finding import Detection, Finding
from .platforms import this_platform

__all__ = ["Detection", "Finding", "detect", "this_platform"]
