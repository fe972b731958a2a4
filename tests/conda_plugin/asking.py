"""Ask with a real conda: in its own process, by its own interpreter, which runs this file.

Nothing of ours may reach its standard output or error, so the answer goes to a file.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.tools import Result, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.real_conda import Conda


@dataclass(frozen=True)
class Asked:
    """What came of it, and how the process ended."""

    came: dict[str, Any]
    process: Result

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The answers of the channels."""
        answers: list[dict[str, Any]] = self.came["answers"]
        return answers

    @property
    def printed(self) -> str:
        """Everything that anybody could read."""
        return json.dumps(self.came) + self.process.stdout + self.process.stderr


def ask(conda: Conda, condarc: str, env: Mapping[str, str] | None = None, **wish: Any) -> Asked:
    """Ask for `ask`ed channels, or else for those in force; `then` runs a conda command.

    `options` are conda's command line, `debug` lets conda log all it does.
    """
    into = conda.home / "asked.json"
    into.unlink(missing_ok=True)
    whole = {**conda.environment(condarc=condarc), **(env or {})}
    command = [str(conda.python), "-m", __name__, json.dumps({**wish, "into": str(into)})]
    process = run(command, env=whole, cwd=conda.home)
    assert into.exists(), process.stderr
    return Asked(json.loads(into.read_text("utf-8")), process)


def _ask(wish: dict[str, Any]) -> dict[str, Any]:
    from conda.base.context import context
    from conda.gateways.logging import initialize_logging, set_all_logger_level

    from conda_cuda_guard.conda_plugin.channels_in_force import channels_in_force, is_forbidden
    from conda_cuda_guard.conda_plugin.repodata import LIMIT, ask_channels

    context.__init__(argparse_args=Namespace(**wish.get("options", {})))
    initialize_logging()
    if wish.get("debug"):
        set_all_logger_level(logging.DEBUG)
    if "ask" not in wish:
        forbidden = [name for name in wish.get("forbidden", ()) if is_forbidden(name)]
        return {**asdict(channels_in_force(wish.get("prefix"))), "is_forbidden": forbidden}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limit = wish.get("limit", LIMIT)
    start, worked = time.monotonic(), time.process_time()
    answers = ask_channels(wish["ask"], limit=limit)
    return {
        "answers": [asdict(answer) for answer in answers],
        "late": time.monotonic() - start - limit,
        "worked": time.process_time() - worked,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory,
    }


def main() -> int:
    """Ask, and write what came."""
    wish = json.loads(sys.argv[1])
    came = _ask(wish)
    Path(wish["into"]).write_text(json.dumps(came, default=sorted), "utf-8")
    if "then" not in wish:
        return 0
    from conda.cli.main import main as run_conda

    return int(run_conda(*wish["then"]) or 0)


if __name__ == "__main__":
    sys.exit(main())
