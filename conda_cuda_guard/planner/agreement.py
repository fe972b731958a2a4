"""What families in one process must have in common: the newest set that agrees, or which cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note, Range, cuda_major, variant_of, version
from conda_cuda_guard.model.spelling import CUDA_EXACT, CUDA_MAJOR, CUDNN_MAJOR

from .requirement import VariantWish
from .spelt import decide_spelt
from .spelt_candidates import can_be_installed
from .spelt_question import ALONE, Shared, SpeltChoice, SpeltQuestion, SpeltRefusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.model import Catalogue, Family, Plan, SpeltFamily

    from .problem import PlanLead, Problem
    from .spelt_parse import Ask


@dataclass(frozen=True)
class FamilySet:
    """What every family of a line gets, and what the lead has of what they share."""

    lead: Plan
    others: tuple[SpeltChoice | SpeltRefusal, ...]
    shared: Shared = ALONE

    @property
    def is_refused(self) -> bool:
        """Whether a family gets nothing."""
        return self.lead.status == "refused" or any(self.refusals())

    @property
    def replaces(self) -> bool:
        """Whether a variant that was typed is replaced."""
        told = (*self.lead.notes, *(note for one in self.others for note in one.notes))
        return any(note.code == "explicit-variant-replaced" for note in told)

    @property
    def unbuilt(self) -> int:
        """How many packages have no file for the lead, and are to be built from source."""
        return sum(note.code == "built-from-source" for note in self.lead.notes)

    def refusals(self) -> Iterator[SpeltRefusal]:
        """Yield the families that get nothing."""
        return (one for one in self.others if isinstance(one, SpeltRefusal))

    def choices(self, share: str) -> Iterator[SpeltChoice]:
        """Yield the families that got a CUDA build and share something.

        One whose index was named stays what was asked for.
        """
        for one in self.others:
            if not isinstance(one, SpeltChoice) or one.build is None or one.cuda is None:
                continue
            if share in one.family.shares and not one.question.is_wished(one.build):
                yield one

    def majors(self) -> dict[str, str]:
        """Return the CUDA major version of each family that shares it, by its packages."""
        own = {
            one.question.names: str(cuda_major(one.cuda or "0")) for one in self.choices(CUDA_MAJOR)
        }
        return {**self._of_lead(self.shared.cuda and str(cuda_major(self.shared.cuda))), **own}

    def cudnns(self) -> dict[str, str]:
        """Return the major version of cuDNN of each family that shares it, by its packages."""
        own = {one.question.names: one.cudnn for one in self.choices(CUDNN_MAJOR) if one.cudnn}
        return {**self._of_lead(self.shared.cudnn), **own}

    def exact(self) -> dict[str, str]:
        """Return the CUDA version of each family that takes the lead's, by its packages."""
        own = {one.question.names: one.cuda or "" for one in self.choices(CUDA_EXACT)}
        return {**self._of_lead(self.shared.cuda), **own} if own else {}

    def _of_lead(self, value: str | None) -> dict[str, str]:
        return {next(iter(self.lead.packages)): value} if value and self.lead.packages else {}

    def disagreement(self) -> str | None:
        """Return what families share and have not in common: the case of its notes."""
        for case, found in (("", self.majors()), ("cudnn", self.cudnns()), ("exact", self.exact())):
            if len(set(found.values())) > 1:
                return case
        return None


def cuda_beside(plan: Plan, catalogue: Catalogue) -> str | None:
    """Return the CUDA version of the families of a plan that share its major version with the lead.

    None without such, and where the plan says that they have it not in common.
    """
    for part in plan.families:
        family = catalogue.spelt.named(next(iter(part.packages), ""))
        if family is None or CUDA_MAJOR not in family.shares or not part.cuda or not plan.cuda:
            continue
        if cuda_major(part.cuda) == cuda_major(plan.cuda):
            return part.cuda
    return None


class Deciding:
    """Decides sets of families for one request."""

    def __init__(
        self,
        problem: Problem,
        catalogue: Catalogue,
        plan_lead: PlanLead,
        asks: Mapping[SpeltFamily, list[Ask]],
    ) -> None:
        self.problem, self.catalogue = problem, catalogue
        self.plan_lead, self.asks = plan_lead, asks

    def freely(self) -> FamilySet:
        """Return what every family would get by itself."""
        lead = self.plan_lead(self.problem, self.catalogue)
        shared = self._of(lead)
        return FamilySet(lead, tuple(self.others(ALONE)), shared)

    def beside(self, shared: Shared, lead: Plan) -> FamilySet:
        """Return what the others get beside a lead that is there, or planned."""
        return FamilySet(lead, tuple(self.others(shared)), shared)

    def agreed(self, free: FamilySet) -> FamilySet | None:
        """Return the newest set in which all agree, the lead going first; None without one.

        One that keeps every variant that was typed goes before one that does not, and a set of
        files before one of which something is to be built.
        """
        second = None
        for major, cudnn, cuda in self._attempts(free):
            lead = self.plan_lead(self._bound(major, cudnn, cuda), self.catalogue)
            own = self._of(lead)
            if lead.status == "refused" or (cuda and own.cuda and own.cuda != cuda):
                continue
            lead = _for_the_rest(lead, free.lead)
            found = self.beside(Shared(major, own.cuda, own.cudnn or cudnn), lead)
            if not found.is_refused:
                if not found.replaces and not found.unbuilt:
                    return found
                second = min(filter(None, (second, found)), key=lambda one: one.unbuilt)
        return second

    def others(self, shared: Shared) -> Iterator[SpeltChoice | SpeltRefusal]:
        """Yield what the families get that the lead is not of, beside what is shared."""
        for family, asks in self.asks.items():
            question = SpeltQuestion(family, tuple(asks), self.problem, self.catalogue, shared)
            yield decide_spelt(question)

    def _of(self, lead: Plan) -> Shared:
        """Return what a planned lead has of what is shared."""
        number = lead.packages.get(self.problem.family.lead.pip)
        if lead.status == "refused" or number is None or lead.cuda is None:
            return ALONE
        cudnn = cudnn_of(self.problem.family, number)
        return Shared(cuda_major(lead.cuda), lead.cuda, cudnn)

    def _attempts(self, free: FamilySet) -> Iterator[tuple[int | None, str | None, str | None]]:
        """Yield what to try: CUDA's major versions, cuDNN's, and versions that the lead may have.

        The newest go first, and what binds the lead the least.
        """
        builds = [one for family in self.asks for one in family.cuda_builds]
        made = {cuda_major(one.cuda) for one in builds if one.cuda}
        made.update(map(int, free.majors().values()))
        majors = sorted(made, reverse=True)
        yield from ((major, None, None) for major in majors)
        cudnns = sorted({one.cudnn for one in builds if one.cudnn}, key=int, reverse=True)
        yield from ((major, cudnn, None) for major in majors for cudnn in cudnns)
        if free.exact() and self.problem.asked and self.problem.wish is None:
            exact = {
                one.cuda
                for family in self.asks
                if CUDA_EXACT in family.shares
                for one in family.cuda_builds
                if one.cuda
            }
            for cuda in sorted(exact, key=version, reverse=True):
                yield cuda_major(cuda), None, cuda

    def _bound(self, major: int | None, cudnn: str | None, cuda: str | None) -> Problem:
        """Return the problem with the lead bound to what is to be shared."""
        within = self.problem.family.cudnn.get(cudnn or "", "")
        request = replace(self.problem.request, cuda_major=major, within=within)
        wish = self.problem.wish
        if cuda is not None:
            wish = VariantWish.of(variant_of(cuda), variant_of(cuda))
        return replace(self.problem, request=request, wish=wish)


def cudnn_of(family: Family, number: str) -> str | None:
    """Return the major version of cuDNN that a release of a lead loads."""
    found = (major for major, releases in family.cudnn.items() if number in Range((releases,)))
    return next(found, None)


def _for_the_rest(lead: Plan, free: Plan) -> Plan:
    """Return a lead's plan whose variant gave way to the rest, with that as the reason."""
    notes = tuple(
        replace(note, case="together", facts={"wish": note.facts.get("wish", "")})
        if note.code == "explicit-variant-replaced" and note not in free.notes
        else note
        for note in lead.notes
    )
    return replace(lead, notes=notes)


def told_of(deciding: Deciding, free: FamilySet, agreed: FamilySet | None) -> Note:
    """Return the note on a set that agrees, or on two that cannot be in one process."""
    case = free.disagreement() or ""
    before = {"": free.majors, "cudnn": free.cudnns, "exact": free.exact}[case]()
    if agreed is None:
        return _disagreement(before, case)
    after = {"": agreed.majors, "cudnn": agreed.cudnns, "exact": agreed.exact}[case]()
    taken = next(iter(after.values()), "")
    facts = {
        "held": ", ".join(name for name, found in before.items() if found != taken),
        "because": ", ".join(name for name, found in before.items() if found == taken)
        or ", ".join(before),
        "major": taken,
        "other": max(before.values(), key=version),
    }
    if case == "" and not _has_no_other(deciding, facts["because"], facts["other"], taken):
        case = "beside"
    return Note("families-agree", "info", case, facts)


def _has_no_other(deciding: Deciding, because: str, other: str, taken: str) -> bool:
    """Return whether those that others agree with have no build for another CUDA that runs."""
    if other == taken:
        return False
    beside = deciding.others(Shared(int(other)))
    names = because.split(", ")
    held = [one for one in beside if set(one.question.names.split(", ")) <= set(names)]
    found = {name for one in held for name in one.question.names.split(", ")}
    return found == set(names) and not any(
        isinstance(one, SpeltChoice) or _was_left_out(one, int(other)) for one in held
    )


def _was_left_out(refusal: SpeltRefusal, major: int) -> bool:
    """Return whether a family has builds for a CUDA version, which what was typed leaves out."""
    question = refusal.question
    builds = (one for one in question.family.cuda_builds if cuda_major(one.cuda or "0") == major)
    return bool(question.named) and any(can_be_installed(one, question.problem) for one in builds)


def _disagreement(found: dict[str, str], case: str) -> Note:
    """Return the note that names two families which cannot be in one process."""
    first, second = _pair(found)
    facts = {
        "first": first,
        "first_major": found[first],
        "second": second,
        "second_major": found[second],
    }
    return Note("families-disagree", "error", case, facts)


def _pair(found: Mapping[str, str]) -> tuple[str, str]:
    first = next(iter(found))
    return first, next(name for name, value in found.items() if value != found[first])


def near(deciding: Deciding, found: FamilySet) -> str:
    """Return what of the other families would agree with the lead as it is planned, if anything."""
    refused = deciding.beside(found.shared, found.lead).refusals()
    texts = [note.facts.get("near") for one in refused for note in one.notes]
    return " ".join(filter(None, texts)) if texts and all(texts) else ""
