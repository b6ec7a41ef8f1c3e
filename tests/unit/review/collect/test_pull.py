from typing import Any

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.collect.contents import MOST_READS
from harness_cli.review.collect.pull import collect_pull, find_pulls
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import CheckRun, PullRef, PullRequest, RequiredCheck
from tests.simulators.configs import config
from tests.simulators.reading import TableReader
from tests.unit.review.collect.answers import AT, BASE, HEAD, answers, commit, file, pull, review
from tests.unit.review.collect.test_ticket import ticket_of

REF = PullRef("acme/infra-core", 88)
DENIED = Unread(Reason.ACCESS_DENIED, "no")


def collected(**more: Any) -> PullRequest:
    fact = collect_pull(TableReader(answers(**more)), config(), REF)
    assert isinstance(fact, Known)
    return fact.value


def value(fact: Fact[Any]) -> Any:
    assert isinstance(fact, Known), fact
    return fact.value


def test_a_pull_request_takes_four_rounds() -> None:
    reader = TableReader(answers())
    collect_pull(reader, config(), REF)
    assert reader.rounds == 4
    assert len(reader.asked) <= 22


def test_an_unread_pull_request_is_unread() -> None:
    assert collect_pull(TableReader(answers(GetPullRequest=DENIED)), config(), REF) is DENIED


@pytest.mark.parametrize(
    ("verb", "part"),
    [
        ("ListReviews", "reviews"),
        ("ListCommits", "commits"),
        ("ListFiles", "files"),
        ("ListCheckRuns", "check_runs"),
        ("GetCombinedStatus", "check_runs"),
        ("GetBranchRules", "branch_rules"),
        ("GetBranchRules", "bypass_actors"),
        ("GetBranchProtection", "branch_rules"),
        ("GetBranchProtection", "enforce_admins"),
        ("GetContent", "codeowners"),
        ("ListCodeScanningAlerts", "scan_alerts"),
        ("ListDeployments", "deployments"),
    ],
)
def test_a_part_that_was_not_read_is_unread_and_the_rest_is_there(verb: str, part: str) -> None:
    found = collected(**{verb: DENIED})
    assert isinstance(getattr(found, part), Unread)
    assert getattr(found, part).reason is Reason.ACCESS_DENIED
    assert found.author == "li-gh"


@pytest.mark.parametrize(("part", "count"), [("commits", "commits"), ("files", "changed_files")])
def test_fewer_than_github_counts_is_truncated(part: str, count: str) -> None:
    fact = getattr(collected(GetPullRequest=pull(**{count: 251})), part)
    assert isinstance(fact, Unread)
    assert fact.reason is Reason.TRUNCATED


def test_a_pending_review_is_nobodys_word() -> None:
    assert value(collected(ListReviews=[review(at=None), review(state="COMMENTED")]).reviews)[0].state == "COMMENTED"


def test_a_deleted_account_and_a_bot_are_no_people() -> None:
    bot = {"login": "renovate[bot]", "type": "Bot"}
    found = value(collected(ListReviews=[review(user=None), review(user=bot), review(sha=None)]).reviews)
    assert [(one.user, one.is_bot, one.commit_id) for one in found] == [
        ("", False, HEAD),
        ("renovate[bot]", True, HEAD),
        ("li-gh", False, ""),
    ]


def test_co_authors_are_read_from_trailers() -> None:
    message = (
        "change\n\nCo-authored-by: Bo <7003+bo-gh@users.noreply.github.com>\n"
        "co-authored-by: Ana <ana-gh@users.noreply.github.com>\r\nCo-Authored-By: X <X@Acme.example>\n"
        "Co-authored-by: nobody\nSigned-off-by: Max <max@acme.example>\n"
    )
    (found,) = value(collected(ListCommits=[commit(message=message)]).commits)
    assert found.co_authors[:2] == ("bo-gh", "ana-gh")
    assert found.co_authors[2].startswith("sha256:")
    assert len(found.co_authors) == 3


def test_a_commit_of_nobody_is_known_as_that() -> None:
    (found,) = value(collected(ListCommits=[commit(author=None)]).commits)
    assert (found.author, found.committer) == ("", "")


def test_statuses_count_as_checks() -> None:
    runs = [
        {"name": "plan", "head_sha": HEAD, "status": "queued", "conclusion": None, "completed_at": None, "app": None}
    ]
    statuses = [
        {"context": c, "state": s, "updated_at": AT} for c, s in (("a", "success"), ("b", "error"), ("c", "pending"))
    ]
    found = value(collected(ListCheckRuns=runs, GetCombinedStatus=statuses).check_runs)
    assert found[0] == CheckRun("plan", "queued", "")
    assert [(one.status, one.conclusion) for one in found[1:]] == [
        ("completed", "success"),
        ("completed", "failure"),
        ("in_progress", ""),
    ]


RULES = [
    {"type": "deletion", "ruleset_id": 7},
    {"type": "non_fast_forward", "ruleset_id": 7},
    {"type": "pull_request", "ruleset_id": 7, "parameters": {"required_approving_review_count": 2}},
    {
        "type": "required_status_checks",
        "ruleset_id": 8,
        "parameters": {"required_status_checks": [{"context": "plan", "integration_id": 15368}]},
    },
]
CLASSIC = {
    "found": True,
    "required_pull_request_reviews": {"required_approving_review_count": 1, "require_code_owner_reviews": True},
    "required_status_checks": {"checks": [{"context": "scan", "app_id": -1}], "contexts": ["scan", "old"]},
    "enforce_admins": {"enabled": False},
    "allow_force_pushes": {"enabled": True},
}


def test_rulesets_and_classic_protection_count_together() -> None:
    found = collected(GetBranchRules=RULES, GetBranchProtection=CLASSIC, GetRuleset=DENIED)
    rules = value(found.branch_rules)
    assert (rules.required_approvals, rules.requires_code_owners, rules.blocks_force_push) == (2, True, True)
    assert rules.required_checks == (RequiredCheck("plan", 15368), RequiredCheck("scan"), RequiredCheck("old"))
    assert rules.ruleset_ids == (7, 8)
    assert value(found.enforce_admins) is False


def test_rulesets_that_protect_by_themselves_do_not_need_the_classic_one() -> None:
    assert value(collected(GetBranchRules=RULES, GetBranchProtection=DENIED).branch_rules).sources == ("ruleset",)


def test_a_branch_without_rules_is_known_to_have_none() -> None:
    found = collected()
    rules = value(found.branch_rules)
    assert (rules.requires_pull_request, rules.blocks_force_push) == (False, False)
    assert rules.required_checks == rules.sources == ()
    assert value(found.bypass_actors) == ()
    assert isinstance(found.enforce_admins, Unread)
    assert found.enforce_admins.reason is Reason.NOT_CONFIGURED


def test_actors_who_may_bypass_are_listed_for_every_ruleset() -> None:
    def ruleset(params: Any) -> Any:
        actors = [{"actor_type": "Team", "actor_id": params["id"], "bypass_mode": "always"}]
        return {"id": params["id"], "enforcement": "active", "bypass_actors": actors}

    found = collected(GetBranchRules=RULES, GetRuleset=ruleset)
    assert value(found.bypass_actors) == ("Team:7:always", "Team:8:always")


def test_hidden_bypass_actors_are_unread() -> None:
    found = collected(GetBranchRules=RULES, GetRuleset={"id": 7, "enforcement": "active"})
    assert isinstance(found.bypass_actors, Unread)


def test_only_own_teams_that_own_something_changed_are_asked_for() -> None:
    reader = TableReader(answers(ListFiles=[file("envs/prod/main.tf"), file("docs/x.md")]))
    fact = collect_pull(reader, config(), REF)
    assert [ask.params["team"] for ask in reader.asked if ask.operation == "github:ListTeamMembers"] == ["approvers"]
    assert value(value(fact).team_members["@acme/approvers"]) == ("bo-gh",)


def test_code_is_read_where_it_was_and_where_it_is() -> None:
    files = [
        file("a.tf", "added"),
        file("b.tf", "removed"),
        file("c.tf"),
        file("new/d.tf", "renamed", previous_filename="old/d.tf"),
        file("README.md"),
        file(".github/workflows/scan.yml"),
    ]
    found = collected(ListFiles=files, GetPullRequest=pull(changed_files=6))
    assert set(found.contents) == {
        ("a.tf", "head"),
        ("b.tf", "base"),
        ("c.tf", "base"),
        ("c.tf", "head"),
        ("providers.tf", "head"),  # the top folder says in which account
        ("old/d.tf", "base"),
        ("new/d.tf", "head"),
        (".github/workflows/scan.yml", "base"),
        (".github/workflows/scan.yml", "head"),
    }
    assert value(found.contents["c.tf", "base"]) == Untrusted(f"# c.tf at {BASE[0]}\n")


def test_code_beside_the_change_is_read_too() -> None:
    assert ("envs/prod/variables.tf", "head") in collected().contents


def test_more_files_than_are_read_stay_unread() -> None:
    files = [file(f"{number}.tf", "added") for number in range(MOST_READS + 5)]
    found = collected(ListFiles=files, GetPullRequest=pull(changed_files=len(files)))
    assert len([path for path, _ in found.contents if path != "providers.tf"]) == MOST_READS


def test_a_path_that_no_operation_takes_is_refused_by_its_schema() -> None:
    from harness_cli.runtime.catalogue import catalogue
    from harness_cli.runtime.shapes import problem_of

    schema = catalogue().get("github:GetContent").params
    for path in ("../x.tf", "a/../x.tf", "/x.tf", "a//x.tf", "a/./x.tf", "x.tf/", "a\nb.tf", "a\\b.tf", "", "x\x00"):
        assert problem_of("github:GetContent", "params", schema, {"repo": REF.repo, "path": path, "ref": HEAD}), path
    for path in ("x.tf", ".github/CODEOWNERS", "a b/ü.tf", "..x/y", "a..b"):
        assert not problem_of("github:GetContent", "params", schema, {"repo": REF.repo, "path": path, "ref": HEAD}), (
            path
        )


def test_the_last_state_of_a_deployment_counts() -> None:
    deployed = [{"id": n, "sha": HEAD, "environment": "prod", "created_at": f"2026-11-2{n}T00:00:00Z"} for n in (1, 2)]
    listed = [{**one, "repository_url": "https://api.github.com/repos/acme/infra-core"} for one in deployed]

    def statuses(params: Any) -> Any:
        return (
            [{"id": i, "state": s, "created_at": AT} for i, s in ((2, "success"), (1, "queued"))]
            if params["id"] == 1
            else []
        )

    found = value(collected(ListDeployments=listed, ListDeploymentStatuses=statuses).deployments)
    assert [one.state for one in found] == ["success", ""]


def test_a_merged_pull_request_looks_for_deployments_of_its_merge() -> None:
    merge = "d" * 40
    reader = TableReader(answers(GetPullRequest=pull(merged=True, merged_at=AT, merge_commit_sha=merge)))
    collect_pull(reader, config(), REF)
    assert [a.params["sha"] for a in reader.asked if a.operation == "github:ListDeployments"] == [HEAD, merge]


@pytest.mark.parametrize(
    ("head_repo", "fork"), [("acme/infra-core", False), ("stranger/infra-core", True), (None, True)]
)
def test_a_fork_is_a_fork_even_when_it_is_gone(head_repo: str | None, fork: bool) -> None:
    fact = collect_pull(TableReader(answers(head_repo)), config(), REF)
    assert value(fact).is_fork is fork
    assert value(fact).head_repo == (head_repo or "")


def alert(number: int, **rule: str) -> dict[str, Any]:
    return {"number": number, "state": "open", "rule": rule, "tool": {"name": "x"}}


def at_head_and_base(head: Any, base: Any) -> Any:
    return lambda params: head if params["ref"].startswith("refs/pull/") else base


def test_alerts_are_counted_by_severity() -> None:
    head = [
        alert(1, severity="error", security_severity_level="high"),
        alert(2, severity="warning"),
        alert(3, severity="error"),
        alert(4),
    ]
    alerts = at_head_and_base(head, [])
    assert value(collected(ListCodeScanningAlerts=alerts).scan_alerts).by_severity == {
        "error": 1,
        "high": 1,
        "unknown": 1,
        "warning": 1,
    }


def test_pull_requests_that_name_the_ticket_are_found() -> None:
    base = {"ref": "main", "sha": BASE, "repo": {"full_name": "acme/infra-core"}}
    listed = [
        {"number": n, "state": "open", "title": Untrusted(t), "head": {"ref": b}, "base": base}
        for n, t, b in ((1, "SEC-12: x", "x"), (2, "x", "sec-12-y"), (3, "SEC-120", "z"), (88, "x", "x"))
    ]
    reader = TableReader({"github:ListPulls": listed})
    found = find_pulls(reader, config(), ticket_of(), in_scope=lambda ref: ref.number != 2)
    assert found == (REF, PullRef("acme/infra-core", 1))


@pytest.mark.parametrize(
    ("head", "base", "severe"),
    [
        ([alert(1, severity="error"), alert(2, severity="error")], [alert(1, severity="error")], {"error": 1}),
        ([alert(1, severity="error")], Unread(Reason.NOT_CONFIGURED, "never scanned"), {"error": 1}),
    ],
)
def test_alerts_of_the_base_branch_are_not_the_pull_requests(head: Any, base: Any, severe: Any) -> None:
    assert value(collected(ListCodeScanningAlerts=at_head_and_base(head, base)).scan_alerts).by_severity == severe


def test_alerts_are_unread_where_those_of_the_base_branch_are() -> None:
    answered = at_head_and_base([alert(1, severity="error")], DENIED)
    assert collected(ListCodeScanningAlerts=answered).scan_alerts is DENIED


def test_analyses_of_the_head_commit_tell_which_tools_ran() -> None:
    analyses = [
        {"id": 1, "commit_sha": sha, "created_at": AT, "results_count": 0, "tool": {"name": name}}
        for sha, name in ((HEAD, "CodeQL"), (BASE, "checkov"), (HEAD, "CodeQL"))
    ]
    assert value(collected(ListCodeScanningAnalyses=analyses).scan_tools) == ("CodeQL",)


def test_force_pushes_are_read_from_the_timeline() -> None:
    events = [
        {"event": "committed"},
        {"event": "head_ref_force_pushed", "actor": {"login": "bo-gh", "type": "User"}, "created_at": AT},
        {"event": "labeled", "actor": {"login": "x", "type": "User"}, "created_at": AT},
        {"event": "head_ref_force_pushed", "actor": None, "created_at": "2026-11-19T10:00:00Z"},
    ]
    assert [push.user for push in value(collected(ListTimeline=events).force_pushes)] == ["", "bo-gh"]


@pytest.mark.parametrize(
    ("results", "word"),
    [([], ""), (["pass"], "pass"), (["pass", "bypass"], "bypass"), (["fail", "pass"], "fail")],
)
def test_the_merges_rule_suite_is_the_one_of_its_commit(results: list[str], word: str) -> None:
    merged = pull(merged=True, merged_at=AT, merge_commit_sha="d" * 40)
    suites = [{"id": 9, "after_sha": "d" * 40, "ref": "refs/heads/main", "result": one} for one in results]
    suites += [{"id": 8, "after_sha": "e" * 40, "ref": "refs/heads/main", "result": "bypass"}]
    assert value(collected(GetPullRequest=merged, ListRuleSuites=suites).rule_suite) == word


def test_rule_suites_are_asked_for_merged_pull_requests_only() -> None:
    reader = TableReader(answers())
    collect_pull(reader, config(), REF)
    assert "github:ListRuleSuites" not in [ask.operation for ask in reader.asked]
    merged = pull(merged=True, merged_at=AT, merge_commit_sha="d" * 40)
    assert collected(GetPullRequest=merged, ListRuleSuites=DENIED).rule_suite is DENIED


@pytest.mark.parametrize(
    ("actors", "expected"),
    [([{"actor_type": "Team", "actor_id": 4, "bypass_mode": "always"}], ("Team:4:always",)), ([], None)],
)
def test_an_actor_who_always_passes_is_proof_even_where_another_ruleset_hides_its_own(
    actors: Any, expected: Any
) -> None:
    def shown(params: Any) -> dict[str, Any]:
        hidden = params["id"] == 7
        return {"id": 1, "enforcement": "active", **({} if hidden else {"bypass_actors": actors})}

    found = collected(GetBranchRules=RULES, GetRuleset=shown).bypass_actors
    assert (found.value if isinstance(found, Known) else None) == expected


@pytest.mark.parametrize("number", [7, None])
def test_a_repository_has_the_number_that_github_tells(number: int | None) -> None:
    told = {} if number is None else {"id": number}
    base = {"ref": "main", "sha": BASE, "repo": {"full_name": "acme/infra-core", **told}}
    assert collected(GetPullRequest=pull(base=base)).repo_id == number
