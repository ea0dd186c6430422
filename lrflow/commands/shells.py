"""What click leaves to do: bash breaks words at = : and @, PowerShell keeps backslashes, field= stays open."""

import os
from typing import ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    PowerShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from lrflow.errors import Unavailable

# The whole line and the word that bash will replace: of areas=ms it gives click three words, and replaces the last.
_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion type value
    COMPREPLY=()
    response=$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORD="$2" %(complete_var)s=bash_complete "$1")
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value"); [[ $value == *= ]] && compopt -o nospace ;;
        esac
    done
}
(( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )) && complete -o nosort -F %(complete_func)s %(prog_name)s
"""
# As click's own, but no blank comes after a field= whose value is still to be typed.
_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a values fields response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \
%(complete_var)s=zsh_complete %(prog_name)s)}")
    for type key descr in ${response}; do
        [[ $descr == _ ]] && descr="" || descr=":$descr"
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain) if [[ $key == *= ]]; then fields+=("$key$descr"); else values+=("$key$descr"); fi ;;
        esac
    done
    (( $#values )) && _describe -V unsorted values -U
    (( $#fields )) && _describe -V unsorted fields -U -S ''
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class BashWords(BashComplete):
    """The words of a line as they were typed, and of each value the part that bash has not yet."""

    source_template: ClassVar[str] = _BASH
    _kept = ""  # what stands before the word that bash will replace: areas= of areas=ms

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the last one, and the last one, begun or empty."""
        line, replaced = os.environ.get("COMP_LINE", ""), os.environ.get("COMP_WORD", "")
        words = split_arg_string(line)
        last = words.pop() if line and not line[-1].isspace() else ""
        kept = last.removesuffix(replaced)
        # The value of --as=grace@ is completed without --as= in front.
        self._kept = kept.partition("=")[2] if kept.startswith("--") else kept
        return words[1:], last

    def format_completion(self, item: CompletionItem[str]) -> str:
        """The kind of value, and what takes the place of the word."""
        return f"{item.type},{str(item.value).removeprefix(self._kept)}"


class ZshWords(ZshComplete):
    """Values and names, apart by a colon: one inside a value is quoted."""

    source_template: ClassVar[str] = _ZSH

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Three lines: the kind of value, the value, what it is."""
        value = str(item.value).replace(":", r"\:")
        return f"{item.type}\n{value}\n{item.help or '_'}"


class PowerShellWords(PowerShellComplete):
    """In PowerShell a backslash is a letter like any other: C:\\Users\\Ana."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the last one, and the last one, begun or empty."""
        words = split_arg_string(os.environ["COMP_WORDS"].replace("\\", "\\\\"))
        number = int(os.environ["COMP_CWORD"])
        return words[1:number], words[number] if number < len(words) else ""


def prepare() -> None:
    """Let click complete words as these shells take them apart. A second call changes nothing."""
    for shell in (BashWords, ZshWords, PowerShellWords):
        add_completion_class(shell)


def script(shell: str) -> str:
    """What *shell* has to read so that Tab completes the words of lrflow."""
    prepare()
    found = get_completion_class(shell)
    if found is None:
        raise Unavailable(f"this click knows no {shell}", remedy="python -m pip install --upgrade click")
    # The words of the command line are not needed to write the script: any command does.
    return found(click.Command("lrflow"), {}, "lrflow", "_LRFLOW_COMPLETE").source()
