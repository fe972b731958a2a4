"""Where builds come from: for now the built-in catalogue, put together for a manager."""

from .builtin import from_catalogue

__all__ = ["from_catalogue"]
