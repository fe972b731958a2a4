"""What the user declares: option, CUDA_GUARD_*, CONDA_OVERRIDE_*, in this order."""

from __future__ import annotations

from dataclasses import fields

import pytest

from conda_cuda_guard.guard_options import GUARD_OPTIONS
from conda_cuda_guard.host.overrides import Options, Overrides, read_options, read_overrides
from conda_cuda_guard.host.spelling import parse_cuda, parse_gpu
from conda_cuda_guard.model import Gpu, UsageError


def test_nothing_declared() -> None:
    assert read_overrides(Options(), {"PATH": "/bin"}) == Overrides()


@pytest.mark.parametrize(
    ("options", "environ", "cuda", "origin"),
    [
        (
            Options(cuda="12.1"),
            {"CUDA_GUARD_CUDA": "11.8", "CONDA_OVERRIDE_CUDA": "11.3"},
            "12.1",
            "--cuda",
        ),
        (
            Options(),
            {"CUDA_GUARD_CUDA": "11.8", "CONDA_OVERRIDE_CUDA": ""},
            "11.8",
            "CUDA_GUARD_CUDA",
        ),
        (Options(), {"CONDA_OVERRIDE_CUDA": "11.3"}, "11.3", "CONDA_OVERRIDE_CUDA"),
    ],
)
def test_order(options: Options, environ: dict[str, str], cuda: str, origin: str) -> None:
    overrides = read_overrides(options, environ)
    assert (overrides.cuda, overrides.no_cuda) == (cuda, False)
    assert overrides.origin == {"cuda": origin}


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        (Options(cuda=""), {"CONDA_OVERRIDE_CUDA": "12.1"}),
        (Options(), {"CUDA_GUARD_CUDA": " ", "CONDA_OVERRIDE_CUDA": "12.1"}),
        (Options(), {"CONDA_OVERRIDE_CUDA": ""}),
    ],
)
def test_an_empty_version_means_no_cuda(options: Options, environ: dict[str, str]) -> None:
    overrides = read_overrides(options, environ)
    assert overrides.no_cuda
    assert (overrides.cuda, overrides.driver) == (None, None)


def test_driver_and_cuda_come_from_the_same_place() -> None:
    environ = {"CUDA_GUARD_CUDA": "11.8", "CONDA_OVERRIDE_CUDA": ""}
    overrides = read_overrides(Options(driver="535"), environ)
    assert (overrides.cuda, overrides.driver, overrides.no_cuda) == (None, "535", False)
    both = read_overrides(Options(driver="535.104.05", cuda="12.2"), {})
    assert (both.cuda, both.driver) == ("12.2", "535.104.05")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("12.1", "12.1"),
        ("12", "12.0"),
        ("12.1.0", "12.1"),
        ("cu121", "12.1"),
        ("CU118", "11.8"),
        ("cu92", "9.2"),
        ("121", "12.1"),
        (" 13.0 ", "13.0"),
    ],
)
def test_cuda_spellings(text: str, version: str) -> None:
    assert parse_cuda(text, "--cuda") == version


@pytest.mark.parametrize("text", ["abc", "12.x", "0", "12,1", "-12.1", "535.104.05", "cpu", "2.1"])
def test_no_cuda_version(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_overrides(Options(), {"CUDA_GUARD_CUDA": text})
    assert text in caught.value.message
    assert "CUDA_GUARD_CUDA=12.1" in caught.value.hint


@pytest.mark.parametrize("text", ["new", "535-server", "v535", "5"])
def test_no_driver_version(text: str) -> None:
    with pytest.raises(UsageError, match="is not a driver version"):
        read_overrides(Options(driver=text), {})


@pytest.mark.parametrize(
    ("text", "capability"),
    [("8.6", "8.6"), ("sm_86", "8.6"), ("SM86", "8.6"), ("sm_120", "12.0"), ("9.0a", "9.0")],
)
def test_gpu_by_capability(text: str, capability: str) -> None:
    assert parse_gpu(text, "--gpu") == Gpu(None, capability)


def test_gpu_by_name() -> None:
    assert parse_gpu("NVIDIA A100-SXM4-40GB", "--gpu") == Gpu("NVIDIA A100-SXM4-40GB", "8.0")


def test_an_unknown_gpu_names_the_closest() -> None:
    with pytest.raises(UsageError) as caught:
        parse_gpu("GeForce RTX 4091", "--gpu")
    assert "RTX 4090" in caught.value.why
    assert "--gpu X.Y" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "environ", "gpus"),
    [
        (Options(gpu=("8.0", "7.5")), {"CUDA_GUARD_GPU": "9.0"}, ("8.0", "7.5")),
        (
            Options(),
            {"CUDA_GUARD_GPU": "8.0, 7.5;9.0", "CONDA_OVERRIDE_CUDA_ARCH": "6.1"},
            ("8.0", "7.5", "9.0"),
        ),
        (Options(), {"CONDA_OVERRIDE_CUDA_ARCH": "8.6"}, ("8.6",)),
        (Options(), {"CONDA_OVERRIDE_CUDA_ARCH": "8.6=0"}, ("8.6",)),
        (Options(), {"CONDA_OVERRIDE_CUDA_ARCH": ""}, ()),
        (Options(gpu=("",)), {"CUDA_GUARD_GPU": "8.0"}, ()),
    ],
)
def test_gpus(options: Options, environ: dict[str, str], gpus: tuple[str, ...]) -> None:
    found = read_overrides(options, environ).gpus
    assert found == tuple(Gpu(None, capability) for capability in gpus)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("true", True), ("YES", True), ("on", True)]
    + [(text, False) for text in ("0", "false", "No", "off", "")],
)
def test_switches(text: str, value: bool) -> None:
    environ = {f"CUDA_GUARD_{name}": text for name in ("CPU", "AS_IS", "OFFLINE")}
    overrides = read_overrides(Options(), environ)
    assert (overrides.cpu, overrides.as_is, overrides.offline) == (value, value, value)
    assert overrides.origin["as_is"] == "CUDA_GUARD_AS_IS"


def test_an_option_beats_its_twin() -> None:
    environ = {"CUDA_GUARD_CPU": "0", "CUDA_GUARD_POLICY": "auto", "CUDA_GUARD_HOST": "a.json"}
    options = Options(cpu=True, policy="strict", host="b.json")
    overrides = read_overrides(options, environ)
    assert (overrides.cpu, overrides.policy, overrides.hosts_file) == (True, "strict", "b.json")
    assert overrides.origin == {"cpu": "--cpu", "policy": "--policy", "hosts_file": "--host"}


def test_a_host_file_of_the_environment_yields_to_an_option() -> None:
    environ = {"CUDA_GUARD_HOST": "a.json"}
    assert read_overrides(Options(), environ).hosts_file == "a.json"
    assert read_overrides(Options(cuda="12.1"), environ).hosts_file is None


@pytest.mark.parametrize(
    "environ",
    [{"CUDA_GUARD_CPU": "maybe"}, {"CUDA_GUARD_POLICY": "lax"}, {"CUDA_GUARD_DRIVER": "new"}],
)
def test_a_bad_value_names_its_variable(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        read_overrides(Options(), environ)
    ((name, value),) = environ.items()
    assert caught.value.message.startswith(f"{name}: {value!r}")
    assert caught.value.hint.startswith(f"{name}=")


def test_every_option_of_the_table_has_its_field_and_its_variable() -> None:
    known = {one.name for one in fields(Options)}
    declared = {option.field for option in GUARD_OPTIONS.values()}
    # These two are about the install, and say nothing of machine or build.
    assert declared - {"verify", "installer"} == known
    given = [(name, "cu118" if name == "--variant" else "1") for name in ("--cpu", "--variant")]
    assert read_options(given) == Options(cpu=True, variant="cu118")
    assert read_options([("--gpu", "8.0"), ("--gpu", "9.0")]).gpu == ("8.0", "9.0")
    assert GUARD_OPTIONS["--as-is"].variable == "CUDA_GUARD_AS_IS"
