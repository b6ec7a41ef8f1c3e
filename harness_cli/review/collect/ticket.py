"""From Jira's answers to the facts about a ticket: the issue first, then what belongs to it, side by side.

History, links and comments are asked for by the key that the issue itself answered with: a ticket that moved is found
under the old key too, and must not be read before its new project was checked.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from harness_cli.config.model import Config, JiraFields, System
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.reasons import Reason
from harness_cli.review.collect.links import MOST_PULLS, addresses, linked_pulls, web_host
from harness_cli.review.collect.texts import account_ids, regions, text_fact
from harness_cli.review.evidence import Evidence, Fact, Known, Unread, reduced
from harness_cli.review.facts import ChangeItem, JiraAccount, LinkedPull, PullRef, Ticket
from harness_cli.review.reader import Ask, Reader

Answer = Mapping[str, Any]  # Any: the declared result of an operation
Scope = Callable[[PullRef], bool]

_PARTS: Final = ("jira:GetChangelog", "jira:GetRemoteLinks", "jira:GetComments")


def collect_ticket(reader: Reader, config: Config, key: str, *, in_scope: Scope) -> Fact[Ticket]:
    """The facts about one ticket; what could not be read is unread, never empty. Raises AuditError only."""
    issue = reader.read(Ask(System.JIRA, "jira:GetIssue", {"key": key}))
    if isinstance(issue, Unread):
        return issue
    answered = str(issue.value["key"])
    asks = [Ask(System.JIRA, operation, {"key": answered}) for operation in _PARTS]
    changelog, remote, comments = reader.read_all(asks)
    links = _links(issue, remote, comments, web_host(config), in_scope)
    return reduced(issue, lambda answer: _ticket(answer, _fields(config), changelog, links, comments))


def _fields(config: Config) -> JiraFields:
    return config.connections.jira.fields if config.connections.jira else JiraFields()


def _ticket(
    answer: Answer, fields: JiraFields, changelog: Fact[Any], links: Fact[tuple[LinkedPull, ...]], comments: Fact[Any]
) -> Ticket:
    said = comments.value if isinstance(comments, Known) else ()
    approvers = answer.get("approver")
    return Ticket(
        key=answer["key"],
        project=answer["project"],
        status=answer["status"],
        created=parse_rfc3339(answer["created"]),
        updated=parse_rfc3339(answer["updated"]),
        reporter=_account(answer["reporter"]),
        assignee=_account(answer["assignee"]),
        issue_type=answer["issue_type"],
        approvers=None if approvers is None else tuple(_known_account(one) for one in approvers),
        risk=answer.get("risk"),
        rollback=text_fact(answer["rollback"]) if "rollback" in answer else None,
        environment=answer.get("environment"),
        window_start=_moment(answer.get("window_start")),
        window_end=_moment(answer.get("window_end")),
        window_configured=bool(fields.window_start and fields.window_end),
        components=tuple(answer["components"]),
        labels=tuple(answer["labels"]),
        account_ids=account_ids(answer["description"], answer.get("rollback")),
        regions=regions(answer["description"], answer.get("rollback")),
        status_id=answer.get("status_id", ""),
        description=text_fact(answer["description"]),
        comments=tuple(text_fact(comment["body"]) for comment in said),
        comments_unread=comments if isinstance(comments, Unread) else None,
        changelog=reduced(changelog, _change_items),
        links=links,
    )


def _account(answer: Answer | None) -> JiraAccount | None:
    return _known_account(answer) if answer else None


def _known_account(answer: Answer) -> JiraAccount:
    return JiraAccount(answer["account_id"], answer["active"], answer["is_app"])


def _moment(text: str | None) -> datetime | None:
    return parse_rfc3339(text) if text else None


def _change_items(histories: list[Answer]) -> tuple[ChangeItem, ...]:
    """Every change, oldest first; Data Center lists the newest first."""
    is_newest_first = len(histories) > 1 and parse_rfc3339(histories[0]["created"]) > parse_rfc3339(
        histories[-1]["created"]
    )
    items = [
        ChangeItem(at=parse_rfc3339(entry["created"]), author=_account(entry["author"]), **change)
        for entry in (reversed(histories) if is_newest_first else histories)
        for change in entry["items"]
    ]
    return tuple(sorted(items, key=lambda item: item.at))


def _links(
    issue: Known[Any], remote: Fact[Any], comments: Fact[Any], host: str, in_scope: Scope
) -> Fact[tuple[LinkedPull, ...]]:
    """What the ticket leads to; unread where one of its parts is, or where there is more than may be followed."""
    for part in (remote, comments):
        if isinstance(part, Unread):
            return part
    assert isinstance(remote, Known) and isinstance(comments, Known)  # noqa: S101, PT018 - the loop above returned
    links = linked_pulls(_found(issue.value, remote.value, comments.value), host, in_scope)
    evidence = _evidence(issue, remote, comments)
    if len({link.ref for link in links if link.ref and link.in_scope}) > MOST_PULLS:
        return Unread(Reason.TRUNCATED, f"the ticket names more than {MOST_PULLS} pull requests", evidence)
    return Known(links, evidence)


def _evidence(*facts: Known[Any]) -> tuple[Evidence, ...]:
    return tuple(evidence for fact in facts for evidence in fact.evidence)


def _found(issue: Answer, remote: list[Answer], comments: list[Answer]) -> Iterator[tuple[str, str]]:
    for link in remote:
        for address in addresses(link["url"]):
            yield address, "remotelink"
    for text, source in ((issue["description"], "description"), (issue.get("rollback"), "field")):
        for address in addresses(text):
            yield address, source
    for comment in comments:
        for address in addresses(comment["body"]):
            yield address, "comment"
