"""From a vendor's answer to the declared shape: what is not named is dropped, free text goes into its box."""

from collections.abc import Mapping
from typing import Any

from harness_cli.core.errors import ConnectorError
from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.policy.catalogue.shapes import UNTRUSTED
from harness_cli.policy.operations import JsonSchema

_PYTHON: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list, tuple),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def projected(schema: JsonSchema, raw: Any, pointer: str = "") -> Any:  # Any: JSON, and the declared result
    """What the schema keeps of `raw`. Raises ConnectorError where the answer has another shape."""
    if "enum" in schema:
        if raw in schema["enum"]:
            return raw
        raise misshapen(pointer)
    wanted = schema["type"]
    types = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is_of(kind, raw) for kind in types):
        raise misshapen(pointer)
    match raw:
        case dict():
            return _object(schema, raw, pointer)
        case list() | tuple():
            return [projected(schema["items"], item, f"{pointer}/{index}") for index, item in enumerate(raw)]
        case str() if schema.get("format") == UNTRUSTED:
            return Untrusted(raw)
        case _:
            return raw


def _object(schema: JsonSchema, raw: dict[str, Any], pointer: str) -> dict[str, Any]:
    missing = [name for name in schema["required"] if name not in raw]
    if missing:
        raise misshapen(f"{pointer}/{missing[0]}")
    declared = schema["properties"]
    return {name: projected(inner, raw[name], f"{pointer}/{name}") for name, inner in declared.items() if name in raw}


def _is_of(kind: str, raw: Any) -> bool:
    if isinstance(raw, bool):
        return kind == "boolean"
    if isinstance(raw, Untrusted):
        return kind == "string"
    return isinstance(raw, _PYTHON[kind])


def misshapen(pointer: str) -> ConnectorError:
    """The error of an answer that is not what its operation declares."""
    return ConnectorError(
        f"the answer does not have the declared shape at {pointer or 'its top'}",
        reason=Reason.EXCEPTION,
        code="C107",
        help="does the address speak the version of the interface that is expected?",
    )
