"""The lead as others ask for it: pages in force, files on the line, what is built against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conda_cuda_guard.model import Origin, Range

from .address_kind import PROJECT, classify
from .pip_parse import file_of, name_of
from .requirement import ADDRESS, LEAD, MEMBER, OTHER, Requirement, VariantWish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.model import Catalogue, Request

_MINOR = 2  # the parts of a version without its patch


def bound_by_places(
    parsed: tuple[Requirement, ...], request: Request, catalogue: Catalogue
) -> tuple[Requirement, ...]:
    """Return what pages in force and files on the line ask of the lead, where it is asked for."""
    found = (file_of(one.text) for one in parsed if one.kind == OTHER)
    files = [one for one in found if one is not None and _is_beside_lead(one.package, catalogue)]
    is_asked = any(_concerns_lead(one, catalogue) for one in parsed if not one.origin.is_bound)
    by_file = any(one.kind == ADDRESS for one in parsed)
    if not is_asked and (by_file or not files or _brings_no_lead(request)):
        return ()
    folders = [one.address.rpartition("/")[0] for one in files if "://" in one.address]
    urls = (*request.sources.index_urls, *request.sources.find_links, *folders)
    bound = tuple(_bound_by_pages(dict.fromkeys(urls), parsed, request, catalogue))
    if not files:
        return bound
    from .named_files import bound_by_files  # late: most lines name no file

    return (*bound, *bound_by_files(files, catalogue))


def _is_beside_lead(name: str, catalogue: Catalogue) -> bool:
    """Return whether a package is a companion of the lead, or built against it."""
    return name in catalogue.family.companions or catalogue.built.named(name) is not None


def _brings_no_lead(request: Request) -> bool:
    """Return whether there is a lead already, or what needs one brings none."""
    alone = request.closed or request.as_is or request.no_deps or request.sources.no_index
    return request.installed is not None or alone


def _concerns_lead(one: Requirement, catalogue: Catalogue) -> bool:
    """Return whether a requirement is the lead's, or of what is built against it."""
    return one.kind in (LEAD, MEMBER) or catalogue.built.named(name_of(one.text)) is not None


def _bound_by_pages(
    urls: Iterable[str],
    parsed: Iterable[Requirement],
    request: Request,
    catalogue: Catalogue,
) -> Iterator[Requirement]:
    """Yield what other projects' pages ask of the lead: their files are built against it."""
    family = catalogue.family
    lead = family.lead.pip
    for url in urls:
        found = classify(url, family, request.sources.foreign)
        if found.kind != PROJECT or not found.release:
            continue
        number = found.release.split(".")
        if _is_known(url, catalogue) and _is_of_another_patch(number, parsed, request, catalogue):
            number = number[:_MINOR]
        allows = Range((f"=={'.'.join(number)}" + (".*" if len(number) <= _MINOR else ""),))
        wish = VariantWish.of(url, found.variant)
        text = f"{lead}{allows}"
        yield Requirement(text, LEAD, lead, allows, wish, lead, origin=Origin("page", url))


def _is_known(url: str, catalogue: Catalogue) -> bool:
    """Return whether a page is a known family's: each is for all patch releases of a minor one."""
    return any(url.startswith(one.starts) for one in catalogue.built)


def _is_of_another_patch(
    number: list[str], parsed: Iterable[Requirement], request: Request, catalogue: Catalogue
) -> bool:
    """Return whether the lead that is installed, or asked for, differs by its patch from a page's.

    So it is with what a plan itself says to type.
    """
    page, there = ".".join(number), request.installed
    releases = [one.version for one in catalogue.releases]
    same = [one for one in releases if one.split(".")[:_MINOR] == number[:_MINOR]]
    if there is not None and there.release.split(".")[:_MINOR] == number[:_MINOR]:
        return True
    typed = [one.allows for one in parsed if one.kind == LEAD]
    fitting = [release for release in same if all(release in one for one in typed)]
    return bool(fitting) and page not in fitting


def lead_to_build_against(
    parsed: tuple[Requirement, ...], request: Request, catalogue: Catalogue
) -> Iterator[Requirement]:
    """Yield the lead where what is built against it is asked for, and there would be none."""
    lead = catalogue.family.lead.pip
    if _brings_no_lead(request):
        return
    if any(one.kind in (LEAD, ADDRESS) and not one.origin.is_bound for one in parsed):
        return
    for one in parsed:
        name = name_of(one.text)
        family = catalogue.built.named(name)
        if family is not None and family.needs_lead and not one.origin.is_bound:
            yield Requirement(lead, LEAD, lead, head=lead, origin=Origin("package", name))
            return
    # A file's own metadata says less than its name: not the variant, of an extension no release.
    found = (file_of(one.text) for one in parsed if one.kind == OTHER)
    named = [one for one in found if one is not None and _is_beside_lead(one.package, catalogue)]
    if named and any(one.kind == LEAD and one.origin.is_bound for one in parsed):
        origin = Origin("package", named[0].package)
        yield Requirement(lead, LEAD, lead, head=lead, origin=origin)
