"""The matrix as a JSON object, as a Markdown table and as an HTML page."""

from __future__ import annotations

import re
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda_cuda_guard.catalogue import family
from conda_cuda_guard.model import Phrase

from .language import said, translated
from .matrix_text import (
    OVERALL,
    belonging,
    heads,
    install,
    legend,
    letters,
    machine_lines,
    mark,
    reasons,
    short,
)
from .messages import message
from .plan_text import headline, note_lines, plan_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.planner.matrix import Matrix, MatrixCell, MatrixRow

_SCHEMA = 1


def matrix_to_json(matrix: Matrix) -> dict[str, Any]:
    """Return a matrix as a JSON-ready dict, with every reason in full and without credentials."""
    taken = matrix.choice
    return {
        "schema": _SCHEMA,
        "requirements": list(matrix.asked),
        "hosts": [asdict(host) for host in matrix.problem.hosts],
        "policy": matrix.problem.request.policy,
        "choice": {"release": taken[0], "variant": taken[1]} if taken else None,
        "variants": list(matrix.variants),
        **_package(matrix),
        "releases": [_json_row(row, matrix) for row in matrix.rows],
        "notes": plan_to_json(matrix.plan)["notes"],
    }


def _package(matrix: Matrix) -> dict[str, Any]:
    """Return whose releases they are, where they are not those of the lead."""
    if matrix.package == family().lead.pip:
        return {}
    built = {"against": matrix.against} if matrix.against else {}
    return {"package": matrix.package, "belongs_to": matrix.lead or None, **built}


def _json_row(row: MatrixRow, matrix: Matrix) -> dict[str, Any]:
    name = "versions" if matrix.against else "belongs_to"
    belongs = {name: list(row.belongs)} if matrix.beside else {}
    return {
        "release": row.release,
        **belongs,
        "choice": row.choice,
        "cells": [cell_to_json(cell) for cell in row.cells],
    }


def cell_to_json(cell: MatrixCell) -> dict[str, Any]:
    """Return one cell as a JSON-ready dict."""
    return {
        "release": cell.release,
        "variant": cell.variant,
        "state": cell.state,
        "letters": letters(cell),
        "reasons": [{"code": note.code, "message": message(note)} for note in cell.reasons],
    }


# Markdown's special characters, to be escaped in texts from outside.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def matrix_markdown(matrix: Matrix) -> str:
    """Return a matrix as a table of GitHub's Markdown."""
    lines = [f"- {_markdown_text(line)}" for line in machine_lines(matrix.problem.hosts)]
    lines += [
        "",
        _markdown_row(heads(matrix)),
        _markdown_row("---" for _ in heads(matrix)),
    ]
    for row in matrix.rows:
        cells = (f"{mark(cell, row, matrix)} {short(cell)}".lstrip() for cell in row.cells)
        belongs = (belonging(row),) if matrix.beside else ()
        lines.append(_markdown_row((row.release, *map(_markdown_text, (*belongs, *cells)))))
    lines += ["", *(f"- {_markdown_text(key)}: {text}" for key, text in legend(matrix).items()), ""]
    lines += [f"`{install(matrix)}`: {_markdown_text(headline(matrix.plan))}"]
    notes = note_lines(matrix.plan.notes, least="warning")
    lines += ["", *(f"- {_markdown_text(text.strip())}" for text in notes)] if notes else []
    return "\n".join(lines)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


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
        machines=_items(machine_lines(matrix.problem.hosts)),
        install=escape(install(matrix)),
        plan=escape(headline(matrix.plan)),
        notes=f"<ul>\n{_items([text.strip() for text in notes])}\n</ul>" if notes else "",
        heads="".join(f'<th scope="col">{escape(one)}</th>' for one in heads(matrix)),
        rows="\n".join(_html_row(row, matrix) for row in matrix.rows),
        legend="\n".join(
            f"<dt>{escape(key)}</dt><dd>{escape(text)}</dd>" for key, text in legend(matrix).items()
        ),
        reasons="\n".join(_reasons(row, matrix) for row in matrix.rows),
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _items(texts: list[str]) -> str:
    return "\n".join(f"<li>{escape(text)}</li>" for text in texts)


def _html_row(row: MatrixRow, matrix: Matrix) -> str:
    cells = "".join(_cell(cell, row, matrix) for cell in row.cells)
    belongs = f"<td>{escape(belonging(row))}</td>" if matrix.beside else ""
    return f'<tr><th scope="row">{escape(row.release)}</th>{belongs}{cells}</tr>'


def _cell(cell: MatrixCell, row: MatrixRow, matrix: Matrix) -> str:
    sign, why = mark(cell, row, matrix), escape(reasons(cell))
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
