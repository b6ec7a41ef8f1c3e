"""The walk of the schema against the jsonschema library: the same files are accepted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness_cli.config.document import Document
from harness_cli.config.read import parse_document
from harness_cli.config.schema import KEYWORDS, layer_schema, schema
from harness_cli.config.shape import Shape
from tests.conftest import ROOT

BASE: dict[str, Any] = yaml.safe_load((ROOT / "sample-configs" / "agent-harness-config.yaml").read_text())
ORACLE = Draft202012Validator(schema())
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**17),
    st.sampled_from(
        [
            "",
            "x",
            "15m",
            "ephemeral-15m",
            "read",
            "sso",
            "ssso-scim",
            "C0123456789",
            "https://a.example",
            "a b",
            "9" * 12,
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
    st.lists(st.sampled_from(["read", "write", "read_only_scanners", 1, None]), max_size=3),
    st.dictionaries(
        st.sampled_from(["env", "file", "group", "x", "prod"]), st.sampled_from(["A", 1, None]), max_size=2
    ),
)


def read(data: object) -> Document:
    return parse_document(json.dumps(data).encode(), "x.yaml")


def accepts(data: object) -> bool:
    document = read(data)
    assert document.root is not None
    assert document.diagnostics == ()
    shape = Shape(document)
    shape.check(document.root, schema(), ())
    return not shape.diagnostics


def paths(data: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*path, key))


PATHS = [p for p in paths(BASE) if p]


def changed(path: tuple[Any, ...], value: object, how: str) -> Any:
    data = json.loads(json.dumps(BASE))
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    if how == "replace":
        parent[path[-1]] = value
    elif how == "delete":
        del parent[path[-1]]
    elif isinstance(parent, dict):
        parent["added"] = value
    else:
        parent.append(value)
    return data


@given(st.sampled_from(PATHS), VALUES, st.sampled_from(["replace", "delete", "add"]))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_walk_and_library_accept_the_same_files(path: tuple[Any, ...], value: object, how: str) -> None:
    data = changed(path, value, how)
    assert accepts(data) == ORACLE.is_valid(data)


def test_the_base_is_accepted_by_both() -> None:
    assert accepts(BASE)
    assert ORACLE.is_valid(BASE)


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$id"].endswith("/config.v1.schema.json")


def test_walk_knows_every_keyword_that_the_schema_uses() -> None:
    used = {key for part in subschemas(schema()) for key in part if not key.startswith("x-")}
    assert used <= KEYWORDS


def test_every_key_has_a_description_and_refuses_strangers() -> None:
    for part in subschemas(schema()):
        for name, inner in part.get("properties", {}).items():
            target = inner.get("$ref", "").rsplit("/", 1)[-1]
            assert "description" in inner or "description" in schema()["$defs"].get(target, {}), name
        if part.get("type") == "object":
            assert "additionalProperties" in part


def test_layer_has_the_same_sections() -> None:
    shared = set(layer_schema()["properties"]) - {"audit"}
    assert all(layer_schema()["properties"][key] == schema()["properties"][key] for key in shared)


def subschemas(part: object) -> Iterator[dict[str, Any]]:
    """Every schema below one, the values of `properties` and `$defs` included."""
    if not isinstance(part, dict):
        return
    yield part
    for key, inner in part.items():
        if key in {"properties", "$defs"}:
            for below in inner.values():
                yield from subschemas(below)
        elif key in {"items", "additionalProperties", "propertyNames"}:
            yield from subschemas(inner)
        elif key == "oneOf":
            for below in inner:
                yield from subschemas(below)


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "schemas").glob("*.json")))
def test_schemas_name_their_version(name: str) -> None:
    document = json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8"))
    assert Path(document["$id"]).name == name
