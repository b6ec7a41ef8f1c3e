"""What a run does when a part of the world fails: it says what, where and how to mend it, and never turns green."""

import json
from pathlib import Path

import pytest

from tests.cli.town import a_town, variant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("adversity")]

ELSEWHERE = "http://127.0.0.1:9/elsewhere"
SOON = {"status": 429, "headers": {"Retry-After": "1"}, "times": 1}
CODES = {"C101": 4, "P009": 6}  # every other code of a failed read ends with 5

# what the stand-in does → the code, the reason of the checks, and a word of the message
HTTP_FAULTS = {
    401: ({"status": 401, "body": '{"message": "Bad credentials"}'}, "C101", "access_denied", "refused the credential"),
    403: ({"status": 403, "body": '{"message": "Forbidden"}'}, "C110", "access_denied", "does not let this credential"),
    404: ({"status": 404, "body": '{"message": "Not Found"}'}, "C110", "access_denied", "does not show it"),
    429: ({"status": 429, "headers": {"Retry-After": "3600"}}, "C111", "throttled", "limits how much may be read"),
    500: ({"status": 500}, "C113", "exception", "failed (500)"),
    200: ({"html": True}, "C101", "access_denied", "login page"),
    302: ({"redirect": ELSEWHERE}, "C105", "exception", "another host"),
    301: ({"redirect": "/repositories/7"}, "P009", "not_granted", "never followed"),
    303: ({"redirect": "https://login.acme.example/oauth2/authorize"}, "C101", "access_denied", "login page"),
    600: ({"reset": True}, "C114", "exception", "cut the connection"),
    700: ({"truncate": 20}, "C114", "exception", "cut the connection"),
    800: ({"body": '{"id": 100'}, "C106", "exception", "not JSON"),
}


SLACK_FAULTS = [
    ({"body": '{"ok": false, "error": "invalid_auth"}'}, 4, "C101"),
    ({"status": 500}, 5, "C113"),
    ({"reset": True}, 5, "C114"),
]


def faults_file(folder: Path, rules: list[dict]) -> Path:
    path = folder / "faults.yaml"
    path.write_text(json.dumps(rules))  # JSON is YAML
    return path


def said(report: dict, code: str) -> dict:
    """The one problem of a code, which has to name its place and its fix."""
    (problem,) = [problem for problem in report["problems"] if problem["code"] == code]
    assert problem["place"], problem
    assert problem["help"], problem
    return problem


def statuses(report: dict, check: str) -> dict[str, tuple[str, str | None]]:
    return {
        finding["resources"][0]["uid"]: (finding["status"], finding.get("reason"))
        for finding in report["findings"]
        if finding["id"] == check
    }


def never_green(ran, report: dict) -> None:
    assert report["verdict"] == "INCOMPLETE"
    assert report["complete"] is False
    assert report["exitCode"] == ran.code != 0
    assert "Traceback" not in ran.err


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Each number stands for one way to fail: the ticket SEC-number, the pull request infra-core#number."""
    folder = tmp_path_factory.mktemp("adversity")
    rules: list[dict] = []
    for number, (fault, *_) in HTTP_FAULTS.items():
        rules.append({"server": "jira", "path": f"*/issue/SEC-{number}*", **fault})
        rules.append({"server": "github", "path": f"*/infra-core/pulls/{number}*", **fault})
        rules.append({"server": "oidc", "path": f"/broken/{number}/*", **fault})
        rules.append({"server": "jira", "path": f"/broken/{number}/token", **fault})
    rules += [
        {
            "server": "github",
            "path": "*/infra-core/pulls/90",
            "status": 429,
            "headers": {"Retry-After": "1"},
            "times": 1,
        },
        {"server": "jira", "path": "*/issue/SEC-20", "status": 500, "times": 1},
        {"server": "jira", "path": "*/issue/SEC-31*", "delay": 15},
        {"server": "aws", "path": "/acme-exports*", "status": 403, "body": "<Error><Code>AccessDenied</Code></Error>"},
        {"server": "aws", "path": "/acme-archive*", "html": True},
        {"server": "aws", "path": "/acme-trail-logs*", "reset": True},
        {"server": "aws", "path": "*", "service": "elasticloadbalancing", "status": 503},
    ]
    rules += [{"server": "slack", "path": "*/chat.postMessage", "times": 1, **fault} for fault, *_ in SLACK_FAULTS]
    with a_town(folder, "--faults", str(faults_file(folder, rules))) as made:
        yield made


@pytest.mark.parametrize("number", [401, 404, 429, 700])
def test_a_ticket_that_cannot_be_read_leaves_the_rest_judged(town, number):
    _, code, reason, words = HTTP_FAULTS[number]
    ran = town.run(
        *("--env", "dev", "--ticket", f"SEC-{number}", "--pr", "acme/infra-core#88"),
        *("--check", "TKT-01", "--check", "GH-01", "--check", "CT-01", "--format", "json"),
    )
    report = json.loads(ran.out)
    never_green(ran, report)
    assert ran.code == CODES.get(code, 5)
    assert words in said(report, code)["message"]
    assert statuses(report, "TKT-01") == {f"SEC-{number}": ("NOT_EVALUATED", reason)}
    assert statuses(report, "GH-01")["acme/infra-core#88"] == ("FAIL", None)
    assert {status for status, _ in statuses(report, "CT-01").values()} == {"PASS"}
    assert f"ticket SEC-{number}: not read" in ran.err


def pulls(*numbers: int) -> list[str]:
    return [arg for number in numbers for arg in ("--pr", f"acme/infra-core#{number}")]


def test_every_way_in_which_github_fails_is_told_apart(town):
    quiet = [number for number, (_, code, *_) in HTTP_FAULTS.items() if CODES.get(code, 5) == 5]
    checks = ("--check", "GH-01", "--check", "CT-01", "--format", "json")
    ran = town.run("--env", "dev", *pulls(88, 90, *quiet), *checks)
    report = json.loads(ran.out)
    never_green(ran, report)
    assert ran.code == 5
    assert_told(report, quiet)
    assert statuses(report, "GH-01")["acme/infra-core#88"][0] == "FAIL"
    assert statuses(report, "GH-01")["acme/infra-core#90"][0] == "PASS"  # a second was asked for, and waited
    assert {status for status, _ in statuses(report, "CT-01").values()} == {"PASS"}

    moved = town.run("--env", "dev", *pulls(301), *checks)
    assert moved.code == 6
    every = town.run("--env", "dev", *pulls(401, 200, 302, 303), *checks)
    assert every.code == 4
    never_green(every, json.loads(every.out))
    assert_told(json.loads(every.out), [302])
    assert {status for status, _ in statuses(json.loads(every.out), "GH-01").values()} == {"NOT_EVALUATED"}


def assert_told(report: dict, numbers: list[int]) -> None:
    found = statuses(report, "GH-01")
    for number in numbers:
        _, code, reason, words = HTTP_FAULTS[number]
        assert found[f"acme/infra-core#{number}"] == ("NOT_EVALUATED", reason), number
        told = [problem for problem in report["problems"] if problem["code"] == code and words in problem["message"]]
        assert len(told) == 1, (number, report["problems"])
        assert told[0]["place"], told
        assert told[0]["help"], told


def test_each_bucket_and_a_service_that_cannot_be_read_are_told_and_the_account_is_judged(town):
    checks = [arg for check in ("S3-02", "CT-01", "EC2-01", "ELB-01", "ELB-02", "RDS-02") for arg in ("--check", check)]
    ran = town.run("--env", "dev", *checks, "--format", "json")
    report = json.loads(ran.out)
    never_green(ran, report)
    assert ran.code == 4  # a page where AWS should be
    assert statuses(report, "S3-02") == {
        "arn:aws:s3:::acme-exports": ("NOT_EVALUATED", "access_denied"),
        "arn:aws:s3:::acme-archive": ("NOT_EVALUATED", "access_denied"),
        "arn:aws:s3:::acme-trail-logs": ("NOT_EVALUATED", "exception"),
    }
    for check in ("ELB-01", "ELB-02"):
        assert set(statuses(report, check).values()) == {("NOT_EVALUATED", "exception")}
    assert "FAIL" in {status for status, _ in statuses(report, "EC2-01").values()}
    assert {status for status, _ in statuses(report, "CT-01").values()} == {"PASS"}
    assert {status for status, _ in statuses(report, "RDS-02").values()} <= {"PASS", "FAIL"}
    said(report, "C101")
    assert "elasticloadbalancing" in said(report, "C113")["message"]
    assert {problem["code"] for problem in report["problems"]} == {"C101", "C102", "C110", "C113"}
    assert all(problem["place"] and problem["help"] for problem in report["problems"])


def test_a_role_that_is_refused_ends_with_4_and_the_ticket_is_judged(town):
    role = "arn:aws:iam::123456789012:role/somebody-elses"
    config = variant(town, "other-role", ("connections.aws.credential", {"assume_role": role}))
    checks = ("--check", "CT-01", "--check", "TKT-01", "--check", "S3-02")
    ran = town.harness("run", "--config", config, "--env", "dev", "--ticket", "SEC-12", *checks, "--format", "json")
    report = json.loads(ran.out)
    never_green(ran, report)
    assert ran.code == 4
    assert {status for status, _ in statuses(report, "CT-01").values()} == {"NOT_EVALUATED"}
    assert statuses(report, "TKT-01")["SEC-12"][0] in {"PASS", "FAIL"}
    assert all(problem["place"] and problem["help"] for problem in report["problems"])


@pytest.mark.parametrize("number", [401, 500, 200, 600])
def test_a_token_that_is_not_issued_ends_with_4_or_5_and_the_rest_is_judged(town, number):
    address = f"{town.addresses['jira']}/broken/{number}/token"
    config = variant(town, f"token-{number}", ("connections.jira.credential.oauth_client.token_url", address))
    ran = town.harness(
        *("run", "--config", config, "--env", "dev", "--ticket", "SEC-12"),
        *("--check", "TKT-01", "--check", "CT-01", "--format", "json"),
    )
    report = json.loads(ran.out)
    never_green(ran, report)
    refused = number == 401
    assert ran.code == (4 if refused else 5)
    if number in {401, 500}:
        assert statuses(report, "TKT-01")["SEC-12"] == ("NOT_EVALUATED", "access_denied" if refused else "exception")
    assert statuses(report, "TKT-01")["SEC-12"][0] == "NOT_EVALUATED"
    assert {status for status, _ in statuses(report, "CT-01").values()} == {"PASS"}
    (problem,) = report["problems"]
    assert problem["place"], problem
    assert problem["help"], problem


@pytest.mark.parametrize("number", HTTP_FAULTS)
def test_a_directory_that_does_not_answer_proves_nobody(town, number):
    config = variant(town, f"scim-{number}", ("identity.scim.url", f"{town.addresses['issuer']}/broken/{number}/v2"))
    ran = town.harness("run", "--config", config, "--env", "dev", "--ticket", "SEC-12", "--format", "json")
    assert (ran.code, ran.out) == (4, "")
    assert "error[C" in ran.err
    assert "  --> " in ran.err
    assert "= help: " in ran.err
    assert "Traceback" not in ran.err
    lines = town.newest_trail()
    assert "tool.intent" not in {line["event"] for line in lines}
    assert lines[-1]["event"] == "trace.end"


def test_a_run_whose_time_is_over_says_what_it_did_not_read(town):
    config = variant(town, "short", ("limits.max_duration", "3s"))
    ran = town.harness(
        *("run", "--config", config, "--env", "dev", "--ticket", "SEC-31"),
        *("--check", "TKT-01", "--check", "CT-01", "--format", "json"),
    )
    report = json.loads(ran.out)
    never_green(ran, report)
    assert ran.code == 5
    assert statuses(report, "TKT-01")["SEC-31"][0] == "NOT_EVALUATED"
    assert report["durationMs"] < 12_000
    assert all(problem["place"] and problem["help"] for problem in report["problems"])


def test_what_fails_once_is_read_the_second_time(town):
    ran = town.run("--env", "dev", "--ticket", "SEC-20", "--check", "TKT-01", "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["problems"] == []


def test_nobody_at_the_address_is_told_with_the_address(town):
    config = variant(town, "nobody", ("connections.github.url", "http://127.0.0.1:9"))
    ran = town.harness(
        *("run", "--config", config, "--env", "dev", "--ticket", "SEC-12", "--check", "TKT-01", "--check", "GH-01"),
        *("--format", "json"),
    )
    report = json.loads(ran.out)
    never_green(ran, report)
    assert (ran.code, said(report, "C102")["place"]) == (5, "127.0.0.1:9")
    assert statuses(report, "TKT-01")["SEC-12"][0] in {"PASS", "FAIL"}
    assert {status for status, _ in statuses(report, "GH-01").values()} == {"NOT_EVALUATED"}
    text = town.harness("report", report["traceId"], "--config", str(town.config))
    assert "C102: 127.0.0.1:9 cannot be reached" in text.out
    assert "INCOMPLETE" in text.out


def test_a_notice_that_slack_does_not_take_leaves_the_report_and_is_never_sent_again(town):
    assert town.harness("sandbox", "login", "li", "--config", str(town.config)).code == 0
    for _, code, problem in SLACK_FAULTS:
        asked = json.loads(town.run("--env", "dev", "--check", "CT-01", "--notify", "--format", "json").out)
        (request,) = asked["approvals"]
        decided = town.harness(
            *("approve", request["requestId"], "--approve", "--digest", request["digest"], "--reason", "seen"),
            *("--profile", "li", "--config", str(town.config)),
        )
        assert decided.code == 0, decided.err
        ran = town.run("--resume", asked["traceId"], "--format", "json")
        report = json.loads(ran.out)
        assert (ran.code, report["exitCode"], report["approvals"][0]["state"]) == (code, code, "used")
        assert [told["code"] for told in report["problems"]] == [problem]
        assert said(report, problem)
    assert town.run("--resume", asked["traceId"]).code == 12  # after the worst: nobody knows whether it arrived
    again = town.harness("report", asked["traceId"], "--format", "json", "--config", str(town.config))
    assert json.loads(again.out) == report
    state = json.loads((town.folder / ".harness" / "sandbox" / "state.json").read_text())
    assert not [told for told in state["data"].get("slack_messages", {}).values() if told]
