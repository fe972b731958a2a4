"""Families that are told apart by spelling: what is typed becomes what fits, family by family."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from .machines import AARCH64, WINDOWS, codes, machine, pip, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Host

DRIVERS = {
    "470": machine("470.256.02"),
    "535": machine("535.104.05"),
    "550": machine("550.54.14"),
    "580": machine("580.95.05"),
    "470 py3.10": machine("470.256.02", python="3.10"),
    "535 py3.9": machine("535.104.05", python="3.9"),
    "535 py3.10": machine("535.104.05", python="3.10"),
    "535 py3.12": machine("535.104.05", python="3.12"),
    "580 py3.12": machine("580.95.05", python="3.12"),
    "580 sm7.0": machine("580.95.05", None, "7.0"),
    "550 sm7.0": machine("550.54.14", None, "7.0"),
    "550 py3.12": machine("550.54.14", python="3.12"),
    "windows": machine("581.15", platform=WINDOWS),
    "windows py3.10": machine("581.15", platform=WINDOWS, python="3.10"),
    "aarch64": machine("580.95.05", platform=AARCH64, python="3.12"),
    "macos": machine(platform="macos-arm64", python="3.12"),
    "none": machine(),
}


@pytest.mark.parametrize(
    ("typed", "where", "becomes"),
    [
        ("cupy", "470", "cupy-cuda11x"),
        ("cupy", "windows", "cupy-cuda13x"),
        ("cupy", "aarch64", "cupy-cuda13x"),
        ("cupy<14", "580", "cupy-cuda13x<14"),
        ("cudf", "470", "cudf-cu11"),
        ("cudf", "535", "cudf-cu12"),
        ("cudf", "580", "cudf-cu13"),
        ("cudf cuml-cu13", "535", "cudf-cu12 cuml-cu12"),
        ("cuspatial", "580", "cuspatial-cu12"),
        ("faiss-gpu", "470", "faiss-gpu-cu11"),
        ("faiss-gpu", "535", "faiss-gpu"),
        ("faiss-gpu", "535 py3.9", "faiss-gpu-cu12"),
        ("faiss-gpu==1.7.2", "535 py3.9", "faiss-gpu==1.7.2"),
        ("nvidia-dali", "580", "nvidia-dali-cuda130"),
        ("nvidia-dali-cuda130", "535", "nvidia-dali-cuda120"),
        ("spconv", "470", "spconv-cu114"),
        ("spconv", "535", "spconv-cu121"),
        ("spconv", "580", "spconv-cu126"),
        ("jax", "535", "jax[cuda12]"),
        ("jax", "580", "jax[cuda13]"),
        ("jax", "580 sm7.0", "jax[cuda12]"),
        ("jax", "470", "jax[cuda11_pip]<0.4.26"),
        ("jax==0.4.20", "535", "jax[cuda12_pip]==0.4.20"),
        ("jax[cuda13_local]", "580", "jax[cuda13_local]"),
        ("jax[cuda13-local]", "535", "jax[cuda12]"),
        ("jax", "windows", "jax"),
        ("numba-cuda", "470", "numba-cuda[cu11]<0.19"),
        ("numba-cuda[cu13]", "535", "numba-cuda[cu12]"),
        ("transformer-engine[pytorch]", "580", "transformer-engine[core_cu13,pytorch]"),
        ("tensorflow", "535", "tensorflow[and-cuda]"),
        ("tensorflow[and-cuda]", "470 py3.10", "tensorflow[and-cuda]<2.15"),
        ("tensorflow", "windows", "tensorflow"),
        ("tensorflow", "windows py3.10", "tensorflow"),
        ("tensorflow==2.10.0", "windows py3.10", "tensorflow==2.10.0"),
        ("onnxruntime-gpu", "470", "onnxruntime-gpu<1.19"),
        ("onnxruntime-gpu", "535 py3.10", "onnxruntime-gpu"),
        ("onnxruntime-gpu", "aarch64", "onnxruntime-gpu"),
        ("onnxruntime-gpu>=1.20,!=1.26.0", "535", "onnxruntime-gpu!=1.26.0,>=1.20,<1.27"),
        ("xgboost", "535", "xgboost"),
        ("xgboost", "535 py3.12", "xgboost<3.4"),
        ("xgboost", "580 py3.12", "xgboost"),
        ("xgboost", "470", "xgboost<2.1"),
        ("xgboost<99,<2.1", "470", "xgboost<99,<2.1"),
        ("xgboost>=3.4", "535 py3.12", "xgboost-cu12>=3.4"),
        ("xgboost-cu13", "535 py3.12", "xgboost<3.4"),
        ("xgboost-cu13", "580 py3.12", "xgboost-cu13"),
        ("ctranslate2", "470", "ctranslate2<4"),
        ("ctranslate2", "580", "ctranslate2"),
        ("cuda-python", "535", "cuda-python<13"),
        ("bitsandbytes", "535", "bitsandbytes"),
        ("llama-cpp-python[server]", "535", "llama-cpp-python[server]==0.3.35"),
        ("tensorrt", "550", "tensorrt-cu12"),
        ("tensorrt", "470", "tensorrt-cu11"),
        ("tensorrt", "580", "tensorrt-cu13"),
        ("tensorrt-cu13", "535", "tensorrt-cu12"),
        ("tensorrt-lean tensorrt-dispatch", "550", "tensorrt-lean-cu12 tensorrt-dispatch-cu12"),
        ("tensorrt==10.0.1", "580", "tensorrt-cu12==10.0.1"),
        ("tensorrt-cu13", "550 sm7.0", "tensorrt-cu12<10.5"),
        ("tensorrt-rtx", "550", "tensorrt-rtx-cu12"),
        ("cuquantum-python", "470", "cuquantum-python-cu11"),
        ("cuquantum", "580", "cuquantum-cu13"),
        ("custatevec-cu13 cutensornet-cu13", "550", "custatevec-cu12 cutensornet-cu12"),
        ("cudensitymat", "580", "cudensitymat-cu13"),
        ("cutensor", "windows", "cutensor-cu13"),
        ("cudaq", "550", "cuda-quantum-cu12"),
        ("cuda-quantum-cu13", "550", "cuda-quantum-cu12"),
        ("cvcuda", "470", "cvcuda-cu11"),
        ("cvcuda-cu13", "550", "cvcuda-cu12"),
        ("nvmath-python", "550", "nvmath-python[cu12]"),
        ("nvmath-python[cu13-dx]", "580", "nvmath-python[cu13-dx]"),
        ("nvmath-python[cu13]", "470", "nvmath-python[cu11]<=0.6.0"),
        ("cuda-core[cu13]", "550", "cuda-core[cu12]"),
        ("cuda-cccl[sysctk13]", "550", "cuda-cccl[cu12]"),
        ("numba-cuda-mlir", "580 sm7.0", "numba-cuda-mlir[cu12]"),
        ("nccl4py", "580", "nccl4py[cu13]"),
        ("nvshmem4py-cu13", "550", "nvshmem4py-cu12"),
        ("nvidia-nvimgcodec-cu13[all]", "550", "nvidia-nvimgcodec-cu12[all]"),
        ("nvidia-nvcomp-cu13", "550", "nvidia-nvcomp-cu12"),
        ("holoscan", "550 py3.12", "holoscan-cu12"),
        ("holoscan", "aarch64", "holoscan-cu13"),
        ("qiskit-aer-gpu", "470", "qiskit-aer-gpu-cu11"),
        ("qiskit-aer-gpu", "580", "qiskit-aer-gpu"),
        ("gpu4pyscf", "550", "gpu4pyscf-cuda12x"),
        ("onnxruntime-genai-cuda", "550", "onnxruntime-genai-cuda<0.15.0"),
        ("onnxruntime-genai-cuda", "580", "onnxruntime-genai-cuda"),
        ("onnxruntime-genai-cuda", "windows", "onnxruntime-genai-cuda"),
        ("cuequivariance-ops-torch-cu13", "550", "cuequivariance-ops-torch-cu12"),
        ("cuequivariance-ops-jax", "580", "cuequivariance-ops-jax-cu13"),
        ("cuopt", "550", "cuopt-cu12"),
        ("pylibcugraph kvikio", "470", "pylibcugraph-cu11 kvikio-cu11"),
        ("cugraph-pyg-cu13 pylibwholegraph", "550", "cugraph-pyg-cu12 pylibwholegraph-cu12"),
        ("ucxx distributed-ucxx-cu13", "550", "ucxx-cu12 distributed-ucxx-cu12"),
        ("paddlepaddle-gpu", "535", "paddlepaddle-gpu"),
        ("paddlepaddle-gpu==2.6.2", "535 py3.10", "paddlepaddle-gpu==2.6.2.post120"),
        ("paddlepaddle-gpu==2.6.2.post120", "470 py3.10", "paddlepaddle-gpu==2.6.2.post112"),
    ],
)
def test_what_is_typed_becomes_what_fits(typed: str, where: str, becomes: str) -> None:
    plan = pip(typed, DRIVERS[where])
    assert plan.requirements == tuple(becomes.split())
    assert ("explicit-variant-replaced" in codes(plan)) == ((typed, where) in REPLACED)


# What names a variant that does not fit.
REPLACED = {
    ("cudf cuml-cu13", "535"),
    ("nvidia-dali-cuda130", "535"),
    ("jax[cuda13-local]", "535"),
    ("numba-cuda[cu13]", "535"),
    ("xgboost-cu13", "535 py3.12"),
    ("tensorrt-cu13", "535"),
    ("tensorrt-cu13", "550 sm7.0"),
    ("custatevec-cu13 cutensornet-cu13", "550"),
    ("cuda-quantum-cu13", "550"),
    ("cvcuda-cu13", "550"),
    ("nvmath-python[cu13]", "470"),
    ("cuda-core[cu13]", "550"),
    ("cuda-cccl[sysctk13]", "550"),
    ("nvshmem4py-cu13", "550"),
    ("nvidia-nvimgcodec-cu13[all]", "550"),
    ("nvidia-nvcomp-cu13", "550"),
    ("cuequivariance-ops-torch-cu13", "550"),
    ("cugraph-pyg-cu13 pylibwholegraph", "550"),
    ("ucxx distributed-ucxx-cu13", "550"),
    ("paddlepaddle-gpu==2.6.2.post120", "470 py3.10"),
}


@pytest.mark.parametrize(
    ("typed", "where", "place"),
    [
        ("paddlepaddle-gpu", "535", "https://www.paddlepaddle.org.cn/packages/stable/cu118/"),
        ("paddlepaddle-gpu", "580", "https://www.paddlepaddle.org.cn/packages/stable/cu130/"),
        (
            "paddlepaddle-gpu==2.6.2.post120",
            "535 py3.10",
            "https://www.paddlepaddle.org.cn/packages/stable/cu120/",
        ),
        ("llama-cpp-python", "470", "https://abetlen.github.io/llama-cpp-python/whl/cu118"),
        ("llama-cpp-python", "580", "https://abetlen.github.io/llama-cpp-python/whl/cu130"),
        ("rmm<26.8", "580", "https://pypi.nvidia.com"),
        ("nvidia-dali<1.53", "580", "https://pypi.nvidia.com"),
    ],
)
def test_an_index_of_its_own_is_added(typed: str, where: str, place: str) -> None:
    plan = pip(typed, DRIVERS[where])
    assert plan.index_urls == (place,)
    assert place in plan.command
    assert plan.families[0].source == "family-index"


@pytest.mark.parametrize("typed", ["cudf", "cuopt-cu13", "nvidia-dali", "tensorrt", "cvcuda"])
def test_no_index_is_added_where_pips_default_index_has_the_files(typed: str) -> None:
    plan = pip(typed, DRIVERS["550"])
    assert (plan.index_urls, plan.find_links) == ((), ())


@pytest.mark.parametrize(
    ("typed", "where", "says"),
    [
        ("onnxruntime-gpu==1.30.0", "535", ("Driver 580 or newer", "onnxruntime-gpu==1.26.0")),
        ("tensorflow[and-cuda]", "470", ("Driver 525.60.13", "tensorflow[and-cuda]==2.14.1")),
        ("tensorflow", "470", ("Driver 525.60.13", "With Python >=3.9,<3.11")),
        ("tensorflow[and-cuda]", "windows", ("windows-amd64", "add --cpu")),
        ("cudf", "windows", ("No CUDA build of cudf is known for windows-amd64",)),
        ("faiss-gpu", "windows", ("add --cpu",)),
        ("cupy", "macos", ("macos-arm64",)),
        ("tensorrt-cu13==11.4.0.106", "470", ("Driver 525.60.13", "tensorrt-cu11==10.13.0.35")),
        ("holoscan", "470", ("Driver 525.60.13",)),
        ("nvshmem4py", "windows", ("No CUDA build of nvshmem4py is known for windows-amd64",)),
        ("xgboost>=3.4", "535", ("Python 3.11", "xgboost==3.2.0")),
        ("llama-cpp-python>=0.3.36", "535", ("-DGGML_CUDA=on", "llama-cpp-python==0.3.35")),
        ("numba-cuda[cu13]==0.30.4 jax[cuda13]", "470", ("numba-cuda[cu11]==0.18.1",)),
    ],
)
def test_what_cannot_run_is_refused_with_what_would_do(
    typed: str, where: str, says: tuple[str, ...]
) -> None:
    plan = pip(typed, DRIVERS[where])
    assert plan.status == "refused"
    for text in says:
        assert text in words(plan)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("onnxruntime-gpu==1.26.0", "onnxruntime==1.26.0"),
        ("faiss-gpu-cu12", "faiss-cpu"),
        ("paddlepaddle-gpu", "paddlepaddle"),
        ("tensorflow[and-cuda]", "tensorflow"),
        ("jax[cuda12,k8s]", "jax[k8s]"),
        ("xgboost", "xgboost-cpu"),
        ("spconv-cu120", "spconv"),
        ("llama-cpp-python", "llama-cpp-python"),
        ("qiskit-aer-gpu", "qiskit-aer"),
        ("onnxruntime-genai-cuda", "onnxruntime-genai"),
        ("cuda-quantum-cu13", "cudaq"),
    ],
)
def test_the_cpu_build_is_taken_where_it_is_asked_for(typed: str, becomes: str) -> None:
    plan = pip(typed, DRIVERS["535"], cpu=True)
    assert plan.requirements == (becomes,)


def test_what_has_no_cpu_build_is_refused_with_cpu() -> None:
    plan = pip("cupy", DRIVERS["535"], cpu=True)
    assert (plan.status, plan.notes[0].case) == ("refused", "no-cpu")


@pytest.mark.parametrize(
    ("typed", "notes"),
    [
        ("cupy", {"no-driver"}),
        ("onnxruntime-gpu", {"no-driver"}),
        ("jax[cuda12]", {"no-driver"}),
        ("jax", {"no-driver", "cpu-build-chosen"}),
        ("tensorflow", {"no-driver", "cpu-build-chosen"}),
        ("xgboost", set()),  # one file for both
        ("lightgbm", {"nothing-to-choose"}),
    ],
)
def test_without_a_driver_nothing_is_guessed(typed: str, notes: set[str]) -> None:
    plan = pip(typed, DRIVERS["none"])
    assert (plan.status, plan.requirements, codes(plan)) == ("unchanged", (typed,), notes)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("onnxruntime-gpu", "onnxruntime"),
        ("xgboost", "xgboost"),
        ("jax[cuda12]", "jax"),
        ("cudaq", "cudaq"),
    ],
)
def test_macos_gets_what_it_can_have(typed: str, becomes: str) -> None:
    assert pip(typed, DRIVERS["macos"]).requirements == (becomes,)


@pytest.mark.parametrize("typed", ["jax", "tensorflow"])
def test_a_platform_without_cuda_builds_gets_the_cpus_and_is_told(typed: str) -> None:
    plan = pip(typed, DRIVERS["windows"])
    assert [(note.code, note.case) for note in plan.notes] == [("cpu-build-chosen", "family")]


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("mxnet-cu112", "family-ended", "torch, or jax"),
        ("auto-gptq", "family-ended", "gptqmodel"),
        ("tensorflow-gpu==2.12.0", "family-ended", "tensorflow[and-cuda]"),
        ("lightgbm", "nothing-to-choose", "lightgbm"),
        ("open3d>=0.18", "nothing-to-choose", "open3d"),
        ("warp-lang", "nothing-to-choose", "warp-lang"),
        ("cupy==7.8.0", "family-unknown", "cupy==7.8.0"),
        ("tensorflow==1.15.5", "family-unknown", "as typed"),
    ],
)
def test_what_is_left_as_typed_is_said_to_be(typed: str, code: str, says: str) -> None:
    plan = pip(typed, DRIVERS["535"])
    assert (plan.status, plan.requirements) == ("unchanged", (typed,))
    assert code in codes(plan)
    assert says in words(plan)


def test_a_new_release_that_was_typed_whole_is_taken_to_be_built_like_the_newest() -> None:
    assert pip("cupy==15.0.0", DRIVERS["580"]).requirements == ("cupy-cuda13x==15.0.0",)
    assert pip("onnxruntime-gpu==1.99.0", DRIVERS["535"]).status == "refused"


def test_what_has_no_code_for_the_gpu_is_kept_from_pip_and_told() -> None:
    plan = pip("tensorrt", DRIVERS["550 sm7.0"])
    assert plan.packages == {"tensorrt-cu12": "10.4.0"}
    assert plan.requirements == ("tensorrt-cu12<10.5",)
    assert "tensorrt-cu12 is held to 10.4.0" in words(plan)
    assert codes(pip("tensorrt", DRIVERS["550"])) == set()


@pytest.mark.parametrize(
    ("where", "lead", "beside"),
    [("550", "+cu128", "tensorrt-cu12"), ("580", "+cu130", "tensorrt-cu13")],
)
def test_tensorrt_is_of_the_cuda_that_torch_tensorrt_is_of(
    where: str, lead: str, beside: str
) -> None:
    plan = pip("torch-tensorrt tensorrt", DRIVERS[where])
    assert plan.packages["torch"].endswith(lead)
    assert plan.packages["torch-tensorrt"].endswith(lead)
    assert beside in plan.requirements


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("torch==2.7.1+cu118 tensorrt", "tensorrt-cu11"),
        ("torch==2.7.1+cu118 cvcuda", "cvcuda-cu11"),
        ("torch==2.9.1+cu128 cuda-core", "cuda-core[cu12]"),
        ("cupy-cuda12x cuquantum-python", "cuquantum-python-cu12"),
        ("jax[cuda12] nvmath-python", "nvmath-python[cu12]"),
    ],
)
def test_one_process_has_one_cuda(typed: str, becomes: str) -> None:
    assert becomes in pip(typed, DRIVERS["580 py3.12"]).requirements


def test_a_fallback_is_named_where_a_newer_release_has_it() -> None:
    plan = pip("xgboost", DRIVERS["535 py3.12"])
    assert "xgboost-cu12==3.4.1 runs here, under another name." in words(plan)


@pytest.mark.parametrize(
    ("variant", "becomes"),
    [("cu126", "cupy-cuda12x"), ("cu118", "cupy-cuda11x"), ("cu130", "cupy-cuda13x")],
)
def test_variant_names_the_build_of_every_family(variant: str, becomes: str) -> None:
    from conda_cuda_guard.model import Request
    from conda_cuda_guard.planner import make_plan
    from conda_cuda_guard.sources.builtin import from_catalogue

    request = Request("pip", ("cupy",), (DRIVERS["580"],), variant=variant)
    plan = make_plan(request, from_catalogue("pip", "linux-x86_64"))
    assert plan.requirements == (becomes,)


def test_as_is_nothing_is_changed() -> None:
    plan = pip("cupy-cuda13x onnxruntime-gpu", DRIVERS["535"], as_is=True)
    assert plan.requirements == ("cupy-cuda13x", "onnxruntime-gpu")


def test_markers_count_and_stay() -> None:
    plan = pip('cupy ; python_version<"3"|jax>=0.7 ; sys_platform == "linux"', DRIVERS["535"])
    assert plan.requirements == (
        'cupy ; python_version<"3"',
        'jax[cuda12]>=0.7 ; sys_platform == "linux"',
    )
    assert "cannot-live-together" not in codes(plan)


def test_strict_takes_no_build_that_is_newer_than_the_driver() -> None:
    assert pip("spconv", DRIVERS["535"], policy="strict").requirements == ("spconv-cu121",)
    plan = pip("faiss-gpu", DRIVERS["535"], policy="strict")
    assert plan.requirements == ("faiss-gpu-cu12",)


def test_an_old_c_library_gets_an_older_release() -> None:
    from dataclasses import replace

    old = replace(DRIVERS["580"], libc="glibc 2.17")
    plan = pip("jax", old)
    assert plan.packages == {"jax": "0.7.0"}
    assert plan.requirements == ("jax[cuda12]",)


LLAMA = "https://abetlen.github.io/llama-cpp-python/whl"


@pytest.mark.parametrize(
    ("typed", "index", "right"),
    [
        ("llama-cpp-python", f"{LLAMA}/cu121/", (f"{LLAMA}/cu121", "12.1")),
        # Torch's own wish is for CUDA 11: an index that was named stays all the same.
        ("torch==2.7.1+cu118 llama-cpp-python", f"{LLAMA}/cu121", (f"{LLAMA}/cu121", "12.1")),
        ("llama-cpp-python", f"{LLAMA}/cu130", (f"{LLAMA}/cu122", "12.2")),
    ],
)
def test_an_index_that_was_named_is_a_wish(typed: str, index: str, right: tuple[str, str]) -> None:
    plan = pip(typed, DRIVERS["535"], index_urls=(index,))
    own = next(one for one in plan.families if "llama-cpp-python" in one.packages)
    assert (own.index_urls[0], own.cuda) == right
    told = [note.code for note in plan.notes]
    assert ("explicit-variant-replaced" in told) == ("cu130" in index)
    assert "families-disagree" not in told


def test_without_an_index_none_is_added() -> None:
    plan = pip("llama-cpp-python", DRIVERS["580"], no_index=True, find_links=("./wheels",))
    assert (plan.index_urls, plan.requirements) == ((), ("llama-cpp-python",))


@pytest.mark.parametrize(
    ("typed", "where", "release"),
    [
        ("tensorflow", machine("570.26", python="3.8"), "2.13.1"),
        ("tensorflow", machine("550.54", platform=WINDOWS, python="3.8"), "2.13.1"),
        ("tensorflow", machine("550.54", platform=WINDOWS, python="3.11"), "2.21.0"),
        ("tensorflow", machine(python="3.9"), "2.20.0"),
        ("bitsandbytes", machine(python="3.8"), "0.45.5"),
        ("jax", machine("550.54", platform=WINDOWS, python="3.10"), "0.6.2"),
    ],
)
def test_a_build_for_the_cpu_is_one_that_pip_finds(typed: str, where: Host, release: str) -> None:
    """Its files need the Python that those for CUDA of the same name and release do."""
    assert pip(typed, where).packages == {typed: release}


def test_where_pip_finds_nothing_no_cpu_build_is_promised() -> None:
    plan = pip("tensorflow", machine("570.26", python="3.14"))
    assert plan.status == "refused"
    facts = plan.notes[0].facts
    assert (facts["other_python"], "cpu" in facts) == (">=3.10,<3.14", False)
    old = replace(machine("550.54.14", python="3.11"), libc="glibc 2.17")
    facts = pip("bitsandbytes", old).notes[0].facts
    assert facts["other_libc"] == "glibc 2.24"
    assert facts["libc_spec"] == "bitsandbytes==0.50.2"
