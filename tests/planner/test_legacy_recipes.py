"""Command lines as they stand in old posts and READMEs: what becomes of them today."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conda_cuda_guard.model import Gpu, Host

from .machines import LINUX, WHEELS, WINDOWS, ask, codes, words

if TYPE_CHECKING:
    from conda_cuda_guard.model import Plan

MACHINES = {
    "3090": Host(LINUX, None, "535.104.05", None, (Gpu("RTX 3090", "8.6"),)),
    "1080": Host(LINUX, None, "470.82.01", None, (Gpu("GTX 1080", "6.1"),)),
    "5090": Host(LINUX, None, "575.51.03", None, (Gpu("RTX 5090", "12.0"),)),
    "none": Host(LINUX),
    "windows-3090": Host(WINDOWS, None, "536.67", None, (Gpu("RTX 3090", "8.6"),)),
}
STABLE = f"{WHEELS}/torch_stable.html"
ALIYUN = "https://mirrors.aliyun.com/pytorch-wheels"
SJTUG = "https://mirror.sjtu.edu.cn/pytorch-wheels"
TUNA = "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud"
PYPI_MIRROR = "https://mirrors.nju.edu.cn/pypi/web/simple"
OPTIONS = {
    "-i": "index_urls",
    "--index-url": "index_urls",
    "--extra-index-url": "index_urls",
    "-f": "find_links",
    "-c": "channels",
}
REFUSED = ""


class Recipe(NamedTuple):
    """A line as pasted, the Python it is run on, what it becomes, and what is said about it.

    `becomes` is the variant and the requirements, or `REFUSED`; `unsaid` must not be said.
    """

    python: str
    line: str
    becomes: str
    said: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ("was replaced",)

    def run(self, machine: str, python: str | None = None) -> Plan:
        """Plan the line on a machine."""
        host = replace(MACHINES[machine], python=python or self.python)
        manager, requirements, sources = split(self.line)
        return ask(manager, requirements, host, **sources)


def split(line: str) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Part a command line into its manager, its requirements and its sources."""
    manager, _, *rest = line.split()
    requirements: list[str] = []
    sources: dict[str, list[str]] = {}
    while rest:
        word = rest.pop(0)
        if word in OPTIONS:
            sources.setdefault(OPTIONS[word], []).append(rest.pop(0))
        else:
            requirements.append(word)
    if manager == "conda":
        sources.setdefault("channels", []).append("defaults")
    given = {name: tuple(values) for name, values in sources.items()}
    return manager.rstrip("3"), tuple(requirements), given


ON_3090 = [
    # PyTorch's page of previous versions, newest first.
    Recipe(
        "3.10",
        f"pip install torch==2.1.2 torchvision==0.16.2 --index-url {WHEELS}/cu121",
        "cu121 torch==2.1.2+cu121 torchvision==0.16.2+cu121",
    ),
    Recipe(
        "3.10",
        f"pip install torch==2.0.0+cu117 torchvision==0.15.1+cu117 -f {STABLE}",
        "cu117 torch==2.0.0+cu117 torchvision==0.15.1+cu117",
    ),
    Recipe(
        "3.10",
        "pip install torch==1.13.1+cu116 torchvision==0.14.1+cu116 torchaudio==0.13.1"
        f" --extra-index-url {WHEELS}/cu116",
        "cu116 torch==1.13.1+cu116 torchvision==0.14.1+cu116 torchaudio==0.13.1+cu116",
    ),
    Recipe(
        "3.9",
        f"pip install torch torchvision torchaudio --extra-index-url {WHEELS}/cu113",
        "cu113 torch==1.12.1+cu113 torchvision==0.13.1+cu113 torchaudio==0.12.1+cu113",
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.10.0+cu113 torchvision==0.11.0 torchaudio==0.10.0 -f {STABLE}",
        "cu113 torch==1.10.0+cu113 torchvision==0.11.0+cu113 torchaudio==0.10.0+cu113",
    ),
    Recipe(
        "3.8",
        "pip3 install torch==1.10.1+cu113 torchvision==0.11.2+cu113"
        f" -f {WHEELS}/cu113/torch_stable.html",
        "cu113 torch==1.10.1+cu113 torchvision==0.11.2+cu113",
    ),
    Recipe(
        "3.8",
        f"pip3 install torch==1.9.0+cu111 torchvision==0.10.0+cu111 torchaudio==0.9.0 -f {STABLE}",
        "cu111 torch==1.9.0+cu111 torchvision==0.10.0+cu111 torchaudio==0.9.0",
    ),
    Recipe(
        "3.8",
        "pip install torch==1.8.2+cu111 torchvision==0.9.2+cu111"
        f" -f {WHEELS}/lts/1.8/torch_lts.html",
        "cu111 torch==1.8.2+cu111 torchvision==0.9.2+cu111",
    ),
    Recipe(
        "3.8",
        f"pip3 install torch==1.8.2 torchvision==0.9.2 --extra-index-url {WHEELS}/lts/1.8/cu111",
        "cu111 torch==1.8.2+cu111 torchvision==0.9.2+cu111",
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.7.0+cu110 torchvision==0.8.0+cu110 torchaudio==0.7.0 -f {STABLE}",
        "cu110 torch==1.7.0+cu110 torchvision==0.8.0+cu110 torchaudio==0.7.0",
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.7.0 torchvision==0.8.1 torchaudio===0.7.0 -f {STABLE}",
        "cu110 torch==1.7.0+cu110 torchvision==0.8.1+cu110 torchaudio==0.7.0",
    ),
    Recipe(
        "3.7",
        f"pip install torch==1.1.0 -f {WHEELS}/cu100/stable",
        f"cu100 torch @ {WHEELS}/cu100/torch-1.1.0-cp37-cp37m-linux_x86_64.whl",
    ),
    # Labels that the page of all variants never had, or that ended before.
    Recipe(
        "3.8",
        f"pip install torch==1.9.1+cu113 -f {STABLE}",
        "cu111 torch==1.9.1+cu111",
        ("+cu113 was replaced", "cu113's first release is 1.10.0", "ask for torch==1.10.2+cu113"),
        (),
    ),
    Recipe(
        "3.10",
        f"pip install torch==2.1 --index-url {WHEELS}/cu113",
        "cu121 torch==2.1.0+cu121",
        ("/cu113 was replaced", "cu113's last release is 1.12.1", "ask for torch==1.12.1+cu113"),
        (),
    ),
    Recipe(
        "3.11",
        f"pip install torch --index-url {WHEELS}/cu113",
        "cu126 torch==2.14.1+cu126",
        ("cu113's last release is 1.12.1.", "It was made for Python 3.7, 3.8, 3.9, 3.10."),
        (),
    ),
    Recipe(
        "3.10",
        f"pip install torch==2.0.1+cu111 torchvision==0.15.2+cu111 -f {STABLE}",
        "cu118 torch==2.0.1+cu118 torchvision==0.15.2+cu118",
        ("cu111's last release is 1.10.2",),
        (),
    ),
    Recipe(
        "3.10",
        "pip install torch==2.1.2+cu911",
        "cu121 torch==2.1.2+cu121",
        ("No torch known was made with +cu911",),
        (),
    ),
    # A CUDA from before the card.
    Recipe(
        "3.8",
        f"pip install torch==1.7.1+cu101 torchvision==0.8.2+cu101 -f {STABLE}",
        "cu110 torch==1.7.1+cu110 torchvision==0.8.2+cu110",
        ("+cu101 was replaced: it has no code for RTX 3090",),
        (),
    ),
    Recipe(
        "3.8",
        f"pip install torch===1.6.0 torchvision===0.7.0 -f {STABLE} -i {PYPI_MIRROR}",
        REFUSED,
        ("no code for RTX 3090", "is the nearest", "torch==1.7.1 torchvision==0.8.2"),
    ),
    # A newer Python than the release knew, and releases that nobody has.
    Recipe(
        "3.10",
        f"pip install torch==1.10.1+cu113 -f {WHEELS}/cu113/torch_stable.html",
        REFUSED,
        (
            "made for 3.6, 3.7, 3.8, 3.9",
            "nearest release for Python 3.10 that runs here: torch==1.11.0",
        ),
    ),
    Recipe(
        "3.12",
        "pip install torch==1.13.1 torchvision==0.14.1",
        REFUSED,
        ("no build for Python 3.12", "torch==2.2.2 torchvision==0.17.2"),
    ),
    Recipe(
        "3.6",
        f"pip install torch==0.4.1 torchvision==0.2.1 -f {WHEELS}/cu90/stable",
        REFUSED,
        ("before 1.0.0", "1.0.1, 1.0.0", "nearest that would run here: ask for torch==1.7.1"),
        ("Releases near it: 2.",),
    ),
    Recipe(
        "3.9",
        "pip install torch==1.8.2+cu111 torchtext==0.99",
        REFUSED,
        ("No release answers torchtext==0.99", "right pair: torch==1.8.2 torchtext==0.9.1"),
    ),
    # Mirrors.
    Recipe(
        "3.8",
        "pip install torch==1.12.1+cu113 torchvision==0.13.1+cu113"
        f" -f {ALIYUN}/cu113/ -i {PYPI_MIRROR}",
        "cu113 torch==1.12.1+cu113 torchvision==0.13.1+cu113",
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.13.1+cu113 torchvision==0.14.1+cu113 -f {ALIYUN}/cu113/",
        "cu117 torch==1.13.1+cu117 torchvision==0.14.1+cu117",
        ("cu113's last release is 1.12.1", "torch==1.12.1+cu113 torchvision==0.13.1."),
        (),
    ),
    Recipe(
        "3.10",
        f"pip install torch --extra-index-url {SJTUG}/cu113",
        "cu113 torch==1.12.1+cu113",
    ),
    Recipe(
        "3.10",
        f"pip install torch==2.2.1+cu118 torchvision==0.17.1+cu118 -f {SJTUG}/torch_stable.html",
        "cu118 torch==2.2.1+cu118 torchvision==0.17.1+cu118",
    ),
    # conda: the page of previous versions.
    Recipe(
        "3.10",
        "conda install pytorch==2.0.0 torchvision==0.15.0 pytorch-cuda=11.7 -c pytorch -c nvidia",
        "cu117 pytorch==2.0.0[build=*cuda11.7*] torchvision=0.15.0 pytorch-cuda=11.7",
    ),
    Recipe(
        "3.10",
        "conda install pytorch==1.12.1 torchvision==0.13.1 torchaudio==0.12.1 cudatoolkit=11.6"
        " -c pytorch -c conda-forge",
        "cu116 pytorch==1.12.1[build=*cuda11.6*] torchvision=0.13.1 torchaudio=0.12.1"
        " cudatoolkit=11.6",
    ),
    Recipe(
        "3.10",
        "conda install pytorch torchvision torchaudio cudatoolkit=11.3 -c pytorch",
        "cu113 pytorch==1.12.1[build=*cuda11.3*] torchvision=0.13.1 torchaudio=0.12.1"
        " cudatoolkit=11.3",
    ),
    Recipe(
        "3.8",
        "conda install pytorch==1.10.1 torchvision==0.11.2 cudatoolkit=11.3"
        " -c pytorch -c conda-forge",
        "cu113 pytorch==1.10.1[build=*cuda11.3*] torchvision=0.11.2 cudatoolkit=11.3",
    ),
    # What the page says, and no channel has (fact table conflicts).
    *(
        Recipe(
            "3.8",
            f"conda install pytorch=={torch} cudatoolkit=11.3 -c pytorch -c conda-forge",
            f"cu111 pytorch=={torch}[build=*cuda11.1*] cudatoolkit=11.1",
            ("CUDA 11.3's first release is 1.10.0 (channel pytorch)", "cudatoolkit=11.3 was repl"),
            (),
        )
        for torch in ("1.8.1", "1.9.0", "1.9.1")
    ),
    Recipe(
        "3.10",
        "conda install pytorch==1.13.0 torchvision==0.14.0 cudatoolkit=11.3 -c pytorch",
        "cu117 pytorch==1.13.0[build=*cuda11.7*] torchvision=0.14.0 pytorch-cuda=11.7",
        (
            "CUDA 11.3's last release is 1.12.1 (channel pytorch)",
            "ask for pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3",
        ),
        (),
    ),
    Recipe(
        "3.10",
        "conda install pytorch=2.6.0 torchvision pytorch-cuda=12.4 -c pytorch -c nvidia",
        "cu126 pytorch==2.6.0[build=cuda126*] torchvision=0.21.0 cuda-version=12.6",
        ("CUDA 12.4's last release is 2.5.1 (channel pytorch)", "ended at 2.5.1"),
        (),
    ),
    Recipe(
        "3.10",
        "conda install pytorch==2.0.1 cudatoolkit=11.7 -c pytorch",
        "cu117 pytorch==2.0.1[build=*cuda11.7*] pytorch-cuda=11.7",
    ),
    # The CUDA packages of 1.0.0, and the CPU names up to 1.1.
    Recipe(
        "3.7",
        "conda install pytorch==1.0.0 torchvision==0.2.1 cuda100 -c pytorch",
        "cu100 pytorch==1.0.0[build=*cuda10.0*] torchvision=0.2.1 cuda100",
    ),
    Recipe(
        "3.7",
        "conda install pytorch torchvision cuda100 -c pytorch",
        "cu100 pytorch==1.4.0[build=*cuda10.0*] torchvision=0.5.0 cudatoolkit=10.0",
    ),
    Recipe(
        "3.10",
        "conda install pytorch torchvision cuda92 -c pytorch",
        "cu121 pytorch==2.5.1[build=*cuda12.1*] torchvision=0.20.1 pytorch-cuda=12.1",
        ("cuda92 was replaced", "CUDA 9.2's last release is"),
        (),
    ),
    Recipe(
        "3.7",
        "conda install pytorch-cpu torchvision-cpu -c pytorch",
        "cpu pytorch==1.13.1[build=*cpu*] torchvision=0.14.1 cpuonly",
        ("this machine has an NVIDIA driver",),
    ),
    # Whole build strings, and what stays beside them.
    Recipe(
        "3.8",
        "conda install pytorch=1.7.1=py3.8_cuda11.0.221_cudnn8.0.5_0 torchvision magma-cuda110"
        " -c pytorch",
        "cu110 pytorch==1.7.1[build=*cuda11.0*] torchvision=0.8.2 magma-cuda110 cudatoolkit=11.0",
    ),
    Recipe(
        "3.11",
        "conda install pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3 -c pytorch",
        REFUSED,
        ("made for 3.7, 3.8, 3.9, 3.10", "Use an environment with Python 3.7, 3.8, 3.9, 3.10."),
    ),
    Recipe(
        "3.7",
        "conda install pytorch=0.4.1 cuda92 -c pytorch",
        REFUSED,
        ("before 1.0.0", "nearest that would run here: ask for pytorch==1.7.1"),
        ("Releases near it: 2.",),
    ),
    Recipe(
        "3.8",
        f"conda install pytorch==1.12.0 cudatoolkit=11.3 -c {TUNA}/pytorch/linux-64/",
        "cu113 pytorch==1.12.0[build=*cuda11.3*] cudatoolkit=11.3",
    ),
]

ON_1080 = [
    Recipe(
        "3.8",
        f"pip install torch==1.7.1+cu101 torchvision==0.8.2+cu101 torchaudio==0.7.2 -f {STABLE}",
        "cu101 torch==1.7.1+cu101 torchvision==0.8.2+cu101 torchaudio==0.7.2",
    ),
    Recipe(
        "3.8",
        f"pip install torch===1.6.0 torchvision===0.7.0 -f {STABLE}",
        "cu102 torch===1.6.0 torchvision===0.7.0",
    ),
    Recipe(
        "3.10",
        f"pip install torch==2.5.1 torchvision==0.20.1 --index-url {WHEELS}/cu124",
        "cu118 torch==2.5.1+cu118 torchvision==0.20.1+cu118",
        ("/cu124 was replaced: it needs CUDA 12.4, and driver 470.82.01",),
        (),
    ),
    Recipe(
        "3.8",
        "conda install pytorch==1.7.1 torchvision==0.8.2 cudatoolkit=10.1 -c pytorch",
        "cu101 pytorch==1.7.1[build=*cuda10.1*] torchvision=0.8.2 cudatoolkit=10.1",
    ),
    Recipe(
        "3.10",
        "conda install pytorch==1.12.1 cudatoolkit=11.7 -c pytorch -c conda-forge",
        "cu113 pytorch==1.12.1[build=*cuda11.3*] cudatoolkit=11.3",
        ("CUDA 11.7's first release is 1.13.0", "ask for pytorch==1.13.1 pytorch-cuda=11.7"),
        (),
    ),
    Recipe(
        "3.10",
        "conda install pytorch=2.6.0 torchvision pytorch-cuda=12.4 -c pytorch -c nvidia",
        REFUSED,
        ("Driver 525.60.13 or newer", "ask for pytorch==2.5.1 torchvision==0.20.1"),
    ),
]

# No CUDA from before 12.8 has libraries for this card, whatever its PTX.
ON_5090 = [
    Recipe(
        "3.10",
        "pip install torch==1.13.1+cu117 torchvision==0.14.1+cu117"
        f" --extra-index-url {WHEELS}/cu117",
        REFUSED,
        ("no code for RTX 5090", "torch==2.7.1 torchvision==0.22.1", "torch==2.11.0"),
        ("1.5.1",),
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.9.0+cu111 torchvision==0.10.0+cu111 -f {STABLE}",
        REFUSED,
        ("With Python 3.10, 3.11, 3.12, 3.13, 3.14, torch 2.11.0 (cu128) would run here",),
        ("1.5.1",),
    ),
    Recipe(
        "3.8",
        "pip install torch==1.1.0",
        REFUSED,
        ("made for 2.7, 3.5, 3.6, 3.7", "With Python 3.10"),
        ("Use an environment",),
    ),
    Recipe(
        "3.10",
        f"pip install torch torchvision --index-url {WHEELS}/cu118",
        "cu128 torch==2.11.0+cu128 torchvision==0.26.0+cu128",
        ("/cu118 was replaced: it has no code for RTX 5090",),
        (),
    ),
    Recipe(
        "3.10",
        "conda install pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3 -c pytorch",
        REFUSED,
        ("ask for pytorch==2.7.1 torchvision==0.22.1", "ask for pytorch==2.13.0"),
        ("1.5.1",),
    ),
    Recipe(
        "3.8",
        "conda install pytorch==1.10.1 cudatoolkit=11.3 -c pytorch -c conda-forge",
        REFUSED,
        ("With Python 3.10",),
        ("1.5.1",),
    ),
]

WITHOUT_DRIVER = [
    Recipe(
        "3.8",
        f"pip install torch==1.9.0+cu111 torchvision==0.10.0+cu111 -f {STABLE}",
        "cu111 torch==1.9.0+cu111 torchvision==0.10.0+cu111",
        ("could not be checked; it was kept as asked",),
    ),
    Recipe(
        "3.7",
        f"pip3 install torch==1.0.1 -f {WHEELS}/cu90/stable",
        "cu90 torch===1.0.1",
        ("it was kept as asked",),
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.7.1 torchvision==0.8.2 -f {STABLE}",
        "cpu torch==1.7.1+cpu torchvision==0.8.2+cpu",
        ("The CPU build was chosen",),
    ),
    Recipe(
        "3.8",
        "conda install pytorch==1.7.1 torchvision==0.8.2 cudatoolkit=10.1 -c pytorch",
        REFUSED,
        ("--cuda X.Y", "--cpu"),
    ),
]

# The page lists these under "Linux and Windows" (fact table conflicts).
ON_WINDOWS = [
    Recipe(
        "3.8",
        f"pip install torch==1.6.0+cu92 torchvision==0.7.0+cu92 -f {STABLE}",
        "cu102 torch===1.6.0 torchvision===0.7.0",
        (
            "+cu92 was replaced: no such build exists",
            "windows-amd64",
            "cu92's last release is 1.5.1",
        ),
        (),
    ),
    Recipe(
        "3.8",
        f"pip install torch==1.12.1+cu102 torchvision==0.13.1+cu102 -f {STABLE}",
        "cu116 torch==1.12.1+cu116 torchvision==0.13.1+cu116",
        ("cu102's last release is 1.10.2",),
        (),
    ),
    Recipe(
        "3.8",
        "pip install torch==1.7.1 torchvision==0.8.2",
        "cu110 torch==1.7.1+cu110 torchvision==0.8.2+cu110",
    ),
]

TABLE = [
    (machine, recipe)
    for machine, recipes in (
        ("3090", ON_3090),
        ("1080", ON_1080),
        ("5090", ON_5090),
        ("none", WITHOUT_DRIVER),
        ("windows-3090", ON_WINDOWS),
    )
    for recipe in recipes
]
IDS = [f"{machine}: {recipe.line.replace('https://', '')}" for machine, recipe in TABLE]


@pytest.mark.parametrize(("machine", "recipe"), TABLE, ids=IDS)
def test_what_becomes_of_it(machine: str, recipe: Recipe) -> None:
    plan = recipe.run(machine)
    said = words(plan)
    if recipe.becomes == REFUSED:
        assert plan.status == "refused"
    else:
        assert plan.status in ("ok", "unchanged")
        assert f"{plan.variant} {' '.join(plan.requirements)}" == recipe.becomes
    assert [phrase for phrase in recipe.said if phrase not in said] == []
    assert [phrase for phrase in recipe.unsaid if phrase in said] == []


ADVICE = re.compile(r"(?:other|near|keep)_spec$")


@pytest.mark.parametrize(("machine", "recipe"), TABLE, ids=IDS)
def test_what_it_says_to_ask_for_works(machine: str, recipe: Recipe) -> None:
    """As it stands, with the same sources; advice for another Python on that one."""
    facts = {
        name: value for note in recipe.run(machine).notes for name, value in note.facts.items()
    }
    manager, _, sources = split(recipe.line)
    for name, spec in facts.items():
        if not ADVICE.search(name) or not spec:
            continue
        python = recipe.python
        if name.startswith("python"):
            python = facts["other_pythons"].split(", ")[0]
        host = replace(MACHINES[machine], python=python)
        plan = ask(manager, tuple(spec.split()), host, **sources)
        assert plan.status in ("ok", "unchanged"), spec
        if name == "keep_spec":
            assert "explicit-variant-replaced" not in codes(plan)


@pytest.mark.parametrize(("machine", "recipe"), TABLE, ids=IDS)
def test_the_pythons_that_it_says_to_use_work(machine: str, recipe: Recipe) -> None:
    for note in recipe.run(machine).notes:
        for python in filter(None, note.facts.get("usable_pythons", "").split(", ")):
            assert recipe.run(machine, python).status in ("ok", "unchanged")
