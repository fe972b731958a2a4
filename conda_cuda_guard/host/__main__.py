"""Print what is detected, and how, as JSON: `python -m conda_cuda_guard.host`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from conda_cuda_guard.model import this_platform

from .detection import detect
from .system import this_libc


def main() -> None:
    """Detect with the options of the command line, and print the trail."""
    parser = argparse.ArgumentParser(prog="python -m conda_cuda_guard.host", description=__doc__)
    parser.add_argument("--everything", action="store_true", help="ask every source")
    parser.add_argument("--budget", type=float, default=5.0, help="seconds for all of it")
    parser.add_argument("--roots", type=Path, default=Path("/"), help="where /sys and /proc are")
    options = parser.parse_args()
    detection = detect(everything=options.everything, budget=options.budget, roots=options.roots)
    here = {"platform": this_platform(), "libc": this_libc()}
    print(json.dumps({**here, **asdict(detection)}, indent=2))


if __name__ == "__main__":
    main()
