"""Sources of builds: the built-in catalogue, indexes, channels and mirrors."""

from .builtin import from_catalogue

__all__ = ["from_catalogue"]
