"""The machine that a plan is for, in the variables of others that choose builds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard import catalogue
from conda_cuda_guard.model.versions import version
from conda_cuda_guard.planner import complete_host

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conda_cuda_guard.host.overrides import Overrides
    from conda_cuda_guard.model import Host

# Read by uv's provider of variant wheels, and by NVIDIA's provider for other installers.
_PROVIDER_CUDA = "NV_VARIANT_PROVIDER_FORCE_CUDA_DRIVER_VERSION"
_PROVIDER_GPU = "NV_VARIANT_PROVIDER_FORCE_SM_ARCH"
# Read by conda for its virtual packages `__cuda` and `__cuda_arch`, and by us.
_CONDA_CUDA, _CONDA_GPU = "CONDA_OVERRIDE_CUDA", "CONDA_OVERRIDE_CUDA_ARCH"


def is_declared(overrides: Overrides) -> bool:
    """Return whether something of the machine is declared, and so not there to be detected."""
    given = (overrides.cuda, overrides.driver, overrides.gpus, overrides.hosts_file)
    return overrides.no_cuda or any(one is not None for one in given)


def for_providers(hosts: Iterable[Host]) -> dict[str, str]:
    """Return the variables for providers of variant wheels.

    They take one CUDA version and one capability: the oldest of each, which a build for every
    machine and GPU has to run on.
    """
    cuda, capability = _oldest(hosts)
    found = {_PROVIDER_CUDA: cuda, _PROVIDER_GPU: capability}
    return {name: value for name, value in found.items() if value}


def for_conda(hosts: Iterable[Host]) -> dict[str, str]:
    """Return the variables for conda's virtual packages; an empty one where there is no CUDA."""
    cuda, capability = _oldest(hosts)
    return {_CONDA_CUDA: cuda, **({_CONDA_GPU: capability} if cuda and capability else {})}


def declared(overrides: Overrides, hosts: Iterable[Host]) -> Mapping[str, str]:
    """Return the variables of a machine that is declared; none where it was detected."""
    found = tuple(hosts)
    return {**for_providers(found), **for_conda(found)} if is_declared(overrides) else {}


def _oldest(hosts: Iterable[Host]) -> tuple[str, str]:
    """Return the oldest CUDA version and compute capability, each empty where none is known."""
    drivers = catalogue.drivers()
    known = [complete_host(one, drivers) for one in hosts]
    of_cuda = [one.cuda for one in known if one.cuda]
    found = [gpu.compute_capability for one in known for gpu in one.gpus]
    capabilities = [one for one in found if one is not None]
    return min(of_cuda, key=version, default=""), min(capabilities, key=version, default="")
