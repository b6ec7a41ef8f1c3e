"""Labelled cases of changes that look better than they are; each label was fixed before the check was asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from harness_cli.config.model import Freeze, Person
from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.checks.code_owners import parse_code_owners
from harness_cli.review.facts import Deployment, ForcePush, RequiredCheck, TextFact
from harness_cli.review.iac.change import IacChange, Sighting
from tests.simulators.case_builder import (
    ANA,
    DENIED,
    EARLIER,
    HEAD,
    LI,
    NOW,
    PEOPLE,
    REF,
    RULES,
    at,
    case,
    changed,
    commit,
    known,
    moved,
    only,
    pull,
    review,
    run_of,
    ticket,
    word,
)
from tests.simulators.code_builder import code_case
from tests.simulators.live_builder import database, live

SECOND = (*PEOPLE, Person("cy@acme.example", github="cy-private"), Person("li@acme.example", github="li-private"))


def pushed(*pushes):
    return known(tuple(ForcePush(user, at(hours)) for user, hours in pushes))


def reviews(*items):
    return known(items)


def checks(*runs, app=None):
    rules = known(replace(RULES, required_checks=(RequiredCheck("plan", app),)))
    return pull(branch_rules=rules, check_runs=known(runs))


def merged(hours=-2, **changes):
    return pull(merged=True, state="closed", merged_at=at(hours), merged_by="cy-gh", **changes)


def unasked(*runs, **changes):
    return merged(branch_rules=known(replace(RULES, required_checks=())), check_runs=known(runs), **changes)


def owned(text, path="envs/dev/net/main.tf", who="cy-gh", **changes):
    files = known((changed(path),))
    return pull(codeowners=known(Untrusted(text)), files=files, reviews=reviews(review(who)), **changes)


PULLS = [
    # GH-01: whose hands
    ("GH-01", "the last force pusher's approval fails", pull(force_pushes=pushed(("cy-gh", -35), ("dee-gh", -39)),
     reviews=reviews(review("cy-gh"))), "FAIL"),
    ("GH-01", "an earlier force pusher's approval passes", pull(force_pushes=pushed(("cy-gh", -39), ("bo-gh", -35)),
     reviews=reviews(review("cy-gh"))), "PASS"),
    ("GH-01", "an unread timeline is not evaluated", pull(force_pushes=DENIED), "NOT_EVALUATED"),
    ("GH-01", "an unread timeline does not excuse a missing approval", pull(force_pushes=DENIED, reviews=reviews()),
     "FAIL"),
    ("GH-01", "a dismissed objection does not stand", pull(reviews=reviews(review("cy-gh"),
     review("dee-gh", "DISMISSED"))), "PASS"),
    ("GH-01", "a comment does not withdraw an objection", pull(reviews=reviews(review("cy-gh"),
     review("dee-gh", "CHANGES_REQUESTED", hours=-20), review("dee-gh", "COMMENTED", hours=-1))), "FAIL"),
    ("GH-01", "an objection to an earlier commit stands", pull(reviews=reviews(review("cy-gh"),
     review("dee-gh", "CHANGES_REQUESTED", EARLIER))), "FAIL"),
    ("GH-01", "a bot's objection is no person's", pull(reviews=reviews(review("cy-gh"),
     review("scan[bot]", "CHANGES_REQUESTED", is_bot=True))), "PASS"),
    # GH-09
    ("GH-09", "the last pusher's approval fails", pull(force_pushes=pushed(("cy-gh", -35)),
     reviews=reviews(review("cy-gh"))), "FAIL"),
    ("GH-09", "the head commit's author's approval fails", pull(commits=known((commit("cy-gh"),)),
     reviews=reviews(review("cy-gh"))), "FAIL"),
    ("GH-09", "an approval older than a force push fails", pull(force_pushes=pushed(("bo-gh", -10)),
     reviews=reviews(review("cy-gh", hours=-30))), "FAIL"),
    ("GH-09", "an approval younger than the force push passes", pull(force_pushes=pushed(("bo-gh", -31)),
     reviews=reviews(review("cy-gh", hours=-30))), "PASS"),
    ("GH-09", "an unread timeline is not evaluated", pull(force_pushes=DENIED), "NOT_EVALUATED"),
    ("GH-09", "a stale approval fails whatever is unread", pull(force_pushes=DENIED,
     reviews=reviews(review("cy-gh", commit=EARLIER))), "FAIL"),
    # GH-06: several runs of one name
    ("GH-06", "a rerun that succeeded passes", checks(run_of("plan", "failure", completed_at=at(-30)),
     run_of("plan", completed_at=at(-20))), "PASS"),
    ("GH-06", "a rerun that failed fails", checks(run_of("plan", completed_at=at(-30)),
     run_of("plan", "failure", completed_at=at(-20))), "FAIL"),
    ("GH-06", "the order of the list does not count", checks(run_of("plan", completed_at=at(-20)),
     run_of("plan", "failure", completed_at=at(-30))), "PASS"),
    ("GH-06", "two apps of one name must both succeed", checks(run_of("plan", "failure", completed_at=at(-30)),
     run_of("plan", app_id=99, completed_at=at(-20))), "FAIL"),
    ("GH-06", "with an app pinned the other's failure does not count", checks(run_of("plan", "failure", app_id=99),
     run_of("plan"), app=15368), "PASS"),
    ("GH-06", "a status and a run of one name must both succeed", checks(run_of("plan"),
     run_of("plan", "failure", app_id=None)), "FAIL"),
    ("GH-06", "a status counts where no app is pinned", checks(run_of("plan", app_id=None)), "PASS"),
    ("GH-06", "a status is not the pinned app's word", checks(run_of("plan", app_id=None), app=15368), "FAIL"),
    ("GH-06", "a cancelled check fails", checks(run_of("plan", "cancelled")), "FAIL"),
    ("GH-06", "the name is compared whole", checks(run_of("plan / dev")), "FAIL"),
    # GH-05
    ("GH-05", "an exempt actor fails", pull(bypass_actors=known(("Team:4:exempt",))), "FAIL"),
    ("GH-05", "a deploy key that always passes fails", pull(bypass_actors=known(("DeployKey::always",))), "FAIL"),
    # GH-10
    ("GH-10", "a bypass fails although every check was green", merged(rule_suite=known("bypass")), "FAIL"),
    ("GH-10", "a bypass fails whatever is unread", merged(rule_suite=known("bypass"), check_runs=DENIED), "FAIL"),
    ("GH-10", "unread rule suites are not evaluated", merged(rule_suite=DENIED), "NOT_EVALUATED"),
    ("GH-10", "a push that the rules let pass passes", merged(rule_suite=known("pass")), "PASS"),
    ("GH-10", "green only by a rerun after the merge fails", merged(check_runs=known((run_of("checkov"),
     run_of("plan", "failure", completed_at=at(-5)), run_of("plan", completed_at=at(-1))))), "FAIL"),
    ("GH-10", "red only by a rerun after the merge passes", merged(check_runs=known((run_of("checkov"),
     run_of("plan", completed_at=at(-5)), run_of("plan", "failure", completed_at=at(-1))))), "PASS"),
    ("GH-10", "merged while a check ran fails", merged(check_runs=known((run_of("checkov"),
     run_of("plan", "", status="in_progress", completed_at=None)))), "FAIL"),
    ("GH-10", "nothing required, one failed: fails", unasked(run_of("plan"), run_of("lint", "failure")), "FAIL"),
    ("GH-10", "nothing required, one skipped: passes", unasked(run_of("plan"), run_of("docs", "skipped")), "PASS"),
    ("GH-10", "nothing required, one late: fails", unasked(run_of("plan", completed_at=at(-1))), "FAIL"),
    ("GH-10", "an open pull request with a bypass elsewhere is not applicable", pull(), "NOT_APPLICABLE"),
    # GH-07
    ("GH-07", "an analysis of the head commit is evidence where no check run tells",
     pull(check_runs=known(tuple(map(run_of, ("checkov", "deps", "gitleaks")))), scan_tools=known(("CodeQL",))),
     "PASS"),
    ("GH-07", "an analysis does not outweigh a failed run",
     pull(check_runs=known((*map(run_of, ("checkov", "deps", "gitleaks")), run_of("CodeQL", "failure"))),
          scan_tools=known(("CodeQL",))), "FAIL PASS"),
    ("GH-07", "another tool's analysis is no evidence",
     pull(check_runs=known(tuple(map(run_of, ("checkov", "deps", "gitleaks")))), scan_tools=known(("Trivy",))),
     "FAIL PASS"),
    # GH-03
    ("GH-03", "an escaped space is part of the path", owned("/a\\ b/ @dee-gh\n", "a b/x.tf"), "FAIL"),
    ("GH-03", "an escaped space matches its owner", owned("/a\\ b/ @cy-gh\n", "a b/x.tf"), "PASS"),
    ("GH-03", "a negated line owns nothing", owned("* @cy-gh\n!envs/ @dee-gh\n"), "PASS"),
    ("GH-03", "a section of another product is no owner", owned("[Prod]\n* @cy-gh\n"), "PASS"),
    ("GH-03", "a line with a crooked owner is skipped", owned("* @cy-gh\nenvs/ dee\n"), "PASS"),
    ("GH-03", "a pattern without owners frees the path", owned("* @dee-gh\n/envs/dev/\n"), "PASS"),
    ("GH-03", "a nested folder of any depth", owned("net/ @dee-gh\n", "a/b/net/c/d.tf"), "FAIL"),
    ("GH-03", "the root pattern does not reach below", owned("/* @dee-gh\n", "a/b.tf"), "PASS"),
    ("GH-03", "logins fold case", owned("* @CY-GH\n"), "PASS"),
    ("GH-03", "paths do not fold case", owned("* @cy-gh\n/ENVS/ @dee-gh\n"), "PASS"),
    ("GH-03", "an unread team beside an approving owner passes", owned("* @acme/secret @cy-gh\n"), "PASS"),
    ("GH-03", "a CODEOWNERS below another folder is none", owned("* @cy-gh\n", "a/CODEOWNERS"), "PASS"),
]  # fmt: skip


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), PULLS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_change_that_looks_better_than_it_is(check_id, fact, made, said):
    assert word(check_id, case(pull=made)) == said, fact


def test_an_inline_comment_is_no_owner():
    assert parse_code_owners("*.tf @a # @b\n#*.tf @c\ndocs/c# @d\n").owners_of("docs/c#") == ("@d",)
    assert parse_code_owners("*.tf @a # @b\n").owners_of("x.tf") == ("@a",)


@pytest.mark.parametrize(
    ("check_id", "made", "said"),
    [
        ("GH-01", pull(author="cy-private", reviews=reviews(review("cy-gh"))), "FAIL"),
        ("GH-01", pull(author="bo-gh", reviews=reviews(review("cy-private"))), "PASS"),
        ("GH-02", pull(reviews=reviews(review("cy-gh"), review("cy-private"))), "FAIL"),
        ("GH-02", pull(reviews=reviews(review("cy-gh"), review("dee-gh"))), "PASS"),
        ("GH-09", pull(force_pushes=pushed(("cy-private", -35)), reviews=reviews(review("cy-gh"))), "FAIL"),
        ("X-02", pull(author="li-private"), "PASS FAIL"),
        ("X-02", merged(reviews=reviews(review("li-private"))), "PASS FAIL"),
        ("X-02", pull(reviews=reviews(review("li-private"), review("cy-gh"))), "PASS"),
    ],
)
def test_two_accounts_of_one_person_are_one_person(check_id, made, said):
    assert (
        word(check_id, case(pull=made, env="prod" if check_id == "GH-02" else "dev", conf={"people": SECOND})) == said
    )


# --- tickets ----------------------------------------------------------------------------------------


def log(*items):
    return known(items, "jira")


def by_id(item, source, to):
    return replace(item, from_id=source, to_id=to)


RENAMED = by_id(moved(-20, to="Freigegeben"), "10", "20")
WITHDRAWN = log(moved(-90, ANA, "Draft", "Submitted"), moved(-30), moved(-25, LI, "Approved", "Submitted"))
GONE_ON = log(moved(-90, ANA, "Draft", "Submitted"), moved(-30), moved(-25, LI, "Approved", "Implementing"))

TICKETS = [
    ("TKT-01", "a status that was renamed is known by its id", ticket(status_id="20", changelog=log(RENAMED)), "PASS"),
    ("TKT-01", "a move that was undone does not count", ticket(changelog=WITHDRAWN), "FAIL"),
    ("TKT-01", "approved, withdrawn, approved again", ticket(changelog=log(*WITHDRAWN.value, moved(-5))), "PASS"),
    ("TKT-03", "a withdrawn approval is nobody's", ticket(changelog=WITHDRAWN, status="Submitted"), "NOT_APPLICABLE"),
    ("TKT-03", "an approval stands while the work goes on", ticket(changelog=GONE_ON, status="Implementing"), "PASS"),
    ("TKT-03", "a renamed approval still has its author",
     ticket(status_id="20", changelog=log(replace(RENAMED, author=ANA))), "FAIL"),
    ("TKT-03", "another approved status is no second approval",
     ticket(changelog=log(moved(-30), by_id(moved(-5, ANA, "Approved", "Approved"), "1", "1"))), "PASS"),
    ("TKT-08", "edits after a withdrawn approval are nothing to judge",
     ticket(status="Submitted", changelog=WITHDRAWN), "NOT_APPLICABLE"),
    ("X-03", "merged after a withdrawn approval fails", ticket(status="Submitted", changelog=WITHDRAWN), "FAIL"),
    ("X-03", "merged while the work goes on passes", ticket(status="Implementing", changelog=GONE_ON), "PASS"),
]  # fmt: skip


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), TICKETS, ids=lambda v: v if isinstance(v, str) else "")
def test_an_approval_that_is_none_any_more(check_id, fact, made, said):
    assert word(check_id, case(ticket=made, pull=merged())) == said, fact


TABLE = 'resource "aws_dynamodb_table" "x" {\n  name = "carts"\n}\n'


@pytest.mark.parametrize(
    ("plan", "code", "said"),
    [
        (TextFact(9, only_reverts=True), (TABLE, ""), "FAIL"),
        (TextFact(9, mentions_restore=True), (TABLE, ""), "PASS"),
        (TextFact(9, only_reverts=True), (None, TABLE), "PASS"),
        (TextFact(9), (TABLE, ""), "PASS"),
        (TextFact(9, is_placeholder=True), (None, TABLE), "FAIL"),
    ],
)
def test_taking_code_back_brings_no_state_back(plan, code, said):
    assert word("TKT-05", code_case({"a.tf": code}, ticket=ticket(rollback=plan))) == said


# --- freezes ----------------------------------------------------------------------------------------


def freeze(start, end, *environments):
    return {"freezes": (Freeze("year-end", at(start), at(end), environments),)}


@pytest.mark.parametrize(
    ("frozen", "said"),
    [
        ({}, "PASS"),
        (freeze(0, 24), "FAIL"),
        (freeze(11, 11.5), "FAIL"),
        (freeze(12, 24), "FAIL"),
        (freeze(13, 24), "PASS"),
        (freeze(-9, 9), "PASS"),
        (freeze(0, 24, "prod"), "PASS"),
        (freeze(0, 24, "prod", "dev"), "FAIL"),
    ],
)
def test_a_window_must_not_touch_a_freeze(frozen, said):
    assert word("TKT-06", case(conf=frozen)) == said


def deployed(hours, name="dev"):
    return merged(-8, deployments=known((Deployment(name, HEAD, at(hours), "success"),)))


NO_WINDOW = ticket(window_configured=False, window_start=None, window_end=None)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (case(ticket=ticket(window_start=at(-6)), pull=deployed(-5), conf=freeze(-9, 0)), "FAIL"),
        (case(ticket=ticket(window_start=at(-6)), pull=deployed(-5), conf=freeze(-9, 0, "prod")), "PASS"),
        (case(ticket=ticket(window_start=at(-6)), pull=deployed(-5), conf=freeze(-4, 0)), "PASS"),
        (case(ticket=NO_WINDOW, pull=deployed(-5), conf=freeze(-9, 0)), "FAIL"),
        (case(ticket=NO_WINDOW, pull=deployed(-5)), "NOT_EVALUATED"),
        (case(pull=deployed(-5)), "FAIL"),
        (case(pull=merged(-8)), "NOT_APPLICABLE"),
        (case(pull=deployed(-5, "preview"), conf=freeze(-9, 0)), "NOT_APPLICABLE"),
    ],
)
def test_nothing_is_deployed_in_a_freeze(made, said):
    assert word("X-07", made) == said


def test_both_ends_of_a_freeze_belong_to_it():
    assert word("TKT-06", case(conf={"freezes": (Freeze("f", NOW + timedelta(hours=12), at(99)),)})) == "FAIL"


# --- places -----------------------------------------------------------------------------------------

DB = 'resource "aws_db_instance" "x" {\n  identifier = "orders"\n  backup_retention_period = 7\n}\n'


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"environment": "prod"}, "FAIL"),
        ({"Environment": "Production"}, "FAIL"),
        ({"Env": "dev"}, "PASS"),
        ({}, "PASS"),
    ],
)
def test_a_live_resource_that_is_tagged_prod_is_prod(tags, said):
    code = {"envs/dev/db/a.tf": (None, DB)}
    assert word("X-01", code_case(code, aws=live(databases=(database(tags=tags),)))) == said


def regions(*names):
    return {REF: known(IacChange(sightings=tuple(Sighting("region", name, "a.tf") for name in names)))}


@pytest.mark.parametrize(
    ("check_id", "named", "code", "said"),
    [
        ("X-10", ("us-east-1",), ("eu-west-1",), "FAIL"),
        ("X-10", ("us-east-1",), ("us-east-1",), "NOT_APPLICABLE"),
        ("X-10", (), ("eu-west-1",), "NOT_APPLICABLE"),
        ("X-11", (), ("eu-west-1",), "PASS FAIL"),
        ("X-11", (), ("us-east-1",), "PASS"),
    ],
)
def test_the_code_goes_to_the_region_that_is_named_and_read(check_id, named, code, said):
    assert word(check_id, case(ticket=ticket(regions=named), iac=regions(*code), aws=live())) == said


def test_a_risk_that_the_code_alone_refutes_fails_without_aws():
    code = {"a.tf": (None, 'resource "aws_db_instance" "x" {\n  publicly_accessible = true\n}\n')}
    assert word("X-08", code_case(code, ticket=ticket(risk="low"))) == "FAIL"
    assert only("X-08", code_case(code, ticket=ticket(risk="high"))).reason is Reason.NOT_CONFIGURED


def test_an_approver_by_another_name_is_told_apart():
    assert word("X-02", case(pull=pull(author="zed"), conf={"people": SECOND})) == "PASS NOT_EVALUATED"


def without(system, **changes):
    made = case(**changes)
    links = replace(made.config.connections, **{system: None})
    return replace(made, config=replace(made.config, connections=links))


@pytest.mark.parametrize(
    ("check_id", "made", "said"),
    [
        ("TKT-11", without("github", pull=None), "NOT_EVALUATED"),
        ("X-09", without("jira", ticket=None), "NOT_EVALUATED"),
        ("X-09", without("jira", ticket=None, pull=pull(ticket_keys=())), "FAIL"),
        ("X-09", case(ticket=None), "FAIL"),
    ],
)
def test_a_system_that_is_not_connected_proves_no_fault(check_id, made, said):
    assert word(check_id, made) == said
