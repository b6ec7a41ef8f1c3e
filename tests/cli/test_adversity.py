"""What a run does when a part of the world fails: it says what, where and how to mend it, and never turns green."""

import json
from pathlib import Path

import pytest

from tests.cli.town import a_town

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
    302: ({"redirect": ELSEWHERE}, "P009", "not_granted", "never followed"),
    303: ({"redirect": "https://login.acme.example/oauth2/authorize"}, "C101", "access_denied", "login page"),
    600: ({"reset": True}, "C114", "exception", "cut the connection"),
    700: ({"truncate": 20}, "C114", "exception", "cut the connection"),
    800: ({"body": '{"id": 100'}, "C106", "exception", "not JSON"),
}


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
    rules = [{"server": "oidc", "path": "/scim/v2/*", "times": 0}]
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
    ]
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

    moved = town.run("--env", "dev", *pulls(302), *checks)
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
