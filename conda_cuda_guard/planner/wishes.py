"""Rule 6: explicit wishes, which builds they mean, and what to say where they are not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Note

from .choose import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conda_cuda_guard.model import Build, Catalogue

    from .asking import Wish
    from .choose import Verdict
    from .situation import Situation
    from .supply import Supply


def granted(wish: Wish, stock: Supply) -> tuple[Build, ...]:
    """Give the builds that a wish means.

    In the source in use if it has them, else in another one; and by its CUDA version alone where
    the package that named it is of another time (`pytorch=2.1 cudatoolkit=11.8`).
    """
    sources = (stock.builds, stock.others)
    for selects in (_selects, _any):
        for builds in sources:
            meant = tuple(b for b in builds if wish.grants(b.cuda) and selects(wish.selector, b))
            if meant:
                return meant
    return ()


def _any(_selector: str | None, _build: Build) -> bool:
    return True


def _selects(selector: str | None, build: Build) -> bool:
    """Tell whether a build is one that a conda selector package chooses among."""
    if selector in (None, "cpuonly"):
        return True
    if selector == "pytorch-gpu":
        return build.source == "conda-forge"
    return any(one.split("=")[0] == selector for one in build.selectors)


def replaced(wish: Wish, reason: str, situation: Situation, failed: Verdict | None = None) -> Note:
    """Say that a wish was not kept, and what was wrong with it."""
    facts = {"wish": wish.text, "platform": situation.platform}
    if failed is not None:
        host = failed.host or situation.hosts[0]
        facts.update(
            cuda=failed.build.cuda or "", host_cuda=host.cuda or "", driver=host.driver or ""
        )
        if failed.gpu is not None:
            facts["gpu"] = failed.gpu.name or "the GPU"
            facts["capability"] = failed.gpu.compute_capability or ""
    return Note("explicit-variant-replaced", "warning", reason, facts)


def why_not(
    wish: Wish, builds: Iterable[Build], situation: Situation, catalogue: Catalogue
) -> Note:
    """Say why none of the builds that a wish means can be taken."""
    failed = next((judge(build, situation, catalogue) for build in builds), None)
    return replaced(wish, failed.problem or "absent" if failed else "absent", situation, failed)


def contradicted(build: Build, situation: Situation) -> tuple[Note, ...]:
    """Say which wishes were dropped for the one that was kept (`cpuonly pytorch-cuda=12.1`)."""
    kept = situation.wish
    if kept is None or not kept.grants(build.cuda):
        return ()
    others = dict.fromkeys(ask.wish for ask in situation.asks if ask.wish is not None)
    return tuple(
        Note(
            "explicit-variant-replaced",
            "warning",
            "contradicted",
            {"wish": other.text, "kept": kept.text},
        )
        for other in others
        if not other.grants(build.cuda)
    )
