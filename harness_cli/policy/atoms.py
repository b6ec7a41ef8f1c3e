"""Scopes as sets: a scope is a union of atoms, an atom a conjunction of patterns, inclusion is exact."""

from collections.abc import Iterator
from itertools import product
from typing import Final, TypeAlias

from harness_cli.policy.glob import Glob
from harness_cli.policy.regions import REGIONS
from harness_cli.policy.scope import Pattern, ScopeKey, includes, parse_pattern, parse_value
from harness_cli.policy.tables import NO_TOOL, Capability, Policy

Atom: TypeAlias = tuple[Pattern, ...]
EVERYTHING: Final[Atom] = ()  # a tool without a scope: any resource, call by call


def granted_atoms(policy: Policy, tool: str) -> tuple[Atom, ...]:
    """What every table together lets a tool touch; empty where nothing is left."""
    atoms = capability_atoms(policy.base.tools.get(tool, NO_TOOL))
    for table in policy.layers:
        atoms = _region_by_region(atoms)
        narrower = _region_by_region(capability_atoms(table.tools.get(tool, NO_TOOL)))
        atoms = tuple(dict.fromkeys(met for a, b in product(atoms, narrower) for met in _intersection(a, b)))
    return _without_covered(atoms)


def capability_atoms(tool: Capability) -> tuple[Atom, ...]:
    """The atoms of one table's scope, one pattern a key."""
    if tool.is_unscoped:
        return (EVERYTHING,)
    combined = (
        atom for clause in tool.clauses for atom in product(*(patterns for _, patterns in sorted(clause.patterns)))
    )
    return tuple(dict.fromkeys(combined))


def added(before: tuple[Atom, ...], after: tuple[Atom, ...]) -> tuple[Atom, ...]:
    """The atoms of `after` that `before` does not cover; where regions differ, only those that do."""
    gained = []
    for atom in after:
        parts = list(_by_region(atom))
        missing = [part for part in parts if not any(covers(wide, part) for wide in before)]
        gained.extend([atom] if len(missing) == len(parts) else missing)
    return tuple(gained)


def covers(wide: Atom, narrow: Atom) -> bool:
    """Whether every resource of `narrow` is one of `wide`; a resource has exactly the keys of its atom."""
    if wide == EVERYTHING:
        return True
    if {pattern.key for pattern in wide} != {pattern.key for pattern in narrow}:
        return False
    return all(any(includes(pattern, inner) for inner in narrow) for pattern in wide)


def _region_by_region(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    return tuple(part for atom in atoms for part in _by_region(atom))


def _by_region(atom: Atom) -> Iterator[Atom]:
    # the one finite key: a union of lines can cover a region pattern that no single line covers
    wild = next((pattern for pattern in atom if pattern.key == ScopeKey.REGION and not pattern.is_literal), None)
    if wild is None:
        yield atom
        return
    for region in sorted(REGIONS):
        if wild.matches(parse_value(ScopeKey.REGION, region)):
            literal = parse_pattern(ScopeKey.REGION, region)
            yield from _by_region(tuple(literal if pattern is wild else pattern for pattern in atom))


def _without_covered(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    kept: list[Atom] = []
    for atom in atoms:
        if not any(covers(other, atom) for other in kept):
            kept = [other for other in kept if not covers(atom, other)] + [atom]
    return tuple(sorted(kept, key=lambda atom: [(pattern.key, pattern.text) for pattern in atom]))


def _intersection(one: Atom, other: Atom) -> Iterator[Atom]:
    if EVERYTHING in {one, other}:
        yield one or other
    elif {pattern.key for pattern in one} == {pattern.key for pattern in other}:
        patterns = _smallest((*one, *other))
        if not any(_are_disjoint(a, b) for a in patterns for b in patterns if a.key == b.key):
            yield patterns


def _smallest(patterns: Atom) -> Atom:
    """Without patterns that another one of the same key makes superfluous."""
    kept: list[Pattern] = []
    for pattern in patterns:
        if not any(includes(pattern, other) for other in kept):
            kept = [other for other in kept if not includes(other, pattern)] + [pattern]
    return tuple(sorted(kept, key=lambda pattern: (pattern.key, pattern.text)))


def _are_disjoint(one: Pattern, other: Pattern) -> bool:
    # asked in both orders: what is a literal on one side is looked at from that side
    longer = max(one, other, key=lambda pattern: len(pattern.globs))
    if len(one.globs) != len(other.globs) and not longer.with_parent:
        return True
    return any(_clash(a, b) for a, b in zip(one.globs, other.globs, strict=False))


def _clash(one: Glob, other: Glob) -> bool:
    """Whether no word can be in both, as far as the ends tell."""
    if one.is_literal:
        return not other.matches(one.text)
    shorter_head, longer_head = sorted((one.parts[0], other.parts[0]), key=len)
    shorter_tail, longer_tail = sorted((one.parts[-1], other.parts[-1]), key=len)
    return not longer_head.startswith(shorter_head) or not longer_tail.endswith(shorter_tail)
