"""A question as it is looked up: one request, one table, the lines that it meets there."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from harness_cli.config.model import Action
from harness_cli.policy.model import Grain, Request, ResourceType
from harness_cli.policy.scope import CanonicalValue
from harness_cli.policy.tables import NO_GATE, NO_ROLE, NO_RULE, NO_TOOL, Clause, Policy, Table

NOTHING_WAIVED: Final[frozenset[str]] = frozenset()
UNKNOWN_RESOURCES: Final = frozenset({"P007", "P008"})  # a plan's line: the values come later
NO_APPROVALS: Final[frozenset[Grain]] = frozenset()
RUN_ONLY: Final = frozenset({Grain.RUN})
CALL_ONLY: Final = frozenset({Grain.CALL})
BOTH: Final = RUN_ONLY | CALL_ONLY


class Ask:
    """One request against one table, looked up once; a stranger is looked up as nobody.

    Role and environment are kept apart from the request, so that a counterfactual can vary one of them;
    `waived` names the codes that such a variation takes as changed.
    """

    __slots__ = (
        "action",
        "approvals",
        "env",
        "gate",
        "granted_by",
        "named",
        "needed",
        "policy",
        "request",
        "role",
        "role_name",
        "table",
        "tool",
        "values",
        "waived",
    )

    def __init__(
        self,
        policy: Policy,
        table: Table,
        request: Request,
        env: str,
        role_name: str,
        approvals: frozenset[Grain],
        waived: frozenset[str] = NOTHING_WAIVED,
    ) -> None:
        self.policy = policy
        self.table = table
        self.request = request
        self.env = env
        self.role_name = role_name
        self.action = request.action if type(request.action) is Action else None
        self.approvals = approvals
        self.waived = waived
        self.tool = table.tools.get(request.tool, NO_TOOL) if type(request.tool) is str else NO_TOOL
        self.gate = table.gates.get(env, NO_GATE) if type(env) is str else NO_GATE
        self.role = table.roles.get(role_name, NO_ROLE) if type(role_name) is str else NO_ROLE
        self.named: Sequence[tuple[dict[str, str], tuple[Clause, ...]]] = ()
        self.values: Sequence[tuple[dict[str, CanonicalValue], tuple[Clause, ...]]] = ()
        self.granted_by = NO_RULE
        self.needed: frozenset[Grain] | None = None

    @classmethod
    def of(cls, policy: Policy, request: Request, waived: frozenset[str] = NOTHING_WAIVED) -> "Ask":
        """The request as it stands, against the configuration's own table."""
        context = request.context
        approvals = context.approvals if type(context.approvals) is frozenset else NO_APPROVALS
        return cls(policy, policy.base, request, context.env, request.subject.role, approvals, waived)

    def at(self, table: Table) -> "Ask":
        """The same question, asked of another table."""
        return Ask(self.policy, table, self.request, self.env, self.role_name, self.approvals, self.waived)

    def varied(
        self,
        *,
        env: str | None = None,
        role_name: str | None = None,
        waived: frozenset[str] | None = None,
    ) -> "Ask":
        """The question with one thing changed; what was read of its resources stays read."""
        other = Ask(
            self.policy,
            self.table,
            self.request,
            self.env if env is None else env,
            self.role_name if role_name is None else role_name,
            self.approvals,
            self.waived if waived is None else waived,
        )
        other.named, other.values = self.named, self.values
        return other

    def needs(self) -> frozenset[Grain]:
        """The approvals that this table asks for, granted or not."""
        tool = self.tool
        if tool.is_exempt_from_approval:
            return NO_APPROVALS
        call = tool.requires_approval or tool.is_unscoped or self.action in self.table.approval_actions
        if self.gate.asks:
            return BOTH if call else RUN_ONLY
        return CALL_ONLY if call else NO_APPROVALS


def approvals_needed(ask: Ask) -> frozenset[Grain]:
    """The union of what every table asks for."""
    needed = ask.needed
    if needed is None:
        needed = ask.needs()
        for table in ask.policy.layers:
            needed |= ask.at(table).needs()
        ask.needed = needed
    return needed


def obligations(ask: Ask) -> tuple[str, ...]:
    """The union of the tool's obligations in every table, in their order."""
    own = ask.tool.obligations
    if not ask.policy.layers:
        return own
    return tuple(dict.fromkeys([*own, *(o for table in ask.policy.layers for o in ask.at(table).tool.obligations)]))


def grain_words(grains: frozenset[Grain]) -> str:
    """The approvals in words, the run's first."""
    return _GRAIN_WORDS.get(grains, "an approval")


_GRAIN_WORDS: Final[Mapping[frozenset[Grain], str]] = {
    RUN_ONLY: "an approval of the run",
    CALL_ONLY: "an approval of the call",
    BOTH: "an approval of the run and of the call",
}


def shown(value: object) -> str:
    """A value from outside in a reason: quoted, ASCII, short."""
    if type(value) is Action or type(value) is ResourceType:
        return f"`{value}`"
    return f"`{value}`" if type(value) is str and _PLAIN.fullmatch(value) else f"{value!a:.80}"


_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)
