"""The tables, colours and progress bar of `pipcuda mirrors`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from conda_cuda_guard.model import Phrase
from conda_cuda_guard.rendering.language import said, translated
from conda_cuda_guard.rendering.wrapping import console_of, print_part

from .proposing import mirrored_channels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conda_cuda_guard.model import Mirror

    from .probing import Probe
    from .proposing import InForce

_Item = TypeVar("_Item")

_KINDS = {"pypi": Phrase("pip index"), "wheels": Phrase("CUDA wheels"), "channels": "conda"}
_COLOURS = {"alive": "", "doubtful": "yellow", "retired": "red"}
# Nothing is cut off in a file or a pipe.
_WIDE = 1000
_MEGA = 1e6
_FAST = 1e6
_SLOW = 1e5


def show(what: Table | Text) -> None:
    """Print to standard output."""
    console = console_of(width=None if sys.stdout.isatty() else _WIDE)
    print_part(console, what)


def known_table(
    mirrors: Iterable[Mirror], now: InForce, probes: Mapping[tuple[str, str], Probe]
) -> Table:
    """Return the table of all services; `*` marks those in force."""
    table = _table(translated("Known mirrors"))
    for column in ("", translated("mirror"), translated("for"), translated("status")):
        table.add_column(column, no_wrap=True)
    for column in (translated("first byte"), translated("speed")) if probes else ():
        table.add_column(column, justify="right")
    table.add_column(translated("address"), overflow="fold")
    table.add_column(translated("what it has"), overflow="fold")
    for mirror in mirrors:
        mark = Text("*" if now.of(mirror) else "", style="bold green")
        status = Text(translated(mirror.status), style=_COLOURS[mirror.status])
        answer = _answer(probes.get((mirror.kind, mirror.base))) if probes else ()
        table.add_row(
            mark, mirror.name, said(_KINDS[mirror.kind]), status, *answer, Text(mirror.base),
            Text(_contents(mirror)),
        )  # fmt: skip
    return table


def in_force_table(now: InForce) -> Table:
    """Return the table of the settings in force."""
    table = _table(translated("In force"))
    for column in (translated("tool"), translated("setting")):
        table.add_column(column, no_wrap=True)
    table.add_column(translated("value"), overflow="fold")
    table.add_column(translated("mirror"), no_wrap=True)
    for setting in now.settings:
        name = setting.mirror.name if setting.mirror else ""
        table.add_row(setting.tool, setting.name, Text(setting.value), name)
    if now.conda_problem:
        table.add_row("conda", "", Text(said(now.conda_problem)), "")
    return table


def diff_text(diff: str) -> Text:
    """Return a unified diff with colours."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = [Text(line, style=colours.get(line[:1], "")) for line in diff.splitlines()]
    return Text("\n").join(lines)


def progress_bar(items: Iterable[_Item], total: int, *, hidden: bool) -> Iterator[_Item]:
    """Yield the items, with a transient progress bar on standard error."""
    columns = (TextColumn(translated("asking the mirrors")), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as bar:
        yield from bar.track(items, total=total)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def _answer(probe: Probe | None) -> tuple[Text, Text]:
    """Return the two cells of a service's answer."""
    if probe is None:
        return Text(translated("not asked")), Text("")
    if probe.first_byte is None or probe.rate is None:
        return Text(said(probe.problem), style="red"), Text("")
    colour = "green" if probe.rate >= _FAST else "yellow" if probe.rate >= _SLOW else "red"
    return (
        Text(f"{probe.first_byte * 1000:.0f} ms"),
        Text(f"{probe.rate / _MEGA:.2f} MB/s", style=colour),
    )


def _contents(mirror: Mirror) -> str:
    """Return in a few words what a service has, and its problem where it does not answer."""
    has = [name for name in mirrored_channels() if name in mirror.carries]
    has += ["defaults"] if mirror.defaults else []
    lacking = [said(Phrase("no {name}", name=name)) for name in sorted(mirror.lacks)]
    variants = sorted(mirror.variants or ())
    parts = [*has, *lacking, *variants, translated("find-links pages") if mirror.flat else ""]
    words = ", ".join(filter(None, parts))
    return "; ".join(
        filter(None, [words, "" if mirror.status == "alive" else translated(mirror.note)])
    )
