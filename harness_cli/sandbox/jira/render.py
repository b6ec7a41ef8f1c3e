"""Tickets, people and histories in the shapes of Jira's REST description.

Version 3 answers keep to the published description even where the vendor's own answers leave it (times with a colon in
the offset, no null in a changelog); version 2 answers look as servers really answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness_cli.sandbox.jira.text import document
from harness_cli.sandbox.model import Estate, Person, Ticket

Shape = dict[str, Any]  # Any: JSON in the vendor's shape

SERVICE_ACCOUNT = "712020:5ada7d0c-0000-4000-8000-00000000face"

_CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}
_TITLES = {
    "summary": "Summary",
    "status": "Status",
    "issuetype": "Issue Type",
    "project": "Project",
    "reporter": "Reporter",
    "assignee": "Assignee",
    "creator": "Creator",
    "created": "Created",
    "updated": "Updated",
    "description": "Description",
    "components": "Components",
    "labels": "Labels",
    "comment": "Comment",
    "issuelinks": "Linked Issues",
    "resolution": "Resolution",
    "resolutiondate": "Resolved",
    "duedate": "Due date",
}
CUSTOM_TITLES = {
    "approver": ("Approver", "user", "userpicker"),
    "risk": ("Risk", "option", "select"),
    "rollback": ("Rollback plan", "string", "textarea"),
    "window_start": ("Change start", "datetime", "datetime"),
    "window_end": ("Change end", "datetime", "datetime"),
    "environment": ("Target environment", "option", "select"),
}


@dataclass(frozen=True, slots=True)
class JiraRenderer:
    """Renders for one API base; `cloud` False means Data Center's users, `rich` False means plain text."""

    estate: Estate
    base: str  # …/rest/api/3
    cloud: bool
    rich: bool

    @property
    def title_of_field(self) -> dict[str, str]:
        """Field id to the name that people see."""
        custom = {fid: CUSTOM_TITLES[key][0] for key, fid in self.estate.jira.fields.items() if key in CUSTOM_TITLES}
        return {**_TITLES, **custom}

    def time(self, text: str) -> str:
        """A time: `2026-11-18T09:12:31.000+00:00`, or without the colon."""
        at = datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")
        return at if self.rich else at[:-3] + at[-2:]

    def text(self, paragraphs: Iterable[str]) -> object:
        """Text as this API version carries it; nothing is null."""
        held = tuple(paragraphs)
        if not held:
            return None
        return document(held) if self.rich else "\n\n".join(held)

    # --- people ----------------------------------------------------------------------------------

    def person(self, handle: str) -> Shape | None:
        """A user; null for nobody."""
        if not handle:
            return None
        who = self.estate.people.get(handle)
        return self._service() if who is None else self.user(who)

    def user(self, who: Person) -> Shape:
        """A user's account."""
        shared = {"emailAddress": who.id, "displayName": who.name, "active": who.active, "timeZone": "Etc/UTC"}
        if not self.cloud:
            return {"self": f"{self.base}/user?username={who.jira}", "name": who.jira, "key": who.jira, **shared}
        own = f"{self.base}/user?accountId={who.jira}"
        return {"self": own, "accountId": who.jira, "accountType": "atlassian", "avatarUrls": _avatars(), **shared}

    def _service(self) -> Shape:
        return {
            "self": f"{self.base}/user?accountId={SERVICE_ACCOUNT}",
            "accountId": SERVICE_ACCOUNT,
            "accountType": "app",
            "avatarUrls": _avatars(),
            "displayName": "harness",
            "active": True,
            "timeZone": "Etc/UTC",
        }

    # --- tickets ---------------------------------------------------------------------------------

    def issue(self, key: str, ticket: Ticket, comments: list[Shape], wanted: str, expand: frozenset[str]) -> Shape:
        """One issue with the fields and expansions that were asked for."""
        fields = self.fields(key, ticket, comments)
        chosen = {name: fields[name] for name in fields if _is_wanted(name, wanted)}
        shape: Shape = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": str(ticket.id),
            "self": f"{self.base}/issue/{ticket.id}",
            "key": key,
            "fields": chosen,
        }
        if "names" in expand:
            shape["names"] = {name: self.title_of_field.get(name, name) for name in chosen}
        if "changelog" in expand:
            histories = self.histories(ticket)[::-1]
            shape["changelog"] = {
                "startAt": 0,
                "maxResults": len(histories),
                "total": len(histories),
                "histories": histories,
            }
        return shape

    def fields(self, key: str, ticket: Ticket, comments: list[Shape]) -> Shape:
        """Every field of a ticket, the configured custom ones included."""
        project = key.partition("-")[0]
        own = f"{self.base}/issue/{ticket.id}/comment"
        return {
            "summary": ticket.summary,
            "status": self.status(ticket.status),
            "issuetype": self._issue_type(ticket.type),
            "project": self.project(project),
            "reporter": self.person(ticket.reporter),
            "assignee": self.person(ticket.assignee),
            "creator": self.person(ticket.reporter),
            "created": self.time(ticket.created),
            "updated": self.time(ticket.updated),
            "description": self.text(ticket.description),
            "components": [self._component(index, name) for index, name in enumerate(ticket.components, 10200)],
            "labels": list(ticket.labels),
            "comment": {
                "self": own,
                "comments": comments,
                "maxResults": len(comments),
                "total": len(comments),
                "startAt": 0,
            },
            "issuelinks": [],
            "resolution": None,
            "resolutiondate": None,
            "duedate": None,
            **self._custom(ticket),
        }

    def _custom(self, ticket: Ticket) -> Shape:
        values: Shape = {
            "approver": self.person(ticket.approver),
            "risk": self._option(ticket.risk),
            "rollback": self.text(ticket.rollback),
            "window_start": self.time(ticket.window_start) if ticket.window_start else None,
            "window_end": self.time(ticket.window_end) if ticket.window_end else None,
            "environment": self._option(ticket.environment),
        }
        return {fid: values[key] for key, fid in self.estate.jira.fields.items()}

    def _option(self, value: str) -> Shape | None:
        number = str(10400 + sum(map(ord, value)) % 100)
        return {"self": f"{self.base}/customFieldOption/{number}", "value": value, "id": number} if value else None

    def _component(self, number: int, name: str) -> Shape:
        return {"self": f"{self.base}/component/{number}", "id": str(number), "name": name}

    def _issue_type(self, name: str) -> Shape:
        text = {"description": "A change to infrastructure", "iconUrl": "", "name": name, "subtask": False}
        return {"self": f"{self.base}/issuetype/10005", "id": "10005", **text}

    def status(self, name: str) -> Shape:
        """A status with its category."""
        number = str(10100 + list(self.estate.jira.statuses).index(name))
        key = self.estate.jira.statuses[name]
        category, title, colour = _CATEGORIES[key]
        return {
            "self": f"{self.base}/status/{number}",
            "description": "",
            "iconUrl": "",
            "name": name,
            "id": number,
            "statusCategory": {
                "self": f"{self.base}/statuscategory/{category}",
                "id": category,
                "key": key,
                "colorName": colour,
                "name": title,
            },
        }

    def project(self, key: str) -> Shape:
        """A project."""
        number = str(10000 + list(self.estate.jira.projects).index(key))
        kinds = {"projectTypeKey": "software", "simplified": False}
        return {
            "self": f"{self.base}/project/{number}",
            "id": number,
            "key": key,
            "name": self.estate.jira.projects[key],
            **kinds,
        }

    def comment(self, ticket: Ticket, number: int, author: str, created: str, body: object) -> Shape:
        """One comment; `body` is in this API version's form already."""
        own = f"{self.base}/issue/{ticket.id}/comment/{number}"
        who = self.person(author)
        times = {"created": self.time(created), "updated": self.time(created)}
        return {
            "self": own,
            "id": str(number),
            "author": who,
            "body": body,
            "updateAuthor": who,
            **times,
            "jsdPublic": True,
        }

    def histories(self, ticket: Ticket) -> list[Shape]:
        """The changelog, oldest first."""
        shapes = []
        for index, change in enumerate(ticket.changelog):
            number, author = str(ticket.id * 100 + index), self.person(change.author)
            items = [self._item(it.field, it.from_text, it.to_text) for it in change.items]
            shapes.append({"id": number, "author": author, "created": self.time(change.created), "items": items})
        return shapes

    def _item(self, field: str, old: str, new: str) -> Shape:
        fid = self.estate.jira.fields.get(field, field)
        title = CUSTOM_TITLES[field][0] if field in self.estate.jira.fields else field
        nothing = "" if self.rich else None
        return {
            "field": title,
            "fieldtype": "custom" if fid.startswith("customfield_") else "jira",
            **({"fieldId": fid} if self.cloud else {}),  # servers name a field only as people see it
            "from": self._raw(field, old) or nothing,
            "fromString": self._readable(field, old) or nothing,
            "to": self._raw(field, new) or nothing,
            "toString": self._readable(field, new) or nothing,
        }

    def _raw(self, field: str, value: str) -> str | None:
        if not value:
            return None
        if value in self.estate.people and field in {"approver", "assignee", "reporter"}:
            return self.estate.people[value].jira
        if field == "status":
            return str(self.status(value)["id"])
        return value

    def _readable(self, field: str, value: str) -> str | None:
        named = value in self.estate.people and field in {"approver", "assignee", "reporter"}
        return self.estate.people[value].name if named else value or None

    def remote_link(self, ticket: Ticket, index: int) -> Shape:
        """One remote link."""
        it = ticket.links[index]
        number = ticket.id * 10 + index
        place = {"url": it.url, "title": it.title, "icon": {}, "status": {"icon": {}}}
        own = f"{self.base}/issue/{ticket.id}/remotelink/{number}"
        return {"id": number, "self": own, "globalId": f"url={it.url}", "application": {}, "object": place}


def _avatars() -> Shape:
    return {
        size: "https://avatar-management.services.atlassian.com/default/" + size
        for size in ("16x16", "24x24", "32x32", "48x48")
    }


def _is_wanted(name: str, wanted: str) -> bool:
    names = [part.strip() for part in wanted.split(",") if part.strip()]
    if f"-{name}" in names:
        return False
    taken = [part for part in names if not part.startswith("-")]
    return not taken or name in taken or "*all" in taken or ("*navigable" in taken and name != "comment")
