from dataclasses import replace
from typing import Any

import pytest

from harness_cli.config.model import Connections, EnvRef, GithubConnection, JiraConnection, JiraFields
from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.collect.ticket import collect_ticket
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import PullRef, Ticket
from tests.simulators.configs import config
from tests.simulators.reading import TableReader

AT = "2026-11-16T08:40:00.000+0000"
LI = {"account_id": "li", "active": True, "is_app": False}
LINK = "https://github.com/acme/infra-core/pull/88"
DENIED = Unread(Reason.ACCESS_DENIED, "no")

SETTINGS = replace(
    config(),
    connections=Connections(
        jira=JiraConnection("https://acme.atlassian.net", EnvRef("X"), JiraFields(window_start="a", window_end="b")),
        github=GithubConnection("https://api.github.com", EnvRef("X")),
    ),
)


def issue(**more: Any) -> dict[str, Any]:
    return {
        "key": "SEC-12",
        "status": "Approved",
        "created": AT,
        "updated": AT,
        "issue_type": "Change",
        "project": "SEC",
        "reporter": LI,
        "assignee": None,
        "components": ["db"],
        "labels": [],
        "description": Untrusted("in account 123456789012"),
        **more,
    }


def answers(**more: Any) -> dict[str, Any]:
    table = {
        "GetIssue": issue(),
        "GetChangelog": [],
        "GetRemoteLinks": [{"id": 1, "url": Untrusted(LINK)}],
        "GetComments": [],
    }
    return {f"jira:{verb}": answer for verb, answer in {**table, **more}.items()}


def collected(in_scope: bool = True, **more: Any) -> Fact[Ticket]:
    return collect_ticket(TableReader(answers(**more)), SETTINGS, "SEC-12", in_scope=lambda _: in_scope)


def ticket_of(**more: Any) -> Ticket:
    fact = collected(**more)
    assert isinstance(fact, Known)
    return fact.value


def test_what_is_not_configured_is_none_and_what_is_empty_is_empty() -> None:
    bare, empty = ticket_of(), ticket_of(GetIssue=issue(approver=[], risk="", environment="", rollback=None))
    assert (bare.approvers, bare.risk, bare.environment, bare.rollback) == (None, None, None, None)
    assert (empty.approvers, empty.risk, empty.environment) == ((), "", "")
    assert empty.rollback is not None
    assert empty.rollback.words == 0


def test_ids_and_times_are_kept() -> None:
    ticket = ticket_of(GetIssue=issue(window_start=AT, window_end=None))
    assert ticket.account_ids == ("123456789012",)
    assert ticket.window_configured
    assert ticket.window_start == ticket.created
    assert ticket.window_end is None


@pytest.mark.parametrize("verb", ["GetRemoteLinks", "GetComments"])
def test_links_are_unread_where_a_part_of_them_is(verb: str) -> None:
    ticket = ticket_of(**{verb: DENIED})
    assert ticket.links is DENIED
    assert ticket.comments_unread is (DENIED if verb == "GetComments" else None)


def test_history_is_in_the_order_of_time() -> None:
    change = {"field_id": "status", "from_id": "1", "to_id": "2", "from_label": "Draft", "to_label": "Approved"}
    late, early = "2026-11-18T00:00:00.000+0000", "2026-11-17T00:00:00.000+0000"
    log = [{"created": at, "author": LI, "items": [change]} for at in (late, early)]
    history = ticket_of(GetChangelog=log).changelog
    assert isinstance(history, Known)
    assert [item.at.day for item in history.value] == [17, 18]


def test_links_are_found_in_every_text() -> None:
    def at(number: int) -> Untrusted:
        return Untrusted(f"see {LINK[:-2]}{number}.")

    ticket = ticket_of(
        GetIssue=issue(description=at(1), rollback=at(2)), GetComments=[{"created": AT, "author": None, "body": at(3)}]
    )
    assert isinstance(ticket.links, Known)
    assert [(link.ref, link.source) for link in ticket.links.value] == [
        (PullRef("acme/infra-core", 88), "remotelink"),
        (PullRef("acme/infra-core", 1), "description"),
        (PullRef("acme/infra-core", 2), "field"),
        (PullRef("acme/infra-core", 3), "comment"),
    ]


def test_more_pull_requests_than_may_be_followed_are_truncated() -> None:
    many = [{"id": n, "url": Untrusted(f"https://github.com/acme/infra-core/pull/{n}")} for n in range(1, 22)]
    links = ticket_of(GetRemoteLinks=many).links
    assert isinstance(links, Unread)
    assert links.reason is Reason.TRUNCATED


def test_a_ticket_that_moved_is_read_under_its_own_key_only() -> None:
    reader = TableReader(answers(GetIssue=issue(key="SEC-99")))
    fact = collect_ticket(reader, SETTINGS, "SEC-12", in_scope=lambda _: True)
    assert isinstance(fact, Known)
    assert [ask.params["key"] for ask in reader.asked] == ["SEC-12", "SEC-99", "SEC-99", "SEC-99"]


def test_nothing_more_is_asked_about_a_ticket_that_was_not_read() -> None:
    reader = TableReader(answers(GetIssue=DENIED))
    assert collect_ticket(reader, SETTINGS, "SEC-12", in_scope=lambda _: True) is DENIED
    assert reader.operations() == ["GetIssue"]
