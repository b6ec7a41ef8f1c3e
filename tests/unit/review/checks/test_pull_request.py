from dataclasses import replace

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.checks.code_owners import parse_code_owners
from harness_cli.review.checks.path_patterns import path_matches
from harness_cli.review.checks.pull_request_evidence import EMPTY_BLOB
from harness_cli.review.evidence import Unread
from harness_cli.review.facts import RequiredCheck, ScanAlerts
from harness_cli.review.finding import Status
from tests.simulators.case_builder import (
    DENIED,
    EARLIER,
    RULES,
    case,
    changed,
    commit,
    findings,
    known,
    only,
    pull,
    review,
    run_of,
    word,
)

ALL = [f"GH-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 11, 30)]
RUNS = tuple(run_of(name) for name in ("plan", "checkov", "CodeQL", "deps", "gitleaks"))
THROTTLED = Unread(Reason.THROTTLED, "the server was busy")
PROD = known((changed("envs/prod/net/main.tf"),))


def reviews(*items):
    return known(items)


def commits(*items):
    return known(items)


def rules(**changes):
    return known(replace(RULES, **changes))


PULLS = [
    ("GH-01", "another person's approval of the head passes", pull(), "PASS"),
    ("GH-01", "no review fails", pull(reviews=reviews()), "FAIL"),
    ("GH-01", "an approval of an earlier commit fails", pull(reviews=reviews(review(commit=EARLIER))), "FAIL"),
    ("GH-01", "the author's own approval fails", pull(reviews=reviews(review("BO-gh"))), "FAIL"),
    (
        "GH-01",
        "a commit author's approval fails",
        pull(commits=commits(commit(), commit("dee-gh"), commit("cy-gh"))),
        "FAIL",
    ),
    ("GH-01", "a co-author's approval fails", pull(commits=commits(commit(co_authors=("Cy-GH", "dee-gh")))), "FAIL"),
    (
        "GH-01",
        "the last pusher's approval fails",
        pull(reviews=reviews(review()), commits=commits(commit(committer="cy-gh"))),
        "FAIL",
    ),
    ("GH-01", "a bot's approval fails", pull(reviews=reviews(review("merge-bot", is_bot=True))), "FAIL"),
    ("GH-01", "a deleted account's approval fails", pull(reviews=reviews(review(""))), "FAIL"),
    (
        "GH-01",
        "a comment does not take an approval back",
        pull(reviews=reviews(review(), review(state="COMMENTED", hours=-1))),
        "PASS",
    ),
    (
        "GH-01",
        "a dismissed approval fails",
        pull(reviews=reviews(review(), review(state="DISMISSED", hours=-1))),
        "FAIL",
    ),
    (
        "GH-01",
        "a standing request for changes fails",
        pull(reviews=reviews(review(), review("dee-gh", "CHANGES_REQUESTED"))),
        "FAIL",
    ),
    (
        "GH-01",
        "an answered request for changes passes",
        pull(reviews=reviews(review("dee-gh", "CHANGES_REQUESTED"), review("dee-gh", hours=-1))),
        "PASS",
    ),
    ("GH-01", "an unknown commit author is not evaluated", pull(commits=commits(commit(""))), "NOT_EVALUATED"),
    ("GH-01", "an edit in the browser has an author", pull(commits=commits(commit(committer="web-flow"))), "PASS"),
    ("GH-01", "unread commits are not evaluated", pull(commits=DENIED), "NOT_EVALUATED"),
    ("GH-01", "unread commits do not excuse a missing approval", pull(commits=DENIED, reviews=reviews()), "FAIL"),
    ("GH-01", "unread reviews are not evaluated", pull(reviews=DENIED), "NOT_EVALUATED"),
    ("GH-03", "an owner's approval passes", pull(), "PASS"),
    ("GH-03", "a team member's approval passes", pull(files=PROD), "PASS"),
    ("GH-03", "the last pattern wins", pull(files=PROD, reviews=reviews(review("cy-gh"))), "FAIL"),
    ("GH-03", "no owner among the reviewers fails", pull(reviews=reviews(review("dee-gh"))), "FAIL"),
    (
        "GH-03",
        "a file moved out of an owned folder needs its owner",
        pull(files=known((changed("x.tf", previous_path="envs/prod/x.tf"),)), reviews=reviews(review("cy-gh"))),
        "FAIL",
    ),
    ("GH-03", "no CODEOWNERS fails", pull(codeowners=known(None)), "FAIL"),
    ("GH-03", "an empty CODEOWNERS fails", pull(codeowners=known(Untrusted("# nobody\n"))), "FAIL"),
    ("GH-03", "a changed CODEOWNERS fails", pull(files=known((changed(".github/CODEOWNERS"),))), "FAIL"),
    ("GH-03", "unowned paths pass", pull(codeowners=known(Untrusted("/other/ @x\n"))), "PASS"),
    (
        "GH-03",
        "an unread team is not evaluated",
        pull(files=PROD, team_members={"@acme/owners": DENIED}),
        "NOT_EVALUATED",
    ),
    ("GH-03", "a team nobody asked for is not evaluated", pull(files=PROD, team_members={}), "NOT_EVALUATED"),
    (
        "GH-03",
        "an owner by address is not evaluated",
        pull(codeowners=known(Untrusted("* cy@acme.example\n"))),
        "NOT_EVALUATED",
    ),
    ("GH-03", "an unread CODEOWNERS is not evaluated", pull(codeowners=DENIED), "NOT_EVALUATED"),
    ("GH-03", "unread commits are not evaluated", pull(commits=DENIED), "NOT_EVALUATED"),
    ("GH-03", "unread force pushes are not evaluated", pull(force_pushes=DENIED), "NOT_EVALUATED"),
    ("GH-03", "unread files are not evaluated", pull(files=DENIED), "NOT_EVALUATED"),
    ("GH-02", "one approval is enough in dev", pull(reviews=reviews(review())), "PASS"),
    ("GH-02", "no approval fails", pull(reviews=reviews()), "FAIL"),
    ("GH-02", "two approvals of one person are one", pull(reviews=reviews(review(), review(hours=-1))), "PASS"),
    ("GH-02", "unread reviews are not evaluated", pull(reviews=DENIED), "NOT_EVALUATED"),
    ("GH-02", "unread force pushes are not evaluated", pull(force_pushes=DENIED), "NOT_EVALUATED"),
    ("GH-02", "unread commits are not evaluated", pull(commits=DENIED), "NOT_EVALUATED"),
    ("GH-05", "no bypass passes", pull(), "PASS"),
    ("GH-05", "a bypass by pull request passes", pull(bypass_actors=known(("Team:1:pull_request",))), "PASS"),
    ("GH-05", "a bypass for ever fails", pull(bypass_actors=known(("OrganizationAdmin::always",))), "FAIL"),
    ("GH-05", "administrators who are not bound fail", pull(enforce_admins=known(False)), "FAIL"),
    ("GH-05", "hidden actors are not evaluated", pull(bypass_actors=DENIED), "NOT_EVALUATED"),
    (
        "GH-05",
        "hidden actors do not excuse administrators",
        pull(bypass_actors=DENIED, enforce_admins=known(False)),
        "FAIL",
    ),
    (
        "GH-05",
        "unread classic protection is not evaluated",
        pull(enforce_admins=DENIED, branch_rules=rules(sources=("classic",))),
        "NOT_EVALUATED",
    ),
    ("GH-05", "no classic protection passes", pull(enforce_admins=Unread(Reason.NOT_CONFIGURED, "none")), "PASS"),
    ("GH-05", "a branch without rules is not applicable", pull(branch_rules=rules(sources=())), "NOT_APPLICABLE"),
    ("GH-07", "four clean scans pass", pull(), "PASS"),
    ("GH-07", "a missing scan fails", pull(check_runs=known(RUNS[:-1])), "PASS FAIL"),
    ("GH-07", "a failed scan fails", pull(check_runs=known((*RUNS[:-1], run_of("gitleaks", "failure")))), "PASS FAIL"),
    ("GH-07", "an open alert fails", pull(scan_alerts=known(ScanAlerts({"high": 1}))), "PASS FAIL"),
    ("GH-07", "an open alert of medium passes", pull(scan_alerts=known(ScanAlerts({"medium": 1}))), "PASS"),
    ("GH-07", "alerts that are not granted are left out", pull(scan_alerts=DENIED), "PASS"),
    ("GH-07", "alerts that could not be read are not evaluated", pull(scan_alerts=THROTTLED), "PASS NOT_EVALUATED"),
    ("GH-07", "unread runs are not evaluated", pull(check_runs=DENIED), "NOT_EVALUATED"),
    ("GH-08", "verified commits pass", pull(), "PASS"),
    ("GH-08", "an unverified commit fails", pull(commits=commits(commit(verified=False))), "FAIL"),
    ("GH-08", "another's signature fails", pull(commits=commits(commit(committer="eve"))), "FAIL"),
    ("GH-08", "GitHub's signature passes", pull(commits=commits(commit(committer="web-flow"))), "PASS"),
    ("GH-08", "unread commits are not evaluated", pull(commits=DENIED), "NOT_EVALUATED"),
    ("GH-11", "a member passes", pull(), "PASS"),
    ("GH-11", "a fork that changes infrastructure fails", pull(is_fork=True), "FAIL"),
    (
        "GH-11",
        "a first-time author of a workflow fails",
        pull(author_association="FIRST_TIMER", files=known((changed(".github/workflows/x.yml"),))),
        "FAIL",
    ),
    ("GH-11", "a fork that changes a text passes", pull(is_fork=True, files=known((changed("README.md"),))), "PASS"),
    (
        "GH-11",
        "a fork that moves infrastructure away fails",
        pull(is_fork=True, files=known((changed("notes.txt", previous_path="envs/dev/main.tf", status="renamed"),))),
        "FAIL",
    ),
    ("GH-11", "unread files of a fork are not evaluated", pull(is_fork=True, files=DENIED), "NOT_EVALUATED"),
    ("GH-30", "a patch of every file passes", pull(), "PASS"),
    ("GH-30", "a file without patch fails", pull(files=known((changed(patch=None),))), "FAIL"),
    (
        "GH-30",
        "a file that only moves passes",
        pull(files=known((changed(patch=None, status="renamed", additions=0, kept=known(True)),))),
        "PASS",
    ),
    (
        "GH-30",
        "a binary that moves and changes fails",
        pull(files=known((changed(patch=None, status="renamed", additions=0, kept=known(False)),))),
        "FAIL",
    ),
    (
        "GH-30",
        "a file that moves, with what nobody compared, is not evaluated",
        pull(files=known((changed(patch=None, status="renamed", additions=0, kept=DENIED),))),
        "NOT_EVALUATED",
    ),
    (
        "GH-30",
        "a new file without content passes",
        pull(files=known((changed(patch=None, status="added", additions=0, blob=EMPTY_BLOB),))),
        "PASS",
    ),
    (
        "GH-30",
        "a new binary fails",
        pull(files=known((changed(patch=None, status="added", additions=0, blob="1" * 40),))),
        "FAIL",
    ),
    (
        "GH-30",
        "a file whose content is taken away fails",
        pull(files=known((changed(patch=None, status="modified", additions=0, blob=EMPTY_BLOB),))),
        "FAIL",
    ),
    ("GH-30", "more files than anybody reads fail", pull(changed_files=301), "FAIL"),
    ("GH-30", "a cut list fails", pull(files=Unread(Reason.TRUNCATED, "GitHub lists 3000 of 4000")), "FAIL"),
    ("GH-30", "unread files are not evaluated", pull(files=DENIED), "NOT_EVALUATED"),
    ("GH-04", "a closed branch passes", pull(), "PASS"),
    ("GH-04", "no pull request rule fails", pull(branch_rules=rules(requires_pull_request=False)), "FAIL"),
    ("GH-04", "no required check fails", pull(branch_rules=rules(required_checks=())), "FAIL"),
    ("GH-04", "force pushes fail", pull(branch_rules=rules(blocks_force_push=False)), "FAIL"),
    ("GH-04", "a branch that may be deleted fails", pull(branch_rules=rules(blocks_deletion=False)), "FAIL"),
    ("GH-04", "unread rules are not evaluated", pull(branch_rules=DENIED), "NOT_EVALUATED"),
    ("GH-06", "required checks that succeeded pass", pull(), "PASS"),
    ("GH-06", "a missing one fails", pull(check_runs=known((run_of("plan"),))), "FAIL"),
    ("GH-06", "a failed one fails", pull(check_runs=known((run_of("plan", "failure"), run_of("checkov")))), "FAIL"),
    ("GH-06", "a neutral one fails", pull(check_runs=known((run_of("plan"), run_of("checkov", "neutral")))), "FAIL"),
    ("GH-06", "a skipped one fails", pull(check_runs=known((run_of("plan"), run_of("checkov", "skipped")))), "FAIL"),
    (
        "GH-06",
        "one that still runs fails",
        pull(check_runs=known((run_of("plan"), run_of("checkov", "", status="in_progress", completed_at=None)))),
        "FAIL",
    ),
    (
        "GH-06",
        "another app's report fails",
        pull(check_runs=known((run_of("plan", app_id=666), run_of("checkov")))),
        "FAIL",
    ),
    ("GH-06", "nothing required is nothing to judge", pull(branch_rules=rules(required_checks=())), "NOT_APPLICABLE"),
    ("GH-06", "unread runs are not evaluated", pull(check_runs=DENIED), "NOT_EVALUATED"),
    ("GH-06", "unread rules are not evaluated", pull(branch_rules=DENIED), "NOT_EVALUATED"),
]


@pytest.mark.parametrize(("check_id", "fact", "made", "said"), PULLS, ids=lambda v: v if isinstance(v, str) else "")
def test_pull_request_check(check_id, fact, made, said):
    assert word(check_id, case(pull=made)) == said, fact


@pytest.mark.parametrize("check_id", ALL)
def test_a_run_without_pull_request_has_nothing_to_judge(check_id):
    assert only(check_id, case(pull=None)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("check_id", ALL)
def test_an_unread_pull_request_gives_its_reason(check_id):
    finding = only(check_id, case(pull=DENIED))
    assert (finding.status, finding.reason) == (Status.NOT_EVALUATED, Reason.ACCESS_DENIED)


@pytest.mark.parametrize(
    ("env", "configured", "said"),
    [("prod", {}, "PASS"), ("prod", {"prod": 3}, "FAIL"), ("dev", {}, "PASS"), ("dev", {"dev": 3}, "FAIL")],
)
def test_the_environment_says_how_many_approvals_are_needed(env, configured, said):
    assert word("GH-02", case(env=env, conf={"required_approvals": configured})) == said


def test_production_needs_two_approvals_unless_configured():
    one = pull(reviews=reviews(review()))
    assert word("GH-02", case(pull=one, env="prod", conf={"required_approvals": {}})) == "FAIL"


def test_a_scan_that_nobody_configured_is_not_evaluated():
    found = findings("GH-07", case(conf={"scan_checks": {}}))
    assert [finding.reason for finding in found] == [Reason.NOT_CONFIGURED] * 4


def test_each_required_check_is_a_finding_of_its_own():
    made = case(
        pull=pull(check_runs=known(()), branch_rules=rules(required_checks=(RequiredCheck("a"), RequiredCheck("b"))))
    )
    found = findings("GH-06", made)
    assert len({finding.uid for finding in found}) == len(found) == 2


def test_an_earlier_run_of_a_check_does_not_count():
    runs = (run_of("plan", "failure"), run_of("plan", completed_at=None, status="queued"), run_of("checkov"))
    assert "has not ended" in only("GH-06", case(pull=pull(check_runs=known(runs)))).message


OWNED = [
    ("*", "any/where.tf", True),
    ("*.tf", "any/where.tf", True),
    ("*.tf", "any/where.yaml", False),
    ("docs/*", "docs/a.md", True),
    ("docs/*", "docs/deep/a.md", False),
    ("docs/", "docs/deep/a.md", True),
    ("docs/", "x/docs/deep/a.md", True),
    ("/docs/", "x/docs/a.md", False),
    ("/docs", "docs/deep/a.md", True),
    ("apps/web", "apps/web/x", True),
    ("apps/web", "x/apps/web/x", False),
    ("**/logs", "build/logs/x", True),
    ("/apps/**/x.tf", "apps/a/b/x.tf", True),
    ("!docs", "docs/a", False),
    ("[ab]", "a", False),
]


@pytest.mark.parametrize(("pattern", "path", "owned"), OWNED)
def test_patterns_own_what_github_says(pattern, path, owned):
    assert bool(parse_code_owners(f"{pattern} @x").owners_of(path)) is owned


def test_a_pattern_without_owners_takes_them_away():
    rules = parse_code_owners("* @x\nfree/ # nobody\n")
    assert rules.owners_of("free/a") == ()
    assert rules.owners_of("a") == ("@x",)


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("envs/prod/**", "envs/prod/db/main.tf", True),
        ("envs/prod/**", "envs/production/main.tf", False),
        ("envs/*/db/*.tf", "envs/prod/db/main.tf", True),
        ("**/prod/**", "a/b/prod/c", True),
        ("envs/prod", "envs/prod/x", False),
    ],
)
def test_path_patterns(pattern, path, covered):
    assert path_matches(pattern, path) is covered


def test_a_hostile_pattern_ends_soon():
    pattern = "/".join(["**", "*a*a*a*a*"] * 30)
    assert not path_matches(pattern, "/".join(["a" * 200] * 200) + "/b")


@pytest.mark.parametrize(("conclusion", "said"), [("failure", "FAIL"), ("skipped", "PASS"), ("success", "PASS")])
def test_of_two_scans_of_a_kind_neither_may_be_red(conclusion, said):
    conf = {"scan_checks": {"sast": ("CodeQL", "semgrep")}}
    made = pull(check_runs=known((*RUNS, run_of("semgrep", conclusion))))
    assert findings("GH-07", case(pull=made, conf=conf))[0].status.value == said
