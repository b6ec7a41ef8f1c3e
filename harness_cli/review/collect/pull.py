"""From GitHub's answers to the facts about a pull request, in as few rounds as the answers need.

Round 1 asks what the number alone tells; round 2 what needs its commits and branch; round 3 what these name in turn
(rulesets, deployments, owners' teams, folders of changed code), and what lies in those folders follows. Calls of a
round run side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness_cli.config.model import Config, System
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.collect import pull_facts
from harness_cli.review.collect.asks import Asks
from harness_cli.review.collect.beside import code_beside, listing
from harness_cli.review.collect.contents import Contents, changed_contents, changed_folders, content_text
from harness_cli.review.collect.deployments import deployments, latest_deployments
from harness_cli.review.collect.links import MOST_PULLS, scope_repositories, ticket_keys
from harness_cli.review.collect.moves import left_folders, with_moves
from harness_cli.review.collect.owners import CODEOWNERS_PATHS, first_codeowners, owner_teams
from harness_cli.review.collect.protection import branch_rules, bypass_actors, enforce_admins, ruleset_ids
from harness_cli.review.collect.texts import text_fact
from harness_cli.review.evidence import Fact, Known, Unread, reduced
from harness_cli.review.facts import ChangedFile, Deployment, PullRef, PullRequest, Ticket
from harness_cli.review.reader import Ask, Reader

Answer = Mapping[str, Any]  # Any: the declared result of an operation
Scope = Callable[[PullRef], bool]

_LATEST_PULLS: Final = 200
_MOST_REPOSITORIES: Final = 10


def collect_pull(reader: Reader, config: Config, ref: PullRef) -> Fact[PullRequest]:
    """The facts about one pull request; what could not be read is unread, never empty. Raises AuditError only."""
    asks = Asks(reader, ref.repo)
    pull, *first = asks.together(
        ("GetPullRequest", {"number": ref.number}),
        ("ListReviews", {"number": ref.number}),
        ("ListCommits", {"number": ref.number}),
        ("ListFiles", {"number": ref.number}),
        ("ListCodeScanningAlerts", {"ref": f"refs/pull/{ref.number}/head"}),
        ("ListCodeScanningAnalyses", {"ref": f"refs/pull/{ref.number}/head"}),
        ("ListTimeline", {"number": ref.number}),
    )
    if isinstance(pull, Unread):
        return pull
    return Known(_pull_request(asks, config, ref, pull.value, first), pull.evidence)


def _pull_request(asks: Asks, config: Config, ref: PullRef, answer: Answer, first: list[Fact[Any]]) -> PullRequest:
    reviews, commits, listed, alerts, analyses, timeline = first
    files = pull_facts.files(listed, answer["changed_files"])
    second = _second_round(asks, answer, files, has_alerts=isinstance(alerts, Known) and bool(alerts.value))
    third = _third_round(asks, ref, second, files, (answer["head"]["sha"], answer["base"]["sha"]))
    head, base, fork = answer["head"], answer["base"], answer["head"]["repo"]
    return PullRequest(
        ref=ref,
        author=pull_facts.login(answer["user"]),
        author_is_bot=pull_facts.is_bot(answer["user"]),
        state=answer["state"],
        merged=answer["merged"],
        draft=answer["draft"],
        head_sha=head["sha"],
        head_ref=head["ref"],
        head_repo=fork["full_name"].lower() if fork else "",
        base_ref=base["ref"],
        base_sha=base["sha"],
        is_fork=fork is None or fork["full_name"].lower() != ref.repo,
        author_association=answer["author_association"],
        created_at=parse_rfc3339(answer["created_at"]),
        merged_at=pull_facts.moment(answer["merged_at"]),
        merged_by=pull_facts.login(answer["merged_by"]),
        changed_files=answer["changed_files"],
        ticket_keys=ticket_keys(answer["title"], head["ref"], answer["body"], config),
        body=text_fact(answer["body"]),
        is_public=pull_facts.is_public(base["repo"]),
        repo_id=base["repo"].get("id"),
        reviews=reduced(reviews, pull_facts.reviews),
        commits=pull_facts.commits(commits, answer["commits"]),
        files=third.files,
        check_runs=pull_facts.check_runs(second.checks, second.statuses),
        branch_rules=branch_rules(second.rules, second.protection),
        codeowners=second.codeowners,
        team_members=third.team_members,
        bypass_actors=third.bypass_actors,
        enforce_admins=enforce_admins(second.protection),
        scan_alerts=pull_facts.scan_alerts(alerts, second.base_alerts),
        scan_tools=pull_facts.scan_tools(analyses, head["sha"]),
        force_pushes=reduced(timeline, pull_facts.force_pushes),
        rule_suite=pull_facts.rule_suite(second.suites, answer.get("merge_commit_sha")),
        deployments=third.deployments,
        contents={**second.contents, **third.contents},
    )


@dataclass(frozen=True, slots=True)
class _Second:
    """What needs the commits and the base branch."""

    checks: Fact[Any]
    statuses: Fact[Any]
    rules: Fact[Any]
    protection: Fact[Any]
    base_alerts: Fact[Any]
    suites: Fact[Any]
    codeowners: Fact[Untrusted | None]
    deployed: tuple[Fact[Any], ...]
    contents: Contents


@dataclass(frozen=True, slots=True)
class _Third:
    """What is named by what was read before."""

    bypass_actors: Fact[tuple[str, ...]]
    team_members: Mapping[str, Fact[tuple[str, ...]]]
    deployments: Fact[tuple[Deployment, ...]]
    contents: Contents
    files: Fact[tuple[ChangedFile, ...]]


def _second_round(asks: Asks, answer: Answer, files: Fact[tuple[ChangedFile, ...]], *, has_alerts: bool) -> _Second:
    head, base = answer["head"]["sha"], answer["base"]
    commits = dict.fromkeys(filter(None, (head, answer.get("merge_commit_sha") if answer["merged"] else None)))
    wanted = changed_contents(files, head=head, base=base["sha"])
    facts = iter(
        asks.together(
            ("ListCheckRuns", {"sha": head}),
            ("GetCombinedStatus", {"sha": head}),
            ("GetBranchRules", {"branch": base["ref"]}),
            ("GetBranchProtection", {"branch": base["ref"]}),
            *((("ListCodeScanningAlerts", {"ref": f"refs/heads/{base['ref']}"}),) if has_alerts else ()),
            *((("ListRuleSuites", {"branch": base["ref"]}),) if answer["merged"] else ()),
            *(("GetContent", {"path": path, "ref": base["sha"]}) for path in CODEOWNERS_PATHS),
            *(("ListDeployments", {"sha": sha}) for sha in commits),
            *(("GetContent", {"path": path, "ref": sha}) for (path, _), sha in wanted.items()),
        )
    )
    return _Second(
        checks=next(facts),
        statuses=next(facts),
        rules=next(facts),
        protection=next(facts),
        base_alerts=next(facts) if has_alerts else Known([], ()),
        suites=next(facts) if answer["merged"] else Known([], ()),
        codeowners=first_codeowners([next(facts) for _ in CODEOWNERS_PATHS]),
        deployed=tuple(next(facts) for _ in commits),
        contents={place: content_text(fact) for place, fact in zip(wanted, facts, strict=True)},
    )


def _third_round(
    asks: Asks, ref: PullRef, second: _Second, files: Fact[tuple[ChangedFile, ...]], commits: tuple[str, str]
) -> _Third:
    head, base = commits
    rulesets = ruleset_ids(second.rules)
    teams = owner_teams(second.codeowners, files, ref.repo)
    deployed = latest_deployments(second.deployed)
    folders, left = changed_folders(files, second.contents), left_folders(files)
    facts = iter(
        asks.together(
            *(("GetRuleset", {"id": number}) for number in rulesets),
            *(("ListTeamMembers", {"team": team}) for team in teams.values()),
            *(("ListDeploymentStatuses", {"id": one["id"]}) for one in deployed),
            *(listing(folder, base) for folder in left),
            *(listing(folder, head) for folder in folders),
        )
    )
    details = [next(facts) for _ in rulesets]
    members = {owner: reduced(next(facts), pull_facts.logins) for owner in teams}
    statuses = [next(facts) for _ in deployed]
    before = {folder: next(facts) for folder in left}
    return _Third(
        bypass_actors=bypass_actors(second.rules, details),
        team_members=members,
        deployments=deployments(second.deployed, deployed, statuses),
        contents=code_beside(asks, dict(zip(folders, facts, strict=True)), second.contents, head),
        files=with_moves(files, before),
    )


def find_pulls(reader: Reader, config: Config, ticket: Ticket, *, in_scope: Scope) -> tuple[PullRef, ...]:
    """The pull requests that a ticket leads to: its links, and those that name it in branch or title.

    Looked through are the latest pull requests of the repositories that the scope names one by one, and of those that
    the links name. Raises AuditError only.
    """
    links = ticket.links.value if isinstance(ticket.links, Known) else ()
    linked = [link.ref for link in links if link.ref and link.in_scope]
    repositories = dict.fromkeys([*(ref.repo for ref in linked), *scope_repositories(config)])
    params = {"state": "all", "limit": _LATEST_PULLS}
    asks = [
        Ask(System.GITHUB, "github:ListPulls", {"repo": repo, **params})
        for repo in list(repositories)[:_MOST_REPOSITORIES]
    ]
    found = [
        PullRef(str(ask.params["repo"]), pull["number"])
        for ask, fact in zip(asks, reader.read_all(asks), strict=True)
        if isinstance(fact, Known)
        for pull in fact.value
        if ticket.key in ticket_keys(pull["title"], pull["head"]["ref"], None, config)
    ]
    return tuple(dict.fromkeys(ref for ref in [*linked, *found] if in_scope(ref)))[:MOST_PULLS]
