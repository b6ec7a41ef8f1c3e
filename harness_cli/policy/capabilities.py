"""One tool of the configuration, compiled: scope lines parsed, account aliases resolved, groups looked up."""

from collections.abc import Mapping
from typing import TypeAlias

from harness_cli.config.model import Action, Config, KeyPath, ScopeClauses, System, Tool
from harness_cli.core.errors import ConfigError
from harness_cli.policy.model import ResourceType
from harness_cli.policy.places import Places
from harness_cli.policy.scope import DIMENSIONS, Pattern, PatternRefusedError, ScopeKey, is_channel_name, parse_pattern
from harness_cli.policy.tables import Capability, Clause, GateTable, clauses_by_keys

Operations: TypeAlias = Mapping[System, Mapping[str, Action | None]]

RESOURCE_TYPES: Mapping[System, ResourceType] = {
    System.GITHUB: ResourceType.REPO,
    System.JIRA: ResourceType.JIRA_PROJECT,
    System.AWS: ResourceType.AWS,
    System.SLACK: ResourceType.SLACK_CHANNEL,
}


def compile_capability(
    config: Config,
    tool: Tool,
    groups: tuple[str, ...],
    gates: Mapping[str, GateTable],
    operations: Operations,
    at: Places,
) -> Capability:
    """One tool in its compiled form. Raises ConfigError for a scope that cannot be understood."""
    clauses = tuple(_clause(config, tool, index, at) for index in range(len(tool.scopes)))
    keys = ("actions", "scope", "requires_approval", "obligations")
    return Capability(
        name=tool.name,
        system=tool.connector,
        resource_type=RESOURCE_TYPES[tool.connector],
        actions=frozenset(tool.actions),
        data_class=tool.classification,
        clauses=clauses,
        is_unscoped=not clauses,
        clauses_by_keys=clauses_by_keys(clauses) if clauses else dict.fromkeys(DIMENSIONS[tool.connector], ()),
        requires_approval=tool.requires_approval,
        obligations=tool.obligations,
        groups=groups,
        environments=frozenset(g.name for g in gates.values() if g.allowed_groups.intersection(groups)),
        operations=operations[tool.connector],
        rules={"": at.rule("tools", tool.name)} | {key: at.rule("tools", tool.name, key) for key in keys},
    )


def _clause(config: Config, tool: Tool, index: int, at: Places) -> Clause:
    path: KeyPath = ("tools", tool.name, "scope")
    rule = at.rule(*path, index) if at.has((*path, index)) else at.rule(*path)
    resolved, unresolved = _resolved(config, tool.scopes[index])
    try:
        patterns = tuple((key, tuple(parse_pattern(key, text) for text in texts)) for key, texts in resolved.items())
    except PatternRefusedError as err:
        raise ConfigError(str(err), code="H053", place=rule.place) from err
    return Clause(frozenset(resolved), patterns, clause_text(patterns, unresolved), rule, unresolved)


def _resolved(config: Config, clauses: ScopeClauses) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    resolved: dict[str, list[str]] = {}
    unresolved: list[str] = []
    for key, texts in sorted(clauses.items()):
        resolved[key] = []
        for text in texts:
            if key == ScopeKey.ACCOUNT and _is_alias(text):
                account = config.accounts.get(text)
                (unresolved if account is None else resolved[key]).append(account or text)
            elif key == ScopeKey.CHANNEL and is_channel_name(text):
                continue  # names are mutable: the key stays without a pattern, and nothing matches (lint H058)
            else:
                resolved[key].append(text)
    return resolved, tuple(unresolved)


def _is_alias(text: str) -> bool:
    return text[:1].isalpha() and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def clause_text(patterns: tuple[tuple[str, tuple[Pattern, ...]], ...], unresolved: tuple[str, ...]) -> str:
    """A scope line in its one form: what the policy's digest covers."""
    written = [f"{key}:{pattern.text}" for key, alternatives in patterns for pattern in alternatives]
    return ",".join(written + [f"account:{alias}" for alias in unresolved])
