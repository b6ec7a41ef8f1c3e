"""What the configuration grants a review: tools by system, accounts and regions of their scopes."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness_cli.config.model import Action, Config, System
from harness_cli.policy.scope import ScopeKey
from harness_cli.policy.tables import Policy


@dataclass(frozen=True, slots=True)
class Grant:
    """Declared readers by system, in the order of the file, and the AWS places that their scopes name exactly."""

    tools: Mapping[System, tuple[str, ...]]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def systems(self) -> frozenset[System]:
        """Systems with at least one reader."""
        return frozenset(system for system, tools in self.tools.items() if tools)


def grant_of(config: Config, policy: Policy) -> Grant:
    """The grant of one configuration."""
    readers = [tool for tool in config.tools.values() if Action.READ in tool.actions]
    tools = {system: tuple(t.name for t in readers if t.connector is system) for system in System}
    return Grant(
        tools=tools,
        accounts=_exact(policy, tools[System.AWS], ScopeKey.ACCOUNT),
        regions=_exact(policy, tools[System.AWS], ScopeKey.REGION),
    )


def _exact(policy: Policy, tools: tuple[str, ...], key: ScopeKey) -> tuple[str, ...]:
    """Values that the scopes of the tools name without a wildcard, in the order of the file."""
    found: dict[str, None] = {}
    for tool in tools:
        capability = policy.base.tools.get(tool)
        for clause in capability.clauses if capability else ():
            for name, patterns in clause.patterns:
                if name == key:
                    found.update({p.text: None for p in patterns if p.is_literal})
    return tuple(found)
