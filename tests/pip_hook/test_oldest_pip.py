"""What pip 21.3 cannot do ends in its own message, and nothing is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from tests.support.pips import OLDEST, bare_environment
from tests.support.wheel_file import WheelFile

from .running import installed

if TYPE_CHECKING:
    from pathlib import Path

    from .running import Machine


def test_it_knows_no_python_option(
    make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(OLDEST).with_driver(stub_driver, "535.104.05", "12.2")
    named = bare_environment(machine.python, tmp_path / "env")
    done = machine.pipcuda("--python", named, "install", "torch==2.2.2")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "no such option: --python"
    assert installed(next(tmp_path.glob("env/lib/python*/site-packages"))) == {}


def test_without_a_report_bounds_are_pips_to_explain(
    make_machine: Callable[[str], Machine], stub_driver: Path, tmp_path: Path
) -> None:
    machine = make_machine(OLDEST).with_driver(stub_driver, "535.104.05", "12.2")
    machine.server.add(
        [WheelFile("simple/needs-new", "needs_new-3.0-py3-none-any.whl", ("torch>=2.15",))]
    )
    done = machine.pipcuda("install", "needs-new", "--target", tmp_path / "t")
    assert done.returncode == 1
    assert "needs-new 3.0 depends on torch>=2.15" in done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "t").exists()
