"""Parse an environment.yml as conda does, keeping the position of every node that may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from conda_cuda_guard.host.files import read_file
from conda_cuda_guard.model import Phrase, UsageError
from pip_hook.files.file_lines import TextFile, decoded
from pip_hook.files.requirement_file import MOST_DIGITS, has_long_number

# A node of PyYAML, whose marks are its place in the text.
Node = Any
_ONE_LIST = Phrase("dependencies may hold one list, that of pip")
_EXAMPLE = "see a small one: name, channels, dependencies: [python=3.11, pytorch]"


@dataclass(frozen=True)
class EnvironmentFile:
    """An environment file: the text, and the nodes that a plan may change.

    `channels` is None where the key is missing; `specs` are those of `dependencies` that are
    conda's, `pip` is the item with the pip list, `listed` are the requirements in that list.
    """

    path: str
    content: TextFile
    root: Node
    channels: Node | None
    dependencies: Node
    specs: tuple[Node, ...]
    pip: Node | None
    listed: tuple[Node, ...]

    @property
    def channel_names(self) -> tuple[Node, ...]:
        """Return the items of `channels`."""
        if self.channels is None or is_null(self.channels):
            return ()
        return tuple(self.channels.value)

    @property
    def pip_list(self) -> Node:
        """Return the list that holds `listed`."""
        return None if self.pip is None else self.pip.value[0][1]


def read_environment(path: str) -> EnvironmentFile:
    """Return an environment file, parsed; raise a UsageError where conda could not use it."""
    content = _text(path)
    root = _composed(path, content.text)
    if root is None:
        raise _unusable(path, Phrase("it is empty"))
    if not isinstance(root, yaml.MappingNode):
        raise _unusable(path, Phrase("it is no mapping of keys"), root)
    keys = [key.value for key, _ in root.value]
    for name in ("channels", "dependencies"):
        if keys.count(name) > 1:
            raise _unusable(path, Phrase("it has {name} twice", name=name))
    found = {key.value: value for key, value in root.value if isinstance(key.value, str)}
    channels, dependencies = found.get("channels"), found.get("dependencies")
    if dependencies is None or _is_empty(dependencies):
        raise _unusable(path, Phrase("it has no dependencies"), dependencies)
    if channels is not None and not is_null(channels):
        _require_texts(path, channels, "channels")
    _require_list(path, dependencies, "dependencies")
    specs = tuple(one for one in dependencies.value if isinstance(one, yaml.ScalarNode))
    lists = [one for one in dependencies.value if not isinstance(one, yaml.ScalarNode)]
    _require_text_items(path, specs, "dependencies")
    listed = _pip_items(path, lists)
    pip = lists[0] if lists else None
    return EnvironmentFile(path, content, root, channels, dependencies, specs, pip, listed)


def _text(path: str) -> TextFile:
    try:
        return decoded(read_file(path))
    except (UnicodeError, LookupError):
        raise _unusable(path, Phrase("its text is not UTF-8")) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            Phrase("{path} cannot be read", path=path),
            why=why,
            hint="pipcuda rewrite environment.yml",
        ) from None


def _composed(path: str, text: str) -> Node:
    try:
        return yaml.compose(text)
    except yaml.MarkedYAMLError as error:
        why = " ".join(filter(None, (error.context, error.problem)))
        raise _unusable(path, Phrase("it is no YAML: {why}", why=why), error) from None
    except yaml.YAMLError as error:
        why = str(error).splitlines()[0]
        raise _unusable(path, Phrase("it is no YAML: {why}", why=why)) from None
    except RecursionError:
        raise _unusable(path, Phrase("it is nested too deeply")) from None


def _pip_items(path: str, lists: list[Node]) -> tuple[Node, ...]:
    """Return the items of the pip list; raise a UsageError for another item that is no text."""
    if len(lists) > 1:
        raise _unusable(path, _ONE_LIST, lists[1])
    if not lists:
        return ()
    (item,) = lists
    pairs = item.value if isinstance(item, yaml.MappingNode) else []
    if [key.value for key, _ in pairs] != ["pip"]:
        raise _unusable(path, _ONE_LIST, item)
    value = pairs[0][1]
    if is_null(value):
        return ()
    _require_texts(path, value, "pip")
    return tuple(value.value)


def _require_texts(path: str, node: Node, name: str) -> None:
    _require_list(path, node, name)
    _require_text_items(path, node.value, name)


def _require_list(path: str, node: Node, name: str) -> None:
    if not isinstance(node, yaml.SequenceNode):
        raise _unusable(path, Phrase("{name} is no list", name=name), node)


def _require_text_items(path: str, items: Any, name: str) -> None:  # noqa: ANN401
    for item in items:
        if not isinstance(item, yaml.ScalarNode) or is_null(item):
            raise _unusable(path, Phrase("an item of {name} is no text", name=name), item)
        if has_long_number(item.value):
            long = Phrase(
                "a number in {name} has {most} digits or more", name=name, most=MOST_DIGITS
            )
            raise _unusable(path, long, item)
        if "\n" in item.value or item.style in ("|", ">"):
            raise _unusable(path, Phrase("an item of {name} has several lines", name=name), item)


def is_null(node: Node) -> bool:
    """Return whether a node is empty or `null`."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _is_empty(node: Node) -> bool:
    return is_null(node) or (isinstance(node, yaml.SequenceNode) and not node.value)


def _unusable(path: str, why: str, at: Any = None) -> UsageError:  # noqa: ANN401
    """Return the error; `at` is a node or an error of PyYAML, which knows its line."""
    mark = getattr(at, "start_mark", None) or getattr(at, "problem_mark", None)
    place = Phrase(" (line {line})", line=mark.line + 1) if mark is not None else ""
    return UsageError(
        Phrase("{path} is no environment file that conda can use{place}", path=path, place=place),
        why=why,
        hint=_EXAMPLE,
    )
