"""What the guard costs, as ratios against pip and conda themselves, measured in turn.

`python -m benchmarks.overhead [RUNS]` from the root of the repository, in the test environment. The
wheels come from the tests' local index (no network), whose page of all of torch has 6,000 files as
the real one has; the machine is a simulated A100.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from tests.support.channels import make_channels
from tests.support.pips import pip_env, pip_environment
from tests.support.preloaded import start_afresh
from tests.support.real_conda import real_conda
from tests.support.tools import run
from tests.support.wheel_catalogue import from_catalogue
from tests.support.wheel_index import WheelFile, WheelServer

if TYPE_CHECKING:
    from tests.support.tools import Result

_FAMILY = ("torch", "torchvision", "torchaudio")
_OTHER_LABELS = ("rocm6.2", "rocm6.3", "rocm6.4", "rocm7.0", "rocm7.1", "xpu")
A100 = {"CUDA_GUARD_DRIVER": "535.104.05", "CUDA_GUARD_GPU": "A100"}
PINNED = ("torch==2.1.2+cu121", "torchvision==0.16.2+cu121")
ASKED = ("torch==2.1.2", "torchvision")


def compare(name: str, ours: Callable[[], Result], peer: Callable[[], Result], runs: int) -> None:
    """Time two commands in turn and print the medians and their ratio."""
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for number in range(runs + 1):
        for key, command in (("ours", ours), ("peer", peer)):
            start = time.perf_counter()
            done = command()
            if done.returncode:
                raise SystemExit(f"{name}: {key} failed\n{done.stdout}{done.stderr}")
            if number:  # the first round warms the caches
                times[key].append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(times["ours"], times["peer"]))
    ours_ms, peer_ms = (1000 * statistics.median(times[key]) for key in ("ours", "peer"))
    print(f"{name:44} {ours_ms:7.0f} ms {peer_ms:7.0f} ms   x{ratio:.3f}")


def _whole_index() -> list[WheelFile]:
    """Return the files of an index for all platforms and accelerators, as many as the real one."""
    files = [*from_catalogue()]
    for platform in ("linux-aarch64", "windows-amd64"):
        files += [one for one in from_catalogue(platform) if one.name in _FAMILY]
    cpu = [one for one in files if "/whl/cpu/" in f"/{one.index_path}"]
    files += [
        WheelFile(one.index_path.replace("cpu", label), one.filename.replace("cpu", label))
        for one in cpu
        for label in _OTHER_LABELS
    ]
    return list({one.index_path + one.filename: one for one in files}.values())


def _hanging(folder: Path) -> dict[str, str]:
    """Return the variables of a machine whose nvidia-smi never answers."""
    folder.mkdir(parents=True)
    program = folder / "nvidia-smi"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def pip_costs(home: Path, runs: int) -> None:
    """Compare pipcuda with the pip that it hands over to."""
    python = str(pip_env("newest"))
    with WheelServer(_whole_index()) as server:
        plain = pip_environment(home, index=server.simple)
        env = {**plain, **A100, "CUDA_GUARD_WHEEL_INDEX": server.base}
        dry = ("install", "--dry-run", "--ignore-installed")
        extra = ("--extra-index-url", f"{server.base}/cu121")
        for words in (["list"], ["--version"], ["install", "--dry-run", "numpy"]):
            compare(
                f"pipcuda {' '.join(words)}",
                lambda words=words: run([python, "-m", "pip_hook", *words], env=env),  # type: ignore[misc]
                lambda words=words: run([python, "-m", "pip", *words], env=plain),  # type: ignore[misc]
                runs,
            )
        asked = ["install", "--dry-run", "numpy"]
        for name, more in (
            ("an index that hangs", {"CUDA_GUARD_WHEEL_INDEX": "http://10.255.255.1/whl"}),
            ("nvidia-smi that hangs", _hanging(home / "programs")),
        ):
            compare(
                f"install --dry-run numpy, {name}",
                lambda more=more: run(  # type: ignore[misc]
                    [python, "-m", "pip_hook", *asked], env={**plain, **more}
                ),
                lambda: run([python, "-m", "pip", *asked], env=plain),
                runs,
            )
        pinned = lambda: run([python, "-m", "pip", *dry, *extra, *PINNED], env=plain)  # noqa: E731
        folders = count()
        for delay in (0.0, 0.1):
            if delay:
                server.fault("", "slow", delay=delay)
            where = f", {1000 * delay:.0f} ms an answer" if delay else ""
            for name, options, more in (
                ("catalogue alone", ["--offline"], dict),
                ("asking, cached", [], dict),
                ("asking, cold", [], lambda: {"XDG_CACHE_HOME": f"{home}/{next(folders)}"}),
            ):
                compare(
                    f"install --dry-run, {name}{where}",
                    lambda options=options, more=more: run(  # type: ignore[misc]
                        [python, "-m", "pip_hook", *dry, *options, *ASKED], env={**env, **more()}
                    ),
                    pinned,
                    runs,
                )


def conda_costs(home: Path, runs: int) -> None:
    """Compare conda with the plugin to conda without it."""
    conda = real_conda(home)
    condarc = make_channels(home / "channels").condarc(["defaults"])
    prefix = conda.prefix(home / "env")
    # A dry run that ends well is an error without --json.
    install = ["install", "numpy", "--dry-run", "--json", "-p", str(prefix)]
    for words in (["config", "--show", "channels"], install):
        compare(
            f"conda {words[0]} {words[1]}, with the plugin",
            lambda words=words: conda.run(*words, condarc=condarc),  # type: ignore[misc]
            lambda words=words: conda.run(*words, condarc=condarc, plugin=False),  # type: ignore[misc]
            runs,
        )


def main() -> None:
    """Print every comparison."""
    start_afresh()  # interpreters that fork would hide what it costs to load ours
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"{'':44} {'ours':>10} {'peer':>10}   ratio (median of {runs} pairs)")
    with tempfile.TemporaryDirectory() as folder:
        pip_costs(Path(folder) / "pip", runs)
        conda_costs(Path(folder) / "conda", runs)


if __name__ == "__main__":
    main()
