"""The table of platforms, and what a wheel's platform tag asks for."""

from __future__ import annotations

import pytest

from conda_cuda_guard.model.host import PLATFORMS, platform_named, platform_of_subdir, read_tag

X86, ARM, WINDOWS, MAC, OLD_MAC = PLATFORMS


@pytest.mark.parametrize(
    ("tag", "platforms", "libc"),
    [
        ("manylinux_2_28_x86_64", {X86}, "glibc 2.28"),
        ("manylinux_2_17_aarch64", {ARM}, "glibc 2.17"),
        ("manylinux2014_x86_64", {X86}, "glibc 2.17"),
        ("manylinux2010_x86_64", {X86}, "glibc 2.12"),
        ("manylinux1_x86_64", {X86}, "glibc 2.5"),
        ("linux_x86_64", {X86}, None),
        ("linux_aarch64", {ARM}, None),
        ("musllinux_1_2_x86_64", {X86}, "musl 1.2"),
        ("win_amd64", {WINDOWS}, None),
        ("macosx_11_0_arm64", {MAC}, None),
        ("macosx_10_9_x86_64", {OLD_MAC}, None),
        ("macosx_10_9_universal2", {MAC, OLD_MAC}, None),
        ("any", set(PLATFORMS), None),
        ("win32", set(), None),
        ("linux_ppc64le", set(), None),
        ("manylinux3000_x86_64", set(), None),
        ("", set(), None),
    ],
)
def test_what_a_platform_tag_asks_for(tag: str, platforms: set[str], libc: str | None) -> None:
    reading = read_tag(tag)
    assert (set(reading.platforms), reading.libc) == (platforms, libc)


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_names_of_a_platform_lead_back_to_it(name: str) -> None:
    one = platform_named(name)
    assert platform_of_subdir(one.subdir) == name
    assert all(read_tag(tag).platforms == {name} for tag in one.tags)
    assert set(one.environment) == {
        "sys_platform", "os_name", "platform_system", "platform_machine",
    }  # fmt: skip


def test_a_subdir_that_is_not_supported_keeps_its_name() -> None:
    assert platform_of_subdir("linux-ppc64le") == "linux-ppc64le"
