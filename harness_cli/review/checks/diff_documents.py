"""Policy documents in code that no block of the change holds: they are judged where they are written.

A document that goes into another one (`source_policy_documents`, `override_policy_documents`) is judged as part of it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.review.checks.diff_rules import Code
from harness_cli.review.iac.model import Block, Value
from harness_cli.review.iac.policy_documents import DOCUMENT_SOURCES

_ASSUME: Final = "sts:assumerole"


def lone_document(block: Block, code: Code) -> Value:
    """The document that a data source writes and nothing holds; None where there is none."""
    document = block.get("json") if block.mode == "data" else None
    others = (other for other in code.blocks if other is not block)  # what it is made of may equal what it makes
    if not isinstance(document, Mapping) or any(document in _held(other) for other in others):
        return None
    return document


def of_identity(document: Value) -> bool:
    """Whether no statement says who."""
    return not any(one.get("Principal") or one.get("NotPrincipal") for one in _statements(document))


def of_role(document: Value) -> bool:
    """Whether a document says who may assume a role."""
    named = (one.get(name) for one in _statements(document) for name in ("Action", "NotAction"))
    actions = (action for listed in named for action in (listed if isinstance(listed, tuple) else (listed,)))
    return any(isinstance(action, str) and action.lower().startswith(_ASSUME) for action in actions)


def _statements(document: Value) -> Iterator[Mapping[str, Value]]:
    return (one for one in document.get("Statement", ()) if isinstance(one, Mapping))


def _held(block: Block) -> list[Value]:
    if block.mode == "data":
        return [one for name in DOCUMENT_SOURCES if name in block.attributes for one in block.nested(name)]
    if block.mode != "resource":
        return []
    values = list(block.attributes.values())
    inline = (one for value in values if isinstance(value, tuple) for one in value)
    return [*values, *(one.get("policy") for one in inline if isinstance(one, Mapping))]
