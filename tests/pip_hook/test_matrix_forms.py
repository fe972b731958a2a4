"""`pipcuda matrix` for scripts, for Markdown and for a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Callable

import jsonschema
import pytest

from tests.support.tools import run

from .matrix_running import OLD_DRIVER, Home, as_json, matrix

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tools import Result

STATES = ["direct", "minor-compatible", "cpu-only", "no", "absent"]
TEXT = {"type": "string", "minLength": 1}
CELL = {
    "type": "object",
    "required": ["release", "variant", "state", "letters", "reasons"],
    "additionalProperties": False,
    "properties": {
        "release": TEXT,
        "variant": TEXT,
        "state": {"enum": STATES},
        "letters": {"type": "string", "pattern": "^[DGPSI]*$"},
        "reasons": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"pattern": "^[a-z-]+$"}, "message": TEXT},
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "required": [
        "schema", "requirements", "hosts", "policy", "choice", "variants", "releases", "notes",
    ],
    "additionalProperties": False,
    "properties": {
        "schema": {"const": 1},
        "requirements": {"type": "array", "items": TEXT},
        "hosts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["platform", "python", "driver", "cuda", "gpus"],
            },
        },
        "policy": {"enum": ["auto", "strict"]},
        "choice": {
            "type": ["object", "null"],
            "required": ["release", "variant"],
        },
        "variants": {"type": "array", "items": {"pattern": "^(cu[0-9]+|cpu)$"}},
        "releases": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["release", "choice", "cells"],
                "properties": {"cells": {"type": "array", "items": CELL}},
            },
        },
        "notes": {"type": "array"},
    },
}  # fmt: skip


@pytest.fixture
def home(pip_env: Callable[[str], Path], tmp_path: Path) -> Home:
    return Home(pip_env("newest"), tmp_path)


def test_the_json_is_as_documented(home: Home) -> None:
    for words in (OLD_DRIVER, ("--cuda", ""), ("--all", "--gpu", "6.1", "--driver", "470.82.01")):
        found = as_json(home, *words)
        jsonschema.validate(found, SCHEMA)
        for row in found["releases"]:
            assert [one["variant"] for one in row["cells"]] == found["variants"]
            for one in row["cells"]:
                assert (one["state"] == "no") == bool(one["letters"])
    for one in as_json(home, "--why", "2.1.0", *OLD_DRIVER):
        jsonschema.validate(one, CELL)


def test_markdown(home: Home) -> None:
    done = matrix(home, "2.5", "--markdown", *OLD_DRIVER)
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert lines == [
        "| torch | cu124 | cu121 | cu118 | cpu |",
        "| --- | --- | --- | --- | --- |",
        r"| 2.5.1 | yes\~ | \> yes | yes | cpu |",
        r"| 2.5.0 | yes\~ | \* yes | yes | cpu |",
    ]
    assert r"- yes\~: the same" in done.stdout
    everything = matrix(home, "--markdown", *OLD_DRIVER).stdout
    widths = {line.count("|") for line in everything.splitlines() if line.startswith("|")}
    assert len(widths) == 1


def odd_machine(home: Home) -> str:
    """Write a machine whose GPU has a name that HTML and Markdown would take for their own."""
    gpu = {"name": '<script>alert(1)</script> | *A* & "B" 显卡', "compute_capability": "8.0"}
    file = home.path / "odd.json"
    file.write_text(json.dumps({"python": "3.11", "driver": "535.104.05", "gpus": [gpu]}))
    return str(file)


class Page(HTMLParser):
    """What a page holds: its elements, its text, and the cells of its table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page(home: Home) -> None:
    found = as_json(home, *OLD_DRIVER)
    text = matrix(home, "--html", *OLD_DRIVER).stdout
    assert text.isascii()
    page = Page(text)
    variants, releases = len(found["variants"]), len(found["releases"])
    scopes = [one.get("scope") for one in page.all("th")]
    assert scopes == ["col"] * (variants + 1) + ["row"] * releases
    cells = [one for row in found["releases"] for one in row["cells"]]
    shown = page.all("td")
    assert len(shown) == len(cells) == variants * releases
    for one, attributes in zip(cells, shown):
        assert (attributes["class"] or "").split()[0] == one["state"]
        assert attributes["title"] == " ".join(note["message"] for note in one["reasons"])
    assert sum("overall" in (one["class"] or "") for one in shown) == 1
    assert "prefers-color-scheme: dark" in text
    # It fetches nothing and runs nothing.
    assert not re.search(r"\b(?:src|href)=|url\(|@import|<script|<link", text)


def test_what_is_foreign_is_escaped(home: Home) -> None:
    words = ("2.1", "--host", odd_machine(home))
    text = matrix(home, "--html", *words).stdout
    page = Page(text)
    assert not page.all("script")
    assert '<script>alert(1)</script> | *A* & "B" 显卡' in page.text
    marked = matrix(home, "--markdown", *words).stdout
    assert r"\<script\>alert(1)\</script\> \| \*A\* & " in marked
    assert "[/]" not in matrix(home, *words).stdout


def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium here to open the page in")
    return found


def in_browser(file: Path, *options: str) -> Result:
    """Open a page in a Chromium that reaches no network."""
    command = [
        browser(), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={file.parent / 'profile'}",
        *options, file.as_uri(),
    ]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": str(file.parent)}
    return run(command, env=env, cwd=file.parent, timeout=120)


def test_a_browser_opens_the_page_offline(home: Home) -> None:
    file = home.path / "matrix.html"
    file.write_text(matrix(home, "--html", *OLD_DRIVER).stdout, "utf-8")
    done = in_browser(file, "--dump-dom")
    assert done.returncode == 0, done.stderr
    assert "CONSOLE" not in done.stderr  # where it says what a page does wrong
    found = as_json(home, *OLD_DRIVER)
    page = Page(done.stdout)
    assert len(page.all("td")) == len(found["variants"]) * len(found["releases"])
    assert len(page.all("details")) == len(found["releases"])


def test_a_browser_paints_it_light_and_dark(home: Home) -> None:
    file = home.path / "matrix.html"
    file.write_text(matrix(home, "--html", *OLD_DRIVER).stdout, "utf-8")
    pictures = []
    for scheme in ("0", "1"):
        picture = home.path / f"{scheme}.png"
        setting = f"--blink-settings=preferredColorScheme={scheme}"
        done = in_browser(file, setting, "--window-size=1200,900", f"--screenshot={picture}")
        assert picture.is_file(), done.stderr
        pictures.append(picture.read_bytes())
    dark, light = pictures
    assert dark != light
    assert min(len(dark), len(light)) > 50_000  # a page without its style is a fraction of it
