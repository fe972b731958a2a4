"""Command lines as they stand in old posts and READMEs: what becomes of them today.

A recipe is a line as pasted, after the Python that it is run on (`3.8$ pip install …`); then the
variant and requirements that it becomes, or `refused`; then what is said (`:`) and what is not
(`!`). Where nothing is to be said, nothing may be replaced.
"""

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
    "no-driver": Host(LINUX),
    "windows-3090": Host(WINDOWS, None, "536.67", None, (Gpu("RTX 3090", "8.6"),)),
}
ADDRESSES = {
    "WHL": WHEELS,
    "ALIYUN": "https://mirrors.aliyun.com/pytorch-wheels",
    "SJTUG": "https://mirror.sjtu.edu.cn/pytorch-wheels",
    "TUNA": "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud",
    "PYPI": "https://mirrors.nju.edu.cn/pypi/web/simple",
}
OPTIONS = {
    "-i": "index_urls",
    "--index-url": "index_urls",
    "--extra-index-url": "index_urls",
    "-f": "find_links",
    "-c": "channels",
}

ON_3090 = """
# PyTorch's page of previous versions, newest first.
3.10$ pip install torch==2.1.2 torchvision==0.16.2 --index-url WHL/cu121
cu121 torch==2.1.2+cu121 torchvision==0.16.2+cu121

3.10$ pip install torch==2.0.0+cu117 torchvision==0.15.1+cu117 -f WHL/torch_stable.html
cu117 torch==2.0.0+cu117 torchvision==0.15.1+cu117

3.10$ pip install torch==1.13.1+cu116 torchvision==0.14.1+cu116 torchaudio==0.13.1 \
    --extra-index-url WHL/cu116
cu116 torch==1.13.1+cu116 torchvision==0.14.1+cu116 torchaudio==0.13.1+cu116

3.9$ pip install torch torchvision torchaudio --extra-index-url WHL/cu113
cu113 torch==1.12.1+cu113 torchvision==0.13.1+cu113 torchaudio==0.12.1+cu113

3.8$ pip install torch==1.10.0+cu113 torchvision==0.11.0 torchaudio==0.10.0 \
    -f WHL/torch_stable.html
cu113 torch==1.10.0+cu113 torchvision==0.11.0+cu113 torchaudio==0.10.0+cu113

3.8$ pip3 install torch==1.10.1+cu113 torchvision==0.11.2+cu113 -f WHL/cu113/torch_stable.html
cu113 torch==1.10.1+cu113 torchvision==0.11.2+cu113

3.8$ pip3 install torch==1.9.0+cu111 torchvision==0.10.0+cu111 torchaudio==0.9.0 \
    -f WHL/torch_stable.html
cu111 torch==1.9.0+cu111 torchvision==0.10.0+cu111 torchaudio==0.9.0

3.8$ pip install torch==1.8.2+cu111 torchvision==0.9.2+cu111 -f WHL/lts/1.8/torch_lts.html
cu111 torch==1.8.2+cu111 torchvision==0.9.2+cu111

3.8$ pip3 install torch==1.8.2 torchvision==0.9.2 --extra-index-url WHL/lts/1.8/cu111
cu111 torch==1.8.2+cu111 torchvision==0.9.2+cu111

3.8$ pip install torch==1.7.0+cu110 torchvision==0.8.0+cu110 torchaudio==0.7.0 \
    -f WHL/torch_stable.html
cu110 torch==1.7.0+cu110 torchvision==0.8.0+cu110 torchaudio==0.7.0

3.8$ pip install torch==1.7.0 torchvision==0.8.1 torchaudio===0.7.0 -f WHL/torch_stable.html
cu110 torch==1.7.0+cu110 torchvision==0.8.1+cu110 torchaudio==0.7.0

3.7$ pip install torch==1.1.0 -f WHL/cu100/stable
cu100 torch @ WHL/cu100/torch-1.1.0-cp37-cp37m-linux_x86_64.whl

# Labels that ended before, began after, or never were.
3.8$ pip install torch==1.9.1+cu113 -f WHL/torch_stable.html
cu111 torch==1.9.1+cu111
: +cu113 was replaced
: cu113's first release is 1.10.0
: ask for torch==1.10.2+cu113

3.10$ pip install torch==2.1 --index-url WHL/cu113
cu121 torch==2.1.0+cu121
: /cu113 was replaced
: cu113's last release is 1.12.1
: ask for torch==1.12.1+cu113

3.11$ pip install torch --index-url WHL/cu113
cu126 torch==2.14.1+cu126
: cu113's last release is 1.12.1.
: It was made for Python 3.7, 3.8, 3.9, 3.10.

3.10$ pip install torch==2.0.1+cu111 torchvision==0.15.2+cu111 -f WHL/torch_stable.html
cu118 torch==2.0.1+cu118 torchvision==0.15.2+cu118
: cu111's last release is 1.10.2

3.10$ pip install torch==2.1.2+cu911
cu121 torch==2.1.2+cu121
: No known torch release has a build with +cu911

# A CUDA from before the card.
3.8$ pip install torch==1.7.1+cu101 torchvision==0.8.2+cu101 -f WHL/torch_stable.html
cu110 torch==1.7.1+cu110 torchvision==0.8.2+cu110
: +cu101 was replaced: it has no code for RTX 3090

3.8$ pip install torch===1.6.0 torchvision===0.7.0 -f WHL/torch_stable.html -i PYPI
refused
: no code for RTX 3090
: is the nearest
: torch==1.7.1 torchvision==0.8.2

# A newer Python than the release was made for, and releases that nobody has.
3.10$ pip install torch==1.10.1+cu113 -f WHL/cu113/torch_stable.html
refused
: made for 3.6, 3.7, 3.8, 3.9
: nearest release for Python 3.10 that runs here: torch==1.11.0

3.12$ pip install torch==1.13.1 torchvision==0.14.1
refused
: no build for Python 3.12
: torch==2.2.2 torchvision==0.17.2

3.6$ pip install torch==0.4.1 torchvision==0.2.1 -f WHL/cu90/stable
refused
: before 1.0.0
: 1.0.1, 1.0.0
: nearest that would run here: ask for torch==1.7.1
! Releases near it: 2.

3.9$ pip install torch==1.8.2+cu111 torchtext==0.99
refused
: No torchtext release satisfies torchtext==0.99
: Compatible versions: torch==1.8.2 torchtext==0.9.1

# Mirrors.
3.8$ pip install torch==1.12.1+cu113 torchvision==0.13.1+cu113 -f ALIYUN/cu113/ -i PYPI
cu113 torch==1.12.1+cu113 torchvision==0.13.1+cu113

3.8$ pip install torch==1.13.1+cu113 torchvision==0.14.1+cu113 -f ALIYUN/cu113/
cu117 torch==1.13.1+cu117 torchvision==0.14.1+cu117
: cu113's last release is 1.12.1
: torch==1.12.1+cu113 torchvision==0.13.1.

3.10$ pip install torch --extra-index-url SJTUG/cu113
cu113 torch==1.12.1+cu113

3.10$ pip install torch==2.2.1+cu118 torchvision==0.17.1+cu118 -f SJTUG/torch_stable.html
cu118 torch==2.2.1+cu118 torchvision==0.17.1+cu118

# conda: the page of previous versions.
3.10$ conda install pytorch==2.0.0 torchvision==0.15.0 pytorch-cuda=11.7 -c pytorch -c nvidia
cu117 pytorch==2.0.0[build=*cuda11.7*] torchvision=0.15.0 pytorch-cuda=11.7

3.10$ conda install pytorch==1.12.1 torchvision==0.13.1 torchaudio==0.12.1 cudatoolkit=11.6 \
    -c pytorch -c conda-forge
cu116 pytorch==1.12.1[build=*cuda11.6*] torchvision=0.13.1 torchaudio=0.12.1 cudatoolkit=11.6

3.10$ conda install pytorch torchvision torchaudio cudatoolkit=11.3 -c pytorch
cu113 pytorch==1.12.1[build=*cuda11.3*] torchvision=0.13.1 torchaudio=0.12.1 cudatoolkit=11.3

3.8$ conda install pytorch==1.10.1 torchvision==0.11.2 cudatoolkit=11.3 -c pytorch -c conda-forge
cu113 pytorch==1.10.1[build=*cuda11.3*] torchvision=0.11.2 cudatoolkit=11.3

# What that page says and no channel has (fact table conflicts).
3.8$ conda install pytorch==1.8.1 cudatoolkit=11.3 -c pytorch -c conda-forge
cu111 pytorch==1.8.1[build=*cuda11.1*] cudatoolkit=11.1
: CUDA 11.3's first release is 1.10.0 (channel pytorch)
: cudatoolkit=11.3 was repl

3.8$ conda install pytorch==1.9.0 cudatoolkit=11.3 -c pytorch -c conda-forge
cu111 pytorch==1.9.0[build=*cuda11.1*] cudatoolkit=11.1
: CUDA 11.3's first release is 1.10.0 (channel pytorch)
: cudatoolkit=11.3 was repl

3.8$ conda install pytorch==1.9.1 cudatoolkit=11.3 -c pytorch -c conda-forge
cu111 pytorch==1.9.1[build=*cuda11.1*] cudatoolkit=11.1
: CUDA 11.3's first release is 1.10.0 (channel pytorch)
: cudatoolkit=11.3 was repl

# Selectors of another time.
3.10$ conda install pytorch==1.13.0 torchvision==0.14.0 cudatoolkit=11.3 -c pytorch
cu117 pytorch==1.13.0[build=*cuda11.7*] torchvision=0.14.0 pytorch-cuda=11.7
: CUDA 11.3's last release is 1.12.1 (channel pytorch)
: ask for pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3

3.10$ conda install pytorch=2.6.0 torchvision pytorch-cuda=12.4 -c pytorch -c nvidia
cu126 pytorch==2.6.0[build=cuda126*] torchvision=0.21.0 cuda-version=12.6
: CUDA 12.4's last release is 2.5.1 (channel pytorch)
: ended at 2.5.1

3.10$ conda install pytorch==2.0.1 cudatoolkit=11.7 -c pytorch
cu117 pytorch==2.0.1[build=*cuda11.7*] pytorch-cuda=11.7

# The CUDA packages of 1.0.0, and the CPU names up to 1.1.
3.7$ conda install pytorch==1.0.0 torchvision==0.2.1 cuda100 -c pytorch
cu100 pytorch==1.0.0[build=*cuda10.0*] torchvision=0.2.1 cuda100

3.7$ conda install pytorch torchvision cuda100 -c pytorch
cu100 pytorch==1.4.0[build=*cuda10.0*] torchvision=0.5.0 cudatoolkit=10.0

3.10$ conda install pytorch torchvision cuda92 -c pytorch
cu121 pytorch==2.5.1[build=*cuda12.1*] torchvision=0.20.1 pytorch-cuda=12.1
: cuda92 was replaced
: CUDA 9.2's last release is

3.7$ conda install pytorch-cpu torchvision-cpu -c pytorch
cpu pytorch==1.13.1[build=*cpu*] torchvision=0.14.1 cpuonly
: this machine has an NVIDIA driver

# Whole build strings, and what stays beside them.
3.8$ conda install pytorch=1.7.1=py3.8_cuda11.0.221_cudnn8.0.5_0 torchvision magma-cuda110 \
    -c pytorch
cu110 pytorch==1.7.1[build=*cuda11.0*] torchvision=0.8.2 magma-cuda110 cudatoolkit=11.0

3.11$ conda install pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3 -c pytorch
refused
: made for 3.7, 3.8, 3.9, 3.10
: Use an environment with Python 3.7, 3.8, 3.9, 3.10.

3.7$ conda install pytorch=0.4.1 cuda92 -c pytorch
refused
: before 1.0.0
: nearest that would run here: ask for pytorch==1.7.1
! Releases near it: 2.

3.8$ conda install pytorch==1.12.0 cudatoolkit=11.3 -c TUNA/pytorch/linux-64/
cu113 pytorch==1.12.0[build=*cuda11.3*] cudatoolkit=11.3
"""

ON_1080 = """
3.8$ pip install torch==1.7.1+cu101 torchvision==0.8.2+cu101 torchaudio==0.7.2 \
    -f WHL/torch_stable.html
cu101 torch==1.7.1+cu101 torchvision==0.8.2+cu101 torchaudio==0.7.2

3.8$ pip install torch===1.6.0 torchvision===0.7.0 -f WHL/torch_stable.html
cu102 torch===1.6.0 torchvision===0.7.0

3.10$ pip install torch==2.5.1 torchvision==0.20.1 --index-url WHL/cu124
cu118 torch==2.5.1+cu118 torchvision==0.20.1+cu118
: /cu124 was replaced: it needs CUDA 12.4, and driver 470.82.01

3.8$ conda install pytorch==1.7.1 torchvision==0.8.2 cudatoolkit=10.1 -c pytorch
cu101 pytorch==1.7.1[build=*cuda10.1*] torchvision=0.8.2 cudatoolkit=10.1

3.10$ conda install pytorch==1.12.1 cudatoolkit=11.7 -c pytorch -c conda-forge
cu113 pytorch==1.12.1[build=*cuda11.3*] cudatoolkit=11.3
: CUDA 11.7's first release is 1.13.0
: ask for pytorch==1.13.1 pytorch-cuda=11.7

3.10$ conda install pytorch=2.6.0 torchvision pytorch-cuda=12.4 -c pytorch -c nvidia
refused
: Driver 525.60.13 or newer
: ask for pytorch==2.5.1 torchvision==0.20.1
"""

# No CUDA from before 12.8 has libraries for this card, whatever its PTX.
ON_5090 = """
3.10$ pip install torch==1.13.1+cu117 torchvision==0.14.1+cu117 --extra-index-url WHL/cu117
refused
: no code for RTX 5090
: torch==2.7.1 torchvision==0.22.1
: torch==2.13.0
! 1.5.1

3.8$ pip install torch==1.9.0+cu111 torchvision==0.10.0+cu111 -f WHL/torch_stable.html
refused
: With Python 3.10, 3.11, 3.12, 3.13, 3.14, 3.15, torch 2.13.0 (cu129) would run here
! 1.5.1

3.8$ pip install torch==1.1.0
refused
: made for 2.7, 3.5, 3.6, 3.7
: With Python 3.10
! Use an environment

3.10$ pip install torch torchvision --index-url WHL/cu118
cu129 torch==2.13.0+cu129 torchvision==0.28.0+cu129
: /cu118 was replaced: it has no code for RTX 5090

3.10$ conda install pytorch==1.12.1 torchvision==0.13.1 cudatoolkit=11.3 -c pytorch
refused
: ask for pytorch==2.7.1 torchvision==0.22.1
: ask for pytorch==2.13.0
! 1.5.1

3.8$ conda install pytorch==1.10.1 cudatoolkit=11.3 -c pytorch -c conda-forge
refused
: With Python 3.10
! 1.5.1
"""

WITHOUT_DRIVER = """
3.8$ pip install torch==1.9.0+cu111 torchvision==0.10.0+cu111 -f WHL/torch_stable.html
cu111 torch==1.9.0+cu111 torchvision==0.10.0+cu111
: could not be checked; it was kept as asked

3.7$ pip3 install torch==1.0.1 -f WHL/cu90/stable
cu90 torch===1.0.1
: it was kept as asked

3.8$ pip install torch==1.7.1 torchvision==0.8.2 -f WHL/torch_stable.html
cpu torch==1.7.1+cpu torchvision==0.8.2+cpu
: The CPU build was chosen

3.8$ conda install pytorch==1.7.1 torchvision==0.8.2 cudatoolkit=10.1 -c pytorch
refused
: --cuda X.Y
: --cpu
"""

# The page lists these under "Linux and Windows" (fact table conflicts).
ON_WINDOWS = """
3.8$ pip install torch==1.6.0+cu92 torchvision==0.7.0+cu92 -f WHL/torch_stable.html
cu102 torch===1.6.0 torchvision===0.7.0
: +cu92 was replaced: no such build exists
: windows-amd64
: cu92's last release is 1.5.1

3.8$ pip install torch==1.12.1+cu102 torchvision==0.13.1+cu102 -f WHL/torch_stable.html
cu116 torch==1.12.1+cu116 torchvision==0.13.1+cu116
: cu102's last release is 1.10.2

3.8$ pip install torch==1.7.1 torchvision==0.8.2
cu110 torch==1.7.1+cu110 torchvision==0.8.2+cu110
"""


class Recipe(NamedTuple):
    """One recipe, and the machine that it is for."""

    machine: str
    python: str
    line: str
    becomes: str
    said: tuple[str, ...]
    unsaid: tuple[str, ...]

    def plan(self, *, python: str = "", requirements: str = "") -> Plan:
        """Plan the line, or other requirements from the same sources."""
        host = replace(MACHINES[self.machine], python=python or self.python)
        manager, typed, sources = split(self.line)
        return ask(manager, tuple(requirements.split()) or typed, host, **sources)


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


def read(machine: str, table: str) -> list[Recipe]:
    """Read the recipes for one machine."""
    for name, address in ADDRESSES.items():
        table = re.sub(rf"\b{name}\b", address, table)
    recipes = []
    for block in table.strip().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith("#")]
        python, _, line = lines[0].partition("$ ")
        said, unsaid = (
            tuple(one[2:] for one in lines[2:] if one.startswith(mark)) for mark in (":", "!")
        )
        becomes = " ".join(lines[1].split())
        recipes.append(Recipe(machine, python, line, becomes, said, unsaid))
    return recipes


RECIPES = [
    *read("3090", ON_3090),
    *read("1080", ON_1080),
    *read("5090", ON_5090),
    *read("no-driver", WITHOUT_DRIVER),
    *read("windows-3090", ON_WINDOWS),
]
IDS = [f"{one.machine}: {' '.join(one.line.split()).replace('https://', '')}" for one in RECIPES]


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_what_becomes_of_it(recipe: Recipe) -> None:
    plan = recipe.plan()
    told = words(plan)
    if plan.status == "refused":
        assert recipe.becomes == "refused"
    else:
        assert recipe.becomes == f"{plan.variant} {' '.join(plan.requirements)}"
    assert [phrase for phrase in recipe.said if phrase not in told] == []
    assert [phrase for phrase in recipe.unsaid if phrase in told] == []
    assert recipe.said or "was replaced" not in told


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_what_it_says_to_ask_for_works(recipe: Recipe) -> None:
    """As it stands, from the same sources; what is for another Python, on that one."""
    for note in recipe.plan().notes:
        for name in ("other_spec", "near_spec", "keep_spec", "python_other_spec"):
            spec = note.facts.get(name, "")
            other = note.facts.get("other_pythons", "").split(", ")[0]
            python = other if name.startswith("python") else ""
            plan = recipe.plan(python=python, requirements=spec)
            assert not spec or plan.status in ("ok", "unchanged"), spec
            assert name != "keep_spec" or not spec or "explicit-variant-replaced" not in codes(plan)


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_the_pythons_that_it_says_to_use_work(recipe: Recipe) -> None:
    for note in recipe.plan().notes:
        for python in filter(None, note.facts.get("usable_pythons", "").split(", ")):
            assert recipe.plan(python=python).status in ("ok", "unchanged")


def test_the_table_is_no_small_sample() -> None:
    assert len(RECIPES) > 60
    assert len([one for one in RECIPES if one.becomes == "refused"]) > 10
