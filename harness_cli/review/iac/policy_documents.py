"""`data "aws_iam_policy_document"` written out as the JSON document that it makes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from harness_cli.review.iac.bounds import size_of
from harness_cli.review.iac.model import Block, Ref, Unknown, Value, is_open

_TYPE: Final = "aws_iam_policy_document"
_MANAGED: Final = "aws_iam_policy"
_ADMINISTRATIVE: Final = frozenset({"AdministratorAccess", "IAMFullAccess"})  # AWS's own names
_NAMES: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_BEFORE, _AFTER = ("source_json", "source_policy_documents"), ("override_json", "override_policy_documents")
DOCUMENT_SOURCES: Final = (*_BEFORE, *_AFTER)  # what a document is made of, beside its own statements
_MOST_STATEMENTS: Final = 2_000  # of one document; AWS takes far fewer


def with_documents(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks of one folder: each policy document has its `json`, and stands where it is referred to."""
    listed = tuple(blocks)
    sources = {block.address: block for block in listed if block.mode == "data" and block.type in {_TYPE, _MANAGED}}
    if not sources:
        return listed
    written = _Written(sources)
    return tuple(_replaced(block, written) for block in listed)


class _Written:
    """The documents of one folder, each made once: a document may be made of others, and those of further ones."""

    def __init__(self, sources: Mapping[str, Block]) -> None:
        self._sources = sources
        self._made: dict[str, Value] = {}

    def value(self, value: Value) -> Value:
        if isinstance(value, Ref) and value.address in self._sources:
            source = self._sources[value.address]
            return self._document(source) if source.type == _TYPE else _managed(source, value)
        if isinstance(value, Mapping):
            return {key: self.value(one) for key, one in value.items()}
        return tuple(self.value(one) for one in value) if isinstance(value, tuple) else value

    def _document(self, block: Block) -> Value:
        if block.address not in self._made:
            self._made[block.address] = Unknown(block.address)  # what one says that needs itself
            self._made[block.address] = self._written(block)
        return self._made[block.address]

    def _written(self, block: Block) -> Value:
        merged: dict[object, Value] = {}
        own = tuple(map(_statement, block.nested("statement")))
        for statements in (*self._taken(block, _BEFORE), own, *self._taken(block, _AFTER)):
            _put(merged, statements)
            if len(merged) > _MOST_STATEMENTS:
                return Unknown(block.address)
        document = {"Version": "2012-10-17", "Statement": tuple(merged.values())}
        return Unknown(block.address) if size_of(document) is None else document

    def _taken(self, block: Block, names: Iterable[str]) -> Iterator[tuple[Value, ...]]:
        for name in names:
            for source in block.nested(name) if name in block.attributes else ():
                yield _statements_of(self.value(source))


def _put(merged: dict[object, Value], statements: Iterable[Value]) -> None:
    """A statement takes the place of an earlier one of the same `sid`; one without stands beside the others."""
    for one in statements:
        sid = one.get("Sid") if isinstance(one, Mapping) else None
        merged[sid if isinstance(sid, str) and sid else len(merged)] = one


def _managed(source: Block, wanted: Ref) -> Value:
    """The ARN of a policy that AWS manages, by `name` or `arn` of its data source."""
    arn, name = source.get("arn"), source.get("name")
    if not wanted.path.endswith(".arn") or not (arn or isinstance(name, str)):
        return wanted
    return arn or (f"arn:aws:iam::aws:policy/{name}" if name in _ADMINISTRATIVE else wanted)


def _replaced(block: Block, written: _Written) -> Block:
    changed = {key: written.value(value) for key, value in block.attributes.items()}
    if block.mode == "data" and block.type == _TYPE:
        changed["json"] = written.value(Ref(f"{block.address}.json"))
    return block if changed == block.attributes else replace(block, attributes=changed)


def _statements_of(document: Value) -> tuple[Value, ...]:
    if not isinstance(document, Mapping):
        return (Unknown(repr(document)[:200]),)
    found = document.get("Statement", ())
    return found if isinstance(found, tuple) else (found,)


def _statement(raw: Value) -> Value:
    if not isinstance(raw, Mapping):
        return raw
    made: dict[str, Value] = {"Effect": raw.get("effect", "Allow")}
    made |= {"Sid": raw["sid"]} if isinstance(raw.get("sid"), str) else {}
    made |= {new: raw[old] for old, new in _NAMES.items() if old in raw}
    for old, new in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if old in raw:
            made[new] = _principals(raw[old])
    if "condition" in raw:
        made["Condition"] = _conditions(raw["condition"])
    return made


def _principals(listed: Value) -> Value:
    found: dict[str, Value] = {}
    for one in listed if isinstance(listed, tuple) else (listed,):
        if not isinstance(one, Mapping) or is_open(one.get("type")):
            return Unknown(repr(one)[:200])
        kind = "AWS" if one.get("type") == "*" else str(one.get("type"))
        identifiers = one.get("identifiers", ())
        if not isinstance(identifiers, tuple):
            identifiers = (identifiers,)
        found[kind] = (*found.get(kind, ()), *identifiers)
    return found


def _conditions(listed: Value) -> Value:
    found: dict[str, dict[str, Value]] = {}
    for one in listed if isinstance(listed, tuple) else (listed,):
        if not isinstance(one, Mapping) or is_open(one.get("test")) or is_open(one.get("variable")):
            return Unknown(repr(one)[:200])
        lines = found.setdefault(str(one.get("test")), {})
        lines[str(one.get("variable"))] = one.get("values", ())
    return found
