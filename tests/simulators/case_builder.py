"""Builders of review facts: a whole good change by default, each test spoils one thing.

Ana reports SEC-1, Li approves it; Bo writes the pull request, Cy and Dee review it. It is 2026-11-20.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from harness_cli.config.model import Connections as Links
from harness_cli.config.model import (
    EnvironmentMap,
    EnvRef,
    GithubConnection,
    JiraConnection,
    JiraFields,
    Person,
    Review,
)
from harness_cli.core.principal import Principal
from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review import facts
from harness_cli.review.case import Case
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.finding import Finding
from harness_cli.review.iac.change import IacChange
from harness_cli.review.registry import all_checks, run_check
from tests.simulators.configs import config as plain_config

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEAD = "a" * 40
EARLIER = "b" * 40
BASE = "c" * 40
REF = facts.PullRef("acme/infra-core", 7)
OTHER_REF = facts.PullRef("acme/payroll", 1)
ANA, LI, BO = (facts.JiraAccount(f"jira-{name}") for name in ("ana", "li", "bo"))
PEOPLE = tuple(
    Person(f"{name}@acme.example", jira=f"jira-{name}", github=f"{name}-gh") for name in ("ana", "li", "bo", "cy")
)
FIELDS = JiraFields("f_approver", "f_risk", "f_rollback", "f_start", "f_end", "f_env")
DENIED = Unread(Reason.ACCESS_DENIED, "the server refused it")


def at(hours: float) -> datetime:
    """Hours before (negative) or after now."""
    return NOW + timedelta(hours=hours)


def evidence(source: str = "github", call: str = "GET /x", seq: int = 3) -> tuple[Evidence, ...]:
    return (Evidence(source, call, "2026-11-20T11:00:00.000Z", seq, "sha256:" + "0" * 64),)


def known(value, source: str = "github", seq: int = 3) -> Known:
    return Known(value, evidence(source, seq=seq))


def config(**changes):
    """The configuration of the cases; `review` and `people` may be changed."""
    people = changes.pop("people", PEOPLE)
    group = changes.pop("group", None)
    base = plain_config()
    connections = Links(
        jira=JiraConnection("https://acme.example", EnvRef("X"), changes.pop("fields", FIELDS), ("Approved",)),
        github=GithubConnection("https://api.github.com", EnvRef("X")),
    )
    review = Review(
        required_approvals={"prod": 2, "dev": 1},
        scan_checks={"sast": ("CodeQL",), "sca": ("deps",), "iac": ("checkov",), "secrets": ("gitleaks",)},
        environments={
            "prod": EnvironmentMap(("envs/prod/**",), ("999988887777",)),
            "dev": EnvironmentMap(("envs/dev/**",), ("123456789012",)),
        },
    )
    approvals = (
        base.approvals
        if group is None
        else replace(base.approvals, approvers=replace(base.approvals.approvers, group=group))
    )
    return replace(
        base,
        identity=replace(base.identity, people=people),
        connections=connections,
        review=replace(review, **changes),
        approvals=approvals,
    )


def moved(hours: float, author=LI, source: str = "Submitted", to: str = "Approved") -> facts.ChangeItem:
    """One move of the status."""
    return facts.ChangeItem(at(hours), author, "status", from_label=source, to_label=to)


def edited(hours: float, field_id: str, author=ANA, to_id: str = "") -> facts.ChangeItem:
    """One edit of another field."""
    return facts.ChangeItem(at(hours), author, field_id, to_id=to_id)


def link(ref=REF, **changes) -> facts.LinkedPull:
    return facts.LinkedPull(ref, changes.pop("source", "remotelink"), **changes)


def ticket(**changes) -> facts.Ticket:
    made = facts.Ticket(
        key="SEC-1",
        project="SEC",
        status="Approved",
        created=at(-100),
        updated=at(-20),
        reporter=ANA,
        assignee=BO,
        approvers=(LI,),
        risk="high",
        rollback=facts.TextFact(25, mentions_restore=True),
        environment="dev",
        window_start=at(10),
        window_end=at(12),
        window_configured=True,
        components=("aws_security_group", "envs/dev/net"),
        account_ids=("123456789012",),
        description=facts.TextFact(30),
        changelog=known((moved(-90, ANA, "Draft", "Submitted"), moved(-20)), "jira"),
        links=known((link(),), "jira"),
    )
    return replace(made, **changes)


def review(user: str = "cy-gh", state: str = "APPROVED", commit: str = HEAD, hours: float = -30, **changes):
    return facts.Review(user, changes.pop("is_bot", False), state, commit, at(hours))


def commit(author: str = "bo-gh", sha: str = HEAD, hours: float = -40, **changes) -> facts.Commit:
    made = facts.Commit(sha, author, author, (), True, "valid", at(hours))
    return replace(made, **changes)


def changed(path: str = "envs/dev/net/main.tf", patch: str | None = "+a", status: str = "modified", **changes):
    made = facts.ChangedFile(path, status, additions=1, patch=None if patch is None else Untrusted(patch))
    return replace(made, **changes)


def run_of(name: str, conclusion: str = "success", **changes) -> facts.CheckRun:
    made = facts.CheckRun(name, "completed", conclusion, 15368, at(-35))
    return replace(made, **changes)


RULES = facts.BranchRules(
    requires_pull_request=True,
    required_approvals=1,
    requires_code_owners=True,
    dismisses_stale=True,
    required_checks=(facts.RequiredCheck("plan", 15368), facts.RequiredCheck("checkov")),
    blocks_force_push=True,
    blocks_deletion=True,
    ruleset_ids=(1,),
    sources=("ruleset",),
)


def pull(**changes) -> facts.PullRequest:
    made = facts.PullRequest(
        ref=REF,
        author="bo-gh",
        author_is_bot=False,
        state="open",
        merged=False,
        draft=False,
        head_sha=HEAD,
        head_ref="sec-1-net",
        head_repo="acme/infra-core",
        base_ref="main",
        base_sha=BASE,
        is_fork=False,
        author_association="MEMBER",
        created_at=at(-50),
        merged_at=None,
        merged_by="",
        changed_files=1,
        ticket_keys=("SEC-1",),
        reviews=known((review("cy-gh"), review("dee-gh"))),
        commits=known((commit(),)),
        files=known((changed(),)),
        check_runs=known(tuple(run_of(n) for n in ("plan", "checkov", "CodeQL", "deps", "gitleaks"))),
        branch_rules=known(RULES),
        codeowners=known(Untrusted("* @cy-gh\n/envs/prod/ @acme/owners\n")),
        team_members={"@acme/owners": known(("dee-gh",))},
        bypass_actors=known(()),
        enforce_admins=known(True),
        scan_alerts=known(facts.ScanAlerts()),
        scan_tools=known(()),
        force_pushes=known(()),
        rule_suite=known(""),
        deployments=known(()),
        contents={},
    )
    return replace(made, **changes)


def case(**changes) -> Case:
    """A whole case; `ticket` and `pull` may be facts, values or None; `conf` holds changes of the configuration."""
    the_ticket = changes.pop("ticket", ticket())
    the_pull = changes.pop("pull", pull())
    made = Case(
        env=changes.pop("env", "dev"),
        now=NOW,
        requester=Principal("https://issuer.example", "ana", "ana@acme.example", proven=True),
        config=config(**changes.pop("conf", {})),
        ticket_key="SEC-1" if the_ticket is not None else "",
        ticket=the_ticket if the_ticket is None or isinstance(the_ticket, Unread) else known(the_ticket, "jira", 1),
        pulls={} if the_pull is None else {REF: the_pull if isinstance(the_pull, Unread) else known(the_pull, seq=2)},
        iac={REF: known(IacChange())},
        directory_groups={"li@acme.example": known(("infra-approvers",), "directory")},
    )
    return replace(made, **changes)


def findings(check_id: str, made: Case) -> list[Finding]:
    """What one check says of a case."""
    return list(run_check(all_checks()[check_id], made))


def word(check_id: str, made: Case) -> str:
    """The statuses of one check, each once, in their order: `FAIL` or `FAIL PASS`."""
    return " ".join(dict.fromkeys(finding.status.value for finding in findings(check_id, made)))


def only(check_id: str, made: Case) -> Finding:
    """The one finding of a check."""
    (finding,) = findings(check_id, made)
    return finding
