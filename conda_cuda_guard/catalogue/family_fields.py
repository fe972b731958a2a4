"""The content of a family's data file as an object (docs/families.md explains the fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.model.companions import FilePlaceRow, Follower
from conda_cuda_guard.model.family import (
    AddressRules,
    CondaName,
    CondaNames,
    Conflict,
    Family,
    LeadAbi,
    Member,
)

from .family_rows import ON_CONDA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conda_cuda_guard.model import BuiltFamily, BuiltFiles, CondaFamily, SpeltBuild, SpeltFamily
    from conda_cuda_guard.model.versions import Range

# Fields of a spelt build that are texts.
_TEXTS = ("suffix", "name", "extra", "label", "index", "page")


def read_family(row: dict[str, Any], followers: Mapping[Follower, Member] | None = None) -> Family:
    """Return a family; followers have a file of their own and are members like the others."""
    names = row["conda"]
    other = {name: CondaName(**found) for name, found in names["other_names"].items()}
    lists = {key: value for key, value in names.items() if key != "other_names"}
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in lists.items()}
    conda = CondaNames(other, **fields)
    members = (*(Member(**one) for one in row["members"]), *(followers or {}).values())
    addresses = row["addresses"].items()
    rules: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in addresses}
    return Family(
        row["family"],
        Member(**row["lead"]),
        members,
        conda,
        AddressRules(**rules),
        tuple(
            Conflict(one["releases"], one["package"], one["bound"])
            for one in row.get("conflicts", ())
        ),
        {one.package: one for one in followers or {}},
        dict(row.get("cudnn", {})),
        tuple(LeadAbi(*one) for one in row.get("abis", ())),
        tuple(row.get("libraries", ())),
    )


def following(row: dict[str, Any]) -> Member:
    """Return a follower as a member of the family that it follows."""
    return Member(
        **row["lead"],
        brought=row.get("brought", False),
        plain=not row["labelled"],
        beside=tuple(row.get("beside", ())),
    )


def read_follower(row: dict[str, Any]) -> Follower:
    """Return a follower."""
    return Follower(
        row["lead"]["pip"],
        tuple((number, needs) for number, needs in row["versions"]),
        row["labelled"],
        row["pins_torch"],
        frozenset(row.get("platforms", ())),
        tuple(_place_row(one) for one in row.get("builds", ())),
    )


def _place_row(row: dict[str, Any]) -> FilePlaceRow:
    return FilePlaceRow(
        row["versions"],
        frozenset(row.get("variants", ())),
        frozenset(row.get("not", ())),
        row.get("labelled"),
        row.get("index", ""),
        row.get("python", ""),
        row.get("libc"),
        tuple(row.get("capabilities", ())),
    )


def read_spelt_family(row: dict[str, Any]) -> SpeltFamily:
    """Return a spelt family."""
    from conda_cuda_guard.model import SpeltFamily

    return SpeltFamily(
        row["family"],
        tuple(row["stems"]),
        tuple(build for one in row.get("builds", ()) for build in _spelt_builds(one)),
        dict(row.get("aliases", {})),
        tuple(row.get("shares", ())),
        tuple(row.get("one_of", ())),
        row.get("from_source", ""),
        row.get("ended", ""),
        {extra: tuple(names) for extra, names in row.get("brings", {}).items()},
        tuple(row.get("verify", ())),
        tuple(row.get("not_cuda", ())),
    )


def _spelt_builds(row: dict[str, Any]) -> Iterator[SpeltBuild]:
    """Yield a row's builds: one that `contains` several CUDA versions stands for one of each."""
    for cuda in row.get("contains") or [row["cuda"]]:
        yield _spelt_build({**row, "cuda": cuda})


def _spelt_build(row: dict[str, Any]) -> SpeltBuild:
    from conda_cuda_guard.model import SpeltBuild, variant_of

    def bounds(key: str) -> Range:
        return _range(row.get(key, ""), key)

    return SpeltBuild(
        row.get("variant") or variant_of(row["cuda"]),
        row["cuda"],
        bounds("releases"),
        tuple(row.get("known", ())),
        {stem: tuple(known) for stem, known in row.get("own", {}).items()},
        row.get("cudnn"),
        pythons=bounds("python"),
        platforms=tuple(row.get("platforms", ())),
        libc=row.get("libc"),
        capabilities=bounds("capabilities"),
        drivers=dict(row.get("drivers", {})),
        pinned=row.get("pinned", False),
        fallback=row.get("fallback", False),
        legacy=row.get("legacy", False),
        **{key: row.get(key, "") for key in _TEXTS},
    )


def read_conda_families(row: dict[str, Any]) -> tuple[CondaFamily, ...]:
    """Return what a family has on conda: one part, or several of which other things are known."""
    own = row.get(ON_CONDA, [])
    return tuple(
        _conda_family(row["family"], one) for one in (own if isinstance(own, list) else [own])
    )


def _conda_family(name: str, own: dict[str, Any]) -> CondaFamily:
    from conda_cuda_guard.model import CondaFamily

    selectors = own.get("selectors", [["", "cuda-version"]])
    lists = ("packages", "channels", "carriers", "cpu_names", "cpu_builds", "platforms")
    known = [(one[0], tuple(one[1]), tuple(*one[2:])) for one in own["known"]]
    return CondaFamily(
        name,
        known=tuple((release, cudas) for release, cudas, _ in known),
        needs=dict(own.get("needs", {})),
        cuda_names=dict(own.get("cuda_names", {})),
        build=own.get("build", ""),
        selectors=tuple((_range(text, ON_CONDA), one) for text, one in selectors),
        capabilities={int(k): _range(v, ON_CONDA) for k, v in own.get("capabilities", {}).items()},
        with_lead=own.get("with_lead", False),
        series=tuple(one for one in known if one[2]),
        **{key: tuple(own.get(key, ())) for key in lists},
    )


def _range(text: str, field: str) -> Range:
    from conda_cuda_guard.model import Range

    found = Range.of(text)
    if found is None:
        raise ValueError(f"{field}: {text!r} is no range of versions")
    return found


def read_built_family(row: dict[str, Any]) -> BuiltFamily:
    """Return a family that is built against a lead."""
    from conda_cuda_guard.model.built import BuiltFamily, SourceBuild

    source: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in row["source"].items()
    }
    return BuiltFamily(
        row["family"],
        tuple(row["packages"]),
        tuple(_built_files(one, row) for one in row["files"]),
        SourceBuild(**source),
        row.get("page", "") if row.get("open", False) else "",
        tuple(row.get("labels", ())),
        dict(row.get("newest", {})),
        row.get("capability", ""),
        _names_on_conda(row),
        row.get("needs_lead", True),
        row.get("exact", False),
    )


def _names_on_conda(row: dict[str, Any]) -> dict[str, str]:
    """Return the names on conda of a family's packages, as far as they have one."""
    found: dict[str, str] = {}
    for part in read_conda_families(row):
        names = {**dict(zip(part.packages, part.packages)), **part.cuda_names}
        found.update((name, names[name]) for name in row["packages"] if name in names)
    return found


def _built_files(row: dict[str, Any], family: dict[str, Any]) -> BuiltFiles:
    from conda_cuda_guard.model import BuiltFiles

    def listed(key: str) -> tuple[str, ...]:
        return tuple(row.get(key, family.get(key, ())))

    # The address of a row goes before that of the family.
    places = ("page", "index", "file")
    own = {key: row[key] for key in places if key in row}
    return BuiltFiles(
        tuple(row.get("lead", ())),
        tuple(row.get("variants", ())),
        {name: tuple(numbers) for name, numbers in row["versions"].items()},
        listed("pythons"),
        listed("platforms"),
        listed("abis"),
        listed("labels"),
        **(own or {key: family[key] for key in places if key in family}),
    )
