"""What is built against torch on conda: one request with torch, warnings, and what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.channel_conda_forge import conda_forge_channel
from tests.support.channel_followers import followers, pyg_channel
from tests.support.conda_package import CondaPackage

from .printed import printed_command
from .test_families import DRY, MIDDLE, NEW, OLD, builds, cuda_of

if TYPE_CHECKING:
    from .conftest import Workshop

pytestmark = pytest.mark.all_cases_with(shop="classic")


@pytest.fixture(params=["classic", "enforcing"])
def shop(shop: Workshop, request: pytest.FixtureRequest) -> Workshop:
    if request.param == "enforcing":
        shop.enforce_constrains()
    forge = [*conda_forge_channel(), *followers()]
    shop.configured = [shop.channels.add("followers/conda-forge", forge)]
    shop.settings = {
        "channel_alias": f"{shop.channels.root.as_uri()}/followers",
        "plugins": {"cuda_guard": "warn"},
    }
    return shop


FOUND = [
    (("xformers",), NEW, {"xformers": "0.0.34 cuda_130", "pytorch": "2.10.0 cuda130"}, 13),
    (("xformers",), MIDDLE, {"xformers": "0.0.34 cuda_129", "pytorch": "2.10.0 cuda129"}, 12),
    (("xformers=0.0.31.post1",), NEW, {"pytorch": "2.7.1 cuda129"}, 12),
    (("xformers", "pytorch=2.7"), NEW, {"xformers": "0.0.31.post1 cuda_129"}, 12),
    (("flash-attn",), NEW, {"flash-attn": "2.8.3 py311", "pytorch": "2.10.0 cuda130"}, 13),
    (("flash-attn",), OLD, {"flash-attn": "2.5.8 py311", "pytorch": "2.1.2 cuda118"}, 11),
    (("torch-cluster",), NEW, {"pytorch_cluster": "1.6.3", "pytorch": "2.10.0 cuda130"}, 13),
    (("pytorch_cluster", "pytorch_scatter"), MIDDLE, {"pytorch_scatter": "2.1.2 cuda129"}, 12),
    (("vllm",), NEW, {"vllm": "0.19.1 cuda129", "pytorch": "2.10.0 cuda129"}, 12),
    (("bitsandbytes",), NEW, {"bitsandbytes": "0.49.2 cuda129", "pytorch": "2.13.0 cuda129"}, 12),
    (("xformers", "torchvision"), NEW, {"torchvision": "0.25.0", "pytorch": "2.10.0 cuda130"}, 13),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{'+'.join(case[0])}-{case[1][1]}")
def test_it_is_one_request_with_the_torch_that_it_is_built_against(
    shop: Workshop, case: tuple[tuple[str, ...], tuple[str, str], dict[str, str], int]
) -> None:
    specs, driver, right, major = case
    shop.put_driver(*driver)
    planned = shop.run("cuda-install", "--plan", "--json", *specs).json
    found = builds(shop.run(*planned["command"][1:], *DRY))
    assert {name: found[name][: len(start)] for name, start in right.items()} == right
    assert cuda_of(found) == major
    told = {name: found[name].split()[0] for name in planned["packages"]}
    assert planned["packages"] == told
    again = builds(shop.run("cuda-install", *specs, *DRY))
    assert {name: again[name] for name in told} == {name: found[name] for name in told}


def test_the_pyg_channel_goes_with_the_torch_of_channel_pytorch(shop: Workshop) -> None:
    own = [shop.channels.url(name) for name in ("pytorch", "nvidia")]
    shop.configured = [shop.channels.add("pyg", pyg_channel()), *own, shop.channels.url("main")]
    shop.put_driver(*MIDDLE)
    found = builds(shop.run("cuda-install", "pytorch-scatter", *DRY))
    assert found["pytorch-scatter"] == "2.1.2 py311_torch_2.5.0_cu121"
    assert found["pytorch"].startswith("2.5.1 py3.11_cuda12.1")


def test_a_build_that_is_not_known_is_told_by_its_record(shop: Workshop) -> None:
    newest = CondaPackage(
        "xformers",
        "0.0.99",
        "cuda_130py310h1234567_0",
        depends=(
            "python >=3.10",
            "pytorch >=2.13.0,<2.14.0a0",
            "pytorch * cuda*",
            "cuda-version >=13.0,<14.0a0",
            "__cuda",
        ),
    )
    shop.configured = [shop.channels.add("newest/own", [newest]), *shop.configured]
    shop.put_driver(*NEW)
    found = builds(shop.run("cuda-install", "xformers", *DRY))
    assert (found["xformers"], found["pytorch"][:6]) == ("0.0.99 cuda_130py310h1234567_0", "2.13.0")


def test_a_torch_that_it_has_no_build_for_is_refused_with_one_that_it_has(shop: Workshop) -> None:
    shop.put_driver(*NEW)
    done = shop.run("cuda-install", "xformers", "pytorch=2.13", "--dry-run")
    assert done.returncode == 3
    assert "No build of xformers is for pytorch=2.13." in done.stderr
    assert "xformers pytorch=2.10 has builds" in done.stderr


def test_a_cpu_build_that_the_solver_took_is_noticed(shop: Workshop) -> None:
    cpu = [one for one in (*conda_forge_channel(), *followers()) if "cuda" not in one.build]
    shop.configured = [shop.channels.add("cpu-followers/own", cpu), *shop.configured]
    shop.put_driver(*NEW)
    done = shop.run("install", "xformers", *DRY)
    assert "cpu" in builds(done)["xformers"]
    assert done.stderr.count("[cpu-build-chosen]") == 1, done.stderr
    again = builds(shop.run(*printed_command(done.stderr), *DRY))
    assert (again["xformers"][:15], again["pytorch"][:14]) == ("0.0.34 cuda_130", "2.10.0 cuda130")


def test_a_build_that_is_too_new_for_the_driver_is_noticed(shop: Workshop) -> None:
    shop.put_driver(*OLD)
    done = shop.run("install", "flash-attn", *DRY)
    if shop.solver:  # it took one that runs
        assert builds(done)["flash-attn"].startswith("2.5.8")
        assert done.stderr == ""
        return
    assert done.stderr.count("[cuda-newer-than-driver]") == 1, done.stderr
    again = builds(shop.run(*printed_command(done.stderr), *DRY))
    assert (again["flash-attn"][:5], again["pytorch"][:13]) == ("2.5.8", "2.1.2 cuda118")


@pytest.mark.parametrize("run", ["install", "cuda-install"])
def test_a_wish_for_the_cpu_stays(shop: Workshop, run: str) -> None:
    shop.put_driver(*MIDDLE)
    done = shop.run(run, "xformers=*=cpu_*", *DRY)
    assert "cpu" in builds(done)["xformers"]
    assert "cuda" not in builds(done)["pytorch"]


def test_what_is_on_pip_alone_is_named_with_the_way(shop: Workshop) -> None:
    shop.put_driver(*NEW)
    planned = shop.run("cuda-install", "--plan", "sageattention", "pytorch")
    assert "sageattention: not known to be on the conda channels in force" in planned.stdout
    assert "pipcuda install sageattention" in planned.stdout
    done = shop.run("install", "sageattention", "pytorch", "--dry-run")
    assert done.returncode != 0
    assert done.stderr.count("[not-on-conda]") == 1, done.stderr
    assert "pipcuda install sageattention" in done.stderr


def test_a_channel_in_force_that_has_it_is_believed(shop: Workshop) -> None:
    own = CondaPackage("sageattention", "2.2.0", "h1_0", subdir="noarch")
    shop.configured = [*shop.configured, shop.channels.add("sage/own", [own])]
    shop.put_driver(*NEW)
    done = shop.run("cuda-install", "sageattention", "pytorch", *DRY)
    assert builds(done)["sageattention"] == "2.2.0 h1_0"
    assert "not-on-conda" not in done.stderr
