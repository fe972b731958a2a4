"""Machines to plan for, and short ways to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model import Gpu, Host, Request, Sources
from conda_cuda_guard.planner import make_plan
from conda_cuda_guard.rendering import plan_to_json
from conda_cuda_guard.sources.builtin import from_catalogue

if TYPE_CHECKING:
    from conda_cuda_guard.model import Installed, Plan

LINUX = "linux-x86_64"
WINDOWS = "windows-amd64"
AARCH64 = "linux-aarch64"
WHEELS = "https://download.pytorch.org/whl"
FORGE = ("conda-forge",)
OFFICIAL = ("pytorch", "nvidia")


def machine(
    driver: str | None = None,
    cuda: str | None = None,
    *gpus: str,
    platform: str = LINUX,
    python: str | None = "3.11",
) -> Host:
    """Make a machine; a GPU is a compute capability."""
    found = tuple(Gpu(None, capability) for capability in gpus)
    return Host(platform, python, driver, cuda, found)


A100 = machine("535.104.05", "12.2", "8.0")
GTX_1080 = machine("550.54.14", None, "6.1")
RTX_5090 = machine("570.26", "12.8", "12.0")
NEWEST = machine("615.10", "13.4", "9.0", python="3.12")
NO_DRIVER = machine()


def ask(  # noqa: PLR0913
    manager: str,
    requirements: tuple[str, ...],
    *hosts: Host,
    policy: str = "auto",
    cpu: bool = False,
    as_is: bool = False,
    installed: Installed | None = None,
    **sources: Any,
) -> Plan:
    """Plan a request."""
    request = Request(
        manager,
        requirements,
        hosts,
        policy,
        Sources(**sources),
        cpu=cpu,
        as_is=as_is,
        installed=installed,
    )
    plan = make_plan(request, from_catalogue(manager, hosts[0].platform))
    plan_to_json(plan)  # every note has words, and every fact that they need
    return plan


def pip(text: str, *hosts: Host, **options: Any) -> Plan:
    """Plan a pip request of requirements split by spaces (`|` where they hold spaces)."""
    return ask("pip", _split(text), *(hosts or (A100,)), **options)


def conda(text: str, *hosts: Host, **options: Any) -> Plan:
    """Plan a conda request, as `pip` does."""
    return ask("conda", _split(text), *(hosts or (A100,)), **options)


def _split(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in (text.split("|") if "|" in text else text.split()))


def codes(plan: Plan) -> set[str]:
    """Give the codes of a plan's notes."""
    return {note.code for note in plan.notes}


def words(plan: Plan) -> str:
    """Give all that a plan's notes say."""
    notes = plan_to_json(plan)["notes"]
    return "\n".join(f"{note['message']} {note['hint']}" for note in notes)
