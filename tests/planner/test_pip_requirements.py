"""Requirements around the version: extras, markers, URLs, and what is none of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conda_cuda_guard.model import Request
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.sources.builtin import from_catalogue

from .machines import A100, AARCH64, WINDOWS, ask, machine, pip

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

AS_TYPED = [
    "numpy",
    "torch @ https://example.com/torch-2.1.2-cp311-cp311-linux_x86_64.whl",
    "./torch-2.1.2-cp311-cp311-linux_x86_64.whl",
    "-e .",
    ".",
    "torch==2.1.2+rocm5.6",
    "torch==2.1.2+xpu",
    "torch==",
    "torch=2.1.2",
    "torch>=2.1.2+cu118",
    "torch<=2.1.2+cu118",
    "torch-xla==2.1.2",
    "torchmetrics",
    "torch_geometric",
    "pytorch-lightning",
    "",
    "torch; python_version < '3.8'",
    "torch==2.1.2+cu118 ; python_version >= '3.12'",
    "torch[",
    "torch ; extra == 'gpu'",
    "git+https://github.com/pytorch/pytorch.git",
    "//[",
    "tørch",
    "torch==2.1.2;;",
]


@pytest.mark.parametrize("text", AS_TYPED)
def test_none_of_ours_stays_as_typed(text: str) -> None:
    plan = ask("pip", (text, "scipy"), A100)
    assert (plan.status, plan.requirements) == ("unchanged", (text, "scipy"))
    assert (plan.variant, dict(plan.packages), plan.notes) == (None, {}, ())
    assert plan.command == ("pip", "install", text, "scipy")


@pytest.mark.parametrize("text", [o for o in AS_TYPED if not o.endswith(("+rocm5.6", "+xpu"))])
def test_and_stays_so_beside_torch(text: str) -> None:
    plan = ask("pip", ("torch==2.1.2", text, "numpy<2"), A100)
    assert plan.requirements == ("torch==2.1.2+cu121", text, "numpy<2")


KEEPS = [
    ("torch[opt-einsum]==2.1.2", "torch[opt-einsum]==2.1.2+cu121"),
    ("torch[opt-einsum]>=2.1,<2.2", "torch[opt-einsum]==2.1.2+cu121"),
    ("torch [opt-einsum] ==2.1.2", "torch[opt-einsum]==2.1.2+cu121"),
    ("Torch==2.1.2", "Torch==2.1.2+cu121"),
    ("torch==2.1.2 ; python_version >= '3.8'", 'torch==2.1.2+cu121 ; python_version >= "3.8"'),
    ("torch>=2.1,<2.2;python_version>='3.8'", 'torch==2.1.2+cu121 ; python_version >= "3.8"'),
    ("torch==2.1.2; sys_platform == 'linux'", 'torch==2.1.2+cu121 ; sys_platform == "linux"'),
]


@pytest.mark.parametrize(("text", "spelled"), KEEPS)
def test_extras_and_markers_are_kept(text: str, spelled: str) -> None:
    assert ask("pip", (text,), A100).requirements == (spelled,)


MARKERS = [
    ("torch==2.1.2 ; python_version < '3.10'", machine("535.104.05", python="3.9"), True),
    ("torch==2.1.2 ; python_version < '3.10'", machine("535.104.05", python="3.11"), False),
    ("torch==2.1.2 ; python_full_version >= '3.10'", machine("535.104.05", python="3.9"), False),
    ("torch==2.1.2 ; sys_platform == 'win32'", machine("537.13", platform=WINDOWS), True),
    ("torch==2.1.2 ; sys_platform == 'linux'", machine("537.13", platform=WINDOWS), False),
    ("torch==2.1.2 ; os_name == 'nt'", machine("537.13", platform=WINDOWS), True),
    ("torch==2.1.2 ; platform_system == 'Windows'", machine("537.13", platform=WINDOWS), True),
    ("torch==2.1.2 ; platform_system == 'Linux'", machine("535.104.05"), True),
    ("torch==2.1.2 ; platform_machine == 'x86_64'", machine("535.104.05"), True),
    ("torch==2.10.0 ; platform_machine == 'aarch64'", machine("580.65.06", platform=AARCH64), True),
    ("torch==2.10.0 ; platform_machine == 'x86_64'", machine("580.65.06", platform=AARCH64), False),
    ("torch==2.12.0 ; python_version >= '3.13'", machine("580.65.06", python="3.13t"), True),
]


@pytest.mark.parametrize(("text", "host", "applies"), MARKERS)
def test_markers_hold_for_the_machine_that_is_installed_on(
    text: str, host: Host, applies: bool
) -> None:
    plan = ask("pip", (text,), host)
    assert plan.status == ("ok" if applies else "unchanged")
    if not applies:
        assert plan.requirements == (text,)


def test_two_markers_that_exclude_each_other() -> None:
    texts = ("torch==2.1.2 ; python_version < '3.9'", "torch==2.5.1 ; python_version >= '3.9'")
    plan = ask("pip", texts, A100)
    assert plan.requirements[0] == texts[0]
    assert plan.packages == {"torch": "2.5.1+cu121"}


def test_the_id_is_given_back() -> None:
    for name in (None, 7, "x", {"a": [1]}, [None]):
        request = Request("pip", ("torch",), (A100,), id=name)
        assert make_plan(request, from_catalogue("pip", A100.platform)).id == name


def test_nothing_asked_for() -> None:
    for manager in ("pip", "conda"):
        plan = ask(manager, (), A100)
        assert (plan.status, plan.requirements, plan.notes) == ("unchanged", (), ())


def test_user_and_mirror_indexes_stay_out_of_a_torchless_plan() -> None:
    plan = pip("numpy", index_urls=("https://user:secret@mirror.example/simple",))
    assert (plan.status, plan.index_urls) == ("unchanged", ())
