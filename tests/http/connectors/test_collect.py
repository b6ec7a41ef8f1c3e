"""From wire to facts: the ticket and the pull requests of the estate."""

from dataclasses import replace

import pytest

from harness_cli.config.model import Connections, EnvRef, GithubConnection, JiraConnection, JiraFields, System
from harness_cli.core.reasons import Reason
from harness_cli.credentials.lease import Lease
from harness_cli.review.collect.pull import collect_pull, find_pulls
from harness_cli.review.collect.ticket import collect_ticket
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRef, RequiredCheck
from harness_cli.sandbox import Estate, SandboxAddresses
from tests.simulators.configs import config
from tests.simulators.reading import ConnectorReader
from tests.simulators.wired import github_at, jira_at

DB = PullRef("acme/infra-core", 88)


def in_scope(ref: PullRef) -> bool:
    return ref.repo.startswith("acme/infra-")


@pytest.fixture
def reader(at: SandboxAddresses, estate: Estate, github_lease: Lease, jira_lease: Lease) -> ConnectorReader:
    jira = jira_at(at.jira, **estate.jira.fields)
    return ConnectorReader({System.GITHUB: (github_at(at.github), github_lease), System.JIRA: (jira, jira_lease)})


@pytest.fixture
def settings(at: SandboxAddresses, estate: Estate):
    jira = JiraConnection(at.jira, EnvRef("X"), JiraFields(**estate.jira.fields), deployment="cloud")
    return replace(config(), connections=Connections(jira=jira, github=GithubConnection(at.github, EnvRef("X"))))


def test_the_ticket_of_the_estate(reader: ConnectorReader, settings, estate: Estate) -> None:
    fact = collect_ticket(reader, settings, "SEC-12", in_scope=in_scope)
    assert isinstance(fact, Known)
    ticket = fact.value
    assert (ticket.status, ticket.environment, ticket.window_configured) == ("Approved", "dev", True)
    assert [account.account_id for account in ticket.approvers or ()] == [estate.people["li"].jira]
    assert isinstance(ticket.changelog, Known)
    times = [item.at for item in ticket.changelog.value]
    assert times == sorted(times)
    assert isinstance(ticket.links, Known)
    assert DB in [link.ref for link in ticket.links.value]


def test_the_pull_requests_of_a_ticket_are_found(reader: ConnectorReader, settings) -> None:
    fact = collect_ticket(reader, settings, "SEC-12", in_scope=in_scope)
    assert isinstance(fact, Known)
    assert DB in find_pulls(reader, settings, fact.value, in_scope=in_scope)
    assert find_pulls(reader, settings, fact.value, in_scope=lambda _: False) == ()


def test_the_pull_request_of_the_estate(reader: ConnectorReader, settings) -> None:
    fact = collect_pull(reader, settings, DB)
    assert isinstance(fact, Known)
    pull = fact.value
    assert (pull.author, pull.base_ref, pull.is_fork, pull.merged) == ("li-gh", "main", False, False)
    assert pull.ticket_keys == ("SEC-12",)
    for part in (
        "reviews",
        "commits",
        "files",
        "check_runs",
        "branch_rules",
        "codeowners",
        "scan_alerts",
        "deployments",
    ):
        assert isinstance(getattr(pull, part), Known), part
    assert isinstance(pull.branch_rules, Known)
    assert pull.branch_rules.value.sources == ("ruleset", "classic")
    assert RequiredCheck("plan", 15368) in pull.branch_rules.value.required_checks
    assert isinstance(pull.check_runs, Known)
    assert {run.name: run.conclusion for run in pull.check_runs.value}["atlantis/plan"] == "success"
    assert isinstance(pull.enforce_admins, Known)


def test_changed_code_is_read_at_both_commits(reader: ConnectorReader, settings) -> None:
    fact = collect_pull(reader, settings, DB)
    assert isinstance(fact, Known)
    texts = {place: text.value for place, text in fact.value.contents.items() if isinstance(text, Known)}
    before, after = texts["envs/prod/db/main.tf", "base"], texts["envs/prod/db/main.tf", "head"]
    assert before
    assert after
    assert "publicly_accessible     = false" in before.for_parser()
    assert "publicly_accessible     = true" in after.for_parser()
    assert (".github/workflows/scan.yml", "head") in texts
    assert ("envs/prod/db/variables.tf", "head") in texts  # beside the change: gives the values behind variables
    assert ("envs/prod/db/export.sh", "head") not in texts


def test_bypass_that_github_hides_is_unread(reader: ConnectorReader, settings) -> None:
    fact = collect_pull(reader, settings, DB)
    assert isinstance(fact, Known)
    hidden = fact.value.bypass_actors
    assert isinstance(hidden, Unread)
    assert hidden.reason is Reason.ACCESS_DENIED


def test_teams_of_owners_are_read(reader: ConnectorReader, settings) -> None:
    fact = collect_pull(reader, settings, DB)
    assert isinstance(fact, Known)
    members = fact.value.team_members["@acme/infra-approvers"]
    assert isinstance(members, Known)
    assert set(members.value) == {"li-gh", "bo-gh"}


def test_a_pull_request_that_is_not_there_is_unread(reader: ConnectorReader, settings) -> None:
    fact = collect_pull(reader, settings, PullRef("acme/infra-core", 4242))
    assert isinstance(fact, Unread)
    assert fact.reason is Reason.ACCESS_DENIED


def test_a_ticket_that_is_not_there_is_unread(reader: ConnectorReader, settings) -> None:
    assert isinstance(collect_ticket(reader, settings, "SEC-4242", in_scope=in_scope), Unread)


def test_force_pushes_and_the_merges_rule_suite_are_read(reader: ConnectorReader, settings) -> None:
    (pushed,) = value_of(reader, settings, DB, "force_pushes")
    assert pushed.user == "li-gh"
    assert value_of(reader, settings, DB, "rule_suite") == ""
    assert value_of(reader, settings, PullRef("acme/infra-live", 41), "rule_suite") == "pass"
    assert value_of(reader, settings, DB, "scan_tools") == ("CodeQL", "checkov")


def value_of(reader: ConnectorReader, settings, ref: PullRef, part: str):
    fact = collect_pull(reader, settings, ref)
    assert isinstance(fact, Known)
    found = getattr(fact.value, part)
    assert isinstance(found, Known), part
    return found.value
