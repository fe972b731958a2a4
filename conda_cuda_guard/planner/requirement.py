"""A requirement, and the variant that it may name, as far as the decision needs them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conda_cuda_guard.model import TYPED, Origin, Phrase, redact
from conda_cuda_guard.model.versions import ANY, Range, cuda_of, version

# What a requirement is to the decision.
LEAD = "lead"  # the package whose release decides
MEMBER = "member"  # a companion of it
ADDRESS = "address"  # the lead by its file, which the user chose: never rewritten
SELECTOR = "selector"  # a conda package that chooses the variant
CUDA_PACKAGE = "cuda-package"  # a conda package whose version is a CUDA version
CUDA_BUILD = "cuda-build"  # any other conda package, by a build string that names a CUDA version
PYTHON = "python"
OTHER = "other"  # of no concern to the planner: it stays as typed

# NVIDIA's packages on conda whose version is a CUDA version, and that choose no build.
CUDA_PACKAGES = ("cuda-toolkit", "cuda", "cuda-runtime", "cuda-libraries", "cuda-compiler")
CUDA_VERSION = "cuda-version"  # conda-forge's way to choose one
_MINOR_VERSION = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class VariantWish:
    """A variant that the user named: a CUDA range, or the CPU build.

    `selector` is the conda package that named it, if one did; `url` the index that did. A wish for
    any CUDA build (`pytorch=*=*cuda*`) has a range that allows all.
    """

    text: str
    cpu: bool = False
    cuda: Range = ANY
    selector: str | None = None
    url: str | None = None

    @classmethod
    def of(cls, text: str, variant: str) -> VariantWish | None:
        """Return the wish for a variant (`cu121`, `cpu`); None for a name of any other build."""
        if variant == "cpu":
            return cls(text, cpu=True)
        cuda = cuda_of(variant)
        return cls(text, cuda=Range((f"=={cuda}",))) if cuda else None

    def grants(self, variant_cuda: str | None, *, exactly: bool = False) -> bool:
        """Return whether a build with this CUDA version (None: a CPU build) is of the variant.

        Unless `exactly`, the CUDA version of a conda environment serves builds for an older one of
        its major version.
        """
        if self.cpu or variant_cuda is None:
            return self.cpu and variant_cuda is None
        return variant_cuda in self.cuda or (
            not exactly and self.selector == CUDA_VERSION and self._serves(variant_cuda)
        )

    def _serves(self, variant_cuda: str) -> bool:
        """Return whether a version that the wish names is newer than a build's, of its major."""
        made = version(variant_cuda)
        return any(
            version(one) > made and version(one).major == made.major and one in self.cuda
            for one in _MINOR_VERSION.findall(str(self.cuda))
        )


@dataclass(frozen=True)
class Requirement:
    """A requirement as typed, with its kind and what it allows.

    `package` is the name on pip of the family's package, or the name of a selector; empty where
    `kind` is neither. `head` and `tail` are what stays around a rewritten version
    (`torch[opt]` and `; python_version > "3"`). `without` are builds that were excluded by their
    full version (`2.1.2+cu118`); `unread` marks a spec of the family whose version syntax cannot be
    parsed. `origin` is where it came from.
    """

    text: str
    kind: str = OTHER
    package: str = ""
    allows: Range = ANY
    wish: VariantWish | None = None
    head: str = ""
    tail: str = ""
    without: frozenset[str] = frozenset()
    unread: bool = False
    origin: Origin = TYPED

    @property
    def described(self) -> str:
        """The requirement with its origin, for a message."""
        if not self.origin.name:
            return self.text
        place = {"text": self.text, "name": redact(self.origin.name), "line": self.origin.line}
        if self.origin.line is None:
            return Phrase("{text} ({name})", **place)
        return Phrase("{text} ({name}, line {line})", **place)

    @property
    def bare_name(self) -> str:
        """The name as typed, without a channel."""
        return self.head.rpartition("::")[2]

    @property
    def channel(self) -> str:
        """The channel that a MatchSpec names, or an empty string."""
        return self.head.rpartition("::")[0]
