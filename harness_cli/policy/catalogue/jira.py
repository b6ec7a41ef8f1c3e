"""The closed list of Jira operations: one issue each, by its key; no search exists.

Data Center speaks version 2 (plain text), Cloud version 3 (documents): each operation may use either, and ask the
server which one it is.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from harness_cli.config.model import Action, System
from harness_cli.policy.catalogue.shapes import (
    FLAG,
    MOMENT,
    NUMBER,
    Schema,
    label,
    listed,
    nullable,
    project,
    project_resource,
    record,
    text,
)
from harness_cli.policy.model import Resource
from harness_cli.policy.operations import JsonSchema, Operation, Params, WireShape

_ISSUE_KEY: Final[Schema] = {"type": "string", "pattern": r"\A[A-Z][A-Z0-9_]{1,254}-[1-9][0-9]{0,17}\Z"}
_ANY_KEY: Final[Schema] = {"type": "string", "pattern": r"\A[A-Z][A-Z0-9_]{1,254}(?:-[1-9][0-9]{0,17})?\Z"}

_ACCOUNT = record({"account_id": label(), "active": FLAG, "is_app": FLAG})
_ISSUE = record(
    {
        "key": label(),
        "status": label(),
        "created": MOMENT,
        "updated": MOMENT,
        "issue_type": label(),
        "project": label(),
        "reporter": nullable(_ACCOUNT),
        "assignee": nullable(_ACCOUNT),
        "components": listed(label()),
        "labels": listed(label()),
        "description": nullable(text()),
    },
    {  # the fields that `connections.jira.fields` names; a field that is not configured is absent
        "approver": listed(_ACCOUNT),
        "risk": label(),
        "environment": label(),
        "rollback": nullable(text()),
        "window_start": nullable(MOMENT),
        "window_end": nullable(MOMENT),
        "status_id": label(),
    },
)
_CHANGE_ITEM = record(
    {"field_id": label(), "from_id": label(), "to_id": label(), "from_label": label(), "to_label": label()}
)
_HISTORY = record({"created": MOMENT, "author": nullable(_ACCOUNT), "items": listed(_CHANGE_ITEM)})
_REMOTE_LINK = record({"id": NUMBER, "url": text()})
_COMMENT = record({"created": MOMENT, "author": nullable(_ACCOUNT), "body": nullable(text())})
_SERVER = record({"deployment": {"enum": ["cloud", "data-center"]}, "version": label()})


def _answered_key(_: Params, result: Any) -> tuple[Resource, ...]:  # Any: the projected issue
    return (project_resource(result["key"]),)


_VERSIONS: Final = ("/rest/api/2", "/rest/api/3")
_PAGED: Final = frozenset({"startAt", "maxResults"})


def _paths(path: str, query: frozenset[str] = frozenset()) -> tuple[WireShape, ...]:
    return tuple(WireShape("GET", version + path, query) for version in _VERSIONS)


_WHICH: Final = _paths("/serverInfo")


def _read(
    verb: str,
    key: JsonSchema,
    wire: tuple[WireShape, ...],
    result: JsonSchema,
    title: str,
    *,
    served: Callable[[Params, Any], tuple[Resource, ...]] | None = None,  # Any: the projected result
) -> Operation:
    return Operation(
        name=f"jira:{verb}",
        system=System.JIRA,
        action=Action.READ,
        params=record({"key": key}),
        result=result,
        resources=project,
        wire=(*wire, *_WHICH),
        title=title,
        served=served,
    )


_ISSUE_PATH: Final = "/issue/{key}"
_ISSUE_WIRE: Final = _paths(_ISSUE_PATH, frozenset({"fields", "expand"}))

_TABLE: Final = (
    _read("GetIssue", _ISSUE_KEY, _ISSUE_WIRE, _ISSUE, "a ticket", served=_answered_key),
    _read(
        "GetChangelog",
        _ISSUE_KEY,
        (*_paths(_ISSUE_PATH + "/changelog", _PAGED), *_ISSUE_WIRE),
        listed(_HISTORY),
        "the history of a ticket",
    ),
    _read(
        "GetRemoteLinks", _ISSUE_KEY, _paths(_ISSUE_PATH + "/remotelink"), listed(_REMOTE_LINK), "the links of a ticket"
    ),
    _read(
        "GetComments",
        _ISSUE_KEY,
        _paths(_ISSUE_PATH + "/comment", _PAGED | {"orderBy"}),
        listed(_COMMENT),
        "the comments of a ticket",
    ),
    _read("GetMyself", _ANY_KEY, _paths("/myself"), _ACCOUNT, "whom Jira takes us for"),
    _read("GetServerInfo", _ANY_KEY, (), _SERVER, "which Jira it is"),
)

OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _TABLE}
