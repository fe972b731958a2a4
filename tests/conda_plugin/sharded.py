"""Sharded repodata of a channel, made from its repodata.json (conda's CEP 16)."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.support.tools import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.real_conda import Conda

# With the library that this conda has.
_COMPRESS = """\
import sys
from pathlib import Path
try: from backports.zstd import compress
except ImportError: from zstandard import compress
for name in sys.argv[1:]:
    Path(name + '.zst').write_bytes(compress(Path(name).read_bytes()))
    Path(name).unlink()
"""


def compress(conda: Conda, files: Iterable[Path]) -> None:
    """Put `x.zst` in the place of each file `x`."""
    command = [str(conda.python), "-c", _COMPRESS, *map(str, files)]
    done = run(command, env=conda.environment())
    assert done.returncode == 0, done.stderr


def shard(conda: Conda, channel: Path, base: str = "./shards/") -> None:
    """Put shards beside the repodata.json of a channel's folders."""
    for file in list(channel.glob("*/repodata.json")):
        repodata = json.loads(file.read_text("utf-8"))
        (file.parent / "shards").mkdir()
        made, digests = [], {}
        for name, part in _by_name(repodata).items():
            data = pack(part)
            digests[name] = hashlib.sha256(data).digest()
            made.append(file.parent / "shards" / f"{digests[name].hex()}.msgpack")
            made[-1].write_bytes(data)
        info = {"base_url": "", "shards_base_url": base, "subdir": file.parent.name}
        index = file.parent / "repodata_shards.msgpack"
        index.write_bytes(pack({"info": info, "version": 1, "shards": digests}))
        compress(conda, [index, *made])


def _by_name(repodata: dict[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = defaultdict(
        lambda: {"packages": {}, "packages.conda": {}, "removed": []}
    )
    for group in ("packages", "packages.conda"):
        for file, record in repodata[group].items():
            parts[record["name"]][group][file] = record
    for file in repodata["removed"]:
        parts[file.rsplit("-", 2)[0]]["removed"].append(file)
    return parts


def pack(value: Any) -> bytes:
    """Write MessagePack, as far as it is needed here."""
    if isinstance(value, dict):
        items = b"".join(pack(key) + pack(item) for key, item in value.items())
        return b"\xdf" + len(value).to_bytes(4, "big") + items
    if isinstance(value, (list, tuple)):
        return b"\xdc" + len(value).to_bytes(2, "big") + b"".join(map(pack, value))
    if isinstance(value, bytes):
        return b"\xc4" + bytes([len(value)]) + value
    if isinstance(value, str):
        text = value.encode()
        small = bytes([0xA0 | len(text)]) if len(text) < 32 else b"\xd9" + bytes([len(text)])
        return small + text
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    return b"\xd3" + int(value).to_bytes(8, "big", signed=True)
