"""The change as a tree."""

import subprocess
import sys

import pytest

from harness_cli.render.report_map import MOST_RESOURCES, Node, change_map
from harness_cli.render.report_parts import some_of
from harness_cli.review.facts import PullRef
from harness_cli.review.finding import IacPlace, Severity, Status, Subject
from tests.simulators.reports import HEAD, OPEN_GROUP, PULL, PULL_SUBJECT, aws, document, finding


def tree(rows=None, **changes) -> Node:
    return change_map(document(rows, **changes))


def labels(node: Node) -> list[str]:
    return [child.label for child in node.children]


def test_ticket_leads_to_pull_requests_and_accounts() -> None:
    root = tree()
    assert (root.label, root.verdict) == ("SEC-12", "medium")
    assert labels(root) == ["acme/infra-core#88", "AWS 111122223333"]


def test_node_is_as_bad_as_the_worst_below_it() -> None:
    pull = tree().children[0]
    assert pull.verdict == "critical"
    assert pull.checks == ("X-04",)


def test_live_resource_that_the_change_touches_stands_under_its_pull_request() -> None:
    pull, account = tree().children
    assert "ec2 security-group/sg-0a1b2c3d4e5f60718" in labels(pull)
    assert "ec2 security-group/sg-0a1b2c3d4e5f60718" not in labels(account)


def test_only_what_failed_or_waits_is_shown() -> None:
    assert "s3 acme-prod-logs" not in labels(tree().children[1])
    assert "s3 acme-prod-exports-2019" not in labels(tree().children[1])  # waived


def test_the_worst_few_are_shown_and_the_rest_counted() -> None:
    rows = [finding("S3-03", "t", Severity.LOW, "m", aws("aws_s3_bucket", "s3", f"b{n}")) for n in range(20)]
    rows.append(finding("S3-02", "t", Severity.HIGH, "m", aws("aws_s3_bucket", "s3", "worst")))
    account = tree(tuple(rows)).children[1]
    assert account.children[0].label == "s3 worst"
    assert len(account.children) == MOST_RESOURCES + 1
    assert account.children[-1].label == "and 15 more"


def test_pull_request_that_nothing_was_said_of_is_still_there() -> None:
    other = PullRef("acme/payroll", 1)
    root = tree((finding("X-01", "t", Severity.HIGH, "m", PULL_SUBJECT),), pull_requests=(PULL, other))
    assert labels(root) == ["acme/infra-core#88", "acme/payroll#1"]
    assert root.children[1].verdict == ""


def test_code_stands_under_the_pull_request_of_its_repository() -> None:
    other = PullRef("acme/payroll", 1)
    code = Subject("file", "acme/payroll/x.tf", iac=IacPlace("acme/payroll", "x.tf", 3, HEAD))
    root = tree((finding("GH-25", "t", Severity.HIGH, "m", code),), pull_requests=(PULL, other))
    assert labels(root.children[1]) == ["x.tf:3"]


def test_passed_and_unread_nodes_say_so() -> None:
    passed = finding("GH-01", "t", Severity.HIGH, "m", PULL_SUBJECT, status=Status.PASS)
    unread = finding("GH-04", "t", Severity.HIGH, "m", PULL_SUBJECT, status=Status.NOT_EVALUATED)
    assert tree((passed,)).children[0].verdict == "passed"
    node = tree((passed, unread)).children[0]
    assert (node.verdict, node.checks) == ("not evaluated", ("GH-04",))


def test_posture_review_starts_at_the_account() -> None:
    root = tree((finding("EC2-01", "t", Severity.HIGH, "m", OPEN_GROUP),), ticket="", pull_requests=())
    assert (root.label, root.verdict) == ("posture review", "high")
    assert labels(root) == ["AWS 111122223333"]


def test_pull_requests_without_a_ticket_are_no_posture_review() -> None:
    root = tree((finding("GH-01", "t", Severity.LOW, "m", PULL_SUBJECT),), ticket="")
    assert (root.label, root.verdict, labels(root)) == ("pull requests", "low", ["acme/infra-core#88"])


def test_renderers_are_loaded_when_they_are_asked_for() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, harness_cli.render.report; print([m for m in sys.modules if m == 'rich' or '.report_h' in m"
            " or m.endswith(('report_sarif', 'report_ocsf', 'report_markdown', 'report_text'))])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "[]\n"


@pytest.mark.parametrize("room", range(60))
def test_a_node_of_the_map_says_no_more_than_it_has_room_for(room):
    checks = ("GH-01", "X-01", "X-02", "X-03", "GH-02", "GH-03", "GH-06")
    said = some_of(checks, room)
    assert len(said) <= room
    shown = [check for check in checks if check in said]
    assert said == "" or len(shown) == len(checks) or said.endswith(f" and {len(checks) - len(shown)} more")
