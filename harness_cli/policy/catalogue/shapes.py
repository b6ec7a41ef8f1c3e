"""The words in which parameters and answers over HTTP are declared: JSON Schema, every value bounded.

`text()` is free text: it leaves a connector in its box and is kept nowhere. `label()` is a short name or id.
"""

from collections.abc import Mapping
from typing import Any, Final

from harness_cli.policy.model import Resource, ResourceType
from harness_cli.policy.operations import JsonSchema, Params

UNTRUSTED: Final = "untrusted"  # the `format` of free text
ID_BITS: Final = 2**63 - 1
TEXT_CHARACTERS: Final = 5 * 1024 * 1024
LABEL_CHARACTERS: Final = 255
PATH_CHARACTERS: Final = 4_096

Schema = dict[str, Any]  # Any: a JSON Schema document

FLAG: Final[Schema] = {"type": "boolean"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": ID_BITS}
MOMENT: Final[Schema] = {
    "type": "string",
    "pattern": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(?:Z|[+-][0-9:]{4,6})\Z",
}
REPO: Final[Schema] = {"type": "string", "pattern": r"\A[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}\Z"}
SHA: Final[Schema] = {"type": "string", "pattern": r"\A[0-9a-f]{40}(?:[0-9a-f]{24})?\Z"}


def label(most: int = LABEL_CHARACTERS) -> Schema:
    """A short name, id or enumerated word."""
    return {"type": "string", "maxLength": most}


def text() -> Schema:
    """Free text, kept in its box."""
    return {"type": "string", "format": UNTRUSTED, "maxLength": TEXT_CHARACTERS}


def nullable(schema: JsonSchema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def listed(items: JsonSchema) -> Schema:
    """A list of such things."""
    return {"type": "array", "items": items}


def record(required: Mapping[str, JsonSchema], optional: Mapping[str, JsonSchema] | None = None) -> Schema:
    """An object with exactly these keys; `optional` ones may be absent."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def repository(params: Params) -> tuple[Resource, ...]:
    """The repository that the parameters name."""
    return (repository_resource(str(params["repo"])),)


def repository_resource(name: str) -> Resource:
    """One repository as a resource."""
    return Resource(ResourceType.REPO, name, {"repo": name})


def project(params: Params) -> tuple[Resource, ...]:
    """The issue (or project) that the parameters name."""
    return (project_resource(str(params["key"])),)


def project_resource(key: str) -> Resource:
    """One issue or project as a resource."""
    return Resource(ResourceType.JIRA_PROJECT, key, {"project-key": key})


def channel(params: Params) -> tuple[Resource, ...]:
    """The channel that the parameters name."""
    return (channel_resource(str(params["channel"])),)


def channel_resource(identifier: str) -> Resource:
    """One channel as a resource."""
    return Resource(ResourceType.SLACK_CHANNEL, identifier, {"channel": identifier})
