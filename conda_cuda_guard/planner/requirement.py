"""One requirement of a request, as far as the decision needs to understand it."""

from __future__ import annotations

from dataclasses import dataclass

from conda_cuda_guard.model.versions import ANY, Range

TORCH = "torch"
TORCH_BY_ADDRESS = "torch @"  # a file that the person chose: never rewritten
COMPANIONS = ("torchvision", "torchaudio", "torchtext")
SELECTORS = ("pytorch-cuda", "cudatoolkit", "cuda-version", "cpuonly")
# Conda packages whose version is a CUDA version, and that choose no build of torch.
METAPACKAGES = ("cuda-toolkit", "cuda", "cuda-runtime", "cuda-libraries", "cuda-compiler")
# Any other conda package, by a build string that names a CUDA version (`cudnn=*=cuda12*`).
CUDA_BUILD = "cuda-build"


@dataclass(frozen=True)
class VariantWish:
    """A variant that the person named: a CUDA range, or the CPU build.

    `selector` is the conda package that named it, if one did; `url` the index that did. A wish for
    any CUDA build (`pytorch=*=*cuda*`) has a range that allows all.
    """

    text: str
    cpu: bool = False
    cuda: Range = ANY
    selector: str | None = None
    url: str | None = None

    def grants(self, variant_cuda: str | None) -> bool:
        """Tell whether a build with this CUDA version (None: a CPU build) is what was wished."""
        if self.cpu:
            return variant_cuda is None
        return variant_cuda is not None and variant_cuda in self.cuda


@dataclass(frozen=True)
class Requirement:
    """A requirement as typed, with its role and what it allows.

    `role` is `torch`, a companion's or a selector's name, or None for everything that is none of
    the planner's business and stays as typed. `head` and `tail` are what stays around a rewritten
    version (`torch[opt]` and `; python_version > "3"`). `without` are builds that were excluded by
    their full version (`2.1.2+cu118`); `unread` marks a spec of the family whose version syntax is
    not understood.
    """

    text: str
    role: str | None = None
    allows: Range = ANY
    wish: VariantWish | None = None
    head: str = ""
    tail: str = ""
    without: frozenset[str] = frozenset()
    unread: bool = False
