"""Plain text to the Atlassian document format and back, as far as tickets need it."""

import re
from collections.abc import Iterable
from typing import Any

Node = dict[str, Any]  # Any: JSON in the vendor's shape

_ADDRESS = re.compile(r"https?://[^\s)>\]]+")


def document(paragraphs: Iterable[str]) -> Node:
    """Paragraphs as a document; addresses become inline cards, as the editor makes them."""
    return {"type": "doc", "version": 1, "content": [_paragraph(text) for text in paragraphs]}


def _paragraph(text: str) -> Node:
    nodes: list[Node] = []
    start = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > start:
            nodes.append({"type": "text", "text": text[start : found.start()]})
        nodes.append({"type": "inlineCard", "attrs": {"url": found[0]}})
        start = found.end()
    if start < len(text):
        nodes.append({"type": "text", "text": text[start:]})
    return {"type": "paragraph", "content": nodes} if nodes else {"type": "paragraph"}


def plain(node: object) -> str:
    """The text of a document, one line a paragraph."""
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    if node.get("type") == "hardBreak":
        return "\n"
    if node.get("type") == "inlineCard":
        return str(node.get("attrs", {}).get("url", ""))
    parts = [plain(child) for child in node.get("content", ())]
    return ("\n" if node.get("type") == "doc" else "").join(parts)


def is_document(value: object) -> bool:
    """Whether a value is a document in the vendor's shape."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
    )
