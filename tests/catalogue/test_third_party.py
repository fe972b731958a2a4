"""Families of others: what is wrong with a file is said, and everything else works on."""

from __future__ import annotations

import json
import os
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conda_cuda_guard import catalogue
from conda_cuda_guard.catalogue.family_schema import faults_of
from conda_cuda_guard.catalogue.files import folder
from conda_cuda_guard.catalogue.hooks import may_have_hooks
from conda_cuda_guard.catalogue.json_form import line_of
from conda_cuda_guard.catalogue.third_party import LARGEST
from pip_hook.cli import main
from tests.fuzz.pieces import anything
from tests.planner.machines import A100, pip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Put = Callable[..., Path]

OLD = ("--driver", "535.104.05", "--gpu", "A100", "--offline")
WARP: dict[str, Any] = {
    "table": "family",
    "schema": 1,
    "sources": ["https://example.org/warpdrive"],
    "family": "warpdrive",
    "stems": ["warpdrive"],
    "builds": [
        {"suffix": "-cu13", "cuda": "13", "known": ["2.0"]},
        {"suffix": "-cu12", "cuda": "12", "known": ["2.0", "1.0"]},
    ],
}
FOLLOWER: dict[str, Any] = {
    "table": "family",
    "schema": 1,
    "sources": ["https://example.org/torchwarp"],
    "family": "torchwarp",
    "follows": "torch",
    "lead": {"pip": "torchwarp", "conda": "torchwarp", "variants_since": None},
    "labelled": True,
    "pins_torch": False,
    "versions": [["2.0", ">=2.8"], ["1.0", "<2.8"]],
}


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Give the function that puts files (name: content, or bytes) where families are looked for."""
    data = tmp_path / "data"
    data.symlink_to(folder())  # a name of its own, so that nothing is known from before
    families = tmp_path / "families"
    families.mkdir()
    monkeypatch.setenv("CUDA_GUARD_CATALOGUE", str(data))
    monkeypatch.setenv("CUDA_GUARD_FAMILIES", str(families))

    def files(**contents: object) -> Path:
        for name, content in contents.items():
            text = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
            (families / f"{name}.json").write_bytes(text)
        return families

    return files


def changed(row: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {**row, **fields}


def built(**fields: Any) -> dict[str, Any]:
    return changed(WARP, builds=[{"cuda": "12", **fields}])


def on_conda(*known: object, **fields: Any) -> dict[str, Any]:
    part = {"packages": ["torchwarp"], "channels": ["own"], "carriers": [], "known": list(known)}
    return changed(FOLLOWER, on_conda={**part, **fields})


def planned(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[dict[str, Any], str]:
    assert main(["plan", "--json", *words, *OLD]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_a_family_and_a_follower_of_others_are_planned(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put(warp=WARP, follower=FOLLOWER)
    plan, told = planned(capsys, "warpdrive", "torchwarp", "torch==2.5.1", "numpy")
    assert plan["requirements"][0] == "warpdrive-cu12"
    assert plan["packages"]["torchwarp"] == "1.0+cu121"
    assert plan["requirements"][-1] == "numpy"
    assert told == ""


@pytest.mark.parametrize(
    ("content", "line", "field", "why"),
    [
        (b'{"table": "family",\n "a": \xff}', 2, "", "not UTF-8"),
        (b'{"table":\n\n "family",}', 3, "", "not valid JSON"),
        (b"", 1, "", "not valid JSON"),
        (b"[" * 100_000, 0, "", "not valid JSON"),
        (b'{"a": ' + b"9" * 10_000 + b"}", 0, "", "not valid JSON"),
        (b'{"a": NaN}', 0, "", "NaN is not JSON"),
        (b" " * (LARGEST + 1), 0, "", "larger than"),
        (["a list"], 1, "", "not an object"),
        ({}, 1, "", "follows / built_against / stems"),
        ({**WARP, **FOLLOWER}, 8, "stems", "no such field"),
        (changed(FOLLOWER, builds=[{"variants": ["126"]}]), 27, "builds[0].versions", "missing"),
        (
            changed(FOLLOWER, builds=[{"versions": "", "index": "https://x.org/{other}"}]),
            29,
            "builds[0].index",
            "not an address, perhaps with {version}, {variant}",
        ),
        (changed(FOLLOWER, beside="numpy"), 26, "beside", "not a list"),
        (changed(FOLLOWER, on_conda=1), 26, "on_conda", "not an object"),
        (on_conda(["2.0", ["12.9"], []]), 40, "on_conda.known[0][2]", "not a list of 1"),
        (on_conda(["2.0", ["12.9"], ["2.10.0"]]), 41, "on_conda.known[0][2][0]", "series"),
        (on_conda(["2.0", ["12.9"], ["2.10"], 1]), 35, "on_conda.known[0]", "not a list of 2"),
        (on_conda(["2.0", ["12.9"]], with_lead=1), 42, "on_conda.with_lead", "true or false"),
        (changed(WARP, table="releases"), 2, "table", "'releases'"),
        (changed(WARP, schema=2), 3, "schema", "this version reads 1"),
        (changed(WARP, schema=True), 3, "schema", "this version reads 1"),
        (changed(WARP, family="Warp_Drive"), 7, "family", "not a normalized name"),
        (changed(WARP, stems="warpdrive"), 8, "stems", "not a list"),
        (changed(WARP, stems=["Warp.Drive"]), 9, "stems[0]", "not a normalized name"),
        (changed(WARP, builds={}), 11, "builds", "not a list of 0 to"),
        (built(own={"warpdrive": ["1", "2"]}), 17, "builds[0].own.warpdrive[1]", "newest"),
        (built(drivers={"mac": "1"}), 15, "builds[0].drivers.mac", "linux or windows"),
        (built(contains=["12.8"]), 13, "builds[0].cuda", "no such field"),
        (changed(WARP, builds=[{}]), 12, "builds[0].cuda", "missing"),
        (changed(WARP, buids=[]), 28, "buids", "no such field"),
        (built(relases="<2"), 14, "builds[0].relases", "no such field"),
        (built(releases="newest"), 14, "builds[0].releases", "not a range of versions"),
        (built(known=["1.0", "2.0"]), 16, "builds[0].known[1]", "the newest comes first"),
        (built(known=["one"]), 15, "builds[0].known[0]", "not a version"),
        (built(suffix="_cu12"), 14, "builds[0].suffix", "the end of a normalized name"),
        (built(cuda=12), 13, "builds[0].cuda", "as 12 or 12.4"),
        (built(cuda="cu121"), 13, "builds[0].cuda", "as 12 or 12.4"),
        (built(index="ftp://x"), 14, "builds[0].index", "not an address"),
        (built(platforms=["linux"]), 15, "builds[0].platforms[0]", "linux-x86_64"),
        (built(libc="2.28"), 14, "builds[0].libc", "as glibc 2.28"),
        (changed(WARP, shares=["cuda"]), 29, "shares[0]", "cuda.major"),
        (changed(FOLLOWER, follows="tensorflow"), 8, "follows", "there are torch"),
        (changed(FOLLOWER, labelled="yes"), 14, "labelled", "true or false"),
        (changed(FOLLOWER, versions=[["1.0"]]), 17, "versions[0]", "a version and a range"),
        (changed(FOLLOWER, versions=[["1", ""], ["2", ""]]), 22, "versions[1][0]", "newest"),
    ],
)
def test_what_is_wrong_is_said_by_file_line_and_field(  # noqa: PLR0913, PLR0917
    content: object, line: int, field: str, why: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    place = put(wrong=content, warp=changed(FOLLOWER, family="other")) / "wrong.json"
    plan, told = planned(capsys, "torch", "torchwarp")
    assert plan["packages"].keys() == {"torch", "torchwarp"}
    first = told.splitlines()[0]
    where = f" (line {line}, {field})" if field else f" (line {line})" if line else ""
    assert first.startswith(f"warning: {place} is left out{where}: ")
    assert why in first


@pytest.mark.parametrize(
    ("row", "field", "names"),
    [
        (changed(WARP, family="cupy"), "family", "cupy"),
        (changed(WARP, stems=["cupy"]), "stems", "cupy"),
        (built(name="torchvision"), "stems", "torchvision"),
        (changed(FOLLOWER, lead={**FOLLOWER["lead"], "conda": "cpuonly"}), "lead.conda", "cpuonly"),
        (on_conda(["2.0", ["12.9"]], packages=["xformers"]), "on_conda", "xformers"),
        (on_conda(["2.0", ["12.9"]], cuda_names={"apex": "torchwarp"}), "on_conda", "apex"),
    ],
)
def test_a_name_that_is_taken_stays_where_it_is(
    row: dict[str, Any],
    field: str,
    names: str,
    put: Put,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(wrong=row)
    plan, told = planned(capsys, "cupy", "torch")
    assert plan["requirements"][0] == "cupy-cuda12x"
    assert f"{field}): {names} is in " in told
    assert told.count("warning: ") == 1


def test_of_two_others_the_first_is_used(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    second = changed(WARP, family="other", builds=[{"suffix": "-cuda12", "cuda": "12"}])
    put(a=WARP, b=second)
    plan, told = planned(capsys, "warpdrive")
    assert plan["requirements"] == ["warpdrive-cu12"]
    assert "b.json is left out" in told
    assert "a.json already, which is used" in told


def test_it_is_said_once_and_the_fifth_fault_of_a_file_not_at_all(
    put: Put, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    put(wrong=changed(WARP, **{f"field{number}": 1 for number in range(9)}))
    lines = tmp_path / "lines"
    lines.write_text('{"manager": "pip", "requirements": ["torch"]}\n' * 3)
    assert main(["plan", "--batch", str(lines), *OLD]) == 0
    assert capsys.readouterr().err.count("warning: ") == 3


def test_damage_of_our_own_files_is_an_error_still(
    put: Put, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(warp=WARP)
    data = tmp_path / "damaged"
    (data / "families").mkdir(parents=True)
    (data / "families" / "torch.json").write_text('{"table": "family", "schema": 1}')
    monkeypatch.setenv("CUDA_GUARD_CATALOGUE", str(data))
    assert main(["plan", "torch", *OLD]) == 3
    assert "the built-in catalogue cannot be used" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(
    put: Put, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put()
    monkeypatch.setenv("CUDA_GUARD_FAMILIES", str(tmp_path / "nowhere.json"))
    _, told = planned(capsys, "torch")
    assert "nowhere.json is left out: it cannot be read" in told


def test_a_line_that_is_pips_alone_says_nothing(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(wrong={})
    assert main(["list", "--help"]) == 0
    assert "left out" not in capfd.readouterr().err


OWN = sorted((folder() / "families").glob("*.json"))


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_our_own_files_have_the_form_that_is_asked_of_others(path: Path) -> None:
    row = json.loads(path.read_bytes())
    if "lead" in row and "follows" not in row:
        return  # its builds lie in tables
    assert not [f"{one.field}: {one.reason}" for one in faults_of(row)]


def test_a_line_is_found_in_any_layout() -> None:
    text = '{"a": [1,\n {"b": "}\\"",\n\n "c": [ ] , "d":\n2}]}'
    assert line_of(text, ("a", 1, "d")) == 5
    assert line_of(text, ("a", 1, "missing")) == 2
    assert line_of(text, ()) == 1


# Rows that are nearly right.
words = st.sampled_from(
    ["12", "13", "12.8", "1.0", "2.0rc1", "1!2", ">=1", "==2.*", "===x", "", "cpu", "-cu12", "a",
     "torch", "numpy", "linux-x86_64", "glibc 2.28", "cuda.major", "https://example.org/x", "é",
     "https://example.org/{version}/{variant}/{0}/{other}/{", "cu126"]
)  # fmt: skip
values = st.one_of(
    words, st.lists(words, max_size=3), st.lists(st.lists(words, max_size=3)), anything
)


def _with_builds(row: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = ["cuda", "variant", "releases", "known", "suffix", "name", "extra", "index", "page",
             "python", "platforms", "libc", "capabilities", "own", "drivers", "contains",
             "label", "pinned", "fallback", "legacy", "cudnn"]  # fmt: skip
    one = st.dictionaries(st.sampled_from(names), values, max_size=6)
    good = one.map(lambda found: {"cuda": "12", **found})
    builds = st.lists(one | good, min_size=1, max_size=3)
    return builds.map(lambda found: {**row, "builds": found})


def _changed(row: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    more = ["aliases", "shares", "one_of", "ended", "note", "builds", "beside", "brought"]
    fields = st.sampled_from([*row, *more, "platforms"])
    return st.dictionaries(fields, values, max_size=3).map(lambda found: {**row, **found})


def _with_places(row: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = ["variants", "not", "labelled", "index", "python", "libc", "capabilities"]
    one = st.dictionaries(st.sampled_from(names), values, max_size=3)
    places = st.lists(one.map(lambda found: {"versions": "", **found}), max_size=3)
    return places.map(lambda found: {**row, "builds": found})


rows = st.one_of(
    anything, _changed(WARP), _changed(FOLLOWER), _with_builds(WARP), _with_places(FOLLOWER)
)
_numbers = count()


@given(st.lists(rows, min_size=1, max_size=4))
@settings(
    max_examples=max(60, settings().max_examples // 2),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_file_of_others_breaks_a_plan(found: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        data = Path(name) / f"data{next(_numbers)}"
        data.symlink_to(folder())
        for number, row in enumerate(found):
            (Path(name) / f"{number}.json").write_text(json.dumps(row), "utf-8")
        patch.setenv("CUDA_GUARD_CATALOGUE", str(data))
        patch.setenv("CUDA_GUARD_FAMILIES", name)
        for told in catalogue.unusable_families():
            assert told.reason
        plan = pip("torch==2.5.1 warpdrive torchwarp numpy", A100)
        assert plan.packages.get("torch", "2.5.1+cu121") == "2.5.1+cu121"
        assert pip("torch==2.5.1", A100).packages == {"torch": "2.5.1+cu121"}


@pytest.mark.parametrize(
    ("given", "why"),
    [("return 1/0", "ZeroDivisionError"), ("return 7", "TypeError"), ("return ['', 7]", "expected"),
     ("raise SystemExit(1)", "SystemExit"), ("return '/nowhere.json'", "cannot be read")],
)  # fmt: skip
def test_a_hook_that_fails_is_told_of(
    given: str, why: str, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(warp=WARP)
    site = tmp_path / "site"
    (site / "hooked-1.dist-info").mkdir(parents=True)
    (site / "hooked-1.dist-info" / "METADATA").write_text("Name: hooked\nVersion: 1\n")
    name = f"hooked_{abs(hash(given))}"
    entry = f"[conda_cuda_guard]\nhooked = {name}\n"
    (site / "hooked-1.dist-info" / "entry_points.txt").write_text(entry)
    (site / f"{name}.py").write_text(
        "import pluggy\n\n\n@pluggy.HookimplMarker('conda_cuda_guard')\n"
        f"def cuda_guard_families():\n    {given}\n"
    )
    monkeypatch.syspath_prepend(str(site))
    (told,) = catalogue.unusable_families()
    assert why in told.reason
    assert "warpdrive" in catalogue.names().spelt


def test_damaged_metadata_of_a_package_breaks_no_plan(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(warp=WARP)
    info = tmp_path / "site" / "damaged-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: damaged\nVersion: 1\n")
    (info / "entry_points.txt").write_bytes(b"[conda_cuda_guard]\nno equals sign\n\xff\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    plan, told = planned(capsys, "torch==2.5.1", "warpdrive")
    assert plan["packages"] == {"torch": "2.5.1+cu121", "warpdrive-cu12": "2.0"}
    assert "its entry points cannot be read" in told


def test_a_folder_that_cannot_be_read_is_told_of(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    place = tmp_path / "locked"
    monkeypatch.setenv("CUDA_GUARD_FAMILIES", str(place / "inner"))
    monkeypatch.setattr("os.listdir", _denied)
    assert [told.place for told in catalogue.unusable_families()] == [str(place / "inner")]


def _denied(_: object) -> list[str]:
    raise PermissionError(13, "Permission denied")


def test_a_pipe_is_not_waited_for(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    os.mkfifo(tmp_path / "pipe.json")
    monkeypatch.setenv("CUDA_GUARD_FAMILIES", str(tmp_path / "pipe.json"))
    assert [told.reason for told in catalogue.unusable_families()] == ["it is no file"]


def test_hooks_are_looked_for_where_a_package_may_have_some(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading importlib.metadata takes longer than reading all families."""
    put()
    info = tmp_path / "site" / "other-1.dist-info"
    info.mkdir(parents=True)
    entries = info / "entry_points.txt"
    entries.write_text("[conda]\nconda_cuda_guard = conda_cuda_guard.plugin\n")
    monkeypatch.setattr("sys.path", [str(tmp_path / "site"), str(tmp_path / "nowhere")])
    monkeypatch.setattr("importlib.metadata.entry_points", _denied)
    assert catalogue.unusable_families() == ()
    entries.write_text("[conda_cuda_guard]\nother = other\n")
    assert may_have_hooks("conda_cuda_guard")
    monkeypatch.setattr("sys.path", [str(entries)])  # no folder: an archive, for one
    assert may_have_hooks("conda_cuda_guard")
