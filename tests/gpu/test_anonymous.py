"""What names a machine or a card is replaced in what is kept, and the rest is left as it is."""

from __future__ import annotations

import pytest

from .anonymous import Anonymizer, names_of_this_machine

UUID = "0aa0b1c2-1111-2222-3333-444455556666"
OTHER = "0aa0b1c3-1111-2222-3333-444455556666"
FIRST, SECOND = "00000001-0000-0000-0000-000000000001", "00000002-0000-0000-0000-000000000002"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"GPU-{UUID}", f"GPU-{FIRST}"),
        (f"GPU-{UUID.upper()}, GPU-{UUID}", f"GPU-{FIRST}, GPU-{FIRST}"),
        (f"(UUID: MIG-{UUID})", f"(UUID: MIG-{FIRST})"),
        (f"MIG-GPU-{UUID}/3/0", f"MIG-GPU-{FIRST}/3/0"),
        (f"{OTHER} GPU-{UUID}", f"{FIRST} GPU-{SECOND}"),
        (f"GPU-{UUID[:8]} of GPU-{UUID}", f"GPU-{FIRST[:8]} of GPU-{FIRST}"),
        (f"'GPU-{UUID[:13]}...", "'GPU-00000000-0000..."),
        ("| 00000000:17:00.0 Off |", "| 00000000:01:00.0 Off |"),
        ("0000:17:00.0 0000:CA:00.1 17:00.0", "0000:01:00.0 0000:02:00.1 01:00.0"),
        ("gpus/0000:17:00.0/information", "gpus/0000:01:00.0/information"),
        ("Serial Number         : 1650123456789", "Serial Number         : 0"),
        ('"Serial": 1650123456789', '"Serial": 0'),
        ("Serial Number         : N/A", "Serial Number         : N/A"),
        ("Linux gpu-node-17.example 6.1", "Linux host 6.1"),
        ("root@gpu-node-17:~#", "root@host:~#"),
    ],
)
def test_what_names_one_machine_is_replaced(text: str, kept: str) -> None:
    hosts = ("gpu-node-17.example", "gpu-node-17")
    assert Anonymizer(hosts).text(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "NVIDIA H100 80GB HBM3, 9.0, 580.159.04",
        "Driver Version: 580.159.04   CUDA Version: 13.0",
        "Thu Nov 26 16:42:39 2026",
        "torch 2.11.0+cu130 sm_90a 0x10de 127.0.0.1:9",
        "GPU-name, gpu-nodes and a GPU-accelerated one",
        "sha256=0aa0b1c2111122223333444455556666",
        "12.5 ms at 00:12:34",
    ],
)
def test_the_rest_is_left_as_it_is(text: str) -> None:
    assert Anonymizer(("gpu-node", "gpu-node-17")).text(text) == text


def test_a_card_has_the_same_name_in_every_text() -> None:
    hide = Anonymizer()
    assert hide.text(f"GPU-{UUID} 0000:17:00.0") == f"GPU-{FIRST} 0000:01:00.0"
    assert hide.text(f"GPU-{OTHER} 0000:ca:00.0") == f"GPU-{SECOND} 0000:02:00.0"
    assert hide.text(f"GPU-{UUID[:8]} GPU-{UUID} 0000:17:00.0").endswith("0000:01:00.0")
    assert hide.text(f"GPU-{UUID}") == f"GPU-{FIRST}"


def test_the_names_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTNAME", "node-3.cluster")
    monkeypatch.setattr("socket.gethostname", lambda: "node-3")
    assert names_of_this_machine() == ("node-3.cluster", "node-3")
    monkeypatch.delenv("HOSTNAME")
    monkeypatch.setattr("socket.gethostname", lambda: "localhost")
    assert names_of_this_machine() == ()
