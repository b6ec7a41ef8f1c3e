"""Nodes against the schema: every trespass with its place, and what is left when trespasses are taken out.

What is left (`value`) lets the rules go on after an error, so that one pass finds everything: an unknown key that is
a misspelling counts as the key that was meant; a value of the wrong type is dropped; `broken` remembers both.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from harness_cli.config.document import Document, Entry, Mapping, Node, Scalar, Sequence
from harness_cli.config.model import KeyPath
from harness_cli.config.schema import Schema, resolved
from harness_cli.config.shape_words import (
    TYPE_WORDS,
    alternatives,
    closest,
    found_words,
    kind_of,
    path_words,
    scalar_fault,
    shortened,
    suggested,
    type_advice,
    where_words,
)
from harness_cli.core.diagnostic import Diagnostic, Severity, Span

DROPPED: Final = object()
_OWN_TYPE_CODES: Final = frozenset({"H055", "H063"})  # the rule says more than "wrong type" does
_LABEL: Final = 60
_SUGGESTED_AT_MOST: Final = 100  # comparing names is slow; a file with more errors has another problem


@dataclass(slots=True)
class Shape:
    """One walk over one document."""

    document: Document
    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: set[KeyPath] = field(default_factory=set)
    renamed: dict[KeyPath, str] = field(default_factory=dict)

    def check(self, node: Node, part: Schema, path: KeyPath, noun: str = "") -> Any:  # Any: plain YAML data
        """The valid rest of a node as plain data, DROPPED where nothing is left."""
        part = resolved(part)
        if "oneOf" in part:
            part = self._branch(node, part)
        expected = part.get("type")
        if expected is not None and kind_of(node) != expected:
            return self._wrong_type(node, part, path)
        match node:
            case Scalar():
                return self._scalar(node, part, path)
            case Sequence():
                return self._sequence(node, part, path, noun)
            case Mapping():
                return self._mapping(node, part, path, noun)

    # --- values -------------------------------------------------------------------------------------

    def _branch(self, node: Node, part: Schema) -> Schema:
        """The alternative whose type fits; `oneOf` of the schema always differs by type."""
        branches = [resolved(b) for b in part["oneOf"]]
        rest = {k: v for k, v in part.items() if k != "oneOf"}
        for branch in branches:
            if branch["type"] == kind_of(node):
                return {**branch, **rest}
        return {**rest, "type": [b["type"] for b in branches]}

    def _scalar(self, node: Scalar, part: Schema, path: KeyPath) -> Any:  # Any: a plain value
        message = scalar_fault(node, part)
        if message is None:
            return node.value
        self._add(
            part, "H007", f"{path_words(path)}: {message}", path, self._value_span(path, node), suggested(node, part)
        )
        return DROPPED

    def _sequence(self, node: Sequence, part: Schema, path: KeyPath, noun: str) -> Any:  # Any: plain data
        values = []
        seen = set()
        inner = part.get("items", {})
        code = part.get("x-code")
        for index, item in enumerate(node.items):
            here = inner if code is None else {"x-code": code, **resolved(inner)}
            value = self.check(item, here, (*path, index), noun)
            if value is DROPPED:
                continue
            if part.get("uniqueItems") and value in seen:  # the schema says so of scalars only
                self._add(part, "H007", f"{path_words(path)}: `{value}` stands here twice", (*path, index), item.span)
                continue
            values.append(value)
            if part.get("uniqueItems"):
                seen.add(value)
        self._judge_count(node, len(node.items), part, path, ("minItems", "maxItems"))
        return values

    def _judge_count(self, node: Node, count: int, part: Schema, path: KeyPath, keys: tuple[str, str]) -> None:
        least, most = part.get(keys[0], 0), part.get(keys[1], count)
        if count < least:
            what = "is empty" if count == 0 else f"needs at least {least}"
            self._add(
                part, "H007", f"{path_words(path)} {what}", path, self._value_span(path, node), alternatives(part)
            )
        elif count > most:
            advice = alternatives(part) if most == 1 else ""
            self._add(
                part, "H007", f"{path_words(path)} takes at most {most}", path, self._value_span(path, node), advice
            )

    # --- mappings -------------------------------------------------------------------------------------

    def _mapping(self, node: Mapping, part: Schema, path: KeyPath, noun: str) -> Any:  # Any: plain data
        known: Schema = part.get("properties", {})
        where = where_words(part, path) or noun
        values: dict[str, Any] = {}
        for entry in node.entries:
            key, inner = self._entry(entry, node, part, path, where)
            if inner is None:
                continue
            value = self.check(entry.value, inner, (*path, entry.key.raw), where)
            if value is not DROPPED:
                values[key] = value
            else:
                self.broken.add((*path, key))
        names = {self.renamed.get((*path, e.key.raw), e.key.raw) for e in node.entries}
        for key in part.get("required", ()):
            if key not in names:
                self._missing(key, known.get(key, {}), path, where)
        self._judge_count(node, len(node.entries), part, path, ("minProperties", "maxProperties"))
        return values

    def _entry(self, entry: Entry, node: Mapping, part: Schema, path: KeyPath, where: str) -> tuple[str, Schema | None]:
        name = entry.key.raw
        known: Schema = part.get("properties", {})
        if name in known:
            return name, known[name]
        further = part.get("additionalProperties", True)
        if isinstance(further, dict):
            return (name, further) if self._is_good_name(entry.key, part, path) else (name, None)
        if further is True:
            return name, {}
        return self._unknown(entry, node, part, path, where)

    def _is_good_name(self, key: Scalar, part: Schema, path: KeyPath) -> bool:
        names = part.get("propertyNames")
        fault = scalar_fault(Scalar(key.raw, key.raw, '"', key.span), resolved(names)) if names else None
        if fault:
            self._add(part, "H007", f"the key `{shortened(key.raw)}` {fault}", (*path, key.raw), key.span)
        return fault is None

    def _unknown(
        self, entry: Entry, node: Mapping, part: Schema, path: KeyPath, where: str
    ) -> tuple[str, Schema | None]:
        known: Schema = part.get("properties", {})
        name = entry.key.raw
        if part.get("x-secret") and isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
            self._literal(entry, part, path)
            return name, None
        free = [k for k in known if node.get(k) is None]
        meant = closest(name, free) if len(self.diagnostics) < _SUGGESTED_AT_MOST else ""
        label = f"did you mean `{meant}`?" if meant else ""
        advice = resolved(known[meant]).get("x-without", "") if meant else f"known here: {', '.join(sorted(known))}"
        message = f"unknown key `{shortened(name)}` in {where or 'the file'}"
        self._add({}, "H006", message, (*path, name), entry.key.span, advice, label)
        if not meant:
            return name, None
        self.renamed[(*path, name)] = meant
        self.broken.add((*path, meant))
        return meant, known[meant]

    def _literal(self, entry: Entry, part: Schema, path: KeyPath) -> None:
        message = f"{path_words((*path, entry.key.raw))} holds a literal"
        self._add({}, "H012", message, (*path, entry.key.raw), entry.value.span, alternatives(part))

    def _missing(self, key: str, part: Schema, path: KeyPath, where: str) -> None:
        part = resolved(part)
        code = part.get("x-code-missing", part.get("x-code", "H007"))
        advice = part.get("x-without", "")
        self.broken.add((*path, key))
        span = self.document.key_span(*path)
        self._add({}, code, f"missing key `{key}` in {where or 'the file'}", path, span, advice)

    # --- messages -------------------------------------------------------------------------------------

    def _wrong_type(self, node: Node, part: Schema, path: KeyPath) -> Any:  # Any: DROPPED
        expected = part["type"] if isinstance(part["type"], list) else [part["type"]]
        wanted = " or ".join(TYPE_WORDS[t] for t in expected)
        found = found_words(node)
        own = part.get("x-code", "H007")
        code = own if own in _OWN_TYPE_CODES or (isinstance(node, Scalar) and node.value is None) else "H007"
        if part.get("x-secret") and isinstance(node, Scalar) and isinstance(node.value, str):
            code, found = "H012", "a literal"
        self._add(
            {"x-code": code},
            code,
            f"{path_words(path)} must be {wanted}, found {found}",
            path,
            self._value_span(path, node),
            type_advice(node, expected, path) if code != "H012" else alternatives(part),
        )
        return DROPPED

    def _value_span(self, path: KeyPath, node: Node) -> Span:
        if path and isinstance(path[-1], int):
            return node.span if node.span.line == node.span.end_line else first_character(node.span)
        return self.document.value_span(*path)

    def _add(
        self, part: Schema, code: str, message: str, path: KeyPath, span: Span, help: str = "", label: str = ""
    ) -> None:
        self.broken.add(path)
        code = part.get("x-code", code)
        self.diagnostics.append(
            Diagnostic(code, Severity.ERROR, message, self.document.path, span, help, label[:_LABEL])
        )


def first_character(span: Span) -> Span:
    """The first character of a span."""
    return Span(span.line, span.column, span.line, span.column + 1)
