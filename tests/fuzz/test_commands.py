"""Random files, inputs and lines for pipcuda: the contract's exit status and one clear message."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conda_cuda_guard.doctor import gather_rules
from pip_hook import cli
from pip_hook.option_table import known_options
from tests.doctor.samples import SAMPLES
from tests.safety.test_redaction import SECRET

from .pieces import addresses, anything, conda_texts, names, odd, pip_texts
from .running import DONE, MACHINE, REFUSED, UNKNOWN, UNUSABLE, place, said

if TYPE_CHECKING:
    from pathlib import Path

few = settings(max_examples=max(80, settings().max_examples), derandomize=True)

_file_options = st.builds(
    "{} {}".format,
    st.sampled_from(["--index-url", "--extra-index-url", "-f", "-i", "--find-links"]),
    addresses,
)
_file_lines = st.one_of(
    pip_texts,
    pip_texts,
    names,
    _file_options,
    odd,
    st.builds("{} @ {}".format, names, addresses),
    st.builds("{} --hash=sha256:{}".format, pip_texts, st.sampled_from(["0" * 64, "x", ""])),
    st.builds("{} # {}".format, pip_texts, st.text(max_size=5)),
    st.sampled_from(
        ["", "# torch", "--pre", "-r other.txt", "-r", "-c gone.txt", "-e .", "-r r.txt", "\\",
        "torch \\",
         "--no-binary :all:", "--require-hashes", "# -*- coding: latin-1 -*-", "${SECRET}",
         "\ufeff"]
    ),
    st.text(max_size=12),
)  # fmt: skip
_ends = st.sampled_from(["\n", "\n", "\r\n", "\r", "\x0c", "\u2028", ""])
requirement_files = st.one_of(
    st.lists(st.tuples(_file_lines, _ends), max_size=6).map(
        lambda lines: "".join(f"{text}{end}" for text, end in lines).encode("utf-8", "replace")
    ),
    st.binary(max_size=60),
    st.tuples(
        st.lists(_file_lines, max_size=3), st.sampled_from(["utf-16", "utf-32", "utf-8-sig"])
    ).map(lambda found: "\n".join(found[0]).encode(found[1], "replace")),
)


def _rewritten_once_is_rewritten(folder: Path, name: str, data: bytes, *more: str) -> None:
    path = folder / name
    path.write_bytes(data)
    first = said("rewrite", name, *MACHINE, *more)
    assert first.status in (DONE, UNUSABLE, REFUSED)
    if first.status != DONE:
        assert not first.out
        assert first.err
        return
    path.write_bytes(first.out)
    second = said("rewrite", name, *MACHINE, *more)
    assert (second.status, second.out) == (DONE, first.out), first.err


@few
@given(requirement_files)
def test_requirement_files(data: bytes) -> None:
    with place() as folder:
        (folder / "other.txt").write_text("torchvision\ncupy\n")
        _rewritten_once_is_rewritten(folder, "r.txt", data)


@few
@given(requirement_files)
def test_plans_of_requirement_files(data: bytes) -> None:
    with place() as folder:
        (folder / "r.txt").write_bytes(data)
        done = said("plan", "-r", "r.txt", "--json", *MACHINE)
        assert SECRET.encode() not in done.out
        assert done.status in (DONE, UNUSABLE, REFUSED)
        if not done.out:  # hashes that another file would not have are refused without a plan
            assert done.status in (UNUSABLE, REFUSED)
            assert done.err
        else:
            assert (done.json["status"] == "refused") == (done.status == REFUSED)
            assert done.json["variant"] != "cpu" or done.json["notes"]


_pip_part = st.lists(_file_lines, max_size=3).map(lambda found: {"pip": found})
_environments = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["x", "", None]),
        "channels": st.lists(
            st.sampled_from(["conda-forge", "pytorch", "nvidia", "defaults"]) | addresses,
            max_size=3,
        )
        | anything,
        "dependencies": st.lists(conda_texts | _pip_part | odd | anything, max_size=4) | anything,
        "prefix": anything,
        "platforms": st.just(["linux-64"]),
    },
)
_marks = st.sampled_from(
    ["channels:", "dependencies:", "\n", "  - ", "- pip:", "    - ", "pytorch", "torch==2.1",
    " # x", "&a", "*a",
     "!!python/object:os.system", "<<: ", "|", ">", "'", '"', "[", "]", "{", "}", ",", "---",
     "...", "\t", "\r\n",
     "? ", "%YAML 9", "cupy", "pytorch-cuda=12.1"]
)  # fmt: skip
environment_files = st.one_of(
    st.tuples(_environments, st.booleans(), st.booleans()).map(
        lambda found: yaml.safe_dump(
            found[0], default_flow_style=found[1], sort_keys=False, allow_unicode=found[2]
        ).encode("utf-8", "replace")
    ),
    _environments.map(lambda found: json.dumps(found).encode()),
    st.lists(_marks, max_size=14).map(lambda found: "".join(found).encode()),
    st.binary(max_size=40),
)


@few
@given(environment_files)
def test_environment_files(data: bytes) -> None:
    with place() as folder:
        _rewritten_once_is_rewritten(folder, "environment.yml", data)


_numbers = st.sampled_from(
    ["535.104.05", "12.2", "8.0", "A100", "0", "-1", "12", "1" * 300, "x", "", "3.11",
     "linux-x86_64", "windows-amd64", "glibc 2.35", "musl 1.2", "jetson", "535.x", "\x1b[2J",
     "\uff11\uff12.2", None, 12.2, 12, True]
)  # fmt: skip
_fields = ["platform", "python", "driver", "cuda", "gpus", "libc", "board", "other"]
_gpus = st.lists(
    _numbers | st.dictionaries(st.sampled_from(["name", "compute_capability"]), _numbers | anything)
)
_host_objects = st.dictionaries(st.sampled_from(_fields), _numbers | _gpus | anything, max_size=6)
_jsons = st.one_of(_host_objects, anything).map(json.dumps)
host_files = st.one_of(
    st.lists(_jsons, max_size=3).map(lambda found: "\n".join(found).encode()),
    _host_objects.map(lambda found: json.dumps(found, indent=1).encode()),
    st.binary(max_size=40),
    st.text(alphabet='{}[]",:0.e-\\u \n', max_size=20).map(str.encode),
)


@few
@given(host_files)
def test_host_files(data: bytes) -> None:
    with place() as folder:
        (folder / "host.json").write_bytes(data)
        done = said("plan", "torch", "cupy", "--json", "--offline", "--host", "host.json")
        if done.status == UNUSABLE:
            assert not done.out
            assert "host.json" in done.err
        else:
            assert (done.status == REFUSED) == (done.json["status"] == "refused")


_requests = st.fixed_dictionaries(
    {},
    optional={
        "id": anything,
        "manager": st.sampled_from(["pip", "conda", "uv", None]),
        "requirements": st.lists(pip_texts | conda_texts | odd, max_size=4) | anything,
        "host": _host_objects | anything,
        "policy": st.sampled_from(["auto", "strict", "x"]) | anything,
        "channels": st.lists(addresses, max_size=2) | anything,
    },
)
batches = st.lists(
    (_requests | anything).map(json.dumps) | st.text(max_size=10), min_size=1, max_size=4
).map(lambda found: "\n".join(found).encode("utf-8", "replace"))


@few
@given(batches)
def test_batches(data: bytes) -> None:
    with place():
        done = said("plan", "--batch", "-", *MACHINE, stdin=data)
        # As the reader of text splits them: form feeds and the like end no line.
        typed = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        lines = [one for one in typed.split("\n") if one.strip()]
        plans = [json.loads(one) for one in done.out.splitlines()]
        assert len(plans) == len(lines)
        assert done.status in (DONE, UNUSABLE)
        for plan in plans:
            assert plan["status"] in ("ok", "unchanged", "refused")
            assert plan["status"] != "refused" or plan["notes"]
            assert not plan["requirements"] or plan["status"] != "refused"


_known = st.sampled_from(sorted(SAMPLES))
pasted = st.lists(
    st.one_of(
        _known.flatmap(lambda one: st.sampled_from([SAMPLES[one], SAMPLES[one][:40]])),
        addresses,
        st.text(max_size=20),
        st.sampled_from(
            ["\n", " ", "\x1b[31m", "Traceback (most recent call last):", "torch", "CUDA"]
        ),
    ),
    min_size=1,
    max_size=5,
).map("".join)


@few
@given(pasted)
def test_pasted_texts(text: str) -> None:
    with place():
        data = text.encode("utf-8", "replace")
        plain = said("explain", "-", stdin=data)
        done = said("explain", "-", "--json", stdin=data)
        assert done.status == plain.status
        if done.status == UNUSABLE:
            assert not text.strip()
            return
        matches = done.json
        assert done.status in (DONE, UNKNOWN)
        assert plain.out
        assert matches is not None


_values = st.one_of(
    pip_texts, addresses, odd, st.text(alphabet=st.characters(exclude_characters="\x00"),
    max_size=8),
    st.sampled_from(["12.1", "cu118", "A100", "8.0", "r.txt", "gone.txt", "strict", "", "-", "--",
    "3.11", "0"]),
)  # fmt: skip
_guards = st.sampled_from(
    [
        "--cuda",
        "--driver",
        "--gpu",
        "--host",
        "--cpu",
        "--policy",
        "--as-is",
        "--offline",
        "--variant",
    ]
)
# What would start a program, go to a terminal or wait for an address.
_left_out = ("--python", "--keyring-provider", "--help", "--proxy", "--log", "--cert")
_options = st.sampled_from(sorted(set(known_options("install")) - set(_left_out))) | _guards
_words = st.one_of(
    pip_texts, names, _values, _options, st.builds("{}={}".format, _options, _values)
)
command_lines = st.tuples(
    st.sampled_from(["plan", "install", "download", "wheel", "rewrite", "matrix", "env"]),
    st.lists(_words, max_size=5),
)


@few
@given(command_lines)
def test_command_lines(typed: tuple[str, list[str]]) -> None:
    command, words = typed
    if any(word.startswith(("--python", "--w", "--v", "-h", "--he")) for word in words):
        return
    with place() as folder:
        (folder / "r.txt").write_text("torch\ncupy\n")

        def prepared(given: list[str]) -> object:
            """Stop before pip is run."""
            left: Any = cli._guarded(given)  # noqa: SLF001 - what main calls before pip
            if isinstance(left, list):
                assert all(isinstance(one, str) for one in left)
            return left if isinstance(left, int) else DONE

        done = said(command, *words, *MACHINE, run=prepared)
        if done.status in (UNUSABLE, REFUSED):
            assert done.err or done.out, shlex.join([command, *words])


def test_samples_are_of_the_rules() -> None:
    assert set(SAMPLES) <= set(gather_rules().rules)
