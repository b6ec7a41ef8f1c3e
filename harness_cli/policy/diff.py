"""The exhaustive semantic difference of two policies: who can now do what, and who no longer can.

Every (role, environment, tool, action) of either policy is compared. Scopes are compared as sets of resources, not as
text: `*` is compared by exact inclusion, regions by the regions that exist. Where a layer and the configuration have
overlapping patterns of which neither includes the other, a difference may be named that is none; never the reverse.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from typing import Final, NamedTuple

from harness_cli.config.model import Action, System
from harness_cli.core.canonical import Json
from harness_cli.core.principal import UNPROVEN
from harness_cli.policy.ask import NO_APPROVALS, Ask, approvals_needed, obligations
from harness_cli.policy.atoms import Atom, added, granted_atoms
from harness_cli.policy.checks import TABLE_CHECKS, first_failure
from harness_cli.policy.model import Context, Grain, Request
from harness_cli.policy.tables import NO_TOOL, Policy

_CONTEXT: Final = Context("", datetime(2026, 1, 5, tzinfo=UTC))
STATIC_CHECKS: Final = TABLE_CHECKS[:6]  # what can be said before a resource, a time or a budget is known


class Direction(StrEnum):
    """What a difference does to what is allowed."""

    WIDER = "wider"
    NARROWER = "narrower"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Difference:
    """One row: for whom, where, what."""

    direction: Direction
    who: str
    where: str
    what: str


class Grant(NamedTuple):
    """What one role may do with one tool in one environment, resources apart."""

    system: System | None
    needs: frozenset[Grain]
    obligations: tuple[str, ...]
    data_class: str
    windows: tuple[tuple[str, ...], ...]


class Cell(NamedTuple):
    """The grants before and after, and what is compared with them."""

    tool: str
    action: Action
    before: Grant | None
    after: Grant | None


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Every difference in effect between two policies, in a fixed order."""
    grouped: dict[Cell, list[tuple[str, str]]] = {}
    for cell, place in _cells(before, after):
        grouped.setdefault(cell, []).append(place)
    scopes = {name: _scopes(before, after, name) for name in {cell.tool for cell in grouped}}
    rows = [
        Difference(direction, *_people(places), what)
        for cell, places in grouped.items()
        for direction, what in _changes(cell, scopes[cell.tool])
    ]
    return (*sorted(rows, key=lambda row: (row.what, row.who, row.where, row.direction)), *_settings(before, after))


def markdown(rows: Sequence[Difference]) -> str:
    """The differences as a table, ready for a comment on a pull request."""
    if not rows:
        return "No difference in what the policy allows.\n"
    lines = ["| | who | where | what |", "|---|---|---|---|"]
    lines += [f"| {row.direction} | {_cell(row.who)} | {_cell(row.where)} | {_cell(row.what)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# --- what is compared -------------------------------------------------------------------------------


def _cells(before: Policy, after: Policy) -> Iterator[tuple[Cell, tuple[str, str]]]:
    environments = sorted({*before.base.gates, *after.base.gates})
    roles = sorted({*before.base.roles, *after.base.roles})
    tools = sorted({*before.base.tools, *after.base.tools})
    for tool, action in product(tools, Action):
        declared = [policy.base.tools.get(tool, NO_TOOL).actions for policy in (before, after)]
        if action not in declared[0] and action not in declared[1]:
            continue
        for env, role in product(environments, roles):
            request = Request(UNPROVEN, tool, action, "", (), _CONTEXT)
            cell = Cell(tool, action, _grant(before, request, env, role), _grant(after, request, env, role))
            if cell.before is not None or cell.after is not None:
                yield cell, (role, env)


def _grant(policy: Policy, request: Request, env: str, role: str) -> Grant | None:
    ask = Ask(policy, policy.base, request, env, role, NO_APPROVALS)
    for inner in (ask, *(ask.at(table) for table in policy.layers)):
        if first_failure(inner, STATIC_CHECKS) is not None or inner.tool.system is not ask.tool.system:
            return None
    windows = tuple(tuple(w.text for w in table.gates[env].windows) for table in policy.tables)
    return Grant(
        ask.tool.system, approvals_needed(ask), obligations(ask), ask.tool.data_class, tuple(filter(None, windows))
    )


# --- how it reads -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scope of one tool in both policies."""

    before: tuple[Atom, ...]
    after: tuple[Atom, ...]
    gained: tuple[Atom, ...]
    lost: tuple[Atom, ...]


def _scopes(before: Policy, after: Policy, tool: str) -> Scopes:
    old, new = granted_atoms(before, tool), granted_atoms(after, tool)
    if old == new:
        return Scopes(old, new, (), ())
    return Scopes(old, new, added(old, new), added(new, old))


def _changes(cell: Cell, scopes: Scopes) -> Iterator[tuple[Direction, str]]:
    before = cell.before if scopes.before else None
    after = cell.after if scopes.after else None
    verb = f"{cell.action} with `{cell.tool}`"
    if after is not None and before is None:
        yield Direction.WIDER, f"can now {verb}: {_listed(scopes.after)}{_approvals(after.needs)}"
    elif before is not None and after is None:
        yield Direction.NARROWER, f"can no longer {verb}: {_listed(scopes.before)}"
    elif before is not None and after is not None:
        if scopes.gained:
            yield Direction.WIDER, f"can now {verb}: {_listed(scopes.gained)}{_approvals(after.needs)}"
        if scopes.lost:
            yield Direction.NARROWER, f"can no longer {verb}: {_listed(scopes.lost)}"
        yield from _conditions(verb, before, after)


def _conditions(verb: str, before: Grant, after: Grant) -> Iterator[tuple[Direction, str]]:
    if before.system is not after.system:
        yield Direction.OTHER, f"{before.system} becomes {after.system} to {verb}"
    for grain in sorted(before.needs - after.needs):
        yield Direction.WIDER, f"no longer needs an approval of the {grain} to {verb}"
    for grain in sorted(after.needs - before.needs):
        yield Direction.NARROWER, f"now needs an approval of the {grain} to {verb}"
    for obligation in sorted({*before.obligations} - {*after.obligations}):
        yield Direction.WIDER, f"is freed of the obligation `{obligation}` to {verb}"
    for obligation in sorted({*after.obligations} - {*before.obligations}):
        yield Direction.NARROWER, f"has the obligation `{obligation}` to {verb}"
    if before.data_class != after.data_class:
        yield Direction.OTHER, f"`{before.data_class}` becomes `{after.data_class}` to {verb}"
    if before.windows != after.windows:
        yield Direction.OTHER, f"windows to {verb}: {_windows(before)} become {_windows(after)}"


def _windows(grant: Grant) -> str:
    return " and ".join(" or ".join(texts) for texts in grant.windows) or "any time"


def _listed(atoms: Iterable[Atom]) -> str:
    return "; ".join(
        f"`{','.join(f'{pattern.key}:{pattern.text}' for pattern in atom)}`" if atom else "anything, call by call"
        for atom in atoms
    )


def _approvals(needs: frozenset[Grain]) -> str:
    return ", with an approval " + " and ".join(f"of the {grain}" for grain in sorted(needs)) if needs else ""


def _people(places: Sequence[tuple[str, str]]) -> tuple[str, str]:
    roles = sorted({role for role, _ in places})
    environments = sorted({env for _, env in places})
    if len(roles) * len(environments) == len(places):
        return ", ".join(roles), ", ".join(environments)
    return ", ".join(f"{role} in {env}" for role, env in sorted(places)), "as named"


def _settings(before: Policy, after: Policy) -> Iterator[Difference]:
    old, new = _flat(before.document), _flat(after.document)
    for key in sorted(old.keys() | new.keys()):
        was, becomes = _value(old.get(key)), _value(new.get(key))
        if was != becomes:
            yield Difference(Direction.OTHER, "everybody", "everywhere", f"`{key}`: {was} becomes {becomes}")


def _value(value: Json) -> str:
    return "nothing" if value is None or value == "" else f"`{value}`"


def _flat(document: Mapping[str, Json]) -> dict[str, Json]:
    """The settings beside the tables: limits, approvals, retention."""
    flat: dict[str, Json] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{name}": part for name, part in value.items()}
        elif key != "tables":
            flat[key] = value
    return flat
