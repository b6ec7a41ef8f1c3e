"""What is asked and what is answered (AuthZEN names; design: policy.md §1, §7). Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from harness_cli.config.model import Action, System
from harness_cli.core.principal import Principal


class ResourceType(StrEnum):
    """The kinds of things that a call may touch."""

    REPO = "repo"
    JIRA_PROJECT = "jira-project"
    AWS = "aws"
    SLACK_CHANNEL = "slack-channel"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that a call touches; `dimensions` maps scope keys to values (`repo`, `account`, `region` …)."""

    type: ResourceType
    id: str
    dimensions: Mapping[str, str]


class Phase(StrEnum):
    """Where in a call's life the engine is asked."""

    PLAN = "plan"
    CALL = "call"
    WIRE = "wire"
    RESPONSE = "response"


class Grain(StrEnum):
    """What an approval covers: the whole plan, or one exact call."""

    RUN = "run"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left before the call is made; None is unbounded."""

    calls_left: int | None = None
    items_left: int | None = None
    bytes_left: int | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of a request; time is an argument, approvals are already verified ones."""

    env: str
    time: datetime
    phase: Phase = Phase.CALL
    plan_digest: str = ""
    call_digest: str = ""
    approvals: frozenset[Grain] = frozenset()
    approver: Principal | None = None
    budget: Budget = Budget()


@dataclass(frozen=True, slots=True)
class Request:
    """May `subject` let `tool` do `operation` on `resources`?"""

    subject: Principal
    tool: str
    action: Action
    operation: str
    resources: tuple[Resource, ...]
    context: Context


class Effect(StrEnum):
    """The engine's answer."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Rule:
    """The line that decided."""

    path: str  # key path: tools.github_inspector.scope
    file: str = ""
    line: int = 0
    column: int = 0
    layer: str = ""

    @property
    def place(self) -> str:
        """`file:line:column`, or the key path where the file is not known."""
        return f"{self.file}:{self.line}:{self.column}" if self.file else self.path


class CheckResult(NamedTuple):
    """One step of the order of evaluation."""

    code: str
    passed: bool
    reason: str
    rule: Rule | None = None


class Counterfactual(NamedTuple):
    """The smallest change that would allow the request; `kind` is role, environment, approval or scope."""

    kind: str
    change: str


class Decision(NamedTuple):
    """One answer, with everything that the audit event needs; a tuple, because one is built for every call."""

    effect: Effect
    code: str  # P000 … P100
    reason: str
    rule: Rule | None
    checks: tuple[CheckResult, ...] = ()
    approvals_needed: frozenset[Grain] = frozenset()
    obligations: tuple[str, ...] = ()
    counterfactual: Counterfactual | None = None
    data_class: str = ""
    policy_sha256: str = ""
    engine: str = "1"

    @property
    def allowed(self) -> bool:
        """Whether the call may be made."""
        return self.effect is Effect.ALLOW


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One line of a plan: what may be called, on which pattern, how often at most."""

    tool: str
    operation: str
    action: Action
    resource: str  # a scope pattern or an exact value, for people
    at_most: int
    system: System
    resources: tuple[Resource, ...] = field(default=())  # known ones; empty: found later, decided call by call
