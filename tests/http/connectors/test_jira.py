"""The Jira connector against the strict stand-in: Cloud, its gateway, Data Center."""

import pytest

from harness_cli.config.model import System
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.errors import ConnectorError, UnauthorizedError
from harness_cli.core.secret import Secret
from harness_cli.core.untrusted import Untrusted
from harness_cli.credentials.lease import BearerToken, Lease
from harness_cli.sandbox import Estate, SandboxAddresses
from tests.http.sandbox.http import ask
from tests.simulators.wired import invoke, jira_at, lease

KEY = "SEC-12"


def oauth_lease(at: SandboxAddresses, estate: Estate) -> Lease:
    form = {
        "grant_type": "client_credentials",
        "client_id": estate.jira.client_id,
        "client_secret": at.secret("jira-client-secret"),
    }
    token = ask("POST", f"{at.jira}/oauth/token", form=form).json()["access_token"]
    return lease(System.JIRA, BearerToken(Secret(token)), f"{at.jira}/ex/jira/{estate.jira.cloud_id}")


@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_a_ticket_reads_the_same_on_cloud_and_on_data_center(
    at: SandboxAddresses, estate: Estate, jira_lease: Lease, deployment: str
) -> None:
    jira = jira_at(at.jira, deployment=deployment, **estate.jira.fields)
    ticket = invoke(jira, "jira:GetIssue", jira_lease, key=KEY).value
    assert (ticket["key"], ticket["status"], ticket["environment"]) == (KEY, "Approved", "dev")
    assert isinstance(ticket["description"], Untrusted)
    assert [one["account_id"] for one in ticket["approver"]] == [estate.people["li"].jira]
    assert parse_rfc3339(ticket["window_start"]).tzinfo is not None


@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_history_keeps_statuses_and_drops_texts(at: SandboxAddresses, jira_lease: Lease, deployment: str) -> None:
    histories = invoke(jira_at(at.jira, deployment=deployment), "jira:GetChangelog", jira_lease, key=KEY).value
    changes = [change for entry in histories for change in entry["items"]]
    assert "Approved" in {change["to_label"] for change in changes if change["field_id"] == "status"}
    others = [change for change in changes if change["field_id"] == "description"]
    assert others
    assert all(not (change["from_label"] or change["to_label"] or change["to_id"]) for change in others)


def test_links_and_comments_are_read(at: SandboxAddresses, jira_lease: Lease) -> None:
    jira = jira_at(at.jira)
    links = invoke(jira, "jira:GetRemoteLinks", jira_lease, key=KEY).value
    comments = invoke(jira, "jira:GetComments", jira_lease, key=KEY).value
    assert links[0]["url"].for_parser() == "https://github.com/acme/infra-core/pull/88"
    assert all(isinstance(comment["body"], Untrusted) for comment in comments)


def test_the_gateway_is_used_where_the_credential_says_so(at: SandboxAddresses, estate: Estate) -> None:
    jira = jira_at("https://acme.atlassian.net", deployment="")
    reply = invoke(jira, "jira:GetIssue", oauth_lease(at, estate), key=KEY)
    assert reply.value["key"] == KEY
    assert reply.requests == 1


def test_the_server_is_asked_once_which_jira_it_is(at: SandboxAddresses, jira_lease: Lease) -> None:
    jira = jira_at(at.jira, deployment="")
    assert invoke(jira, "jira:GetIssue", jira_lease, key=KEY).requests == 2
    assert invoke(jira, "jira:GetIssue", jira_lease, key=KEY).requests == 1


def test_whoami_and_server_are_read(at: SandboxAddresses, estate: Estate, jira_lease: Lease) -> None:
    jira = jira_at(at.jira)
    assert invoke(jira, "jira:GetMyself", jira_lease, key="SEC").value["account_id"] == estate.people["ana"].jira
    assert invoke(jira, "jira:GetServerInfo", jira_lease, key="SEC").value["deployment"] == "cloud"


def test_an_unknown_ticket_is_not_read(at: SandboxAddresses, jira_lease: Lease) -> None:
    with pytest.raises(ConnectorError) as caught:
        invoke(jira_at(at.jira), "jira:GetIssue", jira_lease, key="SEC-9999")
    assert caught.value.http_status == 404


def test_an_unknown_token_is_exit_4(at: SandboxAddresses) -> None:
    with pytest.raises(UnauthorizedError):
        invoke(jira_at(at.jira), "jira:GetIssue", key=KEY)


@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_a_custom_field_has_its_id_in_the_history_whatever_the_server_writes(
    at: SandboxAddresses, estate: Estate, jira_lease: Lease, deployment: str
) -> None:
    jira = jira_at(at.jira, deployment=deployment, **estate.jira.fields)
    histories = invoke(jira, "jira:GetChangelog", jira_lease, key=KEY).value
    fields = [change["field_id"] for entry in histories for change in entry["items"]]
    assert estate.jira.fields["approver"] in fields
    assert "status" in fields
