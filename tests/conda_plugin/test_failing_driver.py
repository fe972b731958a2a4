"""conda and a driver that is there and fails: refused by `cuda-install`, told by the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import stubs

if TYPE_CHECKING:
    from .conftest import Workshop

OFFICIAL = ("-c", "pytorch", "-c", "nvidia")


def break_driver(shop: Workshop) -> None:
    """Put a driver on the machine that answers with errors alone."""
    shop.variables = stubs.environment(
        shop.drivers, fault="init-error:9", cuda_fault="version-error:34"
    )


def test_cuda_install_is_refused_with_what_the_driver_answered(shop: Workshop) -> None:
    break_driver(shop)
    done = shop.run("cuda-install", "pytorch==2.1.1", "-y")
    assert done.returncode == 3
    assert "[driver-fails]" in done.stderr
    assert "error 9" in done.stderr
    assert "[no-driver]" not in done.stderr


def test_the_guard_tells_of_it_before_the_solve(shop: Workshop) -> None:
    break_driver(shop)
    done = shop.run("install", *OFFICIAL, "pytorch==2.1.1", "--dry-run", "--json")
    assert done.stderr.count("[driver-fails]") == 1
    cpu = shop.run("install", *OFFICIAL, "pytorch==2.1.1", "cpuonly", "--dry-run", "--json")
    assert "[driver-fails]" not in cpu.stderr
