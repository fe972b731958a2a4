"""Write data/pip_options.json from a set of pip wheels.

`python -m pip_hook.maintenance.pip_options pip-21.3.1-py3-none-any.whl pip-26.3-py3-none-any.whl …`

Each wheel's own parser is asked, in a child process, which options the commands have. This is the
one place that looks inside pip, and it never runs on a user's machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pip_hook.option_table import COMMANDS, DATA_FILE

_ASK_PIP = """
import json, sys
from pip._internal.cli.main_parser import create_main_parser
from pip._internal.commands import create_command
def table(parser):
    return {
        name: [(option._long_opts or option._short_opts)[0], option.takes_value()]
        for option in parser.option_list_all
        for name in option._short_opts + option._long_opts
    }
tables = {"": table(create_main_parser())}
tables.update({name: table(create_command(name).parser) for name in sys.argv[1:]})
print(json.dumps(tables))
"""


def ask(wheel: Path) -> dict[str, dict[str, tuple[str, bool]]]:
    """Return the options of every command of one pip wheel."""
    environ = {**os.environ, "PYTHONPATH": str(wheel.resolve())}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _ASK_PIP, *COMMANDS],
        env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tables: dict[str, dict[str, tuple[str, bool]]] = json.loads(done.stdout)
    return tables


def merge(wheels: list[Path]) -> dict[str, dict[str, dict[str, object]]]:
    """Return the options of all versions; one that ever took a value is recorded as taking one."""
    merged: dict[str, dict[str, dict[str, object]]] = {}
    for wheel in wheels:
        for command, options in ask(wheel).items():
            for name, (canonical, value) in options.items():
                known = merged.setdefault(command, {}).get(name)
                if known is not None and known["value"] != value:
                    raise SystemExit(
                        f"{wheel.name}: {command} {name} changed whether it takes a value"
                    )
                merged[command][name] = {"name": canonical, "value": value}
    return merged


def main(arguments: list[str]) -> int:
    """Write the data file."""
    wheels = [Path(argument) for argument in arguments]
    tables = merge(wheels)
    lines = [
        f'"{command}": {{\n'
        + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(options.items()))
        + "\n}"
        for command, options in sorted(tables.items())
    ]
    sources = json.dumps([wheel.name for wheel in wheels])
    text = (
        f'{{\n"schema": 1,\n"sources": {sources},\n"commands": {{\n'
        + ",\n".join(lines)
        + "\n}\n}\n"
    )
    DATA_FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
