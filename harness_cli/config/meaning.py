"""What the schema cannot say and the model needs: bindings, rotation, connectors, clauses (H010, H013, H038, H053)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from harness_cli.config.build import MISSPELLED_BINDING
from harness_cli.config.build_connections import Data
from harness_cli.config.document import Document, Scalar
from harness_cli.config.durations import parse_rotation
from harness_cli.config.model import KeyPath
from harness_cli.config.published import PUBLISHED
from harness_cli.config.scope_text import ScopeTextError, split_clauses
from harness_cli.config.shape_words import closest
from harness_cli.core.diagnostic import Diagnostic, Edit, Severity, Span

LONGEST_ROTATION: Final = timedelta(minutes=60)


def judge_meaning(document: Document, data: Data, broken: frozenset[KeyPath]) -> list[Diagnostic]:
    """What is wrong with valid plain data; nothing is said about what is broken already."""
    found = [*_binding(document, data), *_rotation(document, data)]
    for name, tool in data.get("tools", {}).items():
        if ("tools", name, "connector") not in broken:
            found += _connector(document, name, tool)
        found += _scope(document, name, tool)
    return found


def inner_span(node: Scalar, start: int, end: int) -> Span:
    """A part of a one-line text value; the whole value where its characters are escaped or on several lines."""
    span = node.span
    quote = 0 if node.is_plain else 1
    if span.line != span.end_line or node.style in {"|", ">"}:
        return span
    if span.end_column - span.column != len(node.raw) + 2 * quote:
        return span
    column = span.column + quote
    return Span(span.line, column + start, span.line, column + end)


def _binding(document: Document, data: Data) -> Iterator[Diagnostic]:
    if data.get("runtime", {}).get("identity_binding") != MISSPELLED_BINDING:
        return
    node = document.node("runtime", "identity_binding")
    if isinstance(node, Scalar):
        at = inner_span(node, 0, len(MISSPELLED_BINDING))
        fixed = "sso-scim" if at != node.span or node.is_plain else '"sso-scim"'
        yield Diagnostic(
            "H010",
            Severity.WARNING,
            "`ssso-scim` is a known misspelling",
            document.path,
            at,
            "it is read as `sso-scim`; `harness validate-config --fix` writes it so",
            "did you mean `sso-scim`?",
            (Edit(at, fixed),),
        )


def _rotation(document: Document, data: Data) -> Iterator[Diagnostic]:
    text = data.get("runtime", {}).get("credential_rotation")
    if text is not None and parse_rotation(text) > LONGEST_ROTATION:
        message = f"credentials may not live longer than 60m, `{text}` does"
        span = document.value_span("runtime", "credential_rotation")
        advice = "write `ephemeral-15m`: leases never exceed 15 minutes"
        yield Diagnostic("H013", Severity.ERROR, message, document.path, span, advice)


def _connector(document: Document, name: str, tool: Data) -> Iterator[Diagnostic]:
    if "connector" in tool or name in PUBLISHED:
        return
    near = closest(name, list(PUBLISHED))
    message = f"tool `{name}` has no connector"
    advice = "add `connector:` with jira, github, aws or slack"
    label = f"did you mean `{near}`?" if near else "not one of the published names"
    yield Diagnostic("H038", Severity.ERROR, message, document.path, document.key_span("tools", name), advice, label)


def _scope(document: Document, name: str, tool: Data) -> Iterator[Diagnostic]:
    scope = tool.get("scope")
    if isinstance(scope, str):
        yield from _clauses(document, ("tools", name, "scope"))
    elif isinstance(scope, list):
        node = document.node("tools", name, "scope")
        for index in range(len(getattr(node, "items", ()))):
            yield from _clauses(document, ("tools", name, "scope", index))


def _clauses(document: Document, path: KeyPath) -> Iterator[Diagnostic]:
    node = document.node(*path)
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.raw:
        return
    try:
        split_clauses(node.raw)
    except ScopeTextError as err:
        span = inner_span(node, err.start, err.end)
        advice = "write `key:pattern`, several with a comma and without spaces"
        yield Diagnostic("H053", Severity.ERROR, f"scope: {err}", document.path, span, advice)
