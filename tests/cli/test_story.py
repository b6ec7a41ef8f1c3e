"""The stories that the sandbox tells, told by the real program over real HTTP."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from harness_cli.audit.policies import decides_again
from harness_cli.audit.reader import load
from harness_cli.audit.why import why
from harness_cli.core.ids import TraceId
from harness_cli.render.trace_ocsf import render_trace_ocsf
from harness_cli.runtime.catalogue import catalogue
from tests.cli.town import a_town, variant
from tests.conftest import ROOT
from tests.unit.render.ocsf import faults

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("story")]

QUICK = ("--check", "TKT-01", "--check", "GH-01")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with a_town(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def bad_change(town):
    """The report of the change that the estate is about."""
    ran = town.run("--env", "dev", "--ticket", "SEC-12", "--format", "json")
    assert ran.code == 10, ran.err
    return json.loads(ran.out)


def failed(report):
    return {finding["id"] for finding in report["findings"] if finding["status"] == "FAIL"}


def test_a_bad_change_is_blocked_for_what_is_wrong_with_it(bad_change):
    assert (bad_change["verdict"], bad_change["complete"], bad_change["exitCode"]) == ("BLOCK", True, 10)
    assert bad_change["subject"]["pullRequests"] == ["acme/infra-core#88"]
    assert {"GH-01", "GH-20", "GH-21", "GH-24", "GH-25", "X-01", "X-02", "X-03", "EC2-01", "S3-02", "RDS-01"} <= failed(
        bad_change
    )
    assert len(bad_change["verdictDetail"]["deciding"]) == 3


def test_what_new_only_leaves_out_counts_no_more_but_fails_on_any(town):
    """S3-02 and IAM-07 are the account's own faults: not shown, not in the score, and yet above `any:high`."""
    chosen = ("--check", "IAM-07", "--check", "S3-02", "--new-only")
    ran = town.run("--env", "dev", "--ticket", "SEC-12", *chosen, "--fail-on", "any:high", "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, failed(report)) == (10, set())
    assert (report["verdict"], report["verdictDetail"]["score"], report["verdictDetail"]["deciding"]) == ("NONE", 0, [])


def test_the_report_has_the_published_shape(bad_change):
    schema = json.loads((ROOT / "schemas" / "report.v1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(bad_change)


def test_every_finding_cites_the_line_of_the_call_that_fed_it(town, bad_change):
    lines = town.trail(bad_change["traceId"])
    cited = 0
    for finding in bad_change["findings"]:
        if finding["status"] in {"PASS", "FAIL"}:
            assert finding["evidence"], finding["id"]
        for evidence in finding["evidence"]:
            line = lines[evidence["auditSeq"]]
            assert line["seq"] == evidence["auditSeq"]
            if evidence["digest"]:
                assert (line["event"], "sha256:" + line["result"]["sha256"]) == ("tool.outcome", evidence["digest"])
                assert line["op"] == evidence["call"]
                cited += 1
            else:  # what could not be read has no content to cite
                assert "sha256" not in line.get("result", {}), finding["id"]
    assert cited > 100


def test_every_decision_of_a_run_is_taken_again_with_the_policy_that_it_cites(town, bad_change):
    folder, listed = town.folder / ".harness" / "audit", catalogue()
    trail = load(folder, TraceId(bad_change["traceId"]))
    cited = trail.events[0]["policy"]["sha256"]
    kept = decides_again(folder, cited, listed)
    seqs = [line["seq"] for line in trail.events if line["event"] == "policy.decision"]
    answers = [why(trail, seq, lambda sha256: {cited: kept}[sha256], None).again for seq in seqs]
    assert len(answers) > 100
    assert [(seq, one) for seq, one in zip(seqs, answers, strict=True) if not one.agrees] == []


def test_why_says_what_was_decided_then_and_what_would_be_today(town, bad_change):
    trace, folder = bad_change["traceId"], town.folder / ".harness" / "audit"
    lines = town.trail(trace)
    seq = str(next(line["seq"] for line in lines if line["event"] == "tool.intent" and line["tool"] == "jira_reader"))
    config = town.config.read_text()
    try:
        same = json.loads(town.why(trace, seq, "--format", "json").out)
        assert same["again"] == {**same["again"], "decision": "allow", "code": "P100", "agrees": True}
        assert same["today"] == {**same["today"], "samePolicy": True, "differs": False}
        town.config.write_text(config.replace("project-key:SEC-*", "project-key:OPS-*"))
        shown = town.why(trace, seq).out
        assert "recorded policy: decided again, and it agrees: allow P100" in shown
        assert "its answer DIFFERS from the recorded one: deny P009" in shown
    finally:
        town.config.write_text(config)
    (path,) = (folder / "policies").iterdir()
    content = path.read_bytes()
    try:
        path.write_bytes(content.replace(b"SEC-", b"HR-"))
        ran = town.why(trace, seq)
        assert "recorded policy: not asked (policies/" in ran.out
        assert "was altered" in ran.out
        assert town.harness("audit", "verify", "--config", str(town.config)).code == 9
        path.unlink()
        assert "is missing)" in town.why(trace, seq).out
        assert town.harness("trace", trace, "--verify", "--config", str(town.config)).code == 9
    finally:
        path.write_bytes(content)


def test_every_line_of_a_whole_run_validates(town, bad_change):
    schema = json.loads((ROOT / "schemas" / "audit-event.v1.schema.json").read_text())
    check = jsonschema.Draft202012Validator(schema)
    problems = [
        (line["traceId"], line["seq"], error.message)
        for path in (town.folder / ".harness" / "audit").glob("2*/*/*/*.jsonl")
        for line in map(json.loads, path.read_bytes().splitlines())
        for error in check.iter_errors(line)
    ]
    assert problems == []


def test_runs_are_listed_by_the_verdict_of_their_report(town, bad_change):
    def listed(*args):
        ran = town.harness("trace", "--config", str(town.config), "--format", "json", *args)
        return {one["traceId"]: one["verdict"] for one in json.loads(ran.out)["traces"]}

    assert listed("--verdict", "block")[bad_change["traceId"]] == bad_change["verdict"] == "BLOCK"
    assert set(listed("--verdict", "BLOCK").values()) == {"BLOCK"}
    assert bad_change["traceId"] not in listed("--verdict", "INCOMPLETE")


def test_no_call_lacks_its_intent_and_counts_agree(town, bad_change):
    lines = town.trail(bad_change["traceId"])
    intents = {line["spanId"]: line["seq"] for line in lines if line["event"] == "tool.intent"}
    outcomes = {line["spanId"]: line["seq"] for line in lines if line["event"] == "tool.outcome"}
    assert intents.keys() == outcomes.keys()
    assert all(intents[span] < outcomes[span] for span in intents)
    calls = bad_change["calls"]
    assert calls["total"] == len(intents) == sum(calls["byTool"].values())
    assert (lines[0]["event"], lines[-1]["event"]) == ("trace.start", "trace.end")


def test_no_credential_stands_in_any_file_or_output(town, bad_change):
    folder = town.folder / ".harness" / "sandbox"
    secrets = [path.read_text().strip() for path in folder.glob("*token*")]
    secrets += [(folder / name).read_text().strip() for name in ("jira-client-secret", "slack-refresh")]
    assert len(secrets) > 4
    written = [json.dumps(bad_change)]
    for part in ("audit", "runs", "approvals"):
        written += [path.read_text() for path in (town.folder / ".harness" / part).rglob("*") if path.is_file()]
    assert not [secret for secret in secrets if any(secret in text for text in written)]


def test_the_trail_of_the_run_verifies_and_lists(town, bad_change):
    trace = bad_change["traceId"]
    assert trace in town.harness("trace", "--config", str(town.config)).out
    assert town.harness("trace", trace[:18], "--config", str(town.config)).code == 0
    verified = town.harness("trace", trace, "--verify", "--config", str(town.config))
    assert (verified.code, verified.out.split()[0]) == (0, "OK")


def test_a_past_report_is_printed_again(town, bad_change):
    again = town.harness("report", bad_change["traceId"], "--format", "json", "--config", str(town.config))
    assert json.loads(again.out) == bad_change


def test_a_clean_change_passes_on_an_old_estate(town):
    ran = town.run("--env", "dev", "--ticket", "SEC-20", "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["complete"]) == (0, True), ran.err
    assert not [f for f in report["findings"] if f["status"] == "FAIL" and f["origin"] == "introduced"]


def test_what_a_ticket_links_outside_the_scope_is_a_finding(town):
    ran = town.run("--env", "dev", "--ticket", "SEC-31", "--check", "TKT-11", "--format", "json")
    assert failed(json.loads(ran.out)) == {"TKT-11"}


REFUSED = [
    (["--ticket", "HR-1"], 6, "P009"),
    (["--pr", "acme/payroll#3"], 6, "P009"),
    (["--account", "999999999999"], 6, "P009"),
    (["--region", "eu-west-1"], 6, "P009"),
]


@pytest.mark.parametrize(("args", "code", "decision"), REFUSED)
def test_what_is_named_outside_the_scope_is_refused_before_any_request(town, args, code, decision):
    ran = town.run("--env", "dev", *args)
    assert (ran.code, ran.out) == (code, "")
    assert f"error[{decision}]" in ran.err
    assert "-->" in ran.err
    events = [line["event"] for line in town.newest_trail()]
    assert "tool.intent" not in events
    assert events[-1] == "trace.end"


def test_an_environment_without_a_gate_is_refused_with_a_trail(town):
    ran = town.run("--env", "qa")
    assert (ran.code, "error[P002]" in ran.err) == (6, True)
    assert town.newest_trail()[-1]["event"] == "trace.end"


@pytest.mark.parametrize("args", [["--ticket", "sec-1"], ["--pr", "x"], ["--fail-on", "x"], ["--check", "ZZ-9"], []])
def test_a_malformed_request_is_a_usage_error(town, args):
    env = ["--env", "dev"] if args else []
    assert town.run(*env, *args).code == 2


def test_an_unknown_ticket_is_incomplete_and_never_green(town):
    ran = town.run("--env", "dev", "--ticket", "SEC-999", *QUICK, "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"]) == (5, "INCOMPLETE")
    assert {f["reason"] for f in report["findings"] if f["id"] == "TKT-01"} == {"access_denied"}


def test_the_plan_calls_nothing(town):
    ran = town.run("--env", "dev", "--ticket", "SEC-12", "--plan", "--explain", "--format", "json")
    plan = json.loads(ran.out)["plan"]
    assert ran.code == 0
    assert {line["tool"] for line in plan} == {"jira_reader", "github_inspector", "aws_metadata"}
    assert {line["code"] for line in plan} == {"P100"}
    events = {line["event"] for line in town.newest_trail()}
    assert "tool.intent" not in events


def test_a_plan_goes_to_the_files_that_are_named(town):
    files = ("--output", f"json={town.folder / 'plan.json'}", "--output", str(town.folder / "plan.txt"))
    ran = town.run("--env", "dev", "--ticket", "SEC-12", *QUICK, "--plan", *files)
    assert (ran.code, ran.out) == (0, "")
    assert json.loads((town.folder / "plan.json").read_text())["plan"]
    assert "nothing has been called" in (town.folder / "plan.txt").read_text()


def test_a_plan_has_no_format_of_a_report(town):
    ran = town.run("--env", "dev", "--plan", "--format", "sarif")
    assert (ran.code, ran.out) == (2, "")
    assert "one of text, json" in ran.err


def event_of(town, repository, number):
    """The file in which a runner says for which pull request a job is."""
    pull = {"number": number, "base": {"sha": "c0ffee" * 6 + "1234"}}
    path = town.folder / f"event-{number}.json"
    path.write_text(json.dumps({"pull_request": pull, "repository": {"full_name": repository}}))
    return path


def test_in_github_actions_the_event_names_the_pull_request(town):
    event = event_of(town, "acme/infra-core", 90)
    job = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)}
    ran = town.run("--env", "dev", "--check", "GH-01", "--format", "json", **job)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["subject"]["pullRequests"] == ["acme/infra-core#90"]
    assert "from the event of GitHub Actions" in ran.err


def test_an_event_cannot_lead_out_of_the_scope(town):
    event = event_of(town, "acme/payroll", 7)
    ran = town.run("--env", "dev", "--check", "GH-01", GITHUB_ACTIONS="true", GITHUB_EVENT_PATH=str(event))
    assert ran.code == 6, ran.err


def ask(town, *args):
    ran = town.run("--env", "dev", "--ticket", "SEC-12", "--notify", *QUICK, "--format", "json")
    assert ran.code == 8, ran.err
    report = json.loads(ran.out)
    return report["traceId"], report["approvals"][0]["requestId"], report["approvals"][0]["digest"]


def decide(town, request, profile, *args):
    return town.harness(
        "approve", request, "--config", str(town.config), "--profile", profile, "--reason", "seen", *args
    )


def logged_in(town, person):
    ran = town.harness("sandbox", "login", person, "--config", str(town.config))
    assert ran.code == 0, ran.err


def messages(town):
    state = json.loads((town.folder / ".harness" / "sandbox" / "state.json").read_text())
    return [message for told in state["data"].get("slack_messages", {}).values() for message in told]


def test_a_notice_goes_out_once_after_another_persons_approval(town):
    before = len(messages(town))
    trace, request, digest = ask(town)
    shown = town.harness("approve", request[:20], "--config", str(town.config), "--format", "json")
    document = json.loads(shown.out)
    assert (document["digest"], document["state"]) == (digest, "pending")
    assert len(messages(town)) == before

    assert decide(town, request, "default", "--approve", "--digest", digest).code == 7  # ana asked
    logged_in(town, "li")
    assert decide(town, request, "li", "--approve", "--digest", "0" * 64).code == 7
    assert town.run("--resume", trace).code == 8  # it goes on waiting
    assert town.run("--resume", trace, "--profile", "li").code == 7  # only ana may resume it
    assert decide(town, request, "li", "--approve", "--digest", digest).code == 0

    resumed = town.run("--resume", trace, "--format", "json")
    assert resumed.code == 10, resumed.err
    posted = messages(town)[before:]
    assert [message["text"] for message in posted] == [document["payload"]["params"]["text"]]
    assert json.loads(resumed.out)["approvals"][0]["state"] == "used"

    assert town.run("--resume", trace).code == 12
    assert len(messages(town)) == before + 1
    assert town.harness("trace", trace, "--verify", "--config", str(town.config)).code == 0
    read = town.harness("trace", trace, "--config", str(town.config)).out
    assert re.search(r"slack:PostMessage on slack-channel:\S+: success in \d+ ms\n.* · approved by \S*li", read)
    assert re.search(rf"approval.decided {request} approved by \S*li\b", read)  # whose word it was
    assert_cites_its_approval(town, trace, digest)
    turns = [line for line in town.trail(trace) if line["event"] in {"trace.start", "trace.resumed"}]
    assert len(turns) > 1
    assert " ".join(read.split()).count(f"sha256:{turns[0]['policy']['sha256']} from ") == len(turns)
    assert_is_ocsf(load(town.folder / ".harness" / "audit", trace))


def assert_is_ocsf(trail):
    """Every line of a run that waited, resumed and wrote is an event of the class that it says."""
    events = [json.loads(line) for line in render_trace_ocsf(trail).splitlines()]
    assert len(events) == len(trail.lines)
    assert [fault for event in events for fault in faults(event)] == []
    assert {event["class_uid"] for event in events} >= {2003, 3003, 6003}


def assert_cites_its_approval(town, trace, digest):
    """The intent of what was approved leads to the line of another trace in which somebody approved it."""
    (intent,) = [line for line in town.trail(trace) if line["event"] == "tool.intent" and line["action"] == "write"]
    link = intent["approval"]
    assert (intent["approvalStatus"], link["digest"], link["approver"]) == ("approved", digest, "li@acme.example")
    (path,) = (town.folder / ".harness" / "audit").rglob(f"{link['trace']}.jsonl")
    line = path.read_bytes().splitlines(keepends=True)[link["seq"]]
    assert hashlib.sha256(line).hexdigest() == link["line"]
    assert json.loads(line)["approval"]["digest"] == digest
    reads = [line for line in town.trail(trace) if line["event"] == "tool.intent" and line["action"] == "read"]
    assert all("approval" not in line for line in reads)


def test_a_denied_notice_never_goes_out(town):
    before = len(messages(town))
    trace, request, _ = ask(town)
    logged_in(town, "bo")
    assert decide(town, request, "bo", "--deny").code == 0
    ran = town.run("--resume", trace)
    assert (ran.code, "bo@acme.example denied it" in ran.err) == (7, True)
    assert len(messages(town)) == before


def test_somebody_who_has_left_can_neither_log_in_nor_approve(town):
    ran = town.harness("sandbox", "login", "max", "--config", str(town.config))
    assert (ran.code, "is not active" in ran.err) == (4, True)


def test_production_waits_for_an_approval_of_the_plan(town):
    asked = town.run("--env", "prod", "--ticket", "SEC-20", *QUICK)
    assert (asked.code, asked.out) == (8, "")
    assert "tool.intent" not in {line["event"] for line in town.newest_trail()}
    listed = json.loads(town.harness("approve", "--list", "--format", "json", "--config", str(town.config)).out)
    request = listed[-1]
    assert (request["grain"], request["state"], request["quorum"]) == ("run", "pending", {"needed": 1, "have": 0})
    logged_in(town, "li")
    assert decide(town, request["requestId"], "li", "--approve", "--digest", request["digest"]).code == 0
    resumed = town.run("--resume", request["traceId"], "--format", "json")
    assert resumed.code in {0, 10}, resumed.err
    assert json.loads(resumed.out)["environment"] == "prod"


def test_an_interrupted_run_closes_its_trail_and_says_where(town):
    command = [
        sys.executable,
        "-m",
        "harness_cli",
        "run",
        "--config",
        str(town.config),
        "--env",
        "dev",
        "--ticket",
        "SEC-12",
    ]
    environ = {**os.environ, "HOME": str(town.home)}
    process = subprocess.Popen(command, cwd=town.folder, env=environ, stderr=subprocess.PIPE, text=True)
    folder = town.folder / ".harness" / "audit"
    known = set(folder.glob("2*/*/*/*.jsonl"))
    deadline = time.monotonic() + 30
    fresh: set = set()
    while time.monotonic() < deadline:
        fresh = set(folder.glob("2*/*/*/*.jsonl")) - known
        if fresh and b"tool.intent" in min(fresh).read_bytes():
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    (path,) = fresh
    assert process.returncode == 130, err
    assert str(path.name) in err
    assert json.loads(path.read_bytes().splitlines()[-1])["event"] == "trace.end"


def test_a_waiver_in_force_counts_and_one_that_expired_or_names_something_else_does_not(town):
    """Valid, expired, and for another resource: all in one run of the program, held against a run without any."""
    asked = ("--env", "dev", "--check", "EC2-01", "--check", "S3-02", "--check", "S3-03", "--fail-on", "any:low")
    plain = town.harness("run", "--config", variant(town, "no-waivers"), *asked, "--format", "json")
    failures = [f for f in json.loads(plain.out)["findings"] if f["status"] == "FAIL"]
    first, second = failures[:2]
    waivers = [
        waiver(first, until="2999-12-31"),
        waiver(second, until="2020-01-01"),
        {**waiver(second, until="2999-12-31"), "resource": "arn:aws:s3:::nobody-has-it"},
    ]
    config = variant(town, "waivers", ("review.waivers", waivers))
    ran = town.harness("run", "--config", config, *asked, "--format", "json")
    report = json.loads(ran.out)
    shown = {finding["uid"]: finding for finding in report["findings"]}
    assert (plain.code, ran.code) == (10, 10), ran.err
    assert [f["uid"] for f in report["findings"]] == [f["uid"] for f in json.loads(plain.out)["findings"]]
    assert "waived by" in shown[first["uid"]]["waiver"]
    assert not shown[second["uid"]].get("waiver")
    assert "expired on 2020-01-01" in shown[second["uid"]]["detail"]
    everything = [waiver(failure, until="2999-12-31") for failure in failures]
    config = variant(town, "all-waived", ("review.waivers", everything))
    assert town.harness("run", "--config", config, *asked, "--format", "json").code == 0


def waiver(failure: dict, until: str) -> dict[str, str]:
    return {
        "check": failure["id"],
        "resource": failure["resources"][0]["uid"],
        "reason": "it goes away in the next release",
        "approved_by": "ana@acme.example",
        "until": until,
    }
