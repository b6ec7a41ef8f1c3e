"""What `harness doctor` shows."""

import json

from harness_cli.core.exits import ExitCode
from harness_cli.core.ids import TraceId
from harness_cli.render.doctor import render_examination
from harness_cli.review.examination import Answer, Examination
from tests.simulators.golden import same_as_golden

FOUND = Examination(
    trace_id=TraceId("01a20ce4-05c0-7b3c-8d4e-0123456789ab"),
    requester="ana@acme.example",
    role="engineer",
    environment="prod",
    answers=(
        Answer("jira", "jira_reader", "ok", "jira:GetMyself"),
        Answer("aws", "aws_metadata", "refused", "C104: the server refused sts:GetCallerIdentity", "log in again"),
    ),
    denied=("guardduty:ListFindings on 111122223333/eu-west-1: P008 the operation is outside the tool's list",),
    exit_code=ExitCode.INCOMPLETE,
)


def test_form_is_the_golden_one() -> None:
    assert same_as_golden("doctor.txt", render_examination(FOUND, "text", width=100))


def test_long_lines_hang_under_their_beginning() -> None:
    lines = render_examination(FOUND, "text", width=60).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert "                sts:GetCallerIdentity" in lines


def test_json_holds_everything() -> None:
    document = json.loads(render_examination(FOUND, "json"))
    assert document["version"] == "1.0"
    assert document["answers"][1]["state"] == "refused"
