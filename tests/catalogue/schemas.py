"""JSON schemas of the data files, by table."""

from __future__ import annotations

from typing import Any

RELEASE = {"type": "string", "pattern": r"^\d+\.\d+\.\d+(\.post\d+)?$"}
VARIANT = {"type": "string", "pattern": r"^(cpu|cu\d{2,3})$"}
CUDA = {"type": "string", "pattern": r"^\d+\.\d$"}
CAPABILITY = {"type": "string", "pattern": r"^\d{1,2}\.\d$"}
LIBC = {"type": "string", "pattern": r"^glibc \d+\.\d+$"}
FAMILY_FILE = {"type": "string", "pattern": r"^[a-z0-9_-]+\.json$"}
NAME = {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$"}
CONDA_NAME = {"type": "string", "pattern": r"^[a-z0-9]+([._-][a-z0-9]+)*$"}
PLACE = {"type": "integer", "minimum": 0}
PLATFORM = {
    "enum": ["linux-x86_64", "linux-aarch64", "windows-amd64", "macos-arm64", "macos-x86_64"]
}
CODE = {
    "type": "array",
    "items": {"type": "array", "items": CAPABILITY},
    "minItems": 2,
    "maxItems": 2,
}
PYTHONS = {
    "type": "array",
    "items": {
        "type": "array",
        "items": {"type": "string", "pattern": r"^(2\.7|3\.\d{1,2}t?)$"},
        "uniqueItems": True,
    },
}


def text(*names: str) -> dict[str, Any]:
    """Return a schema of one of some words, or of any text without names."""
    return {"enum": list(names)} if names else {"type": "string", "minLength": 1}


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def listing(schema: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": schema, "minItems": least}


def row(*columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "prefixItems": list(columns),
        "minItems": len(columns),
        "maxItems": len(columns),
    }


def mapping(key: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "patternProperties": {key: value},
        "additionalProperties": False,
        "minProperties": 1,
    }


def table(name: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a table: the head that all have, and its own fields, no others."""
    head = {
        "table": {"const": name},
        "schema": {"const": 1},
        "sources": listing(text(), 1),
        "date": {"const": "2026-11-26"},
    }
    properties = {**head, **fields}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _object(**fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _columns(names: str) -> dict[str, Any]:
    return {"const": names.split()}


CONDA_COLUMNS = (
    "platform release variant selectors build_glob channels pythons pythons_are architectures "
    "libc board"
)
CONDA_ROW = row(
    PLATFORM,
    RELEASE,
    VARIANT,
    listing({"type": "string", "pattern": r"^(cuda\d+|cpuonly|[a-z-]+=(\d+\.\d|\*=tegra))$"}),
    {"type": "string", "pattern": r"^(\*?(cuda[\d.]+|cpu)\*|\*)$"},
    PLACE,
    PLACE,
    text("complete", "sample"),
    maybe(PLACE),
    maybe(LIBC),
    maybe(text("jetson")),
)
CHANNELS = listing(listing(text("pytorch", "pytorch-lts", "nvidia", "conda-forge"), 1), 1)
CONDA = {
    "channels": CHANNELS,
    "pythons": PYTHONS,
    "architectures": listing(CODE),
    "columns": _columns(CONDA_COLUMNS),
    "rows": listing(CONDA_ROW, 1),
}
NUMBER = {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"}
SPECIFIER = {"type": "string", "pattern": r"^>=\d+\.\d+\.\d+$"}
COMPANION = _object(
    versions=listing(NUMBER, 1),
    labelled={"type": "boolean"},
    pins_torch={"type": "boolean"},
)
COMPANION["properties"] |= {
    "ranged": listing(NUMBER, 1),
    "lacks": mapping(r"^\d+\.\d+\.\d+$", listing(VARIANT, 1)),
}
PACKAGE = "^(torchvision|torchaudio|torchtext)$"
EXCEPTION = {"release": RELEASE, "variant": VARIANT, "reason": text()}
ADDRESS = {"type": "string", "pattern": r"^https://[a-z0-9.-]+(/[\w.-]+)*$"}
SUBDIR = {"type": "string", "pattern": r"^(noarch|(linux|osx|win)-[a-z0-9]+)$"}
DRIVER = {"type": "string", "pattern": r"^\d{3}(\.\d+){0,2}$"}

SCHEMAS: dict[str, dict[str, Any]] = {
    "releases": table(
        "releases",
        ranges=listing(_object(package=text(), versions=SPECIFIER, torch=SPECIFIER), 1),
        pythons=PYTHONS,
        rows=listing(
            _object(
                version=RELEASE,
                python_tags={"type": "object", "propertyNames": PLATFORM},
                pip=mapping(PACKAGE, COMPANION),
                conda={
                    "type": "object",
                    "propertyNames": {"pattern": PACKAGE},
                    "additionalProperties": {"anyOf": [listing(text(), 2), {"const": []}]},
                },
            ),
            1,
        ),
    ),
    "wheels": table(
        "wheels",
        platform=PLATFORM,
        corrections=listing(_object(**EXCEPTION, label={"type": "string"})),
        left_out=listing(_object(**EXCEPTION)),
        pythons=PYTHONS,
        architectures=listing(CODE),
        evidence=listing(text(), 1),
        columns=_columns(
            "release variant label source index page pythons architectures libc confidence evidence"
        ),
        rows=listing(
            row(
                RELEASE,
                VARIANT,
                {"type": "string", "pattern": r"^(\+(cpu|cu\d+))?$"},
                text("pytorch-index", "user-index"),
                maybe({"type": "string", "pattern": r"^(lts/1\.8/)?(cpu|cu\d+)$"}),
                maybe({"type": "string", "pattern": r"^((cpu|cu\d+)/)?torch_stable\.html$"}),
                PLACE,
                maybe(PLACE),
                maybe(LIBC),
                text("high", "medium"),
                PLACE,
            ),
            1,
        ),
    ),
    "plain": table(
        "plain",
        platforms=listing(PLATFORM, 5),
        rows=listing(row(RELEASE, *[maybe(VARIANT)] * 5), 1),
    ),
    "conda-pytorch": table("conda-pytorch", **CONDA),
    "conda-forge": table("conda-forge", cuda_versions=listing(CUDA, 1), **CONDA),
    "drivers": table(
        "drivers",
        floors=mapping(r"^\d\d$", row(DRIVER, DRIVER)),
        columns=_columns("cuda linux windows branch"),
        rows=listing(row(CUDA, DRIVER, DRIVER, {"type": "string", "pattern": r"^R\d{3}$"}), 1),
    ),
    "toolkits": table(
        "toolkits",
        oldest=mapping(r"^\d+$", CAPABILITY),
        first=mapping(r"^\d+\.\d$", CUDA),
        boards=listing(CAPABILITY, 1),
    ),
    "gpus": table(
        "gpus",
        names=listing(text(), 1),
        keys=mapping(r"^[a-z0-9]+( [a-z0-9]+)*$", CAPABILITY),
    ),
    "mirrors": table(
        "mirrors",
        rows=listing(
            _object(
                name=text(),
                kind=text("pypi", "wheels", "channels"),
                base=ADDRESS,
                also=listing(ADDRESS),
                flat={"type": "boolean"},
                variants=maybe(listing(VARIANT)),
                defaults=listing(ADDRESS),
                carries={"type": "object", "additionalProperties": listing(SUBDIR)},
                lacks=listing(text()),
                status=text("alive", "doubtful", "retired"),
                note={"type": "string"},
                source=text(),
            ),
            1,
        ),
    ),
    "names": table(
        "names",
        lead=listing(NAME, 1),
        leads=listing(FAMILY_FILE, 1),
        spelt=mapping(NAME["pattern"], FAMILY_FILE),
        ranged=listing(NAME, 1),
        beside=listing(NAME, 1),
        built=mapping(NAME["pattern"], FAMILY_FILE),
        conflicts=listing(row(text(), NAME), 1),
        conda=listing(CONDA_NAME, 1),
        libraries=listing(NAME, 1),
        off_conda=listing(NAME, 1),
    ),
}
