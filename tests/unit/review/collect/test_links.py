from dataclasses import replace

import pytest

from harness_cli.config.model import Connections, EnvRef, GithubConnection, System, Tool
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.collect.links import (
    addresses,
    linked_pulls,
    scope_projects,
    scope_repositories,
    ticket_keys,
    web_host,
)
from harness_cli.review.facts import PullRef
from tests.simulators.configs import config

OURS = "github.com"
REF = PullRef("acme/infra-core", 88)


def settings(url: str = "https://api.github.com", scopes: tuple[dict[str, tuple[str, ...]], ...] = ()):
    tools = dict(config().tools)
    tools["github_inspector"] = Tool("github_inspector", System.GITHUB, (), "internal", scopes)
    return replace(config(), tools=tools, connections=Connections(github=GithubConnection(url, EnvRef("X"))))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.github.com", "github.com"),
        ("https://ghe.acme.example/api/v3", "ghe.acme.example"),
        ("https://api.acme.ghe.com", "acme.ghe.com"),
        ("http://127.0.0.1:4010", "github.com"),
    ],
)
def test_browser_addresses_have_their_own_host(url: str, host: str) -> None:
    assert web_host(settings(url)) == host
    assert web_host(config()) == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/infra-core/pull/88",
        "https://github.com/acme/infra-core/pull/88/files",
        "https://github.com/Acme/Infra-Core/pull/88/commits/abc?w=1#diff",
        "HTTPS://GitHub.com/acme/infra-core/pull/88",
    ],
)
def test_a_pull_request_is_recognised(address: str) -> None:
    (link,) = linked_pulls([(address, "comment")], OURS, lambda _: True)
    assert (link.ref, link.host_is_ours, link.in_scope) == (REF, True, True)


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("http://github.com/acme/infra-core/pull/88", True),
        ("https://github.com:8443/acme/infra-core/pull/88", True),
        ("https://user@github.com/acme/infra-core/pull/88", True),
        ("https://github.com/acme/infra-core/pull/088", True),
        ("https://github.com/acme/infra-core/pull/88/../../../other/secret/pull/1", True),
        ("https://github.com/acme/infra%2dcore/pull/88", True),
        ("https://github.com/acme/infra-core/pulls", True),
        ("https://github.com.evil.example/acme/infra-core/pull/88", False),
        ("https://github.com@evil.example/acme/infra-core/pull/88", False),
        ("https://gіthub.com/acme/infra-core/pull/88", False),
        ("https://gitlab.com/acme/infra/-/merge_requests/1", False),
        ("https://bitbucket.org/acme/infra/pull-requests/1", False),
    ],
)
def test_what_only_looks_like_a_pull_request_becomes_no_argument(address: str, ours: bool) -> None:
    (link,) = linked_pulls([(address, "comment")], OURS, lambda _: True)
    assert (link.ref, link.host_is_ours, link.in_scope) == (None, ours, False)


@pytest.mark.parametrize(
    "address", ["https://github.com/acme/infra-core", "https://wiki.example/x", "https://[bad/pull/1"]
)
def test_other_addresses_are_left_out(address: str) -> None:
    assert linked_pulls([(address, "comment")], OURS, lambda _: True) == ()


def test_a_link_outside_the_scope_is_kept_as_a_fact() -> None:
    (link,) = linked_pulls([("https://github.com/other/secret/pull/1", "remotelink")], OURS, lambda _: False)
    assert (link.ref, link.in_scope) == (PullRef("other/secret", 1), False)


def test_one_pull_request_is_linked_once() -> None:
    twice = [("https://github.com/acme/infra-core/pull/88", "remotelink")] * 2
    assert len(linked_pulls(twice, OURS, lambda _: True)) == 1
    crooked = [("http://github.com/acme/infra-core/pull/88", "comment")] * 2
    assert len(linked_pulls(crooked, OURS, lambda _: True)) == 2


def test_addresses_end_where_the_sentence_goes_on() -> None:
    text = Untrusted("see https://a.example/x, (https://b.example/y) and <https://c.example/z>.")
    assert list(addresses(text)) == ["https://a.example/x", "https://b.example/y", "https://c.example/z"]
    assert list(addresses(None)) == []


@pytest.mark.parametrize(
    ("title", "branch", "body", "keys"),
    [
        ("SEC-12: reporting", "main", "see SEC-13", ("SEC-12", "SEC-13")),
        ("x", "feature/SEC-12-reporting", None, ("SEC-12",)),
        ("x", "sec-12-reporting", None, ("SEC-12",)),
        ("x", "SEC-12_reporting", None, ("SEC-12",)),
        ("x", "hr-12-reporting", None, ()),
        ("use UTF-8, SHA-256 and ISO-8601", "release-2026-11", "CVE-2026", ()),
        ("XSEC-12 SEC-012 SEC-0 SEC-12x aSEC-12", "main", None, ("XSEC-12",)),
        ("[SEC-12] (HR-1)", "main", "SEC-12", ("SEC-12", "HR-1")),
    ],
)
def test_keys_are_found_where_people_write_them(
    title: str, branch: str, body: str | None, keys: tuple[str, ...]
) -> None:
    assert ticket_keys(Untrusted(title), branch, Untrusted(body) if body else None, config()) == keys


def test_only_names_without_a_wildcard_are_looked_through() -> None:
    scopes = ({"repo": ("acme/infra-*", "Acme/Core")}, {"repo": ("acme/core", "acme/net")})
    assert scope_repositories(settings(scopes=scopes)) == ("acme/core", "acme/net")
    assert scope_projects(config()) == {"SEC"}
