"""The estate as frozen values: the people, tickets, repositories and resources that the stand-ins show.

People are named by their handle (`li`), commits by a label of the file's own; ids, hashes and addresses that a
vendor would give are computed from these, so that they are the same on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """One person with an account in every system; `id` is the userName at the identity provider."""

    id: str
    name: str
    subject: str
    jira: str
    github: str
    slack: str
    github_id: int
    active: bool = True


# --- GitHub ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: what it changes against its parent (`files`: new text, null deletes)."""

    author: str
    date: str
    message: str
    files: Mapping[str, str | None]
    parent: str = ""
    signer: str = ""  # empty: unsigned


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a pull request, given on one commit."""

    author: str
    state: str
    commit: str
    submitted: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; `path` and `line` are for comments on a line of a diff."""

    author: str
    created: str
    body: str
    path: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened to a pull request beside commits and reviews."""

    event: str
    actor: str
    created: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request; its commits and files follow from `base_commit` and `head_commit`."""

    number: int
    title: str
    author: str
    head: str
    base: str
    head_commit: str
    base_commit: str
    created: str
    updated: str
    body: str = ""
    state: str = "open"
    association: str = "MEMBER"
    fork: bool = False
    draft: bool = False
    merged: str = ""
    merged_by: str = ""
    merge_commit: str = ""
    labels: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    comments: tuple[Comment, ...] = ()
    review_comments: tuple[Comment, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check run of a commit; `app` is the slug of the App that reported it."""

    name: str
    conclusion: str | None
    started: str
    completed: str = ""
    app: str = "github-actions"
    app_id: int = 15368


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """One commit status."""

    context: str
    state: str
    created: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class BypassActor:
    """Who may pass a ruleset by."""

    actor_type: str
    bypass_mode: str
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One ruleset; `rules` are in GitHub's own shape."""

    id: int
    name: str
    branches: tuple[str, ...]
    rules: tuple[Mapping[str, Any], ...]  # Any: JSON in the vendor's shape
    source: str = "Repository"
    enforcement: str = "active"
    bypass: tuple[BypassActor, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSuite:
    """How the rules judged one push to a branch; `commit` is the branch's tip after it."""

    id: int
    commit: str
    actor: str
    pushed: str
    branch: str = "main"
    result: str = "pass"


@dataclass(frozen=True, slots=True)
class Alert:
    """One code-scanning alert on a ref."""

    number: int
    rule: str
    severity: str
    tool: str
    path: str
    line: int
    created: str
    ref: str
    description: str
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Analysis:
    """One code-scanning analysis of a commit."""

    id: int
    tool: str
    ref: str
    commit: str
    created: str
    results: int = 0


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """One state of a deployment."""

    state: str
    created: str
    actor: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a commit to an environment."""

    id: int
    commit: str
    ref: str
    environment: str
    creator: str
    created: str
    statuses: tuple[DeploymentStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository with its history, pull requests, rules and evidence."""

    id: int
    description: str
    commits: Mapping[str, Commit]
    branches: Mapping[str, str]
    created: str
    collaborators: Mapping[str, str]
    default_branch: str = "main"
    private: bool = True
    pulls: tuple[Pull, ...] = ()
    check_runs: Mapping[str, tuple[CheckRun, ...]] = field(default_factory=dict)
    statuses: Mapping[str, tuple[CommitStatus, ...]] = field(default_factory=dict)
    rulesets: tuple[Ruleset, ...] = ()
    rule_suites: tuple[RuleSuite, ...] = ()
    protection: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # Any: the vendor's shape
    alerts: tuple[Alert, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    deployments: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True)
class GithubApp:
    """The App through which a run reads; `permissions` are those of its installation."""

    id: int
    installation: int
    slug: str
    permissions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GithubEstate:
    """One organisation."""

    organisation: str
    organisation_id: int
    app: GithubApp
    teams: Mapping[str, tuple[str, ...]]
    repositories: Mapping[str, Repository]  # owner/name
    moved: Mapping[str, str] = field(default_factory=dict)


# --- Jira -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One field changed; `from_text` and `to_text` are what people read."""

    field: str
    from_text: str = ""
    to_text: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a ticket's changelog."""

    author: str
    created: str
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A link from a ticket to somewhere else."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket; `description` and `rollback` are paragraphs of plain text with addresses in it."""

    id: int
    summary: str
    status: str
    reporter: str
    created: str
    updated: str
    description: tuple[str, ...]
    type: str = "Change"
    assignee: str = ""
    environment: str = ""
    risk: str = ""
    approver: str = ""
    rollback: tuple[str, ...] = ()
    window_start: str = ""
    window_end: str = ""
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    changelog: tuple[Change, ...] = ()
    links: tuple[RemoteLink, ...] = ()


@dataclass(frozen=True, slots=True)
class JiraEstate:
    """One Jira site."""

    site: str
    cloud_id: str
    client_id: str
    fields: Mapping[str, str]  # the ticket's extra fields -> their ids
    statuses: Mapping[str, str]  # name -> category key (new, indeterminate, done)
    projects: Mapping[str, str]  # key -> name
    tickets: Mapping[str, Ticket]
    moved: Mapping[str, str] = field(default_factory=dict)


# --- Slack, identity, AWS -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Channel:
    """One Slack channel."""

    name: str
    members: tuple[str, ...]
    private: bool = False
    shared: bool = False  # with another organisation
    archived: bool = False
    bot: bool = True  # the bot is a member


@dataclass(frozen=True, slots=True)
class SlackEstate:
    """One Slack workspace."""

    team: str
    team_name: str
    app_id: str
    client_id: str
    bot: str
    bot_user: str
    scopes: tuple[str, ...]
    channels: Mapping[str, Channel]


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One call that builds an account: `service.operation`, its arguments, and the name of its answer."""

    call: str
    args: Mapping[str, Any] = field(default_factory=dict)  # Any: the operation's own arguments
    name: str = ""
    region: str = ""
    account: str = ""  # one of `more_accounts`; else the first one


@dataclass(frozen=True, slots=True)
class AwsEstate:
    """One AWS account, and further ones of the same owner; `{account}` in `role` stands for each of them."""

    account: str
    alias: str
    region: str
    role: str
    calls: tuple[AwsCall, ...]
    more_accounts: Mapping[str, str] = field(default_factory=dict)  # alias -> account

    @property
    def accounts(self) -> Mapping[str, str]:
        """Every account by its alias."""
        return {self.alias: self.account, **self.more_accounts}

    @property
    def roles(self) -> frozenset[str]:
        """The role of each account that a run may assume."""
        return frozenset(self.role.replace("{account}", account) for account in self.accounts.values())


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything that the stand-ins show; `sha256` is of the file that it came from."""

    version: int
    people: Mapping[str, Person]
    groups: Mapping[str, tuple[str, ...]]
    client_id: str
    requester: str
    github: GithubEstate
    jira: JiraEstate
    slack: SlackEstate
    aws: AwsEstate
    sha256: str = ""

    def email(self, handle: str) -> str:
        """The address of a person, which is also the userName."""
        return self.people[handle].id

    def by_github(self, login: str) -> Person | None:
        """The person with a GitHub login."""
        return next((p for p in self.people.values() if p.github.lower() == login.lower()), None)

    def groups_of(self, handle: str) -> tuple[str, ...]:
        """The groups that a person is in."""
        return tuple(name for name, members in self.groups.items() if handle in members)
