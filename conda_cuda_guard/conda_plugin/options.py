"""The options of `conda cuda-install`, all of conda's own install and the guard's; of cuda-doctor.

Every conda command has the parsers of all subcommands filled: next to nothing is loaded for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conda_cuda_guard.guard_options import GUARD_OPTIONS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from conda_cuda_guard.guard_options import GuardOption
    from conda_cuda_guard.host.overrides import Options


class _Shim:
    """Stands where conda makes the parser of `install`, and hands it ours to fill."""

    def __init__(self, parser: ArgumentParser) -> None:
        self.parser = parser

    def add_parser(self, _name: str, **_keywords: Any) -> ArgumentParser:  # noqa: ANN401
        return self.parser


def _translate(parser: ArgumentParser) -> None:
    """Translate a parser's help to the reader's language.

    The formatter is not set before help is asked for: argparse makes one for each option added.
    """

    def format_help() -> str:
        from conda_cuda_guard.rendering.help_text import Formatter

        parser.formatter_class = Formatter
        return type(parser).format_help(parser)

    parser.format_help = format_help  # type: ignore[method-assign]


def configure(parser: ArgumentParser) -> None:
    """Fill the parser."""
    from conda.cli.main_install import configure_parser

    configure_parser(_Shim(parser))
    parser.description = (
        "Rewrite the request to the CUDA build that this machine's driver and GPUs run, "
        "then run conda install. Takes every option of conda install."
    )
    parser.epilog = "Example: conda cuda-install pytorch==2.1.1 torchvision -n myenv"
    group = parser.add_argument_group("CUDA options")
    group.add_argument("--plan", action="store_true", help="Print the decision and stop.")
    for option in _of_ours():
        if option.metavar is None:
            group.add_argument(option.name, action="store_true", default=None, help=option.help)
        else:
            action = "append" if option.repeatable else "store"
            group.add_argument(option.name, metavar=option.metavar, action=action, help=option.help)
    _translate(parser)


def _of_ours() -> list[GuardOption]:
    """Return the options of the guard that are not conda's own."""
    return [option for option in GUARD_OPTIONS.values() if option.conda]


def configure_doctor(parser: ArgumentParser) -> None:
    """Fill the parser of `conda cuda-doctor`."""
    from conda.cli.helpers import add_parser_json, add_parser_prefix

    parser.description = (
        "Examine everything from the driver to torch, say what is wrong and what to type next. "
        "Exit status 0: nothing is wrong; 1: something is."
    )
    add_parser_prefix(parser)
    add_parser_json(parser)
    parser.add_argument(
        "--verify", action="store_true", help="Also let the environment's torch compute."
    )
    group = parser.add_argument_group("another machine, for which the installed torch is judged")
    group.add_argument("--cuda", metavar="X.Y", help="The newest CUDA of its driver.")
    group.add_argument("--driver", metavar="V", help="Its driver's version.")
    group.add_argument("--gpu", metavar="NAME|X.Y", action="append", help="A GPU (repeatable).")
    group.add_argument("--host", metavar="FILE", help="A file with one machine.")
    _translate(parser)


def read_conda_options(args: Namespace) -> Options:
    """Return the guard's options; `--offline` is conda's own and means the same."""
    from conda_cuda_guard.host.overrides import Options

    values = {option.field: getattr(args, option.field) for option in _of_ours()}
    values["gpu"] = tuple(args.gpu or ())
    values["offline"] = True if getattr(args, "offline", None) is True else None
    return Options.of(values)
