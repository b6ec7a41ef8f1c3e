import json
from urllib.parse import urlencode

import pytest

from harness_cli.core.errors import PolicyDeniedError
from harness_cli.core.secret import Secret
from harness_cli.runtime.catalogue import catalogue
from harness_cli.transport.addresses import base_address
from harness_cli.transport.permit import HttpPermit
from harness_cli.transport.wire_guard import check_request

BASE = "https://api.github.com"
SLACK = "https://slack.com/api"
CHANNEL = "C0123456789"
FORM = "application/x-www-form-urlencoded"


def permit(operation: str, base: str = BASE, **params: object) -> HttpPermit:
    declared = catalogue().get(operation)
    return HttpPermit(declared, params, declared.resources(params), base_address(base), Secret("x"))


PULL = permit("github:GetPullRequest", repo="Acme/Infra-Core", number=88)
CONTENT = permit("github:GetContent", repo="acme/infra-core", path="envs/prod/a b.tf", ref="a" * 40)
TEAM = permit("github:ListTeamMembers", repo="acme/infra-core", team="reviewers")
POST = permit("slack:PostMessage", SLACK, channel=CHANNEL, text="hello")


@pytest.mark.parametrize(
    ("allowed", "target"),
    [
        (PULL, "/repos/acme/infra-core/pulls/88"),
        (PULL, "/repos/Acme/Infra-Core/pulls/88"),
        (CONTENT, f"/repos/acme/infra-core/contents/envs/prod/a%20b.tf?ref={'a' * 40}"),
        (TEAM, "/orgs/acme/teams/reviewers/members?per_page=100&page=2"),
    ],
)
def test_the_decided_request_passes(allowed: HttpPermit, target: str) -> None:
    assert check_request(allowed, "GET", BASE + target, b"", "").shape.method == "GET"


@pytest.mark.parametrize(
    ("allowed", "method", "url", "code"),
    [
        (PULL, "GET", f"{BASE}/repos/other/secret/pulls/88", "P009"),
        (PULL, "GET", f"{BASE}/repos/acme/infra-core/pulls/89", "P009"),
        (PULL, "GET", f"{BASE}/repos/acme/infra-core/pulls/088", "P009"),
        (PULL, "GET", f"{BASE}/repos/acme/infra-core/pulls/88/files", "P013"),
        (PULL, "GET", f"{BASE}/repos/acme/infra-core/pulls/88?per_page=1", "P013"),
        (PULL, "HEAD", f"{BASE}/repos/acme/infra-core/pulls/88", "P013"),
        (PULL, "PATCH", f"{BASE}/repos/acme/infra-core/pulls/88", "P013"),
        (PULL, "GET", "https://evil.example/repos/acme/infra-core/pulls/88", "P009"),
        (PULL, "GET", "http://api.github.com/repos/acme/infra-core/pulls/88", "P009"),
        (PULL, "GET", f"{BASE}/graphql", "P013"),
        (CONTENT, "GET", f"{BASE}/repos/acme/infra-core/contents/envs/prod/a%20b.tf?ref={'b' * 40}", "P009"),
        (CONTENT, "GET", f"{BASE}/repos/acme/infra-core/contents/envs/dev/a%20b.tf?ref={'a' * 40}", "P009"),
        (CONTENT, "GET", f"{BASE}/repos/acme/infra-core/contents/envs%2Fprod%2Fa%20b.tf?ref={'a' * 40}", "P013"),
        (TEAM, "GET", f"{BASE}/orgs/other/teams/reviewers/members", "P009"),
        (TEAM, "GET", f"{BASE}/orgs/acme/teams/admins/members", "P009"),
    ],
)
def test_any_other_request_is_stopped(allowed: HttpPermit, method: str, url: str, code: str) -> None:
    with pytest.raises(PolicyDeniedError) as caught:
        check_request(allowed, method, url, b"", "")
    assert caught.value.code == code


def test_a_reading_request_carries_no_body() -> None:
    with pytest.raises(PolicyDeniedError):
        check_request(PULL, "GET", f"{BASE}/repos/acme/infra-core/pulls/88", b"{}", "application/json")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"channel": CHANNEL, "text": "hello", "mrkdwn": False}).encode(), "application/json"),
        (urlencode({"channel": CHANNEL, "text": "hello"}).encode(), FORM),
    ],
)
def test_the_decided_message_passes(body: bytes, kind: str) -> None:
    check_request(POST, "POST", f"{SLACK}/chat.postMessage", body, kind)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"channel": "C0999999999", "text": "hello"}).encode(), "application/json"),
        (json.dumps({"channel": CHANNEL, "text": "other"}).encode(), "application/json"),
        (json.dumps({"text": "hello"}).encode(), "application/json"),
        (json.dumps(["channel", CHANNEL]).encode(), "application/json"),
        (b"{", "application/json"),
        (f"channel={CHANNEL}&channel=C0999999999".encode(), FORM),
        (b"channel", FORM),
        ("channel=\u0441".encode(), FORM),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"x", ""),
    ],
)
def test_any_other_body_is_stopped(body: bytes, kind: str) -> None:
    with pytest.raises(PolicyDeniedError):
        check_request(POST, "POST", f"{SLACK}/chat.postMessage", body, kind)


def test_a_refusal_quotes_nothing_of_the_request() -> None:
    with pytest.raises(PolicyDeniedError) as caught:
        check_request(PULL, "GET", f"{BASE}/repos/other/secret-name/pulls/88", b"", "")
    assert "secret-name" not in f"{caught.value.message}{caught.value.help}{caught.value.place}"
