"""Our errors as conda's: printed cleanly, and as JSON under `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda.exceptions import CondaError

from conda_cuda_guard.model.errors import REFUSED, UNUSABLE
from conda_cuda_guard.model.shown_text import redact
from conda_cuda_guard.rendering import headline, note_lines, plan_to_json, what_why_next

if TYPE_CHECKING:
    from conda_cuda_guard.model import GuardError, Plan


class CudaGuardError(CondaError):  # type: ignore[misc]
    """Nothing was installed; `return_code` becomes conda's exit status.

    Further keywords become fields of the JSON that conda prints under `--json`.
    """

    return_code = REFUSED

    def __init__(self, message: str, **fields: Any) -> None:  # noqa: ANN401
        # conda formats the message with `%` and the fields.
        super().__init__(redact(message).replace("%", "%%"), **fields)


class CudaGuardUsageError(CudaGuardError):
    """An argument of ours cannot be used."""

    return_code = UNUSABLE


def refused(plan: Plan) -> CudaGuardError:
    """Return the error of a refused plan; under `--json` the plan itself is its field `plan`."""
    text = "\n".join([headline(plan), *note_lines(plan.notes)])
    return CudaGuardError(text, plan=plan_to_json(plan))


def as_conda_error(error: GuardError) -> CudaGuardError:
    """Turn an error of ours into conda's, with the exit status of the contract."""
    kind = CudaGuardUsageError if error.exit_status == UNUSABLE else None
    return (kind or CudaGuardError)(what_why_next(error))
