"""The guard's options, in one table that pip's command line, conda's parser and the help read.

Every conda command has the parsers of all subcommands filled from it, so it loads nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class GuardOption(NamedTuple):
    """An option of ours: what it is called, whether a value follows, and what its help says.

    `metavar` is None for a switch. `conda` tells whether `conda cuda-install` takes it from here:
    some are pip's side alone, and `--offline` is conda's own there.
    """

    name: str
    help: str
    metavar: str | None = None
    short: str = ""
    repeatable: bool = False
    conda: bool = True

    @property
    def field(self) -> str:
        """The name of its field: `as_is` of `--as-is`."""
        return self.name[2:].replace("-", "_")

    @property
    def variable(self) -> str:
        """Its twin in the environment: `CUDA_GUARD_AS_IS`."""
        return f"CUDA_GUARD_{self.field.upper()}"

    @property
    def usage(self) -> str:
        """How it is typed: `--output OUT`."""
        return f"{self.name} {self.metavar}" if self.metavar else self.name

    @property
    def spelling(self) -> str:
        """How it is shown in a help text: `-o, --output OUT`."""
        return f"{self.short}, {self.usage}" if self.short else self.usage


def by_name(*options: GuardOption) -> dict[str, GuardOption]:
    """Return options by their names."""
    return {option.name: option for option in options}


GUARD_OPTIONS = by_name(
    GuardOption("--cuda", "The newest CUDA that the driver supports (empty: no CUDA here).", "X.Y"),
    GuardOption(
        "--variant", "The build to take, as if its label had been typed.", "cuXXX|cpu|auto"
    ),
    GuardOption("--driver", "The driver's version.", "V"),
    GuardOption(
        "--gpu", "A GPU, by name or compute capability; repeatable.", "NAME|X.Y", repeatable=True
    ),
    GuardOption("--host", "A machine as JSON, or several as JSON Lines.", "FILE"),
    GuardOption("--cpu", "Take the CPU build."),
    GuardOption("--policy", "strict: no minor-version compatibility.", "auto|strict"),
    GuardOption("--as-is", "Check and warn, rewrite nothing."),
    GuardOption("--offline", "The built-in catalogue only: no index is asked.", conda=False),
    GuardOption(
        "--prefer-index",
        "Take the plain wheel of your own index where it is the planned build.",
        conda=False,
    ),
    GuardOption("--locked", "Name the planned files by their addresses and hashes.", conda=False),
    GuardOption("--verify", "Try torch after the install."),
    GuardOption("--installer", "The program that installs, in pip's place.", "pip|uv", conda=False),
)
