"""`python -m tests.fuzz TARGET [SECONDS]`: look for inputs that break what a target promises.

With atheris (on the package index, for CPython of some versions) what is looked at is led by which
branches of ours are reached; without it inputs are made at random, by changing earlier ones. An
input that breaks something is kept below `.fuzz/TARGET`; its name in the place of SECONDS runs it
again. `all` takes the targets in turn, each for its share; without a target they are listed.
"""

from __future__ import annotations

import faulthandler
import hashlib
import random
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .table import TARGETS, random_test

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = Path(".fuzz")
OURS = ["conda_cuda_guard", "pip_hook"]
LONGEST = 4096  # bytes of an input
HANGS = 60  # seconds after which an input is said to hang
KEPT = 500  # inputs that are changed, without atheris
_FAILED, _UNUSABLE = 1, 2


def main(words: list[str]) -> int:
    """Run a target, or all, and return 0 where nothing was found."""
    target, how_long = (words or [""])[0], (words[1:] or ["60"])[0]
    known = target == "all" or target in TARGETS
    if not known or not (how_long.isdigit() or Path(how_long).is_file()):
        print(f"{__doc__}\nTargets: all {' '.join(TARGETS)}")
        return _UNUSABLE
    if target == "all":
        return _all(max(1, int(how_long) // len(TARGETS)))
    place = PLACE / target
    place.mkdir(parents=True, exist_ok=True)
    if not how_long.isdigit():
        _run_of(target)(Path(how_long).read_bytes())
        print(f"{target}: {how_long} breaks nothing")
        return 0
    if find_spec("atheris") is None:
        print(f"{target}: atheris is not installed, so inputs are made at random")
        return _at_random(_run_of(target), place, int(how_long))
    return _by_atheris(target, place, int(how_long))


def _all(seconds: int) -> int:
    status = 0
    for target in TARGETS:
        command = [sys.executable, "-m", "tests.fuzz", target, str(seconds)]
        status = subprocess.run(command, check=False).returncode or status
    return status


def _run_of(target: str) -> Callable[[bytes], bytes | None]:
    """Return what runs one input; where it breaks something, what it stands for is printed."""
    handle: Any = random_test(target).hypothesis
    test = handle.inner_test

    def told(*arguments: object, **named: object) -> None:
        try:
            test(*arguments, **named)
        except Exception:
            print(f"{target} is broken by {arguments or ''}{named or ''}", file=sys.__stderr__)
            raise

    handle.inner_test = told
    run: Callable[[bytes], bytes | None] = handle.fuzz_one_input
    return run


def _by_atheris(target: str, place: Path, seconds: int) -> int:
    import atheris

    corpus = place / "corpus"
    corpus.mkdir(exist_ok=True)
    with atheris.instrument_imports(include=OURS):
        run = _run_of(target)
    limits = [f"-max_total_time={seconds}", f"-timeout={HANGS}", f"-max_len={LONGEST}"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={place}/", str(corpus)], run)
    atheris.Fuzz()  # ends the process
    return 0


def _at_random(run: Callable[[bytes], bytes | None], place: Path, seconds: int) -> int:
    chance = random.Random()
    corpus = [b""]
    end = time.monotonic() + seconds
    runs = 0
    while time.monotonic() < end:
        data = _changed(chance, chance.choice(corpus))
        faulthandler.dump_traceback_later(HANGS, exit=True)
        try:
            taken = run(data)
        except Exception:
            path = place / f"crash-{hashlib.sha256(data).hexdigest()[:16]}"
            path.write_bytes(data)
            print(f"kept as {path}")
            raise
        finally:
            faulthandler.cancel_dump_traceback_later()
        runs += 1
        if taken:
            corpus = [*corpus[-KEPT:], taken]
    print(f"{runs} inputs, nothing found")
    return 0


def _changed(chance: random.Random, data: bytes) -> bytes:
    """Return an input with some bytes at one place exchanged, or a new one."""
    new = chance.randbytes(chance.randrange(1, 256))
    if chance.random() < 0.5:
        return new
    at = chance.randrange(len(data) + 1)
    return (data[:at] + new[:8] + data[at + chance.randrange(16) :])[:LONGEST]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
