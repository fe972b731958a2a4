"""Read conda MatchSpec strings, without conda: which are of the family, and what they allow."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from conda_cuda_guard.model.versions import ANY, Range, cuda_in_build, read_cuda

from .requirement import (
    CUDA_BUILD,
    CUDA_PACKAGE,
    CUDA_PACKAGES,
    LEAD,
    MEMBER,
    OTHER,
    PYTHON,
    SELECTOR,
    Requirement,
    VariantWish,
)

if TYPE_CHECKING:
    from conda_cuda_guard.model import CondaName, Family

_BRACKETS = re.compile(r"^(?P<before>[^\[]*)\[(?P<inside>.*)\]\s*$")
_PAIR = re.compile(r"""(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,'"]+))""")
_NAME = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(?P<rest>$|[\s<>=!~].*$)")
_LABEL = re.compile(r"\+(cu\d{2,3}|cpu)")
_PLAIN = re.compile(r"[0-9.!]+", re.ASCII)
_PATCH = re.compile(r"(\d+\.\d+)(?:\.\d+)+")  # a CUDA version counts to its minor number


@lru_cache(maxsize=2048)
def read_conda(text: str, family: Family) -> Requirement:
    """Return one MatchSpec string as read; what is not the family's is of kind OTHER."""
    parts = split_spec(text)
    if parts is None:
        return Requirement(text, unread=_may_be_lead(text, family))
    head, name, version_text, build = parts
    selectors = family.conda.selectors
    if name in (*selectors, *CUDA_PACKAGES):
        version_text = _PATCH.sub(r"\1", version_text)
    label = _LABEL.search(version_text)  # pip's way of naming a variant, which conda has not
    allows = read_range(_LABEL.sub("", version_text))
    known = family.by_conda_name.get(name)
    if allows is None:
        return Requirement(text, unread=known is not None or name in selectors)
    if known is not None and known.package == family.lead.pip:
        wish = VariantWish.of(label[0], label[1]) if label else None
        wish = wish or _lead_wish(name, known, build)
        return Requirement(text, LEAD, known.package, allows, wish, head)
    if known is not None:
        return _member(text, known, allows, head)
    if name in selectors:
        return _selector(text, name, allows, head, family)
    if name in family.conda.feature_packages:
        # No build of these CUDA versions has this selector: it is never left beside the right one.
        cuda = read_cuda(name)
        wish = VariantWish(text, cuda=cuda.range if cuda else ANY)
        return Requirement(text, SELECTOR, family.conda.cuda_selector, ANY, wish, head)
    return _not_of_family(text, name, allows, head, build)


def _member(text: str, known: CondaName, allows: Range, head: str) -> Requirement:
    """Return the requirement of a companion; until 1.1 its CPU builds had names of their own."""
    if known.variant != "cpu":
        return Requirement(text, MEMBER, known.package, allows, None, head)
    wish = VariantWish(head.rpartition("::")[2], cpu=True)
    return Requirement(text, MEMBER, known.package, allows, wish, head.removesuffix("-cpu"))


def _selector(text: str, name: str, allows: Range, head: str, family: Family) -> Requirement:
    if name == family.conda.cpu_selector:
        wish = VariantWish(name, cpu=True, selector=name)
        return Requirement(text, SELECTOR, name, ANY, wish, head)
    wish = VariantWish(text, cuda=allows, selector=name)
    return Requirement(text, SELECTOR, name, allows, wish, head)


def _not_of_family(text: str, name: str, allows: Range, head: str, build: str) -> Requirement:
    """Return the requirement of another package, which may name a CUDA version."""
    if name in CUDA_PACKAGES:
        return Requirement(text, CUDA_PACKAGE, name, allows, None, head)
    built_for = cuda_in_build(build) if "cuda" in build else None
    if built_for:
        return Requirement(text, CUDA_BUILD, "", built_for.range, None, head)
    return Requirement(text, PYTHON if name == PYTHON else OTHER, "", allows, None, head)


def without_variant(text: str, name: str, *, versions: bool = True) -> str:
    """Return a spec of the family by its plain name, without its build, or its version too."""
    head, _, number, _ = parts_of(text)
    channel = head.rpartition("::")[0]
    number = _LABEL.sub("", number).strip()
    named = f"{channel}::{name}" if channel and versions else name
    return f"{named}[version='{number}']" if number and versions else named


def _may_be_lead(text: str, family: Family) -> bool:
    """Return whether a name that is a pattern (`pyt*ch`) would match the lead's."""
    pattern = re.split(r"[\s=<>!~\[(]", text.rpartition("::")[2].strip(), maxsplit=1)[0].lower()
    lead = family.lead.pip
    names = (name for name, one in family.by_conda_name.items() if one.package == lead)
    return any(fnmatchcase(name, pattern) for name in names)


def split_spec(text: str) -> tuple[str, str, str, str] | None:
    """Return a MatchSpec in parts: its name with its channel, bare name, version and build."""
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


def parts_of(text: str) -> tuple[str, str, str, str]:
    """Return a MatchSpec that was read already in parts, as `split_spec` does."""
    parts = split_spec(text)
    assert parts is not None  # noqa: S101 - what was read has a name
    return parts


def _version_and_build(rest: str) -> tuple[str, str]:
    """Return the version and the build string after a name; `=2.1=*cuda*` is exactly 2.1."""
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
    ranged = re.match(r"^([<>=!~].*[^<>=!~|,])=([^=<>!~|,]+)$", rest)
    return (ranged[1], ranged[2]) if ranged else (rest, "")


def read_range(text: str) -> Range | None:
    """Return the range that conda's version syntax means; None where it cannot be parsed."""
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
    # `0.0.29.post1.*` is no range in pip's words; conda's means that release.
    if (operator == "=" or starred) and _PLAIN.fullmatch(number):
        return f"=={number}.*"
    return f"=={number}"


def _lead_wish(name: str, known: CondaName, build: str) -> VariantWish | None:
    if known.variant == "cpu" or "cpu" in build:
        return VariantWish(build or name, cpu=True)
    if known.variant == "cuda":
        return VariantWish(name, selector=name)
    built_for = cuda_in_build(build)
    if built_for:
        return VariantWish(build, cuda=built_for.range)
    return VariantWish(build) if "cu" in build else None
