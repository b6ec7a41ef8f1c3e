"""What a rule looks at: one file that was understood as far as it can be, and what follows from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from harness_cli.config.document import Document, Node, Scalar, Sequence
from harness_cli.config.meaning import inner_span
from harness_cli.config.model import Action, Config, Gate, KeyPath, Tool
from harness_cli.config.shape_words import closest
from harness_cli.config.understand import Understood
from harness_cli.core.diagnostic import Span
from harness_cli.policy.template import (
    AUDITORS,
    CLASSES,
    ENGINEER,
    READERS,
    SECURITY_ADMIN,
    WRITERS,
    derived_group,
)

_SUGGESTIONS: Final = 50
PROD: Final = "prod"
BUILT_IN_GROUPS: Final = frozenset({READERS, WRITERS, AUDITORS})
BUILT_IN_ROLES: Final = frozenset({ENGINEER, SECURITY_ADMIN})
GUARDED: Final = ("confidential", "pii", "financial")


@dataclass(frozen=True)
class Subject:
    """One configuration under the rules. Not slotted: what is derived is kept."""

    understood: Understood
    config: Config
    today: date

    @property
    def document(self) -> Document:
        """The file as nodes."""
        return self.understood.document

    def is_sound(self, *path: str | int) -> bool:
        """Whether nothing is wrong at, above or below a path: only then may a rule draw conclusions from it."""
        broken, above = self.understood.broken, self._above_broken
        return path not in above and not any(path[:end] in broken for end in range(len(path) + 1))

    @cached_property
    def _above_broken(self) -> frozenset[KeyPath]:
        return frozenset(path[:end] for path in self.understood.broken for end in range(len(path)))

    def suggestion(self, name: str, known: Collection[str]) -> str:
        """The known name that a misspelling probably means; the first few of a file only, comparing is slow."""
        if len(self._suggested) >= _SUGGESTIONS or len(known) > _SUGGESTIONS * 10:
            return ""
        self._suggested.append(name)
        return closest(name, sorted(known))

    @cached_property
    def _suggested(self) -> list[str]:
        return []

    def key(self, *path: str | int) -> Span:
        """Where a key stands."""
        return self.document.key_span(*path)

    def value(self, *path: str | int) -> Span:
        """Where a value stands."""
        return self.document.value_span(*path)

    def node(self, *path: str | int) -> Node | None:
        """The node at a path."""
        return self.document.node(*path)

    def part(self, start: int, end: int, *path: str | int) -> Span:
        """A part of a text value."""
        node = self.node(*path)
        return inner_span(node, start, end) if isinstance(node, Scalar) else self.value(*path)

    def has(self, *path: str | int) -> bool:
        """Whether the file says anything there."""
        return self.node(*path) is not None

    # --- what follows -----------------------------------------------------------------------------------

    @property
    def gates(self) -> Mapping[str, Gate]:
        """Environment: its gate."""
        return self.config.policy_engine.environment_gates

    @property
    def tools(self) -> Mapping[str, Tool]:
        """Name: tool."""
        return self.config.tools

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Group: its tools, derived where the file names none (policy.md §6)."""
        if self.config.tool_groups is not None:
            return self.config.tool_groups
        derived: dict[str, tuple[str, ...]] = {}
        for tool in self.tools.values():
            group = derived_group(tool)
            if group:
                derived[group] = (*derived.get(group, ()), tool.name)
        return derived

    @cached_property
    def reach(self) -> Mapping[str, frozenset[str]]:
        """Environment: the tools that its gate lets through."""
        return {
            name: frozenset(tool for group in gate.allowed_tools for tool in self.groups.get(group, ()))
            for name, gate in self.gates.items()
        }

    @property
    def groups_are_sound(self) -> bool:
        """Whether groups, gates and tools can be put together."""
        return all(self.is_sound(*p) for p in (("tool_groups",), ("policy_engine", "environment_gates"), ("tools",)))

    @cached_property
    def used_classes(self) -> frozenset[str]:
        """The classes that tools have."""
        return frozenset(tool.classification for tool in self.tools.values())

    @cached_property
    def cleared_classes(self) -> frozenset[str]:
        """The classes in the clearances of roles; all of the built-in roles' where the file has none."""
        if self.config.roles is None:
            return frozenset(CLASSES) | frozenset(self.config.policy_engine.restricted_data_classes)
        return frozenset(c for role in self.config.roles.values() for c in role.clearance)

    @property
    def role_names(self) -> frozenset[str]:
        """The roles that exist."""
        return BUILT_IN_ROLES if self.config.roles is None else frozenset(self.config.roles)

    def written_clearance(self, role: str) -> frozenset[str]:
        """The classes that a role names itself, without those that it inherits."""
        node = self.node("roles", role, "clearance")
        items = node.items if isinstance(node, Sequence) else ()
        return frozenset(item.raw for item in items if isinstance(item, Scalar))

    def needs_approval(self, tool: Tool, action: Action, env: str) -> bool:
        """Whether a call of an action has any reason to be approved first (policy.md §3)."""
        engine = self.config.policy_engine
        asked = tool.requires_approval or action in engine.approval_required_for or not tool.scopes
        return asked or self.gates[env].requires_human_approval
