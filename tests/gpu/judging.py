"""What a step must do: judges of how it ended."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Callable

from .running import CannotRunError

if TYPE_CHECKING:
    from conda_cuda_guard.host.child import Outcome

    from .running import Judge

DONE, FOUND_WRONG, REFUSED = 0, 1, 3
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# The status by which a shell script says that the machine does not allow what it is for.
NOT_ALLOWED = 77


def ends(*statuses: int) -> Judge:
    """Return the judge that wants one of these exit statuses."""

    def judge(ended: Outcome) -> str | None:
        if ended.status in statuses:
            return None
        return f"exit status {ended.status}, not {' or '.join(map(str, statuses))}"

    return judge


def every(*judges: Judge) -> Judge:
    """Return the judge that wants what all of them want."""

    def judge(ended: Outcome) -> str | None:
        return next(filter(None, (one(ended) for one in judges)), None)

    return judge


def chinese(ended: Outcome) -> str | None:
    """Want an output in Chinese."""
    return None if _CHINESE.search(ended.output) else "no Chinese in it"


def english(ended: Outcome) -> str | None:
    """Want an output without a word of Chinese."""
    return "Chinese in it" if _CHINESE.search(ended.output) else None


def told(check: Callable[[Any], str | None]) -> Judge:
    """Return the judge that wants a JSON object which a check has nothing against."""

    def judge(ended: Outcome) -> str | None:
        at = ended.output.find("{")
        try:
            value, _ = json.JSONDecoder().raw_decode(ended.output, max(at, 0))
        except ValueError:
            return "no JSON in it"
        return check(value)

    return judge


def finds(*codes: str) -> Judge:
    """Return the judge of a doctor that has to find one of these problems."""

    def check(report: Any) -> str | None:
        found = [one["code"] for one in report["problems"]]
        if set(codes) & set(found):
            return None
        return f"found {', '.join(found) or 'nothing'}, not {' or '.join(codes)}"

    return every(ends(FOUND_WRONG), told(check))


def warns(code: str, *statuses: int) -> Judge:
    """Return the judge of a doctor that has to warn of this, and to end so; by default well."""

    def check(report: Any) -> str | None:
        found = {one["code"]: one["severity"] for one in report["problems"]}
        if found.get(code) != "warning":
            return f"no warning {code}"
        tried = report["facts"]["torch_tried"]
        return None if tried is None or tried.startswith("works") else tried

    return every(ends(*(statuses or (DONE,))), told(check))


def prints(words: str) -> Judge:
    """Return the judge that wants these words in the output, however it ended."""
    return lambda ended: None if words in ended.output else f"no {words!r} in it"


def notes(code: str) -> Judge:
    """Return the judge that wants a Plan with this note."""

    def check(plan: Any) -> str | None:
        found = [note["code"] for note in plan["notes"]]
        return None if code in found else f"no note {code}, but {', '.join(found) or 'none'}"

    return told(check)


def healthy(report: Any) -> str | None:
    """Want a doctor's report without a problem."""
    problems = [one["code"] for one in report["problems"] if one["severity"] == "error"]
    return None if report["healthy"] else f"not healthy: {', '.join(problems)}"


def verified(*statuses: str) -> Judge:
    """Return the judge that wants one of these verdicts on torch."""

    def check(report: Any) -> str | None:
        notes = ", ".join(note["code"] for note in report["notes"])
        return None if report["status"] in statuses else f"{report['status']}: {notes}"

    return told(check)


def families_work(report: Any) -> str | None:
    """Want every package beside torch to work, or to be a build for the CPU that was meant."""
    wrong = [
        f"{one['package']} {one['status']}"
        for one in report["families"]
        if not one["ok"] or (one["status"] != "works" and one["notes"][0]["severity"] != "info")
    ]
    return ", ".join(wrong) or None


def families_hidden(report: Any) -> str | None:
    """Want every package for CUDA to be found out where no GPU is visible, and why."""
    for one in report["families"]:
        told = " ".join(note["message"] for note in one["notes"])
        if one["cuda"] and (one["ok"] or "CUDA_VISIBLE_DEVICES" not in told):
            return f"{one['package']} {one['status']}: {told}"
    return None if report["families"] else "no families"


def planned(ended: Outcome) -> str | None:
    """Want a Plan that is no CPU build, and a refusal that says why."""
    return every(ends(DONE, REFUSED), told(lambda plan: _plan(plan, ended.status)))(ended)


def _plan(plan: Any, status: int | None) -> str | None:
    if (plan["status"] == "refused") != (status == REFUSED):
        return f"{plan['status']}, with exit status {status}"
    if plan["variant"] == "cpu":
        return "a CPU build"
    reasons = [note["code"] for note in plan["notes"] if note["severity"] == "error"]
    return "refused without a reason" if status == REFUSED and not reasons else None


def allowed(judge: Judge) -> Judge:
    """Return a judge of a step that the machine may not allow."""

    def first(ended: Outcome) -> str | None:
        if ended.status == NOT_ALLOWED or ended.output.startswith("unshare:"):
            raise CannotRunError(ended.output.strip().splitlines()[-1])
        return judge(ended)

    return first


def tested(ended: Outcome) -> str | None:
    """Want tests that passed; all of them skipped is no answer."""
    last = (ended.output.strip().splitlines() or [""])[-1].strip("= ")
    if ended.status != DONE:
        return last
    if "passed" not in last:
        raise CannotRunError(last)
    return None
