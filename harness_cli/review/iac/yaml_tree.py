"""YAML from outside as plain values with lines; tags become callables' business, never Python objects.

Aliases are refused (they multiply), so is depth and size; keys stay as written (`on` is no boolean).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from harness_cli.review.iac.prescan import UnreadableCodeError

YAML_CHARACTERS: Final = 200 * 1024
_DEPTH: Final = 64
_TRUE: Final = frozenset({"true", "yes", "on"})

Tagged: TypeAlias = Callable[[str, Any], Any]  # Any: a value; (tag without "!", inner value) -> value


@dataclass(slots=True)
class Tree:
    """A document's value and the line of each path of keys (`Resources.Db.Properties`)."""

    value: Any  # Any: mappings, tuples, scalars
    lines: dict[str, int] = field(default_factory=dict)

    def line(self, *keys: str | int) -> int:
        """The line of the nearest known ancestor of a path."""
        for end in range(len(keys), 0, -1):
            found = self.lines.get(".".join(map(str, keys[:end])))
            if found:
                return found
        return 1


def load_yaml(text: str, tagged: Tagged | None = None) -> Tree:
    """The one document. Raises UnreadableCodeError."""
    if len(text) > YAML_CHARACTERS:
        raise UnreadableCodeError(f"the file has more than {YAML_CHARACTERS} characters")
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        tree = Tree(None)
        if node is not None:
            tree.value = _Reader(tree.lines, tagged or (lambda _, value: value)).read(node, (), 0)
    except (yaml.YAMLError, RecursionError, ValueError) as err:
        if isinstance(err, UnreadableCodeError):
            raise
        several = "single document" in str(getattr(err, "context", ""))
        raise UnreadableCodeError(f"the file {'holds several documents' if several else 'is not valid YAML'}") from err
    return tree


class _Reader:
    def __init__(self, lines: dict[str, int], tagged: Tagged) -> None:
        self._lines = lines
        self._tagged = tagged
        self._seen: set[int] = set()

    def read(self, node: Any, path: tuple[str, ...], depth: int) -> Any:  # Any: yaml nodes, values
        if id(node) in self._seen or depth > _DEPTH:
            raise UnreadableCodeError("the file has aliases, or is nested too deep")
        self._seen.add(id(node))
        self._lines.setdefault(".".join(path), node.start_mark.line + 1)
        value = self._plain(node, path, depth)
        return self._tagged(node.tag[1:], value) if node.tag.startswith("!") and len(node.tag) > 1 else value

    def _plain(self, node: Any, path: tuple[str, ...], depth: int) -> Any:  # Any: as above
        if node.id == "scalar":
            return _scalar(node)
        if node.id == "sequence":
            return tuple(self.read(one, (*path, str(at)), depth + 1) for at, one in enumerate(node.value))
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise UnreadableCodeError("a key of the file is no text")
            self._lines[".".join((*path, key.value))] = key.start_mark.line + 1
            found[key.value] = self.read(value, (*path, key.value), depth + 1)
        return found


def _scalar(node: Any) -> Any:  # Any: as above
    kind = node.tag.rpartition(":")[2]
    text: str = node.value
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "null":
        return None
    if kind == "int" and text.lstrip("+-").isdecimal() and len(text) < 40 and not text.lstrip("+-").startswith("0"):
        return int(text)
    if kind == "int" and text == "0":
        return 0
    return text  # 012345678901 is an account, not an octal number


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
