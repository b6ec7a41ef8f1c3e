"""Jira's answers in the declared names: accounts, options and times by kind, texts flattened, the rest dropped."""

import re
from collections.abc import Mapping
from typing import Any, Final

from harness_cli.config.model import JiraFields
from harness_cli.connectors.http import item_of
from harness_cli.connectors.jira.documents import plain_text
from harness_cli.policy.catalogue.shapes import LABEL_CHARACTERS

Raw = Mapping[str, Any]  # Any: JSON

BUILT_IN: Final = (
    "status",
    "created",
    "updated",
    "issuetype",
    "project",
    "reporter",
    "assignee",
    "components",
    "labels",
    "description",
)
_OPTION: Final = re.compile(r"[\w .,/()+&-]{1,64}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.+-]{0,127}", re.ASCII)
NO_IDS: Final[Mapping[str, str]] = {}
_LABELLED: Final = frozenset({"status", "resolution", "issuetype", "priority"})  # fields whose texts are enumerated


def wanted_fields(fields: JiraFields) -> str:
    """The field ids to ask for; custom ones as configured."""
    return ",".join(dict.fromkeys([*BUILT_IN, *custom_fields(fields)]))


def custom_fields(fields: JiraFields) -> tuple[str, ...]:
    """The ids that are configured."""
    ids = (fields.approver, fields.risk, fields.rollback, fields.window_start, fields.window_end, fields.environment)
    return tuple(filter(None, ids))


def issue(raw: Any, fields: JiraFields) -> Raw:  # Any: JSON
    """An issue. Raises ConnectorError where a field is missing that every issue has."""
    held = item_of(raw, "fields")
    return {
        "key": item_of(raw, "key"),
        "status": item_of(item_of(held, "status"), "name"),
        "status_id": str(item_of(held, "status").get("id") or ""),
        "created": item_of(held, "created"),
        "updated": item_of(held, "updated"),
        "issue_type": item_of(item_of(held, "issuetype"), "name"),
        "project": item_of(item_of(held, "project"), "key"),
        "reporter": account(held.get("reporter")),
        "assignee": account(held.get("assignee")),
        "components": [item_of(component, "name") for component in held.get("components") or ()],
        "labels": list(held.get("labels") or ()),
        "description": plain_text(held.get("description")),
        **_custom(held, fields),
    }


def _custom(held: Raw, fields: JiraFields) -> Raw:
    readers = (
        ("approver", fields.approver, _accounts),
        ("risk", fields.risk, _option),
        ("environment", fields.environment, _option),
        ("rollback", fields.rollback, plain_text),
        ("window_start", fields.window_start, _moment),
        ("window_end", fields.window_end, _moment),
    )
    return {name: read(held.get(identifier)) for name, identifier, read in readers if identifier}


def account(raw: Any) -> Raw | None:  # Any: JSON
    """A user without name or address: account id on Cloud, key on Data Center."""
    if raw is None:
        return None
    identifier = raw.get("accountId") or raw.get("key") or item_of(raw, "name")
    return {
        "account_id": identifier,
        "active": bool(raw.get("active", True)),
        "is_app": raw.get("accountType") == "app",
    }


def _accounts(raw: Any) -> list[Raw]:  # Any: JSON: a user, a list of users, nothing
    users = raw if isinstance(raw, list) else [raw]
    return [found for user in users if isinstance(user, dict) and (found := account(user))]


def _option(raw: Any) -> str:  # Any: JSON: an option, a list of options, a text, nothing
    if isinstance(raw, list):
        raw = raw[0] if len(raw) == 1 else None if not raw else "several"
    if isinstance(raw, dict):
        raw = raw.get("value") or raw.get("name")
    if raw is None:
        return ""
    word = str(raw).strip()
    return word.lower() if _OPTION.fullmatch(word) else "unreadable"


def _moment(raw: Any) -> str | None:  # Any: JSON
    """A time; a date alone starts at midnight UTC."""
    if not raw:
        return None
    return f"{raw}T00:00:00.000Z" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(raw), re.ASCII) else str(raw)


def history(raw: Any, ids: Mapping[str, str] = NO_IDS) -> Raw:  # Any: JSON
    """One entry of the changelog; ids and status names are kept, texts are not.

    `ids` are field ids by the name that people see, for servers that write only that into a changelog.
    """
    return {
        "created": item_of(raw, "created"),
        "author": account(raw.get("author")),
        "items": [_change(change, ids) for change in item_of(raw, "items")],
    }


def ids_by_name(raw: Any, fields: JiraFields) -> Mapping[str, str]:  # Any: JSON
    """The configured custom fields of an issue that was read with its names: shown name -> id."""
    names = raw.get("names") or {}
    return {str(names[one]): one for one in custom_fields(fields) if one in names}


def _change(raw: Any, ids: Mapping[str, str]) -> Raw:  # Any: JSON
    said = str(raw.get("fieldId") or item_of(raw, "field"))
    field = ids.get(said, said)[:LABEL_CHARACTERS]
    named = field in _LABELLED
    return {
        "field_id": field,
        "from_id": _identifier(raw.get("from")),
        "to_id": _identifier(raw.get("to")),
        "from_label": _name(raw.get("fromString")) if named else "",
        "to_label": _name(raw.get("toString")) if named else "",
    }


def _identifier(raw: Any) -> str:  # Any: JSON; a text field puts its whole text here
    return raw if isinstance(raw, str) and _IDENTIFIER.fullmatch(raw) else ""


def _name(raw: Any) -> str:  # Any: JSON
    return str(raw or "")[:LABEL_CHARACTERS]


def remote_link(raw: Any) -> Raw:  # Any: JSON
    """A remote link: where it points, without its title."""
    return {"id": item_of(raw, "id"), "url": item_of(item_of(raw, "object"), "url")}


def comment(raw: Any) -> Raw:  # Any: JSON
    """A comment."""
    return {
        "created": item_of(raw, "created"),
        "author": account(raw.get("author")),
        "body": plain_text(raw.get("body")),
    }


def server(raw: Any) -> Raw:  # Any: JSON
    """Which Jira it is."""
    is_cloud = raw.get("deploymentType") == "Cloud"
    return {"deployment": "cloud" if is_cloud else "data-center", "version": str(item_of(raw, "version"))}
