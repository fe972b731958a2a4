"""The matrix as one self-contained HTML page, without scripts or links to fetch."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Phrase

from .language import said, translated
from .matrix_text import (
    OVERALL,
    belonging,
    heads,
    install,
    legend,
    machine_lines,
    mark,
    reason,
    short,
)
from .messages import message
from .plan_text import headline, note_lines

if TYPE_CHECKING:
    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell, MatrixRow

_STYLE = Path(__file__).with_name("matrix.css")
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<ul>
{machines}
</ul>
<p><code>{install}</code>: <strong>{plan}</strong></p>
{notes}
<div class="wide" role="region" aria-labelledby="about" tabindex="0">
<table>
<caption id="about">
{caption}
</caption>
<thead>
<tr>{heads}</tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<h2>{legend_heading}</h2>
<dl>
{legend}
</dl>
<h2>{reasons_heading}</h2>
{reasons}
</main>
</body>
</html>"""


def matrix_html(matrix: Matrix) -> str:
    """Return a matrix as a page in ASCII, so that it may be saved in any encoding."""
    notes = note_lines(matrix.plan.notes, least="warning")
    name = matrix.package
    title = Phrase("{package} releases and CUDA variants for this machine", package=name)
    if matrix.against:
        title = Phrase(
            "{package} by release and variant of {lead}", package=name, lead=matrix.against
        )
    caption = Phrase(
        "Releases of {package} by row, CUDA variants by column; the legend is below.",
        package=matrix.rows_of,
    )
    page = _PAGE.format(
        # For screen readers: the language that the texts below are in.
        language=translated("en"),
        title=escape(said(title)),
        caption=escape(said(caption)),
        legend_heading=translated("Legend"),
        reasons_heading=translated("Reasons"),
        style=_STYLE.read_text(encoding="utf-8"),
        machines=_items(machine_lines(matrix.hosts)),
        install=escape(install(matrix)),
        plan=escape(headline(matrix.plan)),
        notes=f"<ul>\n{_items([text.strip() for text in notes])}\n</ul>" if notes else "",
        heads="".join(f'<th scope="col">{escape(one)}</th>' for one in heads(matrix)),
        rows="\n".join(_row(row, matrix) for row in matrix.rows),
        legend="\n".join(
            f"<dt>{escape(key)}</dt><dd>{escape(text)}</dd>" for key, text in legend(matrix).items()
        ),
        reasons="\n".join(_reasons(row, matrix) for row in matrix.rows),
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _items(texts: list[str]) -> str:
    return "\n".join(f"<li>{escape(text)}</li>" for text in texts)


def _row(row: MatrixRow, matrix: Matrix) -> str:
    cells = "".join(_cell(cell, row, matrix) for cell in row.cells)
    belongs = f"<td>{escape(belonging(row))}</td>" if matrix.beside else ""
    return f'<tr><th scope="row">{escape(row.release)}</th>{belongs}{cells}</tr>'


def _cell(cell: MatrixCell, row: MatrixRow, matrix: Matrix) -> str:
    sign, why = mark(cell, row, matrix), escape(reason(cell))
    classes = [cell.state, *(["taken"] if sign else []), *(["overall"] if sign == OVERALL else [])]
    shown = escape(f"{sign} {short(cell)}".lstrip())
    return (
        f'<td class="{" ".join(classes)}" title="{why}">{shown}'
        f'<span class="aside">: {why}</span></td>'
    )


def _reasons(row: MatrixRow, matrix: Matrix) -> str:
    """Return the reasons of a release's cells, for readers without a mouse."""
    told = [
        f"<li>{escape(cell.variant)}, {escape(cell.state)}: {escape(message(note))} "
        f"<code>{escape(note.code)}</code></li>"
        for cell in row.cells
        if cell.state != "absent"
        for note in cell.reasons
    ]
    items = "\n".join(told)
    head = escape(f"{matrix.rows_of} {row.release}")
    return f"<details><summary>{head}</summary>\n<ul>\n{items}\n</ul></details>"
