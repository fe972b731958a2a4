"""Read conda MatchSpec strings, without conda: which are of the family, and what they allow."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from conda_cuda_guard.model.versions import ANY, Range, cuda_of, version

from .requirement import (
    COMPANIONS,
    CUDA_BUILD,
    METAPACKAGES,
    SELECTORS,
    TORCH,
    Requirement,
    VariantWish,
)

_BRACKETS = re.compile(r"^(?P<before>[^\[]*)\[(?P<inside>.*)\]\s*$")
_PAIR = re.compile(r"""(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,'"]+))""")
_NAME = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(?P<rest>$|[\s<>=!~].*$)")
_BUILD_CUDA = re.compile(r"cu(?:da)?(\d+)\.?(\d)?")
_FIRST_THREE_DIGITS = version("100")  # cuda100 is 10.0; cuda12 names a major version alone
_LABEL = re.compile(r"\+(cu\d{2,3}|cpu)")
_PATCH = re.compile(r"(\d+\.\d+)(?:\.\d+)+")  # a CUDA version counts to its minor number
_TORCH_NAMES = {"pytorch", "torch", "pytorch-gpu", "pytorch-cpu"}
# Up to 1.1 builds without CUDA had names of their own, and up to 1.0.0 each CUDA a package.
_FEATURE = re.compile(r"cuda(75|80|90|91|92|100)")
_CPU_TORCHVISION = "torchvision-cpu"


@lru_cache(maxsize=2048)
def read_conda(text: str) -> Requirement:
    """Read one MatchSpec string; what is not ours, or not understood, keeps role None."""
    parts = _split(text)
    if parts is None:
        return Requirement(text, unread=_may_be_torch(text))
    head, name, version_text, build = parts
    if name in (*SELECTORS, *METAPACKAGES):
        version_text = _PATCH.sub(r"\1", version_text)
    labels = _LABEL.findall(version_text)
    allows = _range(_LABEL.sub("", version_text))
    if allows is None:
        return Requirement(text, unread=name in (*_TORCH_NAMES, *COMPANIONS, *SELECTORS))
    if name in _TORCH_NAMES:
        wish = _label_wish(labels) or _torch_wish(name, build)
        return Requirement(text, TORCH, allows, wish, head)
    if name in (*COMPANIONS, *METAPACKAGES):
        return Requirement(text, name, allows, None, head)
    if name == _CPU_TORCHVISION or _FEATURE.fullmatch(name):
        return _first_names(text, name, allows, head)
    if name == "cpuonly":
        return Requirement(text, name, ANY, VariantWish("cpuonly", cpu=True, selector=name), head)
    if name in SELECTORS:
        return Requirement(text, name, allows, VariantWish(text, cuda=allows, selector=name), head)
    number = _BUILD_CUDA.search(build) if "cuda" in build else None
    if number:
        return Requirement(text, CUDA_BUILD, _build_cuda_range(*number.groups()), None, head)
    return Requirement(text, "python" if name == "python" else None, allows, None, head)


def without_variant(text: str, *, versions: bool = True) -> str:
    """Return a spec of torch or a companion without its build, or without its version too."""
    parts = _split(text)
    if parts is None:
        return text
    head, name, number, _ = parts
    channel = head.rpartition("::")[0]
    plain = "pytorch" if name in _TORCH_NAMES else name.removesuffix("-cpu")
    number = _LABEL.sub("", number).strip()
    named = f"{channel}::{plain}" if channel and versions else plain
    return f"{named}[version='{number}']" if number and versions else named


def _first_names(text: str, name: str, allows: Range, head: str) -> Requirement:
    """Read a name from before 1.2: `torchvision-cpu`, `cuda100`."""
    if name == _CPU_TORCHVISION:
        return Requirement(
            text, "torchvision", allows, VariantWish(name, cpu=True), head.removesuffix("-cpu")
        )
    cuda = Range((f"=={cuda_of(name.replace('cuda', 'cu'))}",))
    # A selector that no build of these CUDA versions has: it is never left beside the right one.
    return Requirement(text, "pytorch-cuda", ANY, VariantWish(text, cuda=cuda), head)


def _may_be_torch(text: str) -> bool:
    """Return whether a name that is a pattern (`pyt*ch`) would match pytorch."""
    pattern = re.split(r"[\s=<>!~\[(]", text.rpartition("::")[2].strip(), maxsplit=1)[0].lower()
    return any(fnmatchcase(name, pattern) for name in _TORCH_NAMES)


def _label_wish(labels: list[str]) -> VariantWish | None:
    """Read pip's way of naming a variant (`=2.1.2+cu121`), which conda does not have."""
    if not labels:
        return None
    cuda = cuda_of(labels[0])
    if cuda is None:
        return VariantWish(f"+{labels[0]}", cpu=True)
    return VariantWish(f"+{labels[0]}", cuda=Range((f"=={cuda}",)))


def _split(text: str) -> tuple[str, str, str, str] | None:
    """Split a MatchSpec into its name with its channel, bare name, version and build."""
    fields: dict[str, str] = {}
    found = _BRACKETS.match(text)
    if found:
        text = found["before"]
        fields = {k: (a or b or c).strip() for k, a, b, c in _PAIR.findall(found["inside"])}
    channel, _, rest = text.strip().rpartition("::")
    named = _NAME.match(rest.strip())
    if not named:
        return None
    version, build = _version_and_build(named["rest"])
    channel = fields.get("channel", channel)
    head = f"{channel}::{named['name']}" if channel else named["name"]
    return head, named["name"].lower(), fields.get("version", version), fields.get("build", build)


def _version_and_build(rest: str) -> tuple[str, str]:
    """Split what follows the name; `=2.1=*cuda*` means exactly 2.1, as in conda."""
    rest = re.sub(r"\s*([<>=!~,|])\s*", r"\1", rest.strip())
    if rest == "=":  # conda's own way of writing `pytorch=*=*cuda*`: `pytorch=[build=*cuda*]`
        return "", ""
    if " " in rest:
        version, _, build = rest.partition(" ")
        return version, build.strip()
    three = re.match(r"^={1,2}([^=<>!~|,]+)=([^=]+)$", rest)
    if three:
        number = three[1]
        return (number if "*" in number else f"=={number}"), three[2]
    return rest, ""


def _range(text: str) -> Range | None:
    """Translate conda's version syntax into PEP 440 specifiers."""
    if text in ("", "*"):
        return ANY
    if "(" in text or "^" in text:
        return None
    alternatives = (",".join(_term(t) for t in one.split(",") if t) for one in text.split("|"))
    return Range.of(*alternatives)


def _term(text: str) -> str:
    operator, number = re.match(r"^([<>=!~]*)(.*)$", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if number == "*":
        return ""
    starred = number.endswith("*")
    number = number.rstrip("*").rstrip(".")
    if operator in (">", "<", ">=", "<=", "~="):
        return operator + number  # conda ignores the star after these
    if operator == "!=":
        return f"!={number}.*" if starred else f"!={number}"
    if operator == "=" or starred:
        return f"=={number}.*"
    return f"=={number}"


def _torch_wish(name: str, build: str) -> VariantWish | None:
    if name == "pytorch-cpu" or "cpu" in build:
        return VariantWish(build or name, cpu=True)
    if name == "pytorch-gpu":
        return VariantWish(name, selector=name)
    number = _BUILD_CUDA.search(build)
    if number:
        return VariantWish(build, cuda=_build_cuda_range(*number.groups()))
    return VariantWish(build) if "cu" in build else None


def _build_cuda_range(digits: str, minor: str | None) -> Range:
    """Read a build string's CUDA: `cuda12.1…` of channel pytorch, `cuda121…` of conda-forge."""
    if minor is not None:
        return Range((f"=={digits}.{minor}",))
    if version(digits) >= _FIRST_THREE_DIGITS or digits == "92":
        return Range((f"=={digits[:-1]}.{digits[-1]}",))
    return Range((f"=={digits}.*",))
