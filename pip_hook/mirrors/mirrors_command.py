"""List the known mirrors and the sources in force, and test the mirrors on demand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Phrase
from conda_cuda_guard.model.errors import DONE
from conda_cuda_guard.rendering import note_lines
from conda_cuda_guard.rendering.language import translated
from conda_cuda_guard.rendering.messages import hint, message
from conda_cuda_guard.rendering.output import out, out_json
from conda_cuda_guard.sources.mirrors import concerns
from pip_hook.own_commands import Parser, escape_what_cannot_be_shown, seconds
from pip_hook.pip_settings import settings

from .backups import SCHEMA
from .proposing import InForce, in_force

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Mirror, Note

    from .probing import Probe


def list_mirrors(mirrors: tuple[Mirror, ...], *, timeout: float | None, as_json: bool) -> int:
    """Print the lists, with a time limit after asking every service; return the exit status."""
    now = in_force(mirrors)
    probes = _probes(mirrors, timeout, quiet=as_json) if timeout else {}
    notes = _notes(now, mirrors)
    if as_json:
        out_json(_as_json(mirrors, now, probes, notes))
        return DONE
    from .tables import in_force_table, known_table, show

    show(known_table(mirrors, now, probes))
    show(in_force_table(now))
    for line in note_lines(notes):
        out(line)
    return DONE


def _probes(
    mirrors: Iterable[Mirror], timeout: float, *, quiet: bool
) -> dict[tuple[str, str], Probe]:
    """Return the answers of the services that are not retired; a terminal gets a progress bar."""
    from .probing import page_fetcher, probe_all
    from .tables import progress_bar

    asked = [mirror for mirror in mirrors if mirror.status != "retired"]
    answers = probe_all(asked, page_fetcher(settings("install")), timeout)
    hidden = quiet or not sys.stderr.isatty()
    return {
        (mirror.kind, mirror.base): probe
        for mirror, probe in progress_bar(answers, len(asked), hidden=hidden)
    }


def _notes(now: InForce, mirrors: tuple[Mirror, ...]) -> list[Note]:
    """Return notes on what is wrong with the sources in force, each address once."""
    values = dict.fromkeys(setting.value for setting in now.settings)
    return [note for value in values for note in concerns(value, mirrors)]


def _as_json(
    mirrors: tuple[Mirror, ...],
    now: InForce,
    probes: dict[tuple[str, str], Probe],
    notes: list[Note],
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "mirrors": [
            _mirror(mirror, now, probes.get((mirror.kind, mirror.base))) for mirror in mirrors
        ],
        "in_force": [
            {
                "tool": setting.tool,
                "setting": setting.name,
                "value": setting.value,
                "mirror": setting.mirror.name if setting.mirror else None,
            }
            for setting in now.settings
        ],
        "conda_problem": now.conda_problem or None,
        "notes": [
            {
                "code": note.code,
                "severity": note.severity,
                "message": message(note),
                "hint": hint(note),
            }
            for note in notes
        ],
    }


def _mirror(mirror: Mirror, now: InForce, probe: Probe | None) -> dict[str, Any]:
    return {
        "name": mirror.name,
        "kind": mirror.kind,
        "url": mirror.base,
        "also": list(mirror.also),
        "flat": mirror.flat,
        "variants": None if mirror.variants is None else sorted(mirror.variants),
        "defaults": list(mirror.defaults),
        "carries": {channel: sorted(subdirs) for channel, subdirs in mirror.carries.items()},
        "lacks": sorted(mirror.lacks),
        "status": mirror.status,
        "note": translated(mirror.note),
        "in_force": now.of(mirror),
        "probe": None if probe is None else _probe(probe),
    }


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        "url": probe.url,
        "reachable": not probe.problem,
        "first_byte_seconds": None if probe.first_byte is None else round(probe.first_byte, 3),
        "bytes_per_second": None if probe.rate is None else round(probe.rate),
        "problem": probe.problem or None,
    }


_DESCRIPTION = Phrase("""\
List the mirrors that are known and the sources that pip and conda have in force. Test how the
mirrors do, or have pip and conda use one.""")
_TIMEOUT = 5.0
_LONGEST = 60.0


def run_mirrors(words: list[str]) -> int:
    """Run `pipcuda mirrors` and return the exit status."""
    escape_what_cannot_be_shown()
    options = _parser().parse_args(words)
    if options.undo:
        from .using import undo_mirrors

        return undo_mirrors(yes=options.yes, as_json=options.json)
    if options.use is not None:
        from .using import use

        known = catalogue.mirrors()
        return use(options.use, known, yes=options.yes, as_json=options.json)

    timeout = options.timeout if options.test else None
    return list_mirrors(catalogue.mirrors(), timeout=timeout, as_json=options.json)


def _parser() -> Parser:
    limit = {"type": seconds(_LONGEST), "default": _TIMEOUT}
    jobs = ("--test", "--use", "--undo")
    return Parser("mirrors", _DESCRIPTION, {"--timeout": limit}, one_of=jobs)
