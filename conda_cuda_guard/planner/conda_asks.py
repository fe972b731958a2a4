"""Requirements of families beside torch's on conda, and the builds that channels have for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conda_cuda_guard.model import Build
from conda_cuda_guard.model.versions import (
    ANY,
    Range,
    cuda_major,
    is_version,
    variant_of,
    version,
)

from .candidates import FORGE, channel_name
from .compatibility import level
from .conda_parse import read_range, split_spec
from .ranking import judge_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Catalogue, ChannelAnswer, CondaFamily

    from .problem import Problem
    from .ranking import Verdict


@dataclass(frozen=True)
class CondaAsk:
    """A MatchSpec on a package of a family, in parts; `at` is its place in the request."""

    at: int
    text: str
    family: CondaFamily
    head: str
    versions: str
    build: str

    @property
    def name(self) -> str:
        """The name as typed, without a channel."""
        return self.head.rpartition("::")[2].lower()

    @property
    def package(self) -> str:
        """The package whose build counts."""
        return self.family.package_of(self.name)

    @property
    def allows(self) -> Range:
        """The versions of the package that it allows."""
        if self.name in self.family.needs:
            return ANY
        return read_range(self.versions) or ANY

    @property
    def wants_cpu(self) -> bool:
        """Whether it names the CPU build."""
        words = (one.strip("*_") for one in self.family.cpu_builds)
        return self.name in self.family.cpu_names or any(one in self.build for one in words)

    def as_built(self, build: str) -> str:
        """Return the spec for builds that look like this, where it does not name such itself."""
        is_own = self.name == self.package
        if self.name in self.family.needs or (is_own and build.strip("*_") in self.build):
            return self.text
        channel = self.head.rpartition("::")[0]
        carriers = (*self.family.carriers, *self.family.channels)
        if not is_own and channel and channel_name(channel) not in carriers:
            return self.text  # another channel may have it under this name alone
        name = f"{channel}::{self.package}" if channel else self.package
        versions = self.versions.strip("*")
        if not build:
            return f"{name}[version='{versions}']" if versions else name
        if versions[:1].isalnum() or "|" in versions:
            return f"{name}[version='{versions}',build={build}]"
        return f"{name}{versions}[build={build}]"

    def without_build(self) -> CondaAsk:
        """Return it without the build that it names."""
        return replace(self, build="")


def read_conda_asks(problem: Problem, families: Iterable[CondaFamily]) -> tuple[CondaAsk, ...]:
    """Return the requirements of a problem that are about these families, in the order typed."""
    by_name = {name: family for family in families for name in family.names}
    found = []
    for at, one in enumerate(problem.requirements):
        parts = split_spec(one.text)
        if parts is not None and parts[1] in by_name:
            head, name, versions, build = parts
            found.append(CondaAsk(at, one.text, by_name[name], head, versions.strip(), build))
    return tuple(found)


def packages_asked(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the packages whose builds count for what is asked for of these families."""
    asks = read_conda_asks(problem, catalogue.on_conda)
    return tuple(dict.fromkeys(one.package for one in asks))


def family_of(package: str, catalogue: Catalogue) -> CondaFamily | None:
    """Return the family that a package is one of those of, as far as builds count."""
    return next((one for one in catalogue.on_conda if package in one.packages), None)


def channels_to_ask(problem: Problem, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the channels that a plan may add for these families."""
    asks = read_conda_asks(problem, catalogue.on_conda)
    return tuple(dict.fromkeys(name for one in asks for name in one.family.channels))


def needs_lead(problem: Problem, families: Iterable[CondaFamily]) -> bool:
    """Return whether a request asks for the lead, or for what is nothing without it."""
    return bool(problem.asked) or any(
        one.family.with_lead for one in read_conda_asks(problem, families)
    )


def builds_of(  # noqa: PLR0913
    family: CondaFamily,
    package: str,
    asks: Iterable[CondaAsk],
    problem: Problem,
    known: Catalogue,
    *,
    series: str = "",
) -> list[Build]:
    """Return the CUDA builds of a package: those that the channels have, else the known ones.

    Where a channel has not answered, what the catalogue knows stands. With a `series` of the lead,
    those that are built for it, where a package is built for some alone.
    """
    heard = [
        one for answer in known.listed for one in _listed(family, package, answer, problem, series)
    ]
    if heard or (known.listed and not any(answer.problem for answer in known.listed)):
        return list(dict.fromkeys(heard))
    if family.platforms and problem.platform not in family.platforms:
        return []
    exact = (str(one.allows).removeprefix("==") for one in asks if one.allows.is_exact)
    releases = dict.fromkeys((*exact, *(release for release, _ in family.known)))
    return [
        _build(release, cuda, _source(family.channels[0]), package, problem)
        for release in releases
        for cuda in family.cudas_of(release)
        if _is_for_series(series, None, family, release, cuda)
    ]


def _listed(
    family: CondaFamily, package: str, answer: ChannelAnswer, problem: Problem, series: str
) -> Iterator[Build]:
    for name, number, build in answer.packages:
        if name == package and is_version(number) and family.is_cuda_build(build):
            needs = answer.needs.get(f"{name}-{number}-{build}", ())
            allows = range_of_lead(needs, problem.family.lead.conda)
            if allows is None and not family.series_of(number, None):
                allows = ANY  # neither its record nor the catalogue bounds it: the solver will
            for cuda in family.cudas_of(number, build):
                if _is_for_series(series, allows, family, number, cuda):
                    yield _build(number, cuda, answer.channel, package, problem)


def _is_for_series(
    series: str, allows: Range | None, family: CondaFamily, release: str, cuda: str
) -> bool:
    """Return whether a build is for a series of the lead: by its record, else by what is known."""
    if not series or not family.series:
        return True
    if allows is not None:
        return allows.allows_minor(series)
    return series in family.series_of(release, cuda)


def range_of_lead(depends: Iterable[str], lead: str) -> Range | None:
    """Return the versions of the lead that dependencies allow; None where they bound none."""
    texts = []
    for one in depends:
        parts = split_spec(one)
        found = read_range(parts[2]) if parts is not None and parts[1] == lead else None
        # Of alternatives none is more than another, so they bound nothing that could be told.
        if found is not None and not found.is_any and len(found.alternatives) == 1:
            texts.append(str(found))
    return Range.of(",".join(texts)) if texts else None


def _build(release: str, cuda: str, source: str, package: str, problem: Problem) -> Build:
    return Build(release, variant_of(cuda), cuda, problem.platform, source, package=package)


def _source(channel: str) -> str:
    return FORGE if channel_name(channel) == FORGE else channel


def judge_on_conda(
    build: Build, family: CondaFamily, problem: Problem, catalogue: Catalogue
) -> Verdict:
    """Return the verdict on a build over all machines, by driver and compute capability."""
    cuda = build.cuda or ""
    oldest = catalogue.toolkits.oldest.get(cuda_major(cuda), "0")
    covered = family.capabilities.get(cuda_major(cuda), ANY)
    return judge_by(
        build,
        problem,
        lambda host: level(cuda, host, catalogue.drivers),
        lambda one, _level: version(one) >= version(oldest) and one in covered,
    )
