"""Every name in an estate must lead somewhere: people, commits, branches, tickets, repositories."""

from collections.abc import Collection, Iterator

from harness_cli.sandbox.errors import EstateError
from harness_cli.sandbox.model import Estate, Pull, Repository, Ticket

Reference = tuple[str, Collection[str], str]  # the name, what it may be, where it stands


def check_references(estate: Estate, name: str) -> None:
    """Refuse a name that leads nowhere. Raises: EstateError."""
    for wanted, known, place in _references(estate):
        if wanted and wanted not in known:
            raise EstateError(f"`{wanted}` is not in this estate", place=f"{name}.{place}")


def _references(estate: Estate) -> Iterator[Reference]:
    people = estate.people
    yield estate.requester, people, "requester"
    for group, members in estate.groups.items():
        yield from ((m, people, f"groups.{group}") for m in members)
    for team, members in estate.github.teams.items():
        yield from ((m, people, f"github.teams.{team}") for m in members)
    for key, channel in estate.slack.channels.items():
        yield from ((m, people, f"slack.channels.{key}") for m in channel.members)
    for full_name, repository in estate.github.repositories.items():
        yield from _of_repository(repository, people, f"github.repositories.{full_name}")
    for old, new in estate.github.moved.items():
        yield new, estate.github.repositories, f"github.moved.{old}"
    for key, ticket in estate.jira.tickets.items():
        yield key.partition("-")[0], estate.jira.projects, f"jira.tickets.{key}"
        yield from _of_ticket(ticket, people, estate.jira.statuses, f"jira.tickets.{key}")
    for old, new in estate.jira.moved.items():
        yield new, estate.jira.tickets, f"jira.moved.{old}"
    accounts = frozenset(estate.aws.accounts.values())
    yield from ((call.account, accounts, f"aws.calls[{number}]") for number, call in enumerate(estate.aws.calls))


def _of_repository(repository: Repository, people: Collection[str], place: str) -> Iterator[Reference]:
    commits = repository.commits
    for label, commit in commits.items():
        yield commit.author, people, f"{place}.commits.{label}.author"
        yield commit.signer, people, f"{place}.commits.{label}.signer"
        yield commit.parent, commits, f"{place}.commits.{label}.parent"
    yield from ((c, commits, f"{place}.branches.{b}") for b, c in repository.branches.items())
    yield repository.default_branch, repository.branches, f"{place}.default_branch"
    yield from ((p, people, f"{place}.collaborators") for p in repository.collaborators)
    yield from ((label, commits, f"{place}.check_runs") for label in repository.check_runs)
    yield from ((label, commits, f"{place}.statuses") for label in repository.statuses)
    yield from ((a.commit, commits, f"{place}.analyses") for a in repository.analyses)
    for suite in repository.rule_suites:
        yield suite.commit, commits, f"{place}.rule_suites"
        yield suite.actor, people, f"{place}.rule_suites"
        yield suite.branch, repository.branches, f"{place}.rule_suites"
    for deployment in repository.deployments:
        yield deployment.commit, commits, f"{place}.deployments"
        yield deployment.creator, people, f"{place}.deployments"
    for pull in repository.pulls:
        yield from _of_pull(pull, repository, people, f"{place}.pulls.{pull.number}")


def _of_pull(pull: Pull, repository: Repository, people: Collection[str], place: str) -> Iterator[Reference]:
    yield pull.author, people, f"{place}.author"
    yield pull.merged_by, people, f"{place}.merged_by"
    yield pull.base, repository.branches, f"{place}.base"
    for label in (pull.head_commit, pull.base_commit, pull.merge_commit):
        yield label, repository.commits, place
    for review in pull.reviews:
        yield review.author, people, f"{place}.reviews"
        yield review.commit, repository.commits, f"{place}.reviews"
    for comment in (*pull.comments, *pull.review_comments):
        yield comment.author, people, f"{place}.comments"
    for event in pull.timeline:
        yield event.actor, people, f"{place}.timeline"
        yield event.commit, repository.commits, f"{place}.timeline"


def _of_ticket(ticket: Ticket, people: Collection[str], statuses: Collection[str], place: str) -> Iterator[Reference]:
    yield ticket.status, statuses, f"{place}.status"
    for field in ("reporter", "assignee", "approver"):
        yield getattr(ticket, field), people, f"{place}.{field}"
    yield from ((c.author, people, f"{place}.comments") for c in ticket.comments)
    yield from ((c.author, people, f"{place}.changelog") for c in ticket.changelog)
