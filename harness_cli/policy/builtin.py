"""The built-in capability `approval.request`: asking for an approval, at a fixed place, with fixed words."""

from collections.abc import Iterable, Mapping
from typing import Final

from harness_cli.config.model import Action, Config, System
from harness_cli.policy.model import Rule
from harness_cli.policy.scope import PatternRefusedError, ScopeKey, parse_pattern
from harness_cli.policy.tables import Capability, Clause, GateTable, clauses_by_keys

APPROVAL_REQUEST: Final = "approval.request"
_DESTINATIONS: Final = (frozenset({ScopeKey.CHANNEL}), frozenset({ScopeKey.PROJECT_KEY}))
_RULE: Final = Rule("approvals.channels")


def builtin_capabilities(
    config: Config,
    tools: Mapping[str, Capability],
    gates: Mapping[str, GateTable],
    operations: Mapping[System, Mapping[str, Action | None]],
) -> dict[str, Capability]:
    """The capabilities that no configuration declares. No destination configured: nothing is in scope."""
    clauses = (*_slack(config), *_jira(config, tools))
    return {APPROVAL_REQUEST: builtin_capability(clauses, gates, operations)}


def builtin_capability(
    clauses: tuple[Clause, ...], environments: Iterable[str], operations: Mapping[System, Mapping[str, Action | None]]
) -> Capability:
    """Asking for an approval at the places that the clauses name."""
    listed = {**operations[System.SLACK], **operations[System.JIRA]}
    return Capability(
        name=APPROVAL_REQUEST,
        system=None,
        resource_type=None,
        actions=frozenset({Action.WRITE}),
        data_class="internal",  # ids, digests and deadlines, no outside text
        clauses=clauses,
        is_unscoped=False,
        clauses_by_keys=dict.fromkeys(_DESTINATIONS, ()) | clauses_by_keys(clauses),
        requires_approval=False,
        obligations=(),
        groups=(),
        environments=frozenset(environments),
        operations={name: action for name, action in listed.items() if action in {None, Action.WRITE}},
        rules={"": _RULE},
        is_exempt_from_approval=True,
    )


def _slack(config: Config) -> tuple[Clause, ...]:
    slack = config.connections.slack
    if config.approvals is None or "slack" not in config.approvals.channels or slack is None:
        return ()
    try:
        return (_clause(ScopeKey.CHANNEL, slack.channel),)
    except PatternRefusedError:
        return ()  # none, or a name: names can be taken over (lint H058)


def _jira(config: Config, tools: Mapping[str, Capability]) -> tuple[Clause, ...]:
    if config.approvals is None or "jira" not in config.approvals.channels:
        return ()
    # the ticket under review: an issue that a jira tool may read
    return tuple(clause for tool in tools.values() if tool.system is System.JIRA for clause in tool.clauses)


def _clause(key: ScopeKey, text: str) -> Clause:
    return Clause(frozenset({key}), ((key, (parse_pattern(key, text),)),), f"{key}:{text}", _RULE)
