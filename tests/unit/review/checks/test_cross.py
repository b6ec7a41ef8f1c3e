from dataclasses import replace

import pytest

from harness_cli.core.principal import Principal
from harness_cli.core.reasons import Reason
from harness_cli.review.facts import Deployment
from harness_cli.review.finding import Status
from harness_cli.review.iac.change import IacChange, Sighting, UnreadFile
from tests.simulators.case_builder import (
    ANA,
    DENIED,
    HEAD,
    LI,
    PEOPLE,
    REF,
    at,
    case,
    changed,
    commit,
    findings,
    known,
    moved,
    only,
    pull,
    review,
    ticket,
    word,
)

PROD = known((changed("envs/prod/db/main.tf"),))
SHARED = known((changed("modules/x.tf"),))


def deployed(hours, name="dev", state="success"):
    return known((Deployment(name, HEAD, at(hours), state),))


def seen(kind, value, files=SHARED):
    iac = {REF: known(IacChange(sightings=(Sighting(kind, value, "modules/x.tf"),)))}
    return replace(case(pull=pull(files=files)), iac=iac)


def merged(hours, by="cy-gh", **changes):
    return pull(merged=True, state="closed", merged_at=at(hours), merged_by=by, **changes)


def nobody():
    return known((moved(-90, ANA, "Draft", "Submitted"),), "jira")


CASES = [
    ("X-01", "a dev ticket with dev paths passes", case(), "PASS"),
    ("X-01", "another spelling of the environment passes", case(ticket=ticket(environment="Development")), "PASS"),
    ("X-01", "a dev ticket with a prod path fails", case(pull=pull(files=PROD)), "FAIL"),
    (
        "X-01",
        "a file moved out of prod fails",
        case(pull=pull(files=known((changed("envs/dev/x.tf", previous_path="envs/prod/x.tf"),)))),
        "FAIL",
    ),
    (
        "X-01",
        "a prod ticket with a prod path passes",
        case(ticket=ticket(environment="prod"), pull=pull(files=PROD)),
        "PASS",
    ),
    ("X-01", "a prod account fails", seen("account", "999988887777"), "FAIL"),
    ("X-01", "a dev account passes", seen("account", "123456789012"), "PASS"),
    ("X-01", "a prod backend fails", seen("backend", "state/prod/terraform.tfstate"), "FAIL"),
    ("X-01", "a prod tag fails", seen("tag", "Production"), "FAIL"),
    ("X-01", "paths that nobody mapped are not evaluated", case(pull=pull(files=SHARED)), "NOT_EVALUATED"),
    ("X-01", "an unknown environment is not evaluated", case(ticket=ticket(environment="moon")), "NOT_EVALUATED"),
    ("X-01", "an empty environment is not evaluated", case(ticket=ticket(environment="")), "NOT_EVALUATED"),
    ("X-01", "a field that is not configured is not evaluated", case(ticket=ticket(environment=None)), "NOT_EVALUATED"),
    ("X-01", "a map that is not configured is not evaluated", case(conf={"environments": {}}), "NOT_EVALUATED"),
    ("X-01", "unread files are not evaluated", case(pull=pull(files=DENIED)), "NOT_EVALUATED"),
    ("X-01", "unread code is not evaluated", case(iac={REF: DENIED}), "NOT_EVALUATED"),
    ("X-01", "a prod path fails whatever is unread", case(pull=pull(files=PROD), iac={REF: DENIED}), "FAIL"),
    (
        "X-01",
        "code that could not be parsed is not evaluated",
        case(iac={REF: known(IacChange(unread=(UnreadFile("envs/dev/x.tf", DENIED),)))}),
        "NOT_EVALUATED",
    ),
    ("X-01", "without pull request there is nothing to judge", case(pull=None), "NOT_APPLICABLE"),
    ("X-02", "four people pass", case(), "PASS"),
    ("X-02", "an approver who wrote the pull request fails", case(pull=pull(author="LI-gh")), "PASS FAIL"),
    ("X-02", "an approver who merged it fails", case(pull=merged(-2, "li-gh")), "PASS FAIL"),
    (
        "X-02",
        "an approver who alone reviewed it fails",
        case(pull=pull(reviews=known((review("li-gh"),)))),
        "PASS FAIL",
    ),
    (
        "X-02",
        "an approver among the reviewers passes",
        case(pull=pull(reviews=known((review("li-gh"), review("cy-gh"))))),
        "PASS",
    ),
    (
        "X-02",
        "an approver who started the run fails",
        replace(case(), requester=Principal("i", "li", "LI@acme.example")),
        "FAIL PASS",
    ),
    (
        "X-02",
        "the named approver counts where the changelog is unread",
        case(ticket=ticket(changelog=DENIED), pull=pull(author="li-gh")),
        "PASS FAIL",
    ),
    ("X-02", "an unmapped approver is not evaluated", case(conf={"people": PEOPLE[2:]}), "NOT_EVALUATED"),
    ("X-02", "an unmapped author is not evaluated", case(pull=pull(author="zed")), "PASS NOT_EVALUATED"),
    (
        "X-02",
        "an approver without login is not evaluated",
        case(conf={"people": (replace(PEOPLE[1], github=""), *PEOPLE[2:])}),
        "PASS NOT_EVALUATED",
    ),
    ("X-02", "unread reviews are not evaluated", case(pull=pull(reviews=DENIED)), "PASS NOT_EVALUATED"),
    (
        "X-02",
        "an approval by nobody is not evaluated",
        case(ticket=ticket(approvers=(), changelog=known((moved(-20, None),)))),
        "NOT_EVALUATED",
    ),
    (
        "X-02",
        "unread approval without field is not evaluated",
        case(ticket=ticket(approvers=None, changelog=DENIED)),
        "NOT_EVALUATED",
    ),
    (
        "X-02",
        "without approver there is nothing to judge",
        case(ticket=ticket(approvers=(), changelog=nobody())),
        "NOT_APPLICABLE",
    ),
    ("X-02", "without pull request the requester is judged", case(pull=None), "PASS"),
    ("X-02", "an unread pull request is not evaluated", case(pull=DENIED), "PASS NOT_EVALUATED"),
    ("X-03", "an approved, open pull request passes", case(), "PASS"),
    ("X-03", "merged after approval passes", case(pull=merged(-2)), "PASS"),
    ("X-03", "merged before approval fails", case(pull=merged(-25)), "FAIL"),
    ("X-03", "merged without approval fails", case(ticket=ticket(changelog=nobody()), pull=merged(-2)), "FAIL"),
    ("X-03", "a commit after approval fails", case(pull=pull(commits=known((commit(hours=-10),)))), "FAIL"),
    ("X-03", "merged before any review fails", case(pull=merged(-15, reviews=known((review(hours=-10),)))), "FAIL"),
    ("X-03", "deployed before the merge fails", case(pull=pull(deployments=deployed(-5))), "FAIL"),
    ("X-03", "deployed before the window fails", case(pull=merged(-8, deployments=deployed(-5))), "FAIL"),
    (
        "X-03",
        "deployed in the window passes",
        case(ticket=ticket(window_start=at(-6)), pull=merged(-8, deployments=deployed(-5, "Production"))),
        "PASS",
    ),
    ("X-03", "a preview is no deployment", case(pull=pull(deployments=deployed(-5, "preview-7"))), "PASS"),
    ("X-03", "a failed deployment is none", case(pull=pull(deployments=deployed(-5, state="failure"))), "PASS"),
    (
        "X-03",
        "nothing approved or merged is nothing to judge",
        case(ticket=ticket(changelog=nobody())),
        "NOT_APPLICABLE",
    ),
    ("X-03", "an unread changelog is not evaluated", case(ticket=ticket(changelog=DENIED)), "NOT_EVALUATED"),
    ("X-03", "unread deployments are not evaluated", case(pull=pull(deployments=DENIED)), "NOT_EVALUATED"),
    ("X-03", "what is proven counts although something is unread", case(pull=merged(-25, deployments=DENIED)), "FAIL"),
    ("X-03", "without pull request there is nothing to judge", case(pull=None), "NOT_APPLICABLE"),
]


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_cross_check(check_id, fact, made, said):
    assert word(check_id, made) == said, fact


@pytest.mark.parametrize("check_id", ["X-01", "X-02", "X-03"])
def test_a_run_without_ticket_has_nothing_to_judge(check_id):
    assert only(check_id, case(ticket=None)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("check_id", ["X-01", "X-02", "X-03"])
def test_an_unread_ticket_gives_its_reason(check_id):
    assert only(check_id, case(ticket=DENIED)).reason is Reason.ACCESS_DENIED


def test_findings_about_requester_and_pull_request_have_their_own_ids():
    found = findings("X-02", case())
    assert len({finding.uid for finding in found}) == len(found) == 2


def test_messages_name_the_accounts_and_the_environment():
    assert "li@acme.example approved the ticket and wrote the pull request" in {
        finding.message for finding in findings("X-02", case(pull=pull(author="li-gh")))
    }
    assert "the pull request touches prod by envs/prod/db/main.tf" in only("X-01", case(pull=pull(files=PROD))).message
    assert LI.account_id in only("TKT-03", case(ticket=ticket(assignee=LI))).message
