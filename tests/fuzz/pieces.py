"""What requests, files and lines are generated from: names of every family, and what is odd."""

from __future__ import annotations

from hypothesis import strategies as st

from conda_cuda_guard import catalogue
from conda_cuda_guard.model import PLATFORMS, Gpu, Host
from tests.planner.machines import WHEELS
from tests.safety.test_redaction import SECRET

RELEASES = [release.version for release in catalogue.releases()]
LEADS = sorted(catalogue.family().pip_names)
# One name in two is of the family that decides: what is decided together decides with it.
names = st.one_of(
    st.sampled_from(["torch", "torch", "torchvision", "torchaudio", "Torch", "numpy"]),
    st.sampled_from(
        [*LEADS, *sorted(catalogue.names().spelt), *sorted(catalogue.names().built), "warpdrive"]
    ),
)
labels = st.sampled_from(["", "", "", "+cu118", "+cu121", "+cu126", "+cpu", "+rocm6", "+cu", "+x"])
versions = st.one_of(
    st.sampled_from(RELEASES), st.sampled_from(["2", "2.1", "2.1.*", "1!2", "0", "99", "x", ""])
)
pip_texts = st.builds(
    lambda name, extra, op, number, label, tail: f"{name}{extra}{op}{number}{label}{tail}",
    names,
    st.sampled_from(["", "", "", "", "[cuda12]", "[cuda13]", "[and-cuda]", "[x,cu12]", "["]),
    st.sampled_from(["", "==", ">=", "<", "!=", "~=", "===", "=", "=="]),
    versions,
    labels,
    st.sampled_from(["", "", " ; python_version >= '3.9'", " ; sys_platform == 'win32'", ";"]),
) | st.builds("{}{}".format, names, st.sampled_from(["", "", ">=0", "<99"]))
conda_texts = st.builds(
    lambda channel, name, op, number, build: f"{channel}{name}{op}{number}{build}",
    st.sampled_from(["", "", "conda-forge::", "pytorch::", "::", "defaults::"]),
    st.sampled_from(
        ["pytorch", "torch", "pytorch-gpu", "pytorch-cuda", "cudatoolkit", "cuda-version",
         "cpuonly", "torchvision", "python", "numpy", "pytorch-cpu"]
    ) | st.sampled_from(
        sorted({name for one in catalogue.families_on_conda() for name in one.names})
    ),
    st.sampled_from(["", "=", "==", ">=", "<", " ", "~=", "!="]),
    st.one_of(versions, st.sampled_from(["12.1", "11.8", "13", "3.10", "2.1|2.2", ">=2,<3"])),
    st.sampled_from(["", "", "=*cuda*", "=cpu*", " *cuda11.8*", "[build=cuda12*]", "[", "=*=*"]),
)  # fmt: skip
odd = st.text(st.sampled_from("torch=<>!~*.[]:;,|+0129 'cuda\"@/^$()"), max_size=14)

DRIVERS = ["340.108", "450.80.02", "470.42.01", "525.60.13", "535", "550.54", "580.65.06", "615.10",
           "999"]  # fmt: skip
drivers = st.sampled_from([None, *DRIVERS])
cudas = st.sampled_from([None, None, "9.0", "10.2", "11.8", "12.2", "12.7", "13.0", "13.4", "14.0"])
CAPABILITIES = [None, "3.5", "6.1", "7.0", "8.0", "8.9", "10.0", "12.0", "13.0"]
gpus = st.lists(
    st.builds(Gpu, st.sampled_from([None, "Some GPU"]), st.sampled_from(CAPABILITIES)), max_size=3
)
PYTHONS = [None, "2.7", "3.6", "3.9", "3.11", "3.12", "3.13t", "3.15", "4.0"]


def hosts(platform: str) -> st.SearchStrategy[tuple[Host, ...]]:
    """Return one or two machines of a platform."""
    one = st.builds(
        Host, st.just(platform), st.sampled_from(PYTHONS), drivers, cudas, gpus.map(tuple)
    )
    return st.lists(one, min_size=1, max_size=2).map(tuple)


platforms = st.sampled_from(PLATFORMS)
addresses = st.sampled_from(
    [f"{WHEELS}/cu118", f"{WHEELS}/cpu", f"{WHEELS}/nightly/cu121", "https://index.example/simple",
     f"https://me:{SECRET}@index.example/simple", f"https://h.example/t/{SECRET}/x", "x",
     "./wheels",
     f"{WHEELS}/torch_stable.html"]
)  # fmt: skip
# Any JSON at all.
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
