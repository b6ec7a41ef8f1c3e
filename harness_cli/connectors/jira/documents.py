"""The text of a Jira field: plain on Data Center, an Atlassian document on Cloud; links keep their addresses."""

from collections.abc import Iterator
from typing import Any, Final

_BLOCKS: Final = frozenset(
    {"paragraph", "heading", "listItem", "tableRow", "codeBlock", "blockquote", "rule", "panel", "taskItem", "expand"}
)
_ADDRESSED: Final = frozenset({"inlineCard", "blockCard", "embedCard"})


def plain_text(value: Any) -> str | None:  # Any: JSON
    """The text that a reader sees, with the addresses behind it; None where the field is empty."""
    if value is None:
        return None
    if isinstance(value, dict):
        return "".join(_pieces(value)).strip("\n")
    return str(value)


def _pieces(node: Any) -> Iterator[str]:
    """Pieces in reading order; depth is bounded by the reader of JSON."""
    if not isinstance(node, dict):
        return
    kind, attributes = str(node.get("type")), node.get("attrs")
    attributes = attributes if isinstance(attributes, dict) else {}
    if kind == "text":
        yield str(node.get("text", ""))
        yield from (f" {address} " for address in _links(node))
    elif kind == "hardBreak":
        yield "\n"
    elif kind in _ADDRESSED:
        yield f" {attributes.get('url', '')} "
    elif kind in {"mention", "emoji", "status", "date"}:
        yield str(attributes.get("text", ""))
    content = node.get("content")
    for child in content if isinstance(content, list) else ():
        yield from _pieces(child)
    if kind in _BLOCKS:
        yield "\n"


def _links(node: dict[str, Any]) -> Iterator[str]:
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else ():
        attributes = mark.get("attrs") if isinstance(mark, dict) and mark.get("type") == "link" else None
        address = attributes.get("href") if isinstance(attributes, dict) else None
        if isinstance(address, str) and address != node.get("text"):
            yield address
