"""Write the data files from a folder of facts tables, the one beside this module by default.

`python -m conda_cuda_guard.catalogue.rebuilding [--check] [FACTS_DIR]`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from conda_cuda_guard.catalogue.family_claims import names_off_conda
from conda_cuda_guard.catalogue.family_files import own_conda_names
from conda_cuda_guard.catalogue.family_rows import own_names, own_rows
from conda_cuda_guard.catalogue.files import SHIPPED, folder
from conda_cuda_guard.model import PLATFORMS

from .conda_channels import conda_forge_table, conda_pytorch_table
from .fact_tables import Facts, FactsError, head, render
from .hardware import drivers_table, gpus_table, toolkits_table
from .mirrors import mirrors_table
from .releases import releases_table
from .wheels import plain_table, wheels_table

FACTS = Path(__file__).parent / "facts"
TABLES: dict[str, Callable[[Facts], dict[str, Any]]] = {
    "releases": releases_table,
    "plain": plain_table,
    "conda-pytorch": conda_pytorch_table,
    "conda-forge": conda_forge_table,
    "drivers": drivers_table,
    "toolkits": toolkits_table,
    "gpus": gpus_table,
    "mirrors": mirrors_table,
}


def build(facts: Facts) -> dict[str, str]:
    """Return every data file's text by its name."""
    try:
        files = {f"{name}.json": render(make(facts)) for name, make in TABLES.items()}
        for platform in PLATFORMS:
            files[f"wheels-{platform}.json"] = render(wheels_table(facts, platform))
        files["names.json"] = render(names_table())
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise FactsError(f"unexpected form: {type(error).__name__}: {error}") from error
    return files


def names_table() -> dict[str, Any]:
    """Return the table of the names in the families' files, which are written by hand."""
    found = own_names(SHIPPED)
    return {
        **head("names", ["the files of the families"]),
        "lead": list(found.lead),
        "leads": list(found.leads),
        "spelt": dict(found.spelt),
        "ranged": list(found.ranged),
        "beside": sorted(found.beside),
        "built": dict(found.built),
        "conflicts": [list(one) for one in found.conflicts],
        "libraries": sorted(found.libraries),
        "conda": sorted(own_conda_names(SHIPPED)),
        "off_conda": sorted(names_off_conda(own_rows(SHIPPED).values())),
    }


def differing(files: dict[str, str], target: Path) -> list[str]:
    """Return the names of the files that are not in the folder as they should be."""
    present = {path.name: path.read_text(encoding="utf-8") for path in target.glob("*.json")}
    return sorted(name for name in {*files, *present} if files.get(name) != present.get(name))


def write(files: dict[str, str], target: Path) -> None:
    """Write the files, with the same line ends everywhere."""
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (target / name).write_bytes(text.encode("utf-8"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 1 where a check finds a difference, 2 for unusable facts."""
    parser = argparse.ArgumentParser(prog="python -m conda_cuda_guard.catalogue.rebuilding")
    parser.add_argument("facts", type=Path, nargs="?", default=FACTS, metavar="FACTS_DIR")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when different")
    options = parser.parse_args(arguments)
    try:
        files = build(Facts(options.facts))
    except FactsError as error:
        print(f"rebuild: {error}", file=sys.stderr)
        return 2
    names = differing(files, folder())
    if options.check:
        print("\n".join(f"differs: {name}" for name in names) or "up to date")
        return 1 if names else 0
    write(files, folder())
    print(f"{len(files)} files in {folder()}, {len(names)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
