"""The planner: request + hosts + sources + catalogue → plan. No I/O; no code of pip or conda."""

from .compatibility import complete, with_stand_ins
from .pipeline import make_plan

__all__ = ["complete", "make_plan", "with_stand_ins"]
