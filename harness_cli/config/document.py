"""A YAML file as nodes that know where they stand; no meaning yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness_cli.config.model import KeyPath
from harness_cli.config.scalars import ScalarValue
from harness_cli.core.diagnostic import START, Diagnostic, Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `raw` is its text before YAML gave it a type, `style` its quote or block sign, empty where plain."""

    value: ScalarValue
    raw: str
    style: str
    span: Span

    @property
    def is_plain(self) -> bool:
        """Whether it stands there without quotes."""
        return not self.style


@dataclass(frozen=True, slots=True)
class Entry:
    """One key and its value."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in source order, each key once."""

    entries: tuple[Entry, ...]
    span: Span
    _index: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {entry.key.raw: entry for entry in self.entries})

    def get(self, key: str) -> "Node | None":
        """The value of a key."""
        entry = self._index.get(key)
        return entry.value if entry else None

    def entry(self, key: str) -> Entry | None:
        """The entry of a key."""
        return self._index.get(key)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in source order."""

    items: tuple["Node", ...]
    span: Span


Node = Scalar | Mapping | Sequence


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read; `root` is None where nothing could be read."""

    path: str
    text: str
    sha256: str
    root: Node | None
    comments: tuple[Comment, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    lines: tuple[str, ...] = field(default=())

    def node(self, *path: str | int) -> Node | None:
        """The node at a path of keys and indices."""
        return find(self.root, path)

    def key_span(self, *path: str | int) -> Span:
        """Where a path's key stands; the item itself for an index, the nearest ancestor where it is missing."""
        for end in range(len(path), 0, -1):
            span = _own_span(self.root, path[:end])
            if span is not None:
                return span
        return self.start

    def value_span(self, *path: str | int) -> Span:
        """Where a path's value stands; its key for a block collection or a missing value."""
        node = self.node(*path)
        if isinstance(node, Scalar) and node.span != empty_span(node.span):
            return node.span
        if node is not None and not isinstance(node, Scalar) and node.span.line == node.span.end_line and path:
            return node.span
        return self.key_span(*path)

    @property
    def start(self) -> Span:
        """The first key of the file: the place of what is missing altogether."""
        if isinstance(self.root, Mapping) and self.root.entries:
            return self.root.entries[0].key.span
        return START


def empty_span(span: Span) -> Span:
    """The same place, without any width."""
    return Span(span.line, span.column, span.line, span.column)


def find(node: Node | None, path: KeyPath) -> Node | None:
    """The node below `node` at a path, None where there is none."""
    for part in path:
        match node:
            case Mapping() if isinstance(part, str):
                node = node.get(part)
            case Sequence() if isinstance(part, int) and part < len(node.items):
                node = node.items[part]
            case _:
                return None
    return node


def scalars(node: Node | None, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Scalar]]:
    """Every scalar value below a node, with its path, in source order."""
    match node:
        case Scalar():
            yield path, node
        case Mapping():
            for entry in node.entries:
                yield from scalars(entry.value, (*path, entry.key.raw))
        case Sequence():
            for index, item in enumerate(node.items):
                yield from scalars(item, (*path, index))


def plain(node: Node) -> Any:  # Any: plain YAML data
    """A node as plain data, as it was written."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.raw: plain(entry.value) for entry in node.entries}


def _own_span(root: Node | None, path: KeyPath) -> Span | None:
    parent, last = find(root, path[:-1]), path[-1]
    if isinstance(parent, Mapping) and isinstance(last, str):
        entry = parent.entry(last)
        return entry.key.span if entry else None
    if isinstance(parent, Sequence) and isinstance(last, int) and last < len(parent.items):
        return parent.items[last].span
    return None
