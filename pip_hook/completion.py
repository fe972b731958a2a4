"""Shell completion of `pipcuda`: our commands and options, followed by pip's own completions.

The scripts follow pip's, and so does the protocol: the words are in COMP_WORDS, the index of the
word to complete is in COMP_CWORD.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conda_cuda_guard.guard_options import GUARD_OPTIONS

from .option_table import COMMANDS
from .own_options import OWN_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conda_cuda_guard.guard_options import GuardOption

_BASH = r"""
_pipcuda_completion()
{
    local IFS=$' \t\n'
    COMPREPLY=( $( COMP_WORDS="${COMP_WORDS[*]}" \
                   COMP_CWORD=$COMP_CWORD \
                   PIP_AUTO_COMPLETE=1 "$1" 2>/dev/null ) )
}
complete -o default -F _pipcuda_completion pipcuda
"""
_ZSH = r"""
#compdef pipcuda
__pipcuda() {
  compadd $( COMP_WORDS="$words[*]" \
             COMP_CWORD=$((CURRENT-1)) \
             PIP_AUTO_COMPLETE=1 $words[1] 2>/dev/null )
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  __pipcuda "$@"
else
  compdef __pipcuda pipcuda
fi
"""
_FISH = r"""
function __fish_complete_pipcuda
    set -lx COMP_WORDS \
        (commandline --current-process --tokenize --cut-at-cursor) \
        (commandline --current-token --cut-at-cursor)
    set -lx COMP_CWORD (math (count $COMP_WORDS) - 1)
    set -lx PIP_AUTO_COMPLETE 1
    string split \  -- (eval $COMP_WORDS[1])
end
complete -fa "(__fish_complete_pipcuda)" -c pipcuda
"""
_POWERSHELL = r"""
Register-ArgumentCompleter -Native -CommandName pipcuda -ScriptBlock {
    param($lastWord, $line, $position)
    $words = $line.ToString()
    if ($lastWord -eq '') { $words += ' ' }
    $Env:COMP_WORDS = $words
    $Env:COMP_CWORD = $words.Split().Length - 1
    $Env:PIP_AUTO_COMPLETE = 1
    (& pipcuda) -split '\s+' | Where-Object { $_ }
    Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:PIP_AUTO_COMPLETE
}
"""
# By the options of `pip completion`.
SCRIPTS = {
    **dict.fromkeys(("--bash", "-b"), _BASH),
    **dict.fromkeys(("--zsh", "-z"), _ZSH),
    **dict.fromkeys(("--fish", "-f"), _FISH),
    **dict.fromkeys(("--powershell", "-p"), _POWERSHELL),
}


def print_script(shell: str) -> bool:
    """Print the script for a shell, by pip's option for it; return whether there is one."""
    if shell not in SCRIPTS:
        return False
    print(SCRIPTS[shell].strip())
    return True


def complete() -> bool:
    """Print our completions for the words in the environment; return whether pip has some too."""
    words = os.environ.get("COMP_WORDS", "").split()[1:]
    try:
        at = int(os.environ.get("COMP_CWORD", "")) - 1
    except ValueError:
        return True
    current = words[at] if 0 <= at < len(words) else ""
    before = words[: max(at, 0)]
    command = next((word for word in before if word in OWN_COMMANDS or word in COMMANDS), None)
    for one in _candidates(command, before):
        if one.startswith(current):
            print(one)
    if command not in OWN_COMMANDS:
        return True
    # pip completes its part of such a line as it completes install.
    os.environ["COMP_WORDS"] = os.environ["COMP_WORDS"].replace(f" {command}", " install", 1)
    return OWN_COMMANDS[command].takes_pips


def _candidates(command: str | None, before: list[str]) -> Iterator[str]:
    if command is None:
        yield from OWN_COMMANDS if not before or before == ["help"] else ()
        return
    own = OWN_COMMANDS.get(command)
    yield from _spelled(own.options.values() if own else ())
    idle = own.idle if own else ()
    if own is None or own.takes_pips:
        yield from _spelled(one for one in GUARD_OPTIONS.values() if one.name not in idle)


def _spelled(options: Iterable[GuardOption]) -> Iterator[str]:
    """Yield options as pip completes its own: with `=` where a value follows."""
    for option in options:
        yield option.name + ("=" if option.metavar else "")
        if option.short:
            yield option.short
