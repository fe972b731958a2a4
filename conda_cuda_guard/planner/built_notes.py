"""What is said where a package has no file for the lead: what building takes, where one is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Against, FromSource, Note, cuda_of, quoted
from conda_cuda_guard.model.versions import listed_pythons

from .built_files import files_known, find_file
from .built_lead import NoLead, running_builds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conda_cuda_guard.model import Catalogue

    from .built_files import BuiltAsk
    from .problem import Problem


def from_source(
    ask: BuiltAsk, found: Against | NoLead, problem: Problem, catalogue: Catalogue
) -> Note:
    """Return what is said where pip would build a package from source, with the ways out."""
    lead = problem.family.lead.pip
    named = found.lead if isinstance(found, NoLead) else f"{lead} {found.version}"
    facts = {"package": ask.package, "lead": named, "platform": problem.platform}
    facts["pythons"] = listed_pythons(problem.pythons) or "3"
    case = _case(ask, found, problem, catalogue, facts)
    facts.update(_building(ask, found, problem))
    if case not in ("no-lead", "source", "jit", "alone"):
        facts.update(_nearest(ask, problem, catalogue))
    conda = ask.family.conda.get(ask.package)
    if conda and case == "conda":
        facts["conda"] = conda
    return Note("built-from-source", "warning", case, facts)


def cannot_be_had(
    ask: BuiltAsk, found: Against | NoLead, problem: Problem, told: Note
) -> Note | None:
    """Return the error of a package that is neither to be built nor fetched; None otherwise.

    Its file lies where it cannot be had now, or it has no code for a lead that is for the CPU;
    `told` is what is said of building it.
    """
    if told.case == "cpu":
        return replace(told, severity="error")
    for file in files_known(ask, found, problem) if isinstance(found, Against) else ():
        dead = problem.dead(file.place or file.index)
        if dead is not None:
            facts = {"asked": ask.typed, "index": dead[0], "detail": dead[1]}
            return Note("index-unreachable", "error", "family-none", facts)
    return None


def to_build(ask: BuiltAsk, told: Note) -> Iterator[FromSource]:
    """Yield what it takes to build a package of which it was told, where pip alone could not.

    pip builds in an environment of its own, without the lead.
    """
    source = ask.family.source
    if source.flags and ask.family.needs_lead and told.case != "no-lead":
        cuda = told.facts.get("cuda", "") if source.needs == "nvcc" else ""
        near = told.facts.get("near", "")
        words = (source.flags, source.variables, source.tools)
        yield FromSource(ask.package, ask.at, *words, cuda, near)


def _case(
    ask: BuiltAsk,
    found: Against | NoLead,
    problem: Problem,
    catalogue: Catalogue,
    facts: dict[str, str],
) -> str:
    """Return the case of the note, and add the facts that it has of its own."""
    if not ask.family.needs_lead:
        host = next(iter(problem.with_driver), None)
        facts["host_cuda"] = (host.cuda if host is not None else "") or ""
        return "alone"
    if not ask.family.has_files_of(ask.package):
        return "jit" if ask.family.source.needs == "jit" else "source"
    if isinstance(found, NoLead):
        if found.accelerator:
            facts["accelerator"] = found.accelerator
        return found.case
    if found.variant == "cpu" and not ask.family.on_cpu:
        return "cpu"
    lacking = _lacking(ask, found, problem, catalogue)
    if lacking:
        facts["address"] = lacking
        return "absent"
    return ""


def _lacking(ask: BuiltAsk, found: Against, problem: Problem, catalogue: Catalogue) -> str:
    """Return the address that, by the data, has a file and was heard to have none."""
    known = find_file(ask, found, problem, replace(catalogue, heard_of_built={}))
    return known.place if known is not None else ""


def _building(ask: BuiltAsk, found: Against | NoLead, problem: Problem) -> dict[str, str]:
    """Return what building takes: the compiler's CUDA version, time, memory, and the command."""
    source = ask.family.source
    facts = {}
    cuda = cuda_of(found.variant) if isinstance(found, Against) else None
    if cuda and source.needs:
        facts["cuda"] = cuda
    if source.minutes and source.hours:
        facts.update(minutes=source.minutes, hours=source.hours)
    if source.memory:
        facts["memory"] = source.memory
    if source.requirement:
        facts["source"] = source.requirement
    wanted = source.requirement or ask.typed
    if source.flags or source.variables or source.requirement:
        words = ("pip", "install", *source.flags, wanted)
        facts["command"] = _command(source.variables, words, problem)
        facts["tools"] = ", ".join(source.tools)
    return facts


def _command(variables: Sequence[str], words: Sequence[str], problem: Problem) -> str:
    """Return a command with variables of its own, for the shell of the machine's system (cmd)."""
    system = _system(problem)
    if system == "posix":
        return " ".join((*variables, quoted(words, system)))
    return " && ".join((*(f'set "{one}"' for one in variables), quoted(words, system)))


def _system(problem: Problem) -> str:
    return "nt" if problem.platform.startswith("windows") else "posix"


def _nearest(ask: BuiltAsk, problem: Problem, catalogue: Catalogue) -> dict[str, str]:
    """Return the newest lead that runs here and has a file, as pip is asked for the two."""
    lead = problem.family.lead.pip
    for build, one in running_builds(problem, catalogue):
        if find_file(ask, one, problem, catalogue) is not None:
            words = quoted((f"{lead}=={build.release}", ask.typed), _system(problem))
            return {"near": words, "near_lead": f"{lead} {one.version}"}
    return {}
