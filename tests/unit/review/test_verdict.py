import pytest

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Evidence
from harness_cli.review.finding import Confidence, Finding, Origin, Severity, Status, Subject
from harness_cli.review.verdict import Level, judge_verdict
from tests.simulators.case_builder import config

ALL = frozenset(System)
C, H, M, L = Severity
NEW, OLD, FIXED, DONT_KNOW = Origin


def finding(check="EC2-05", severity=H, origin=NEW, status=Status.FAIL, name="r", **changes):
    return Finding(
        check, "a title", status, severity, severity, "a message", (Subject("t", name),), origin=origin, **changes
    )


def judged(*findings, fail_on="high", declared=ALL, **review):
    return judge_verdict(findings, config=config(**review), fail_on=fail_on, declared=declared)


LEVELS = [
    ("nothing failed", (), Level.NONE),
    ("a pass", (finding(status=Status.PASS),), Level.NONE),
    ("an introduced critical", (finding(severity=C),), Level.BLOCK),
    ("a pre-existing critical", (finding(severity=C, origin=OLD),), Level.MEDIUM),
    ("a critical of unknown origin", (finding(severity=C, origin=DONT_KNOW),), Level.HIGH),
    ("a fixed critical", (finding(severity=C, origin=FIXED),), Level.NONE),
    ("no separation of duties", (finding("X-02", C, DONT_KNOW),), Level.BLOCK),
    ("events out of order", (finding("X-03", C, DONT_KNOW),), Level.BLOCK),
    ("self-approval", (finding("TKT-03", C, DONT_KNOW),), Level.BLOCK),
    ("one high", (finding(),), Level.MEDIUM),
    ("two highs", (finding(), finding(name="s")), Level.HIGH),
    ("eight mediums", tuple(finding(severity=M, name=str(n)) for n in range(8)), Level.HIGH),
    ("one medium", (finding(severity=M),), Level.MEDIUM),
    ("one pre-existing medium", (finding(severity=M, origin=OLD),), Level.LOW),
    ("one low", (finding(severity=L),), Level.LOW),
    ("a waived critical", (finding(severity=C, waiver="because"),), Level.NONE),
]


@pytest.mark.parametrize(("fact", "findings", "level"), LEVELS, ids=[fact for fact, _, _ in LEVELS])
def test_level(fact, findings, level):
    verdict = judged(*findings)
    assert (verdict.level, verdict.word) == (level, level.value), fact


def test_score_is_weight_times_origin_times_confidence():
    verdict = judged(
        finding(severity=C, origin=OLD, confidence=Confidence.MEDIUM, name="a"),
        finding(severity=H, confidence=Confidence.LOW, name="b"),
        finding(severity=L, origin=DONT_KNOW, name="c"),
    )
    assert verdict.score == 40 * 0.5 * 0.7 + 15 * 0.4 + 1
    assert sorted(verdict.weights.values()) == [1, 6, 14]


REACHED = [
    ("high", NEW, H, True),
    ("high", DONT_KNOW, H, True),
    ("high", OLD, C, False),
    ("any:high", OLD, C, True),
    ("any:high", OLD, M, False),
    ("any:high", FIXED, C, False),
    ("critical", NEW, H, False),
    ("low", NEW, L, True),
]


@pytest.mark.parametrize(("fail_on", "origin", "severity", "reached"), REACHED)
def test_fail_on(fail_on, origin, severity, reached):
    assert judged(finding(origin=origin, severity=severity), fail_on=fail_on).reaches_fail_on is reached


@pytest.mark.parametrize("fail_on", ["", "worst", "all:high", "any:"])
def test_an_unknown_level_is_refused(fail_on):
    with pytest.raises(ValueError, match="level"):
        judged(finding(), fail_on=fail_on)


def unread(check, reason=Reason.THROTTLED):
    return finding(check, C, status=Status.NOT_EVALUATED, reason=reason, detail="the server was busy")


def test_a_mandatory_check_that_could_not_look_is_incomplete():
    verdict = judged(unread("GH-01"), finding())
    assert (verdict.word, verdict.level, verdict.incomplete) == ("INCOMPLETE", Level.MEDIUM, True)
    assert verdict.unread == ("GH-01 (r): throttled, the server was busy",)


@pytest.mark.parametrize(
    ("row", "declared", "review"),
    [
        (unread("GH-01", Reason.NOT_CONFIGURED), ALL, {}),
        (unread("GH-01", Reason.NOT_GRANTED), ALL, {}),
        (unread("GH-04"), ALL, {}),
        (unread("X-01"), {System.GITHUB}, {}),
        (unread("GH-01"), ALL, {"mandatory": ("GH-04",)}),
    ],
    ids=["not configured", "not granted", "not critical", "tool not declared", "not listed"],
)
def test_what_is_not_mandatory_leaves_the_verdict_complete(row, declared, review):
    assert not judged(row, declared=declared, **review).incomplete


def call(*, failed):
    return Evidence("aws", "elasticloadbalancing:DescribeListeners", "", 7, "", failed=failed)


@pytest.mark.parametrize(
    ("reason", "failed", "incomplete"),
    [
        (Reason.EXCEPTION, True, True),
        (Reason.THROTTLED, True, True),
        (Reason.TRUNCATED, True, True),
        (Reason.ACCESS_DENIED, True, False),
        (Reason.MISSING_MAPPING, True, False),
        (Reason.EXCEPTION, False, False),  # the pull request's own code, which nobody can parse
        (Reason.TRUNCATED, False, False),
    ],
)
@pytest.mark.parametrize("review", [{}, {"mandatory": ("GH-04",)}, {"mandatory": ()}])
def test_a_service_that_died_leaves_the_review_incomplete_whatever_its_checks(reason, failed, incomplete, review):
    row = finding(
        "ELB-01", M, status=Status.NOT_EVALUATED, reason=reason, detail="no answer", evidence=(call(failed=failed),)
    )
    verdict = judged(row, **review)
    assert verdict.incomplete is incomplete
    assert verdict.unread == ((f"ELB-01 (r): {reason}, no answer",) if incomplete else ())


def test_a_failed_call_beside_enough_other_facts_leaves_the_review_complete():
    assert not judged(finding(evidence=(call(failed=True),))).incomplete


def test_the_configuration_says_what_is_mandatory():
    assert judged(unread("GH-04"), mandatory=("GH-04",)).incomplete


def test_the_three_heaviest_findings_decide():
    found = [finding(severity=s, name=s.value) for s in (L, M, H, C)] + [finding("X-02", C, OLD, name="duties")]
    verdict = judged(*found)
    by_uid = {f.uid: f for f in found}
    assert [by_uid[uid].resources[0].uid for uid in verdict.deciding] == ["critical", "duties", "high"]


def test_what_would_lower_the_verdict_is_said():
    verdict = judged(finding(severity=C, name="arn:x", remediation="Do it."), finding(severity=M, name="y"))
    assert verdict.lowering == ("mend EC2-05 on arn:x: Do it", "then the level is MEDIUM")
    assert judged().lowering == ()
    twice = judged(*(finding(severity=C, name=name, remediation="Do it.") for name in ("a", "b", "b")))
    assert twice.lowering == ("mend EC2-05 on a, b: Do it", "then the level is NONE")
