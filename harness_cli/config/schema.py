"""The schema file, and a walk of it over nodes: `schemas/config.v1.schema.json` is the one source of truth for shape.

The walk knows the keywords that the schema uses and refuses a schema that uses another. The jsonschema library gives
the same answers (a test holds the two against each other); it is not used here because its import alone costs more
than half of the start-up that a command may take, and because its errors do not say where in the file they are.
"""

import json
import re
from collections.abc import Mapping as MappingABC
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

Schema: TypeAlias = MappingABC[str, Any]  # Any: a JSON Schema document

NAME: Final = "config.v1.schema.json"
KEYWORDS: Final = frozenset(
    {
        "$schema", "$id", "$ref", "$defs", "title", "description", "type", "enum", "pattern", "oneOf",
        "properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties",
        "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "minimum", "maximum",
    }
)  # fmt: skip


@cache
def schema() -> Schema:
    """The schema of a configuration file."""
    text = (Path(__file__).parents[1] / "schemas" / NAME).read_text(encoding="utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def layer_schema() -> Schema:
    """The schema of a layer file."""
    layer: Schema = schema()["$defs"]["layer"]
    return layer


def resolved(part: Schema) -> Schema:
    """A subschema with its `$ref` followed; what stands beside the reference wins."""
    reference = part.get("$ref")
    if reference is None:
        return part
    target = resolved(schema()["$defs"][reference.removeprefix("#/$defs/")])
    return {**target, **{k: v for k, v in part.items() if k != "$ref"}}


@cache
def form(pattern: str) -> re.Pattern[str]:
    """A pattern of the schema, for a full match: `$` alone would let a line feed through."""
    return re.compile(pattern.removeprefix("^").removesuffix("$"), re.ASCII)


@cache
def homes() -> MappingABC[str, tuple[str, ...]]:
    """Key: the sections of the top level that may hold it, at any depth; tells where a lost line belongs."""
    found: dict[str, list[str]] = {}
    for section, part in schema()["properties"].items():
        for key in _keys_below(resolved(part), frozenset()):
            found.setdefault(key, []).append(section)
    return {key: tuple(sections) for key, sections in found.items()}


def _keys_below(part: Schema, seen: frozenset[int]) -> set[str]:
    part = resolved(part)
    if id(part.get("properties")) in seen:
        return set()
    seen |= {id(part.get("properties"))}
    keys = set(part.get("properties", {}))
    below = [*part.get("properties", {}).values(), *part.get("oneOf", [])]
    below += [part[k] for k in ("items", "additionalProperties") if isinstance(part.get(k), dict)]
    return keys.union(*(_keys_below(b, seen) for b in below)) if below else keys
