"""Policy documents of AWS (IAM, bucket, key, queue …) as typed statements; nothing is interpreted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class MalformedDocumentError(ValueError):
    """A policy document is not of the shape that AWS accepts."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a Condition block; the key is in lower case, the operator as written."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grantee:
    """One principal: kind is `AWS`, `Service`, `Federated`, `CanonicalUser`; a bare star is AWS `*`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; actions are in lower case, None of a NotX is an empty tuple."""

    index: int
    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Grantee, ...] = ()
    not_principals: tuple[Grantee, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def pointer(self) -> str:
        """Where the statement stands in its document."""
        return f"/Statement/{self.index}"


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document."""

    statements: tuple[Statement, ...]


def parse_document(raw: object) -> Document:
    """The document behind a parsed JSON object. Raises MalformedDocumentError."""
    if not isinstance(raw, Mapping):
        raise MalformedDocumentError("the document is not an object")
    if "Statement" not in raw:
        raise MalformedDocumentError("the document has no Statement")
    statements = raw["Statement"]
    listed = [statements] if isinstance(statements, Mapping) else statements
    if not isinstance(listed, list | tuple):
        raise MalformedDocumentError("Statement is neither an object nor a list")
    return Document(tuple(_statement(index, one) for index, one in enumerate(listed)))


def _statement(index: int, raw: object) -> Statement:
    if not isinstance(raw, Mapping):
        raise MalformedDocumentError(f"statement {index} is not an object")
    effect = raw.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise MalformedDocumentError(f"statement {index} has no effect")
    return Statement(
        index=index,
        allows=effect == "Allow",
        actions=tuple(action.lower() for action in _texts(raw.get("Action"))),
        not_actions=tuple(action.lower() for action in _texts(raw.get("NotAction"))),
        resources=_texts(raw.get("Resource")),
        not_resources=_texts(raw.get("NotResource")),
        principals=_grantees(raw.get("Principal")),
        not_principals=_grantees(raw.get("NotPrincipal")),
        conditions=_conditions(raw.get("Condition")),
    )


def _texts(raw: object) -> tuple[str, ...]:
    if raw is None:
        return ()
    listed: Any = raw if isinstance(raw, list | tuple) else [raw]  # Any: JSON
    return tuple(_text(one) for one in listed)


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | int | float):
        return str(raw)
    raise MalformedDocumentError("text was expected")


def _grantees(raw: object) -> tuple[Grantee, ...]:
    if raw is None:
        return ()
    if isinstance(raw, Mapping):
        return tuple(Grantee(str(kind), value) for kind, values in raw.items() for value in _texts(values))
    return tuple(Grantee("AWS", value) for value in _texts(raw))


def _conditions(raw: object) -> tuple[Condition, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        raise MalformedDocumentError("Condition is not an object")
    found = []
    for operator, lines in raw.items():
        if not isinstance(lines, Mapping):
            raise MalformedDocumentError("a condition operator holds no object")
        found += [Condition(str(operator), str(key).lower(), _texts(values)) for key, values in lines.items()]
    return tuple(found)
