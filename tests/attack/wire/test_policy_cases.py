"""The rows of stages `wire` and `connector` of the published cases that are not about AWS, one test a row."""

import json
from pathlib import Path

import pytest

from harness_cli.core.errors import PolicyDeniedError
from harness_cli.core.reasons import Reason
from harness_cli.policy.scope import NotCanonicalValueError, parse_value
from harness_cli.review.collect.contents import content_text
from harness_cli.review.evidence import Unread
from harness_cli.runtime.catalogue import catalogue
from harness_cli.runtime.shapes import problem_of
from tests.attack.wire.support import REPO
from tests.simulators.reading import TableReader
from tests.simulators.recording import Recorded, Scripted, as_json, recording
from tests.simulators.wired import github_at, invoke, jira_at
from tests.unit.review.collect.answers import answers

SHA = "a" * 40


def test_rs01_contents_of_a_fork_are_read_through_the_decided_repository() -> None:
    from harness_cli.review.collect.pull import collect_pull
    from harness_cli.review.facts import PullRef
    from tests.simulators.configs import config

    reader = TableReader(answers(head_repo="stranger/infra-core"))
    collect_pull(reader, config(), PullRef(REPO, 88))
    assert {ask.params["repo"] for ask in reader.asked} == {REPO}


def test_rs05_a_transferred_repository_is_denied() -> None:
    moved = Scripted(301, b"{}", {"Location": "/repositories/42"})
    with recording(moved) as server, pytest.raises(PolicyDeniedError) as caught:
        invoke(github_at(server.url), "github:GetRepository", repo=REPO)
    assert (caught.value.code, len(server.requests)) == ("P009", 1)


def test_rs05_the_name_in_the_answer_is_what_is_checked() -> None:
    answer = {"id": 1, "full_name": "other/secret", "default_branch": "main", "private": True, "fork": False}
    with recording(as_json({**answer, "archived": False})) as server:
        reply = invoke(github_at(server.url), "github:GetRepository", repo=REPO)
    assert [resource.dimensions for resource in reply.served] == [{"repo": "other/secret"}]


def issue(key: str, **fields: object) -> dict[str, object]:
    at = "2026-11-16T08:40:00.000+0000"
    held = {"status": {"name": "Approved"}, "created": at, "updated": at, "issuetype": {"name": "Change"}}
    return {"key": key, "fields": {**held, "project": {"key": key.split("-")[0]}, **fields}}


def test_rs06_the_key_in_the_answer_is_what_is_checked() -> None:
    with recording(as_json(issue("HR-9"))) as server:
        reply = invoke(jira_at(server.url), "jira:GetIssue", key="SEC-1")
    assert [resource.dimensions for resource in reply.served] == [{"project-key": "HR-9"}]


def test_rs07_linked_issues_are_dropped() -> None:
    foreign = {"key": "HR-1", "fields": {"summary": "salaries", "status": {"name": "Open"}}}
    links = {"issuelinks": [{"outwardIssue": foreign}], "parent": foreign, "subtasks": [foreign]}
    with recording(as_json(issue("SEC-1", **links))) as server:
        reply = invoke(jira_at(server.url), "jira:GetIssue", key="SEC-1")
    assert "HR-1" not in repr(reply.value)
    assert "fields=" in server.targets[0]
    assert "issuelinks" not in server.targets[0]


def test_rs09_the_next_page_of_another_host_is_not_asked_for() -> None:
    with recording(as_json([])) as elsewhere:

        def answer(request: Recorded) -> Scripted:
            page = "page=1&" in request.target or request.target.endswith("page=1")
            file = {"filename": "a.tf", "status": "added", "additions": 1, "deletions": 0}
            link = f'<{elsewhere.url}/repos/other/secret/pulls/1/files?page=2>; rel="next"'
            return as_json([file], Link=link) if page else as_json([])

        with recording(answer) as server:
            reply = invoke(github_at(server.url), "github:ListFiles", repo=REPO, number=88)
        assert reply.count == 1
        assert all(target.startswith("/repos/acme/infra-core/pulls/88/files?") for target in server.targets)
        assert len(server.requests) == 2
        assert elsewhere.requests == []


@pytest.mark.parametrize("kind", ["symlink", "submodule"])
def test_rs11_links_to_other_repositories_are_not_followed(kind: str) -> None:
    entry = {"type": kind, "path": "vendor", "target": "../../other", "submodule_git_url": "git://x/other/secret.git"}
    with recording(as_json(entry)) as server:
        reply = invoke(github_at(server.url), "github:GetContent", repo=REPO, path="vendor", ref=SHA)
    assert reply.value == {"found": True, "kind": kind}
    assert len(server.requests) == 1
    reader = TableReader({"github:GetContent": reply.value})
    from harness_cli.review.collect.asks import Asks

    text = content_text(Asks(reader, REPO).together(("GetContent", {"path": "vendor", "ref": SHA}))[0])
    assert isinstance(text, Unread)
    assert text.reason is Reason.UNSUPPORTED_API


def test_rs14_node_ids_and_graphql_have_no_operation() -> None:
    assert not any("graphql" in shape.path for name in PULL_OPERATIONS for shape in catalogue().get(name).wire)
    schema = catalogue().get("github:GetPullRequest").params
    assert problem_of("github:GetPullRequest", "params", schema, {"repo": "PR_kwDOABCD", "number": 88})


PULL_OPERATIONS = sorted(name for name in catalogue()._operations if name.startswith("github:"))


@pytest.mark.parametrize(
    ("row", "channel"), [("SL03", "#general"), ("SL05", "@alice"), ("SL08", "c0123456789"), ("SL09", "D0123456789")]
)
def test_sl_what_is_no_channel_is_denied_before_anything_is_sent(row: str, channel: str) -> None:
    operation = catalogue().get("slack:PostMessage")
    assert problem_of(operation.name, "params", operation.params, {"channel": channel, "text": "x"}), row
    with pytest.raises(NotCanonicalValueError):
        parse_value("channel", operation.resources({"channel": channel})[0].dimensions["channel"])


def test_every_published_row_has_its_test(shared_data: Path) -> None:
    rows = [json.loads(line) for line in (shared_data / "policy-cases.jsonl").read_text().splitlines()]
    mine = {row["id"] for row in rows if row["stage"] in {"wire", "connector"} and row["area"] != "aws operation"}
    written = Path(__file__).read_text()
    assert sorted(row for row in mine if row not in written and f"test_{row.lower()}_" not in written) == []
