"""This machine: detection of driver and GPUs, and what the user declares instead."""

from .platforms import this_platform

__all__ = ["this_platform"]
