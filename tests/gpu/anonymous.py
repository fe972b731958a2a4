"""Replace what names one machine or one card, in texts that are kept."""

from __future__ import annotations

import os
import re
import socket

_HEX = "[0-9a-fA-F]"
_WHOLE_UUID = rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
# Also what is left of a UUID that was cut short; a bare one only where it is whole.
_UUID = re.compile(rf"(?<=GPU-){_HEX}{{8}}[-0-9a-fA-F]*|(?<![0-9a-zA-Z]){_WHOLE_UUID}(?!{_HEX})")
_PCI = re.compile(
    rf"(?<![\w:.])(?:{_HEX}{{4}}(?:{_HEX}{{4}})?:)?{_HEX}{{2}}:[01]{_HEX}\.[0-7](?![\w:.])"
)
_FIELD = re.compile(
    r"^(\W*(?:Chassis )?(?:Serial Number|Serial|Board ID|GPU PDI)\W*:\s*)(?!N/A)\S.*$",
    re.MULTILINE,
)
_SHORTEST_NAME = 3


def names_of_this_machine() -> tuple[str, ...]:
    """Return the names that this machine goes by, the longest first."""
    told = {socket.gethostname(), os.environ.get("HOSTNAME", "")}
    told |= {name.partition(".")[0] for name in told}
    known = {name for name in told if len(name) >= _SHORTEST_NAME and name != "localhost"}
    return tuple(sorted(known, key=len, reverse=True))


class Anonymizer:
    """Replaces serial numbers, UUIDs, PCI addresses and host names, the same each time.

    What was equal stays equal, so that the texts of one machine still fit together.
    """

    def __init__(self, hosts: tuple[str, ...] = ()) -> None:
        patterns = (rf"(?<!\w){re.escape(host)}(?!\w)" for host in hosts)
        self._hosts = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
        self._uuids: dict[str, str] = {}
        self._addresses: dict[str, int] = {}

    def text(self, text: str) -> str:
        """Return a text in which nothing tells which machine it is from."""
        # The whole ones first: a part is then known by its beginning, wherever it stands.
        for uuid in re.findall(_WHOLE_UUID, text):
            self._uuid(uuid)
        text = _UUID.sub(lambda match: self._uuid(match[0]), text)
        text = _PCI.sub(lambda match: self._address(match[0]), text)
        text = _FIELD.sub(r"\g<1>0", text)
        for host in self._hosts:
            text = host.sub("host", text)
        return text

    def _uuid(self, uuid: str) -> str:
        key = uuid.lower()
        known = next((one for one in self._uuids if one.startswith(key)), None)
        if known is None and len(key) < len("00000000-0000-0000-0000-000000000000"):
            return re.sub(_HEX, "0", uuid)
        number = f"{len(self._uuids) + 1:08x}"
        whole = self._uuids.setdefault(known or key, f"{number}-0000-0000-0000-{number:0>12}")
        return whole[: len(uuid)]

    def _address(self, address: str) -> str:
        # "0000:17:00.0", "00000000:17:00.0" and "17:00.0" are one.
        domain, bus = address.rpartition(":")[0].rpartition(":")[0], address[-7:].lower()
        number = self._addresses.setdefault(bus, len(self._addresses) + 1)
        short = f"{number:02X}:00.{address[-1]}"
        return f"{'0' * len(domain)}:{short}" if domain else short
