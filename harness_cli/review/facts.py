"""Typed facts about the ticket and its pull requests. AWS facts: `aws_facts`; IaC facts: `iac`.

Reduced from connector results by `review.reduce`; checks read nothing else. Times are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.evidence import Fact, Unread


@dataclass(frozen=True, slots=True, order=True)
class PullRef:
    """owner/name folded to lower case, and a number."""

    repo: str
    number: int

    def __str__(self) -> str:
        return f"{self.repo}#{self.number}"


# --- ticket -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JiraAccount:
    """A Jira user: Cloud accountId, or Data Center key."""

    account_id: str
    active: bool = True
    is_app: bool = False


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One item of the changelog; `from_id`/`to_id` are ids or status names, never free text.

    For status items `from_label`/`to_label` hold the status names.
    """

    at: datetime
    author: JiraAccount | None
    field_id: str  # "status", "description", "customfield_…", "RemoteIssueLink" …
    from_id: str = ""
    to_id: str = ""
    from_label: str = ""
    to_label: str = ""


@dataclass(frozen=True, slots=True)
class TextFact:
    """What is known of a free text without keeping it."""

    words: int
    is_placeholder: bool = False  # n/a, tbd, none, "revert PR" …
    mentions_restore: bool = False
    only_reverts: bool = False  # takes code back and brings no data back
    secret_kinds: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()  # rule ids of instruction-like text


@dataclass(frozen=True, slots=True)
class LinkedPull:
    """A pull request that the ticket names; `ref` None where the address is not a pull request of this GitHub."""

    ref: PullRef | None
    source: str  # remotelink, description, comment, field
    host_is_ours: bool = True
    in_scope: bool = True


@dataclass(frozen=True, slots=True)
class Ticket:
    """One change ticket. A field that is not configured is None; one that is configured and empty is ""/()."""

    key: str
    project: str
    status: str
    created: datetime
    updated: datetime
    reporter: JiraAccount | None
    assignee: JiraAccount | None
    issue_type: str = ""
    approvers: tuple[JiraAccount, ...] | None = None
    risk: str | None = None  # lower-cased option label: low, medium, high, critical …
    rollback: TextFact | None = None
    environment: str | None = None  # lower-cased option label
    window_start: datetime | None = None
    window_end: datetime | None = None
    window_configured: bool = False
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()  # 12-digit ids named in the text
    regions: tuple[str, ...] = ()  # AWS regions named in the text
    status_id: str = ""  # a status that is renamed keeps its id
    description: TextFact = TextFact(0)
    comments: tuple[TextFact, ...] = ()
    comments_unread: Unread | None = None  # why `comments` is empty, where it could not be read
    changelog: Fact[tuple[ChangeItem, ...]] = field(kw_only=True)
    links: Fact[tuple[LinkedPull, ...]] = field(kw_only=True)


# --- pull request -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Review:
    """One submitted review; `state` as GitHub says it (APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED)."""

    user: str  # login, "" for a deleted account
    is_bot: bool
    state: str
    commit_id: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the pull request; logins are "" where GitHub knows no account."""

    sha: str
    author: str
    committer: str
    co_authors: tuple[str, ...]  # logins from noreply addresses, otherwise sha256 prefixes of the address
    verified: bool
    verification_reason: str
    at: datetime


NOT_COMPARED: Final = Unread(Reason.TRUNCATED, "a moved file's content was not compared")


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One changed file; `patch` None where GitHub gives none (binary, too large)."""

    path: str
    status: str  # added, modified, removed, renamed …
    previous_path: str = ""
    additions: int = 0
    deletions: int = 0
    patch: Untrusted | None = None
    blob: str = ""  # the object that holds its content now; "" where GitHub names none
    kept: Fact[bool] = NOT_COMPARED  # whether a file that moves without a changed line is the same as before

    @property
    def moves_unchanged(self) -> bool:
        """Whether it moves and no line of it changes; the content of one that is no text may change all the same."""
        return self.status == "renamed" and not self.additions and not self.deletions


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check run (or commit status: `app_id` None) on the head commit."""

    name: str
    status: str  # queued, in_progress, completed
    conclusion: str  # success, failure, neutral, skipped, "" while running
    app_id: int | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that a rule requires; `app_id` pins who must report it."""

    name: str
    app_id: int | None = None


@dataclass(frozen=True, slots=True)
class BranchRules:
    """What protects the base branch now: rulesets and classic protection together."""

    requires_pull_request: bool
    required_approvals: int
    requires_code_owners: bool
    dismisses_stale: bool
    required_checks: tuple[RequiredCheck, ...]
    blocks_force_push: bool
    blocks_deletion: bool
    ruleset_ids: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()  # "ruleset", "classic"


ALWAYS: Final = (":always", ":exempt")  # bypass modes that need no pull request; an exempt actor is not even told


@dataclass(frozen=True, slots=True)
class ScanAlerts:
    """Open code-scanning alerts that the pull request's head has and its base branch has not, by severity."""

    by_severity: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForcePush:
    """One force push of the head branch; `user` is "" for a deleted account."""

    user: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a commit of this pull request; `state` of its last status."""

    environment: str
    sha: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request; what has its own call is its own fact."""

    ref: PullRef
    author: str
    author_is_bot: bool
    state: str  # open, closed
    merged: bool
    draft: bool
    head_sha: str
    head_ref: str
    head_repo: str  # "" where the fork was deleted
    base_ref: str
    base_sha: str
    is_fork: bool
    author_association: str
    created_at: datetime
    merged_at: datetime | None
    merged_by: str
    changed_files: int  # as GitHub counts them
    ticket_keys: tuple[str, ...]  # from title, branch and body, in scope or not
    body: TextFact = TextFact(0)
    is_public: bool | None = None  # whether everybody sees the repository; None where GitHub does not say
    repo_id: int | None = None  # the number of the repository, by which a role may trust it
    reviews: Fact[tuple[Review, ...]] = field(kw_only=True)
    commits: Fact[tuple[Commit, ...]] = field(kw_only=True)
    files: Fact[tuple[ChangedFile, ...]] = field(kw_only=True)
    check_runs: Fact[tuple[CheckRun, ...]] = field(kw_only=True)
    branch_rules: Fact[BranchRules] = field(kw_only=True)
    codeowners: Fact[Untrusted | None] = field(kw_only=True)  # at the base commit; Known(None): there is none
    team_members: Mapping[str, Fact[tuple[str, ...]]] = field(default_factory=dict, kw_only=True)  # "@org/team"
    bypass_actors: Fact[tuple[str, ...]] = field(kw_only=True)  # "type:id:mode" of every applying ruleset
    enforce_admins: Fact[bool] = field(kw_only=True)
    scan_alerts: Fact[ScanAlerts] = field(kw_only=True)
    scan_tools: Fact[tuple[str, ...]] = field(kw_only=True)  # tools with a code-scanning analysis of the head commit
    force_pushes: Fact[tuple[ForcePush, ...]] = field(kw_only=True)
    rule_suite: Fact[str] = field(kw_only=True)  # pass, fail or bypass for the merge; "" where none is listed
    deployments: Fact[tuple[Deployment, ...]] = field(kw_only=True)
    contents: Mapping[tuple[str, str], Fact[Untrusted | None]] = field(default_factory=dict, kw_only=True)
    # (path, "head"|"base") -> text; Known(None): not there at that commit
