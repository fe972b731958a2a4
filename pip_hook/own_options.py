"""pipcuda's own commands and their options, in one table that the parsers and the help read."""

from __future__ import annotations

from typing import NamedTuple

from conda_cuda_guard.guard_options import GuardOption, by_name

_JSON = GuardOption("--json", "Print one JSON object.")
_YES = GuardOption(
    "--yes", "Do not ask; with --undo: also where a file has changed since.", short="-y"
)
_PYTHON = GuardOption(
    "--python", "The interpreter, or an environment's folder (default: this one).", "PY"
)


class OwnCommand(NamedTuple):
    """A command of ours: what it does, and the options that no other command has.

    `takes_pips` marks those that take the options of `pip install`, and so the guard's, as well,
    but for those of the guard that do nothing there (`idle`).
    """

    summary: str
    options: dict[str, GuardOption]
    takes_pips: bool = False
    idle: tuple[str, ...] = ()


OWN_COMMANDS = {
    "plan": OwnCommand(
        "Print what install would do, and do nothing.",
        by_name(
            _JSON,
            GuardOption("--batch", "Answer JSON Lines of requests (- is standard input).", "FILE"),
        ),
        takes_pips=True,
        idle=("--verify",),
    ),
    "rewrite": OwnCommand(
        "Pin a requirements file or an environment.yml to builds that run here.",
        by_name(
            GuardOption("--output", "Write it there instead of printing it.", "OUT", short="-o")
        ),
        takes_pips=True,
        idle=("--verify",),
    ),
    "env": OwnCommand(
        "Print variables by which plain pip and uv take the planned build.",
        by_name(
            GuardOption("--write", "Put it into the environment's own pip configuration."),
            GuardOption("--undo", "Take the last --write back."),
            GuardOption("--shell", "sh, fish, powershell or cmd.", "SHELL"),
            _JSON,
            _YES,
        ),
        takes_pips=True,
        idle=("--verify",),
    ),
    "matrix": OwnCommand(
        "Show which torch releases and CUDA variants run on this machine.",
        by_name(
            GuardOption("--all", "Show every patch."),
            GuardOption(
                "--why", "Explain a release (2.1.0) or one build (2.1.0+cu118) in full.", "RELEASE"
            ),
            _JSON,
            GuardOption("--html", "Print a page for a browser, which needs nothing else."),
            GuardOption("--markdown", "Print Markdown."),
        ),
        takes_pips=True,
        idle=(
            "--variant",
            "--as-is",
            "--locked",
            "--prefer-index",
            "--verify",
            "--installer",
        ),
    ),
    "doctor": OwnCommand(
        "Examine everything from the driver to torch, and say what is wrong.",
        by_name(
            _PYTHON,
            _JSON,
            GuardOption("--verify", "Also let torch compute, as pipcuda verify does."),
            GuardOption(
                "--root", "Where the machine's file system is mounted (default: /).", "DIR"
            ),
            GuardOption("--cuda", "Judge the installed torch for a machine with this CUDA.", "X.Y"),
            GuardOption(
                "--driver", "Judge the installed torch for a machine with this driver.", "V"
            ),
            GuardOption(
                "--gpu",
                "Judge the installed torch for a machine with this GPU (repeatable).",
                "NAME|X.Y",
            ),
            GuardOption("--host", "Judge the installed torch for the machine in a file.", "FILE"),
            GuardOption("--offline", "Do not ask whether indexes and channels answer."),
        ),
    ),
    "verify": OwnCommand(
        "Try the torch of an environment on this machine.",
        by_name(
            _PYTHON,
            _JSON,
            GuardOption("--timeout", "Seconds for all of it (default %(default).0f).", "S"),
        ),
    ),
    "explain": OwnCommand("Explain an error text, and what to type next.", by_name(_JSON)),
    "mirrors": OwnCommand(
        "List mirrors, test their speed, have pip and conda use one.",
        by_name(
            GuardOption("--test", "Ask each mirror: reachability and speed."),
            GuardOption(
                "--use", "Have pip and conda use a mirror; shows the change and asks.", "NAME"
            ),
            GuardOption("--undo", "Restore what the last --use changed."),
            GuardOption(
                "--timeout",
                "With --test: seconds for each answer (default %(default).0f).",
                "S",
            ),
            _YES,
            _JSON,
        ),
    ),
}
