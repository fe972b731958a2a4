from __future__ import annotations

import pytest

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import Build, Companion, DriverRow, Release


def wheels(platform: str, release: str) -> dict[str, Build]:
    return {b.variant: b for b in catalogue.wheels(platform) if b.release == release}


def conda(source: str, platform: str, release: str) -> dict[str, Build]:
    builds = catalogue.conda_builds(source, platform)
    return {build.variant: build for build in builds if build.release == release}


def release(version: str) -> Release:
    return next(known for known in catalogue.releases() if known.version == version)


def test_2_1_2_on_linux() -> None:
    found = wheels("linux-x86_64", "2.1.2")
    assert list(found) == ["cu121", "cu118", "cpu"]
    assert {build.pythons for build in found.values()} == {
        frozenset({"3.8", "3.9", "3.10", "3.11"})
    }
    assert found["cu121"].index == "cu121"
    assert found["cu121"].label == "+cu121"
    assert found["cu121"].architectures is not None
    assert found["cu121"].architectures.machine_code[:2] == ("5.0", "6.0")


def test_1_7_1_has_a_default_variant_without_label() -> None:
    found = wheels("linux-x86_64", "1.7.1")
    assert found["cu102"].label == ""
    assert (found["cu110"].label, found["cu110"].page) == ("+cu110", "torch_stable.html")
    assert found["cu110"].index is None


def test_1_8_0_cpu_is_corrected() -> None:
    assert wheels("linux-x86_64", "1.8.0")["cpu"].label == "+cpu"


def test_unlabelled_releases_have_a_page_for_each_variant() -> None:
    found = wheels("linux-x86_64", "1.0.1.post2")
    assert found["cu80"].page == "cu80/torch_stable.html"
    assert {build.label for build in found.values()} == {""}


def test_1_8_2_is_on_the_long_term_index() -> None:
    build = wheels("windows-amd64", "1.8.2")["cu111"]
    assert (build.index, build.label) == ("lts/1.8/cu111", "+cu111")
    assert build.pythons == {"3.6", "3.7", "3.8", "3.9"}


def test_1_10_0_variants() -> None:
    assert list(wheels("linux-x86_64", "1.10.0")) == ["cu113", "cu111", "cu102", "cpu"]


def test_2_15_0_variants() -> None:
    # cu134 is a guess, and left out.
    assert list(wheels("linux-x86_64", "2.15.0")) == ["cu132", "cu130", "cpu"]


@pytest.mark.parametrize("version", ["1.6.0", "1.7.0", "1.7.1"])
def test_no_cuda_9_2_on_windows_for(version: str) -> None:
    assert "cu92" not in wheels("windows-amd64", version)
    assert "cu92" in wheels("linux-x86_64", version)


def test_aarch64_cpu_wheels_are_the_user_indexs_or_labelled() -> None:
    plain, labelled = (wheels("linux-aarch64", v)["cpu"] for v in ("2.1.2", "2.8.0"))
    assert (plain.source, plain.label, plain.index) == ("user-index", "", None)
    assert (labelled.source, labelled.label, labelled.index) == ("pytorch-index", "+cpu", "cpu")


@pytest.mark.parametrize(
    ("platform", "version", "variant"),
    [
        ("linux-x86_64", "1.0.0", "cu90"),
        ("linux-x86_64", "2.1.2", "cu121"),
        ("linux-x86_64", "2.6.0", "cu124"),
        ("linux-x86_64", "2.15.0", "cu132"),
        ("windows-amd64", "2.6.0", "cpu"),
        ("windows-amd64", "2.15.0", "cpu"),
        ("linux-aarch64", "2.10.0", "cpu"),
        ("linux-aarch64", "2.11.0", "cu130"),
        ("macos-arm64", "2.15.0", "cpu"),
    ],
)
def test_plain_wheel(platform: str, version: str, variant: str) -> None:
    assert catalogue.plain(platform)[version] == variant


def test_what_is_on_no_platform_is_empty() -> None:
    assert catalogue.wheels("linux-ppc64le") == ()
    assert catalogue.plain("linux-ppc64le") == {}
    assert catalogue.conda_builds("pytorch-channel", "linux-aarch64") == ()


def test_the_pytorch_channel_ended_at_2_5_1() -> None:
    newest = catalogue.conda_builds("pytorch-channel", "linux-x86_64")[0]
    assert newest.release == "2.5.1"
    assert newest.selectors == ("pytorch-cuda=12.4",)
    assert newest.build_glob == "*cuda12.4*"
    assert newest.channels == ("pytorch", "nvidia")
    assert newest.architectures is not None
    assert "6.1" in newest.architectures.machine_code


def test_1_9_0_has_no_cuda_11_3_on_the_channel() -> None:
    found = conda("pytorch-channel", "linux-x86_64", "1.9.0")
    assert list(found) == ["cu111", "cu102", "cpu"]
    assert found["cu111"].channels == ("pytorch", "nvidia")
    assert found["cu111"].selectors == ("cudatoolkit=11.1",)


def test_conda_selectors_by_era() -> None:
    assert conda("pytorch-channel", "linux-x86_64", "1.0.0")["cu100"].selectors == ("cuda100",)
    assert conda("pytorch-channel", "linux-x86_64", "1.1.0")["cpu"].selectors == ()
    assert conda("pytorch-channel", "linux-x86_64", "1.2.0")["cpu"].selectors == ("cpuonly",)
    assert conda("pytorch-channel", "linux-x86_64", "1.8.2")["cu111"].channels == (
        "pytorch-lts",
        "nvidia",
    )


def test_2_3_0_on_the_channel_has_the_pythons_of_both_variants() -> None:
    found = conda("pytorch-channel", "windows-amd64", "2.3.0")
    assert found["cu121"].pythons == {"3.9", "3.10", "3.11", "3.12"}


def test_intel_macs_ended_with_2_2_2_on_the_channel() -> None:
    assert catalogue.conda_builds("pytorch-channel", "macos-x86_64")[0].release == "2.2.2"
    assert catalogue.conda_builds("pytorch-channel", "macos-arm64")[0].release == "2.5.1"


def test_conda_forge() -> None:
    assert conda("conda-forge", "linux-x86_64", "2.1.1") == {}
    found = conda("conda-forge", "linux-x86_64", "2.13.0")
    assert list(found) == ["cu130", "cu129", "cpu"]
    assert found["cu129"].selectors == ("cuda-version=12.9",)
    assert (found["cu129"].build_glob, found["cpu"].build_glob) == ("cuda129*", "cpu*")
    old = conda("conda-forge", "linux-x86_64", "1.13.1")["cu112"]
    assert old.selectors == ("cudatoolkit=11.2",)
    assert "12.9" in catalogue.cuda_version_packages()
    assert "12.7" not in catalogue.cuda_version_packages()


def test_drivers() -> None:
    drivers = catalogue.drivers()
    rows = {row.cuda: row for row in drivers.rows}
    assert rows["12.2"] == DriverRow("12.2", "535.54.03", "536.25", "R535")
    assert rows["11.0"] == DriverRow("11.0", "450.51.05", "451.48", "R450")
    assert (rows["9.2"].linux, rows["8.0"].linux) == ("396.26", "367.48")
    assert rows["13.4"] == DriverRow("13.4", "615", "615", "R615")
    assert rows["13.0"].windows == "580"
    assert drivers.floors == {
        11: ("450.80.02", "452.39"),
        12: ("525.60.13", "528.33"),
        13: ("580", "580"),
    }


def test_toolkits() -> None:
    toolkits = catalogue.toolkits()
    assert toolkits.oldest == {
        8: "2.0", 9: "3.0", 10: "3.0", 11: "3.5", 12: "5.0", 13: "7.5"
    }  # fmt: skip
    assert toolkits.first == {
        "3.0": "7.0", "5.0": "7.0", "6.0": "8.0", "7.0": "9.0", "7.5": "10.0",
        "8.0": "11.0", "8.6": "11.1", "8.7": "11.4", "8.9": "11.8", "9.0": "11.8",
        "10.0": "12.8", "11.0": "13.0", "12.0": "12.8",
    }  # fmt: skip
    assert toolkits.boards == {"5.3", "6.2", "7.2", "8.7"}


def test_companions_of_2_1_2() -> None:
    pip = release("2.1.2").pip
    assert pip["torchvision"] == Companion("torchvision", ("0.16.2",))
    assert pip["torchaudio"] == Companion("torchaudio", ("2.1.2",))
    assert pip["torchtext"].versions == ("0.16.2",)
    assert not pip["torchtext"].labelled


@pytest.mark.parametrize(
    ("version", "accepted", "pins"),
    [
        ("2.13.0", ("0.28.0",), True),
        ("2.14.0", ("0.29.0", "0.29.1", "0.29.2"), True),
        ("2.14.1", ("0.29.1", "0.29.2"), False),
        ("2.15.0", ("0.29.2", "0.29.1"), False),
    ],
)
def test_late_torchvision(version: str, accepted: tuple[str, ...], pins: bool) -> None:
    companion = release(version).pip["torchvision"]
    assert (companion.versions, companion.pins_torch) == (accepted, pins)
    assert companion.ranged == {one for one in accepted if one >= "0.29.1"}
    assert companion.pins(accepted[0]) is pins


@pytest.mark.parametrize("version", ["2.11.0", "2.12.0", "2.12.1", "2.13.0", "2.14.1", "2.15.0"])
def test_torchaudio_2_11_serves_every_torch_since(version: str) -> None:
    companion = release(version).pip["torchaudio"]
    assert companion.versions == ("2.11.0",)
    assert companion.ranged == {"2.11.0"}
    assert companion.labelled
    assert not companion.pins("2.11.0")
    assert companion.of("cu130") == ("2.11.0",)
    assert companion.of("cu132") == ()


def test_conda_has_no_torchaudio_after_2_11() -> None:
    assert release("2.11.0").conda["torchaudio"].versions == ("2.11.0",)
    assert "torchaudio" not in release("2.13.0").conda


def test_companions_differ_on_conda() -> None:
    torch = release("2.0.0")
    assert torch.pip["torchvision"].versions == ("0.15.1", "0.15.0")
    assert torch.conda["torchvision"].versions == ("0.15.0", "0.15.1")
    assert torch.conda["torchaudio"].versions == ("2.0.0", "2.0.1")


def test_companion_labels_by_era() -> None:
    assert not release("1.0.1.post2").pip["torchvision"].labelled
    assert not release("1.9.1").pip["torchaudio"].labelled
    assert release("1.10.0").pip["torchaudio"].labelled
    assert not release("2.11.0").pip["torchaudio"].pins_torch
