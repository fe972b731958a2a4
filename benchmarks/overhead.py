"""What the guard costs, as ratios against pip and conda themselves, measured in turn.

`python -m benchmarks.overhead [RUNS]` from the root of the repository, in the test environment. The
wheels come from the tests' local index (no network), the machine is a simulated A100.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from tests.support.channels import make_channels
from tests.support.pips import pip_env, pip_environment
from tests.support.real_conda import real_conda
from tests.support.tools import run
from tests.support.wheel_catalogue import from_catalogue
from tests.support.wheel_index import WheelServer

if TYPE_CHECKING:
    from tests.support.tools import Result

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


def pip_costs(home: Path, runs: int) -> None:
    """Compare pipcuda with the pip that it hands over to."""
    python = str(pip_env("newest"))
    with WheelServer(from_catalogue()) as server:
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
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"{'':44} {'ours':>10} {'peer':>10}   ratio (median of {runs} pairs)")
    with tempfile.TemporaryDirectory() as folder:
        pip_costs(Path(folder) / "pip", runs)
        conda_costs(Path(folder) / "conda", runs)


if __name__ == "__main__":
    main()
