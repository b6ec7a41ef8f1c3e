from dataclasses import replace

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.facts import JiraAccount, TextFact
from harness_cli.review.finding import Status
from tests.simulators.case_builder import (
    ANA,
    BO,
    DENIED,
    LI,
    OTHER_REF,
    REF,
    at,
    case,
    edited,
    findings,
    known,
    link,
    moved,
    only,
    pull,
    ticket,
    word,
)
from tests.simulators.code_builder import code_case

APP = JiraAccount("jira-app", is_app=True)
GONE = JiraAccount("jira-li", active=False)


ALL = [f"TKT-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12)]
LINKED = "RemoteWorkItemLink"
BACK = moved(-25, LI, "Approved", "Draft")


def log(*items):
    return known(items, "jira")


TICKETS = [
    ("TKT-01", "an approved status with its transition passes", ticket(), "PASS"),
    ("TKT-01", "status names are compared without case", ticket(status="APPROVED"), "PASS"),
    ("TKT-01", "another status fails", ticket(status="Submitted"), "FAIL"),
    ("TKT-01", "another status fails whatever is unread", ticket(status="Draft", changelog=DENIED), "FAIL"),
    ("TKT-01", "a status without its transition fails", ticket(changelog=log(edited(-20, "risk"))), "FAIL"),
    ("TKT-01", "without changelog nothing is said", ticket(changelog=DENIED), "NOT_EVALUATED"),
    ("TKT-02", "a named person of the group who approved passes", ticket(), "PASS"),
    ("TKT-02", "an empty field fails", ticket(approvers=()), "FAIL"),
    ("TKT-02", "an app as approver fails", ticket(approvers=(APP,)), "FAIL"),
    ("TKT-02", "an inactive approver fails", ticket(approvers=(GONE,)), "FAIL"),
    ("TKT-02", "an app that approved fails", ticket(changelog=log(moved(-20, APP))), "FAIL"),
    ("TKT-02", "somebody else's approval fails", ticket(changelog=log(moved(-20, BO))), "FAIL"),
    ("TKT-02", "the requester as approver fails", ticket(approvers=(ANA,), changelog=log(moved(-20, ANA))), "FAIL"),
    (
        "TKT-02",
        "the assignee who makes himself approver fails",
        ticket(assignee=LI, changelog=log(edited(-30, "f_approver", LI, LI.account_id), moved(-20))),
        "FAIL",
    ),
    ("TKT-02", "an approval by nobody is not evaluated", ticket(changelog=log(moved(-20, None))), "NOT_EVALUATED"),
    ("TKT-02", "a field that is not configured is not evaluated", ticket(approvers=None), "NOT_EVALUATED"),
    ("TKT-02", "without changelog nothing is said", ticket(changelog=DENIED), "NOT_EVALUATED"),
    ("TKT-03", "three people pass", ticket(), "PASS"),
    ("TKT-03", "the reporter's own approval fails", ticket(changelog=log(moved(-20, ANA))), "FAIL"),
    ("TKT-03", "the assignee's own approval fails", ticket(changelog=log(moved(-20, BO))), "FAIL"),
    ("TKT-03", "the last approval counts", ticket(changelog=log(moved(-30, ANA), BACK, moved(-20))), "PASS"),
    ("TKT-03", "an approval by nobody is not evaluated", ticket(changelog=log(moved(-20, None))), "NOT_EVALUATED"),
    ("TKT-03", "an unknown reporter is not evaluated", ticket(reporter=None), "NOT_EVALUATED"),
    ("TKT-03", "without approval there is nothing to judge", ticket(changelog=log()), "NOT_APPLICABLE"),
    ("TKT-03", "without changelog nothing is said", ticket(changelog=DENIED), "NOT_EVALUATED"),
    ("TKT-05", "a plan of many words passes", ticket(), "PASS"),
    ("TKT-05", "an empty plan fails", ticket(rollback=TextFact(0)), "FAIL"),
    ("TKT-05", "a placeholder fails", ticket(rollback=TextFact(9, is_placeholder=True)), "FAIL"),
    ("TKT-05", "three words fail", ticket(rollback=TextFact(3)), "FAIL"),
    ("TKT-05", "a field that is not configured is not evaluated", ticket(rollback=None), "NOT_EVALUATED"),
    ("TKT-06", "a window ahead passes", ticket(), "PASS"),
    ("TKT-06", "a window without end fails", ticket(window_end=None), "FAIL"),
    ("TKT-06", "an empty window fails", ticket(window_start=None, window_end=None), "FAIL"),
    ("TKT-06", "a window that ends before it starts fails", ticket(window_start=at(12), window_end=at(10)), "FAIL"),
    ("TKT-06", "a window of eight days fails", ticket(window_end=at(10 + 8 * 24)), "FAIL"),
    ("TKT-06", "a window that is over fails", ticket(window_start=at(-4), window_end=at(-2)), "FAIL"),
    ("TKT-06", "a window that is now passes", ticket(window_start=at(-4), window_end=at(2)), "PASS"),
    ("TKT-06", "fields that are not configured are not evaluated", ticket(window_configured=False), "NOT_EVALUATED"),
    ("TKT-07", "environment and items pass", ticket(), "PASS"),
    ("TKT-07", "no environment fails", ticket(environment=""), "FAIL"),
    ("TKT-07", "an unknown environment fails", ticket(environment="moon"), "FAIL"),
    ("TKT-07", "no item fails", ticket(components=(), account_ids=()), "FAIL"),
    ("TKT-07", "an unknown account fails", ticket(account_ids=("111122223333",)), "FAIL"),
    ("TKT-07", "a field that is not configured is not evaluated", ticket(environment=None), "NOT_EVALUATED"),
    ("TKT-12", "plain text passes", ticket(), "PASS"),
    ("TKT-12", "a secret in the description fails", ticket(description=TextFact(9, secret_kinds=("aws-key",))), "FAIL"),
    ("TKT-12", "text that speaks to a tool fails", ticket(comments=(TextFact(9, signals=("ignore-rules",)),)), "FAIL"),
    ("TKT-12", "unread comments are not evaluated", ticket(comments_unread=DENIED), "NOT_EVALUATED"),
    (
        "TKT-12",
        "what was read counts although comments are unread",
        ticket(comments_unread=DENIED, description=TextFact(9, signals=("x",))),
        "FAIL NOT_EVALUATED",
    ),
    ("TKT-04", "a rating passes", ticket(), "PASS"),
    ("TKT-04", "no rating fails", ticket(risk=""), "FAIL"),
    ("TKT-04", "an unknown word is not evaluated", ticket(risk="p7"), "NOT_EVALUATED"),
    ("TKT-04", "a field that is not configured is not evaluated", ticket(risk=None), "NOT_EVALUATED"),
    ("TKT-08", "edits before the approval pass", ticket(changelog=log(edited(-30, "description"), moved(-20))), "PASS"),
    ("TKT-08", "edits of the same moment pass", ticket(changelog=log(edited(-20, "description"), moved(-20))), "PASS"),
    ("TKT-08", "a later comment field passes", ticket(changelog=log(moved(-20), edited(-10, "comment"))), "PASS"),
    ("TKT-08", "a later description fails", ticket(changelog=log(moved(-20), edited(-10, "description"))), "FAIL"),
    ("TKT-08", "a later window fails", ticket(changelog=log(moved(-20), edited(-10, "f_start"))), "FAIL"),
    ("TKT-08", "a later risk fails", ticket(changelog=log(moved(-20), edited(-10, "F_RISK"))), "FAIL"),
    ("TKT-08", "a later environment fails", ticket(changelog=log(moved(-20), edited(-10, "f_env"))), "FAIL"),
    ("TKT-08", "a later link fails", ticket(changelog=log(moved(-20), edited(-10, "RemoteIssueLink"))), "FAIL"),
    ("TKT-08", "a later link of a work item fails", ticket(changelog=log(moved(-20), edited(-9, LINKED))), "FAIL"),
    ("TKT-08", "a later link to another ticket passes", ticket(changelog=log(moved(-20), edited(-9, "Link"))), "PASS"),
    (
        "TKT-08",
        "a second approval settles it",
        ticket(changelog=log(moved(-30), edited(-28, "f_risk"), BACK, moved(-20))),
        "PASS",
    ),
    ("TKT-08", "without approval there is nothing to judge", ticket(changelog=log()), "NOT_APPLICABLE"),
    ("TKT-08", "without changelog nothing is said", ticket(changelog=DENIED), "NOT_EVALUATED"),
    ("TKT-11", "a link in scope passes", ticket(), "PASS"),
    ("TKT-11", "the key in the pull request is enough", ticket(links=log()), "PASS"),
    ("TKT-11", "a link outside the scope fails", ticket(links=log(link(), link(OTHER_REF, in_scope=False))), "FAIL"),
    ("TKT-11", "a link of another form fails", ticket(links=log(link(None))), "FAIL"),
    ("TKT-11", "a link to another host fails", ticket(links=log(link(None, host_is_ours=False))), "FAIL"),
    ("TKT-11", "unread links are not evaluated", ticket(links=DENIED), "NOT_EVALUATED"),
]


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), TICKETS, ids=lambda v: v if isinstance(v, str) else "")
def test_ticket_check(check_id, fact, made, said):
    assert word(check_id, case(ticket=made)) == said, fact


@pytest.mark.parametrize("check_id", ALL)
def test_a_run_without_ticket_has_nothing_to_judge(check_id):
    assert only(check_id, case(ticket=None)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("check_id", ALL)
def test_an_unread_ticket_gives_its_reason(check_id):
    finding = only(check_id, case(ticket=DENIED))
    assert (finding.status, finding.reason) == (Status.NOT_EVALUATED, Reason.ACCESS_DENIED)


def test_tickets_and_pull_requests_that_do_not_name_each_other_fail():
    assert word("TKT-11", case(ticket=ticket(links=log()), pull=pull(ticket_keys=()))) == "FAIL"


def test_a_linked_pull_request_that_does_not_exist_is_not_evaluated():
    assert word("TKT-11", case(pull=DENIED)) == "NOT_EVALUATED"


def test_an_approver_outside_the_group_fails():
    made = replace(case(), directory_groups={"li@acme.example": known(("other",), "directory")})
    assert word("TKT-02", made) == "FAIL"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (replace(case(), directory_groups={}), Reason.NOT_CONFIGURED),
        (replace(case(), directory_groups={"li@acme.example": DENIED}), Reason.ACCESS_DENIED),
        (case(conf={"people": ()}), Reason.MISSING_MAPPING),
    ],
)
def test_an_unread_approver_group_is_not_evaluated(made, reason):
    assert only("TKT-02", made).reason is reason


def test_each_edited_field_is_a_finding_of_its_own():
    items = (moved(-20), edited(-10, "description"), edited(-9, "f_risk"), edited(-8, "f_risk"))
    found = findings("TKT-08", case(ticket=ticket(changelog=known(items))))
    assert len({finding.uid for finding in found}) == len(found) == 2


def test_a_status_that_is_no_plain_label_is_shown_by_its_digest():
    message = only("TKT-01", case(ticket=ticket(status="Ready\x1b[2J \u202e"))).message
    assert message.isascii()
    assert "\x1b" not in message
    assert str(REF) not in message


@pytest.mark.parametrize("unread", [{"iac": {REF: DENIED}}, {"pull": DENIED, "iac": {}}])
def test_a_plan_that_takes_code_back_needs_the_code(unread):
    assert word("TKT-05", case(ticket=ticket(rollback=TextFact(9, only_reverts=True)), **unread)) == "NOT_EVALUATED"


def test_a_merged_change_may_have_its_window_behind():
    made = pull(merged=True, merged_at=at(-3))
    assert word("TKT-06", case(ticket=ticket(window_start=at(-4), window_end=at(-2)), pull=made)) == "PASS"


OPEN_DATABASE = 'resource "aws_db_instance" "x" {\npublicly_accessible = true\n}'
OPEN_MAYBE = 'resource "aws_db_instance" "x" {\npublicly_accessible = var.x\n}'


@pytest.mark.parametrize(
    ("risk", "code", "said"),
    [
        ("Low", OPEN_DATABASE, "FAIL"),
        ("2 - medium", OPEN_DATABASE, "FAIL"),
        ("HIGH", OPEN_DATABASE, "PASS"),
        ("low", 'resource "aws_instance" "x" {}', "PASS"),
        ("low", OPEN_MAYBE, "NOT_EVALUATED"),
        ("high", OPEN_MAYBE, "PASS"),
    ],
)
def test_a_rating_is_held_against_the_changed_code(risk, code, said):
    assert word("TKT-04", code_case({"main.tf": (None, code)}, ticket=ticket(risk=risk))) == said
