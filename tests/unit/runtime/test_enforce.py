"""The order of the enforcement point: decide, lease, durable intent, call, check, outcome."""

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.config.model import Limits, StaticCredentials, System
from harness_cli.core.canonical import sha256_hex
from harness_cli.core.clock import FixedClock
from harness_cli.core.errors import AuditError, ConnectorError, CredentialError, UnauthorizedError
from harness_cli.core.exits import ExitCode
from harness_cli.core.ids import new_trace_id
from harness_cli.core.principal import Principal
from harness_cli.core.reasons import Reason
from harness_cli.core.secret import Secret
from harness_cli.core.untrusted import Untrusted
from harness_cli.credentials.issuer import Issued
from harness_cli.credentials.lease import BearerToken, LeaseKind
from harness_cli.credentials.manager import LeaseManager
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.document import definitions
from harness_cli.policy.model import Grain
from harness_cli.policy.operations import Catalogue
from harness_cli.policy.plan import call_digest
from harness_cli.runtime.budget import budget_of
from harness_cli.runtime.enforce import Answered, EnforcementPoint, Refused, Wanted
from harness_cli.runtime.recorder import Recorder
from tests.simulators.configs import config
from tests.simulators.connectors import OPERATIONS, ConnectorSimulator, issue, reply

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANA = Principal("https://login.acme.example", "sub-ana", "ana@acme.example", role="engineer", proven=True)
SEC_12 = Wanted("jira_reader", "jira:GetIssue", {"key": "SEC-12"})


class TokenIssuer:
    def __init__(self, token):
        self.token = token
        self.error = None

    def narrowing(self, target):
        return ""

    def issue(self, target):
        if self.error:
            raise self.error
        return Issued(BearerToken(Secret(self.token)), "bot", LeaseKind.EPHEMERAL)


class Bench:
    """One enforcement point on a real trail, with a connector in memory."""

    def __init__(self, folder, *, limits=None, answer=None):
        self.clock = FixedClock(NOW)
        self.store = AuditStore(folder / "audit", self.clock)
        self.trace_id = new_trace_id(NOW)
        self.writer = self.store.open_trace(self.trace_id, TraceStart("infra-review", ANA, "dev"))
        self.issuer = TokenIssuer("t" + secrets.token_urlsafe(24))
        self.jira = ConnectorSimulator(
            System.JIRA,
            answer or (lambda call: reply({"key": call.params["key"]}, issue(call.params["key"]))),
            self.lines,
        )
        catalogue = Catalogue(OPERATIONS)
        policy = compile_policy(replace(config(), limits=limits or Limits()), catalogue)
        recorder = Recorder(self.writer, definitions(policy.tables))
        self.point = EnforcementPoint(
            policy=policy,
            catalogue=catalogue,
            principal=ANA,
            env="dev",
            clock=self.clock,
            recorder=recorder,
            leases=LeaseManager(
                issuers={System.JIRA: self.issuer, System.SLACK: self.issuer},
                clock=self.clock,
                requester=ANA.user_name,
                env="dev",
                static_credentials=StaticCredentials.DENY,
                run_key=b"k" * 32,
                observe=recorder.lease,
                register=lambda secret: None,
            ),
            connectors={System.JIRA: self.jira, System.SLACK: ConnectorSimulator(System.SLACK, lambda call: reply({}))},
            budget=budget_of(policy.limits, self.clock),
            plan_digest="b" * 64,
        )

    def lines(self):
        """The whole lines: another thread's line may be half written while a call looks."""
        whole, _, _ = self.writer.path.read_bytes().rpartition(b"\n")
        return [json.loads(line) for line in whole.splitlines()]

    def events(self):
        return [(line["event"], line["outcome"]) for line in self.lines()]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_a_call_is_decided_leased_and_written_before_it_happens(bench):
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Answered)
    assert answer.reply.value == {"key": "SEC-12"}
    at_the_call = [(line["event"], line["outcome"]) for line in bench.jira.seen[0]]
    assert at_the_call == [
        ("trace.start", "success"),
        ("policy.decision", "success"),
        ("credential.issued", "success"),
        ("tool.intent", "pending"),
    ]
    assert bench.events()[len(at_the_call) :] == [("tool.outcome", "success")]
    outcome = bench.lines()[answer.seq]
    assert (outcome["event"], outcome["result"]["sha256"]) == ("tool.outcome", sha256_hex(b'{"key":"SEC-12"}'))


def test_intent_and_outcome_share_a_span_and_name_no_content(bench):
    bench.point.call(Wanted("jira_reader", "jira:GetIssue", {"key": "SEC-777"}))
    intent, outcome = bench.lines()[-2:]
    assert intent["spanId"] == outcome["spanId"]
    assert set(intent["args"]) == {"sha256", "size"}
    assert bench.issuer.token not in bench.writer.path.read_text()
    assert intent["credential"]["fingerprint"]
    assert intent["resource"] == [{"type": "jira-project", "id": "SEC-777"}]


def test_a_decision_is_written_with_all_that_it_was_made_from(tmp_path):
    bench = Bench(tmp_path, limits=Limits(max_calls=7))
    bench.point.call(SEC_12)
    bench.point.call(SEC_12)
    decisions = [line for line in bench.lines() if line["event"] == "policy.decision"]
    said = decisions[1]["policy"]
    assert said["sha256"] == bench.point.policy.sha256
    assert (said["role"], said["phase"], said["at"]) == ("engineer", "call", "2026-11-24T09:00:00.000Z")
    assert said["budget"]["calls"] == 6
    assert said["call"] == call_digest("jira_reader", "jira:GetIssue", {"key": "SEC-12"}, (issue("SEC-12"),))
    assert said["plan"] == "b" * 64
    assert (said["checks"][0], said["checks"][-1], len(said["checks"])) == ("P001", "P010", 16)


def test_every_line_of_a_call_names_its_capability(bench):
    bench.point.call(SEC_12)
    about = [line["toolDef"] for line in bench.lines() if line["tool"] == "jira_reader"]
    assert about == [definitions(bench.point.policy.tables)["jira_reader"]] * 3


def test_a_denial_is_written_with_the_checks_up_to_it(bench):
    bench.point.call(Wanted("jira_reader", "jira:GetIssue", {"key": "HR-1"}))
    assert bench.lines()[-1]["policy"]["checks"][-1] == "P009"


def test_a_denial_is_written_and_nothing_is_leased_or_called(bench):
    answer = bench.point.call(Wanted("jira_reader", "jira:GetIssue", {"key": "HR-1"}))
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.error.code) == (Reason.NOT_GRANTED, "P009")
    assert bench.jira.calls == []
    assert bench.events()[1:] == [("policy.decision", "blocked")]
    assert bench.lines()[answer.seq]["policy"]["code"] == "P009"


def test_a_write_without_approval_is_denied(bench):
    post = Wanted("slack_notifier", "slack:PostMessage", {"channel": "C0123456789", "text": "x"})
    answer = bench.point.call(post)
    assert isinstance(answer, Refused)
    assert answer.error.code == "P010"
    assert isinstance(bench.point.call(replace(post, approvals=frozenset({Grain.CALL}))), Answered)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("jira_reader", "jira:DeleteIssue", {"key": "SEC-1"}), "P013"),
        (Wanted("jira_reader", "jira:GetIssue", {"key": "SEC-1", "expand": "all"}), "P008"),
        (Wanted("jira_reader", "jira:GetIssue", {}), "P008"),
        (Wanted("jira_reader", "jira:GetIssue", {"key": 1}), "P008"),
        (Wanted("nobody", "jira:GetIssue", {"key": "SEC-1"}), "P001"),
    ],
)
def test_what_is_not_declared_is_refused_with_a_line(bench, wanted, code):
    answer = bench.point.call(wanted)
    assert isinstance(answer, Refused)
    assert answer.error.code == code
    assert bench.jira.calls == []
    assert bench.lines()[answer.seq]["outcome"] == "blocked"


def test_an_answer_about_something_else_is_not_used(tmp_path):
    bench = Bench(tmp_path, answer=lambda call: reply({"key": "HR-1"}, issue("HR-1")))
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Refused)
    assert answer.error.code == "P009"
    assert bench.events()[-1] == ("tool.outcome", "blocked")
    assert bench.point.hurt == {ExitCode.DENIED}


def test_an_answer_of_another_shape_is_not_used(tmp_path):
    bench = Bench(tmp_path, answer=lambda call: reply({"key": "SEC-12", "secret": "x"}, issue("SEC-12")))
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.error.code) == (Reason.EXCEPTION, "C107")


def test_free_text_in_its_box_has_the_shape_of_a_string(tmp_path):
    bench = Bench(tmp_path, answer=lambda call: reply({"key": "SEC-12", "summary": Untrusted("x")}, issue("SEC-12")))
    assert isinstance(bench.point.call(SEC_12), Answered)


def test_a_truncated_answer_is_unread_and_never_empty(tmp_path):
    bench = Bench(tmp_path, answer=lambda call: reply({"key": "SEC-12"}, issue("SEC-12"), truncated=True))
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Refused)
    assert answer.reason is Reason.TRUNCATED


def failing(error):
    def answer(call):
        raise error

    return answer


@pytest.mark.parametrize(
    ("error", "reason", "outcome", "hurt"),
    [
        (ConnectorError("gone", reason=Reason.THROTTLED, http_status=429), Reason.THROTTLED, "error", set()),
        (UnauthorizedError("no", reason=Reason.ACCESS_DENIED), Reason.ACCESS_DENIED, "error", {ExitCode.IDENTITY}),
        (RuntimeError("token=abc"), Reason.EXCEPTION, "error", set()),
    ],
)
def test_a_failing_call_is_an_unread_answer_with_its_reason(tmp_path, error, reason, outcome, hurt):
    bench = Bench(tmp_path, answer=failing(error))
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Refused)
    assert answer.reason is reason
    assert bench.events()[-1] == ("tool.outcome", outcome)
    assert bench.point.hurt == hurt
    assert "token=abc" not in answer.error.message


def test_an_interrupted_call_is_indeterminate(tmp_path):
    bench = Bench(tmp_path, answer=failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        bench.point.call(SEC_12)
    assert bench.events()[-1] == ("tool.outcome", "indeterminate")


def test_without_a_credential_nothing_is_called(bench):
    bench.issuer.error = CredentialError("no token")
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Refused)
    assert answer.reason is Reason.ACCESS_DENIED
    assert bench.jira.calls == []
    assert bench.events()[-1] == ("tool.blocked", "blocked")
    assert bench.point.hurt == {ExitCode.IDENTITY}


def test_a_spent_budget_denies_and_failures_count(tmp_path):
    bench = Bench(tmp_path, limits=Limits(max_calls=2), answer=failing(ConnectorError("x", reason=Reason.EXCEPTION)))
    bench.point.call(SEC_12)
    bench.point.call(SEC_12)
    answer = bench.point.call(SEC_12)
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.error.code) == (Reason.THROTTLED, "P012")
    assert len(bench.jira.calls) == 2
    assert bench.point.budget.counts() == (2, 0, {"jira_reader": 2})


def test_rt03_a_call_that_failed_and_is_tried_again_is_a_second_call(tmp_path):
    outcomes = iter([ConnectorError("x", reason=Reason.EXCEPTION), None])

    def answer(call):
        error = next(outcomes)
        if error is not None:
            raise error
        return reply({"key": "SEC-12"}, issue("SEC-12"))

    bench = Bench(tmp_path, limits=Limits(max_calls=2), answer=answer)
    assert isinstance(bench.point.call(SEC_12), Refused)
    assert isinstance(bench.point.call(SEC_12), Answered)
    assert bench.point.call(SEC_12).error.code == "P012"
    assert len(bench.jira.calls) == 2


def test_calls_side_by_side_never_share_the_last_of_the_budget(tmp_path):
    bench = Bench(tmp_path, limits=Limits(max_calls=5))
    answers = bench.point.call_all([SEC_12] * 40)
    assert len(bench.jira.calls) == 5
    assert {answer.error.code for answer in answers if isinstance(answer, Refused)} == {"P012"}
    assert sum(isinstance(answer, Answered) for answer in answers) == 5
    codes = [line["policy"]["code"] for line in bench.lines() if line["event"] == "policy.decision"]
    assert sorted(codes) == ["P012"] * 35 + ["P100"] * 5


def test_a_call_without_a_credential_costs_nothing(tmp_path):
    bench = Bench(tmp_path, limits=Limits(max_calls=1))
    bench.issuer.error = CredentialError("no token")
    bench.point.call(SEC_12)
    bench.issuer.error = None
    assert isinstance(bench.point.call(SEC_12), Answered)
    assert bench.point.budget.counts() == (1, 1, {"jira_reader": 1})


def test_the_requests_of_a_failed_call_are_counted_and_written(tmp_path):
    error = ConnectorError("gone", reason=Reason.THROTTLED, http_status=429)
    error.requests = 3
    bench = Bench(tmp_path, answer=failing(error))
    bench.point.call(SEC_12)
    assert bench.point.budget.counts() == (1, 3, {"jira_reader": 1})
    assert bench.lines()[-1]["result"]["requests"] == 3


def test_calls_side_by_side_come_back_in_order(bench):
    wanted = [Wanted("jira_reader", "jira:GetIssue", {"key": f"SEC-{n}"}) for n in range(1, 30)]
    answers = bench.point.call_all(wanted)
    assert [answer.reply.value["key"] for answer in answers] == [one.params["key"] for one in wanted]
    assert [line["seq"] for line in bench.lines()] == list(range(len(bench.lines())))


def test_a_dead_trail_ends_the_run_before_the_next_call(bench):
    bench.writer.seal("success", {})
    with pytest.raises(AuditError):
        bench.point.call(SEC_12)
    assert bench.jira.calls == []
