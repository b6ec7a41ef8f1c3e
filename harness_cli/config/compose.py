"""Events to nodes: the strict language of configuration files, with every trespass reported in one pass.

1. One document, a mapping or sequence or scalar, without directives (H004, H009).
2. No anchors, aliases or merge keys (H003), no tags (H004), no key twice (H002), keys are plain text (H007).
3. A tab separates nothing (H000); an escape cannot smuggle in an invisible character (H001).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from harness_cli.config.document import Entry, Mapping, Node, Scalar, Sequence
from harness_cli.config.events import end_of, start_of
from harness_cli.config.scalars import resolve
from harness_cli.config.source import HIDDEN, describe
from harness_cli.core.diagnostic import Diagnostic, Severity, Span

_TEXT_TAG: Final = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class Composer:
    """Builds nodes from one stream of events; `diagnostics` grows on the way."""

    path: str
    text: str
    events: Iterator[Event]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    scalars: list[Span] = field(default_factory=list)

    def document(self) -> Node | None:
        """The root of the first document; further ones are reported and read past."""
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                self._judge_document(event, documents)
            elif isinstance(event, NodeEvent):
                node = self._node(event)
                root = node if documents == 1 else root
        return root

    def _judge_document(self, event: DocumentStartEvent, number: int) -> None:
        span = _span(event)
        if number == 2:
            self._error("H009", "the file holds more than one document", span, "keep one document a file")
        if event.version or event.tags:
            self._error(
                "H004", "a YAML directive stands before the document", span, "delete the line that starts with %"
            )

    def _node(self, event: Event) -> Node:
        match event:
            case AliasEvent():
                self._error("H003", f"alias `*{event.anchor}`", _span(event), "write the value out")
                return Scalar(None, "", "", _span(event))
            case ScalarEvent():
                return self._scalar(event)
            case MappingStartEvent():
                self._judge_properties(event)
                return self._mapping(event)
            case SequenceStartEvent():
                self._judge_properties(event)
                return self._sequence(event)
            case _:
                raise AssertionError(f"event {type(event).__name__} starts no node")

    def _scalar(self, event: ScalarEvent) -> Scalar:
        self._judge_properties(event)
        span = _span(event)
        style = event.style or ""
        self.scalars.append(span)
        if style == '"':
            self._refuse_hidden(event.value, span)
        is_text = bool(style) or event.tag == _TEXT_TAG  # the tag has been reported; what it means is clear
        return Scalar(event.value if is_text else resolve(event.value), event.value, style, span)

    def _refuse_hidden(self, text: str, span: Span) -> None:
        hidden = HIDDEN.search(text)
        if hidden and hidden[0] not in self.text:  # what stands in the file itself has been reported already
            self._error("H001", f"an escape stands for {describe(hidden[0])}", span, "delete the escape")

    def _sequence(self, start: Event) -> Sequence:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                return Sequence(tuple(items), _between(start, event))
            items.append(self._node(event))
        raise AssertionError("a sequence without an end")

    def _mapping(self, start: Event) -> Mapping:
        entries: list[Entry] = []
        seen: dict[str, Span] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                return Mapping(tuple(entries), _between(start, event))
            key = self._node(event)
            value = self._node(next(self.events))
            if isinstance(key, Scalar) and self._is_good_key(key, seen):
                seen[key.raw] = key.span
                entries.append(Entry(key, value))
            elif not isinstance(key, Scalar):
                self._error("H007", "a key must be text, this one is a collection", _span(event))
        raise AssertionError("a mapping without an end")

    def _is_good_key(self, key: Scalar, seen: dict[str, Span]) -> bool:
        if key.is_plain and key.raw == "<<":
            self._error("H003", "merge key `<<`", key.span, "write the keys out")
            return False
        if key.value is None:
            self._error("H007", "a key must be text, this one is empty", key.span)
            return False
        if key.raw in seen:
            first = seen[key.raw].line
            advice = "keep one of them: YAML readers differ on which one counts"
            self._error("H002", f"key `{key.raw}` stands here twice", key.span, advice, f"first on line {first}")
            return False
        return True

    def _judge_properties(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        line, column = start_of(event)
        if event.anchor is not None:
            span = Span(line, column, line, column + 1 + len(event.anchor))
            self._error("H003", f"anchor `&{event.anchor}`", span, "delete the anchor: values are written out")
        if event.tag is not None:
            span = Span(line, column, line, column + 1)
            self._error("H004", f"tag `{event.tag}`", span, "delete the tag: types come from the schema")

    def _error(self, code: str, message: str, span: Span, help: str = "", label: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, message, self.path, span, help, label))


def _span(event: Event) -> Span:
    return _between(event, event)


def _between(start: Event, end: Event) -> Span:
    return Span(*start_of(start), *end_of(end))
