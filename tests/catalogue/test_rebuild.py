from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.files import FOLDER_VARIABLE, folder
from conda_cuda_guard.catalogue.rebuilding.__main__ import FACTS, main
from conda_cuda_guard.catalogue.rebuilding.fact_tables import (
    Facts,
    FactsError,
    cuda_of,
    python_version,
)
from conda_cuda_guard.catalogue.rebuilding.wheels import cells, pythons
from conda_cuda_guard.model import PLATFORMS

if TYPE_CHECKING:
    from pathlib import Path


def test_data_files_are_what_the_facts_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "up to date\n"


def test_rebuild_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = {path.name: path.read_bytes() for path in folder().glob("*.json")}
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "new"))
    assert main([]) == 0
    assert {path.name: path.read_bytes() for path in folder().glob("*.json")} == shipped


def test_check_names_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "data"
    shutil.copytree(folder(), target)
    (target / "plain.json").unlink()
    (target / "stale.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(target))
    assert main([str(FACTS), "--check"]) == 1
    assert capsys.readouterr().out == "differs: plain.json\ndiffers: stale.json\n"
    assert not (target / "plain.json").exists()


def test_every_cell_of_the_facts_is_there() -> None:
    facts = Facts(FACTS)
    known = {
        (build.platform, build.release, build.variant): build.pythons
        for platform in PLATFORMS
        for build in catalogue.wheels(platform)
    }
    trusted = {
        (cell.platform, cell.release, cell.variant): frozenset(pythons(facts, cell))
        for cell in cells(facts)
        if not cell.is_guess
    }
    assert known == trusted
    assert [cell.variant for cell in cells(facts) if cell.is_guess] == ["cu134"]


def test_missing_facts_are_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("rebuild: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("text", ["{", '{"table": "other"}', "[]"])
def test_bad_facts_are_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "torch_releases.json").write_text(text, encoding="utf-8")
    assert main([str(tmp_path)]) == 2
    assert "torch_releases.json" in capsys.readouterr().err


def test_facts_of_another_form_are_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "torch_releases.json").write_text(
        json.dumps({"table": "torch_releases", "rows": [{}]}), encoding="utf-8"
    )
    (tmp_path / "corrections.json").write_text(
        json.dumps({"table": "corrections", "rows": []}), encoding="utf-8"
    )
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == "rebuild: unexpected form: KeyError: 'torch'\n"


@pytest.mark.parametrize(
    ("key", "missing"),
    [
        (("2.99.0", "cu126"), "2.99.0"),
        (("2.7.0", "cu99"), "linux_x86_64"),
    ],
)
def test_a_correction_of_a_row_that_there_is_not_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: tuple[str, str], missing: str
) -> None:
    facts = tmp_path / "facts"
    shutil.copytree(FACTS, facts)
    path = facts / "corrections.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    table["rows"].append({"table": "wheels-linux-x86_64", "key": key, "correct": {}})
    path.write_text(json.dumps(table), encoding="utf-8")
    assert main([str(facts)]) == 2
    named = f"wheels-linux-x86_64 {key[0]} {key[1]}: there is no row of {missing} to correct"
    assert capsys.readouterr().err == f"rebuild: corrections: {named}\n"


@pytest.mark.parametrize(
    ("table", "missing"),
    [
        ("torch_releases", "2.7.0 is in one of torch_releases and wheel_variants alone"),
        ("wheel_variants", "2.7.0 is in one of torch_releases and wheel_variants alone"),
        ("pypi_default_cuda", "plain wheel of 2.7.0 on Linux: cu126 or None?"),
        ("arch_lists", "no code of 2.7.0 cu"),
    ],
)
def test_a_release_that_is_begun_is_told_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, missing: str
) -> None:
    """As docs/develop.md promises who adds one."""
    facts = tmp_path / "facts"
    shutil.copytree(FACTS, facts)
    path = facts / f"{table}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for rows in (content["rows"], content.get("measured_pypi", [])):
        rows[:] = [row for row in rows if row["torch"] != "2.7.0"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert main([str(facts), "--check"]) == 2
    assert capsys.readouterr().err.startswith(f"rebuild: {missing}")


@pytest.mark.parametrize(
    ("tag", "version"), [("cp27", "2.7"), ("cp39", "3.9"), ("cp311", "3.11"), ("cp313t", "3.13t")]
)
def test_python_tags(tag: str, version: str) -> None:
    assert python_version(tag) == version


@pytest.mark.parametrize(
    ("variant", "cuda"),
    [("cu80", "8.0"), ("cu92", "9.2"), ("cu102", "10.2"), ("cu132", "13.2"), ("cpu", None)],
)
def test_variants(variant: str, cuda: str | None) -> None:
    assert cuda_of(variant) == cuda


def test_words_of_another_form_are_refused() -> None:
    with pytest.raises(FactsError):
        python_version("pp39")
    with pytest.raises(FactsError):
        cuda_of("rocm6.0")


@pytest.mark.parametrize("path", sorted(FACTS.iterdir()), ids=lambda path: path.name)
def test_facts_name_no_package_registry(path: Path) -> None:
    hosts = ("pypi." + "org", "files.python" + "hosted", "registry.npm" + "js", "deb." + "debian")
    assert not [host for host in hosts if host in path.read_text(encoding="utf-8")]
