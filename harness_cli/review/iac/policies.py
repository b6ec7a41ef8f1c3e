"""Policy documents in code, read twice: as well as the unknown parts may turn out, and as badly.

What is wrong in the best reading is a failure; what is wrong only in the worst one could not be told.
"""

import json
from collections.abc import Mapping
from typing import Final

from harness_cli.review.aws_facts.documents import Document, MalformedDocumentError, Statement, parse_document
from harness_cli.review.iac.model import HOLE, Partial, Ref, Unknown, Value, is_word

_ANYTHING: Final = Document((Statement(0, True, actions=("*",), resources=("*",)),))
_NO_ACTION: Final = "unknown:unknown"
_NO_RESOURCE: Final = "arn:aws:unknown:::unknown"
_NOBODY: Final = "arn:aws:iam::000000000000:root"
_PIN: Final[dict[str, dict[str, list[str]]]] = {"StringEquals": {"aws:PrincipalOrgID": ["o-unknown"]}}
_CHARACTERS: Final = 200_000


def document_of(value: Value, *, worst: bool) -> Document | None:
    """The document behind an attribute; None for none, or for one that nobody can tell in the best reading."""
    if value is None:
        return None
    raw = _parsed(value)
    if not isinstance(raw, Mapping):
        return _ANYTHING if worst else None
    listed = raw.get("Statement", ())
    statements = listed if isinstance(listed, tuple | list) else (listed,)
    filled = [_filled(one, worst) for one in statements]
    try:
        return parse_document({"Statement": [one for one in filled if one is not None]})
    except MalformedDocumentError:
        return _ANYTHING if worst else None


def public_reading(value: Value, *, worst: bool) -> Document | None:
    """As `document_of`, for the policy of a resource: the worst document speaks to everybody."""
    found = document_of(value, worst=worst)
    if found is _ANYTHING:
        return parse_document({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})
    return found


def _parsed(value: Value) -> Value:
    text = value.text if isinstance(value, Partial) else value
    if not isinstance(text, str):
        return value
    if len(text) > _CHARACTERS:
        return None
    try:
        return _frozen(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _frozen(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    return Partial(value) if isinstance(value, str) and HOLE in value else value


def _filled(raw: Value, worst: bool) -> dict[str, object] | None:
    """A statement without unknown parts; None where a Deny may not hold."""
    if not isinstance(raw, Mapping):
        everything: dict[str, object] = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        return everything if worst else None
    effect = raw.get("Effect")
    if not is_word(effect, "Allow", "Deny"):
        effect = "Allow" if worst else "Deny"
    wide = worst == (effect == "Allow")  # a Deny helps most where it covers most
    made: dict[str, object] = {"Effect": effect}
    for name, most, least in (("Action", "*", _NO_ACTION), ("Resource", "*", _NO_RESOURCE)):
        if name in raw:
            made[name] = _texts(raw[name], most if wide else least, keeps_references=name == "Resource")
        if f"Not{name}" in raw:
            made[f"Not{name}"] = _texts(raw[f"Not{name}"], least if wide else most, keeps_references=True)
    for name in ("Principal", "NotPrincipal"):
        if name in raw:
            made[name] = _principals(raw[name], "*" if wide else _NOBODY)
    if "Condition" in raw:
        conditions, whole = _conditions(raw["Condition"])
        if not whole and not wide:
            if effect == "Deny":
                return None
            conditions = _PIN
        if conditions:
            made["Condition"] = conditions
    return made


def _texts(value: Value, instead: str, *, keeps_references: bool) -> list[str]:
    listed = value if isinstance(value, tuple | list) else (value,)
    return [_text(one, instead, keeps_references) for one in listed]


def _text(value: Value, instead: str, keeps_references: bool) -> str:
    if isinstance(value, Ref) and keeps_references:
        return f"ref:{value.path}"
    if isinstance(value, Partial) and value.text != HOLE and keeps_references:
        return value.text
    return value if isinstance(value, str) else instead


def _principals(value: Value, instead: str) -> object:
    if isinstance(value, Mapping):
        return {
            kind: _texts(one, instead if kind == "AWS" else "unknown", keeps_references=True)
            for kind, one in value.items()
        }
    return _text(value, instead, keeps_references=True)


def _conditions(value: Value) -> tuple[dict[str, dict[str, list[str]]], bool]:
    """The known lines, and whether that is all of them."""
    if not isinstance(value, Mapping):
        return {}, False
    found: dict[str, dict[str, list[str]]] = {}
    whole = True
    for operator, lines in value.items():
        for key, values in lines.items() if isinstance(lines, Mapping) else ():
            listed = values if isinstance(values, tuple | list) else (values,)
            if any(isinstance(one, Unknown) for one in listed):
                whole = False
            else:
                found.setdefault(operator, {})[key] = [_condition_text(one) for one in listed]
        whole = whole and isinstance(lines, Mapping)
    return found, whole


def _condition_text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"ref:{value.path}" if isinstance(value, Ref) else value.text if isinstance(value, Partial) else str(value)
