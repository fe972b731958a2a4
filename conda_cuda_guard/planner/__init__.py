"""The planner: request + hosts + sources + catalogue → plan. No I/O; no code of pip or conda."""

from .compatibility import complete_host, with_stand_ins
from .pipeline import make_plan

__all__ = ["complete_host", "make_plan", "with_stand_ins"]
