"""Blocks before and after a change as pairs: the same by where they live and their address; `moved` blocks count.

What calls of local modules make or delete belongs to the pairs, even where the module itself does not change.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from harness_cli.review.iac.change import Pair, is_named
from harness_cli.review.iac.model import Block, Ref, Unknown, Value

MODULE_DEPTH: Final = 3  # calls inside calls that are followed
MOST_MADE: Final = 1_000  # blocks that one call is followed to


def module_calls(blocks: Iterable[Block]) -> dict[str, dict[str, Value]]:
    """Folder of a local module → its variables; several calls that differ leave them unknown."""
    calls: dict[str, dict[str, Value]] = {}
    for block in blocks:
        source = block.get("source") if block.mode == "module" else None
        if not isinstance(source, str) or not source.startswith(("./", "../")):
            continue
        target = posixpath.normpath(posixpath.join(block.folder, source))
        given = calls.setdefault(target, {})
        for name, value in block.attributes.items():
            given[name] = value if given.get(name, value) == value else Unknown(f"var.{name}")
    return calls


def with_callers(
    folders: frozenset[str], before: Mapping[tuple[str, str], Block], after: Mapping[tuple[str, str], Block]
) -> frozenset[str]:
    """The folders, and those whose module calls lead there: their providers say in which account it is made."""
    calls = {
        (block.folder, target)
        for block in (*before.values(), *after.values())
        if block.mode == "module"
        for target in module_calls([block])
    }
    found = set(folders)
    for _ in range(MODULE_DEPTH):
        found |= {caller for caller, target in calls if target in found}
    return frozenset(found)


def really_made(
    blocks: dict[tuple[str, str], Block], others: dict[tuple[str, str], Block]
) -> dict[tuple[str, str], Block]:
    """Without what stands in the folder of a module that the other commit alone calls: nobody makes it here."""
    kept = _forgotten(blocks.values())
    there = module_calls(block for key, block in others.items() if key not in kept)
    for _ in range(MODULE_DEPTH):  # a module that nobody makes calls nobody
        dormant = there.keys() - module_calls(blocks.values()).keys()
        blocks = {key: block for key, block in blocks.items() if block.folder not in dormant}
    return blocks


def key_of(block: Block) -> tuple[str, str]:
    """Where a block lives and its address: what makes it the same before and after."""
    where = block.folder if block.language == "terraform" else block.path
    source, alias = block.get("from"), block.get("alias", "")
    if block.mode in {"moved", "removed"} and isinstance(source, Ref):
        return where, f"{block.address} {source.path}"
    return (where, f"{block.address} {alias}") if block.mode == "provider" else (where, block.address)


def paired(
    before: dict[tuple[str, str], Block], after: dict[tuple[str, str], Block], changed: set[str], failed: set[str]
) -> Iterator[Pair]:
    """Pairs of which a side is in a changed file, or whose value changed with one."""
    moves = _moves(after.values())
    kept = _forgotten(after.values())
    old = {moves.get(key, key): block for key, block in before.items()}
    keys = sorted({*old, *after}, key=lambda key: (_place(after.get(key) or old[key]), key))
    for key in keys:
        pair = Pair(old.get(key), after.get(key))
        sides = [block for block in (pair.base, pair.head) if block is not None]
        if any(block.path in failed for block in sides) or (pair.head is None and key in kept):
            continue
        if pair.is_changed or any(block.path in changed for block in sides):
            yield pair
            yield from _of_call(pair, before, after)


def _of_call(
    pair: Pair, before: Mapping[tuple[str, str], Block], after: Mapping[tuple[str, str], Block]
) -> Iterator[Pair]:
    """What a call of a local module makes or deletes where another call, or instance, keeps the module in use."""
    if pair.block.mode != "module":
        return
    base, head = pair.base, pair.head
    if base is not None and head is not None and module_calls([base]).keys() == module_calls([head]).keys():
        if pair.lost and not is_named(head, after.values()):
            yield from (Pair(made, None) for made in _followed(base, before, f"{base.address}{pair.lost[0]}")[0])
        return
    shared = module_calls(before.values()).keys() & module_calls(after.values()).keys()
    olds, news = (
        {made.address: made for made in (_followed(call, side, pair.block.address)[0] if call else ())}
        for call, side in ((base, before), (head, after))
    )
    for address in dict.fromkeys((*olds, *news)):
        one = Pair(olds.get(address), news.get(address))
        if any(block.folder in shared for block in (one.base, one.head) if block is not None):
            yield one


def _followed(call: Block, blocks: Mapping[tuple[str, str], Block], caller: str) -> tuple[list[Block], bool]:
    """The resources of the module that is called, and of those that it calls itself; whether that is all of them.

    Calls multiply: so many blocks are looked at, and calls inside calls so deep.
    """
    pending, left = [(call, caller, MODULE_DEPTH)], MOST_MADE
    made: list[Block] = []
    is_whole = True
    while pending and left > 0:
        one, named, depth = pending.pop(0)
        for folder in module_calls([one]):
            for block in [block for block in blocks.values() if block.folder == folder]:
                left -= 1
                if block.mode == "resource":
                    made.append(replace(block, caller=named))
                elif block.mode == "module" and depth:
                    pending.append((block, f"{named}.{block.address}", depth - 1))
                elif block.mode == "module":
                    is_whole = False
    return made, is_whole and not pending


def unread_calls(
    pairs: Iterable[Pair], folders: frozenset[str], *sides: Mapping[tuple[str, str], Block]
) -> tuple[Block, ...]:
    """Calls that change, of local modules that lie, or call one that lies, in none of the folders that were read.

    Also those whose calls inside calls are more than anybody follows.
    """
    calls = [pair for pair in pairs if pair.block.mode == "module" and pair.is_changed]
    return tuple(
        pair.block
        for pair in calls
        if any(
            not folders >= _folders_of(call, side) or not _followed(call, side, "")[1]
            for call in (pair.base, pair.head)
            if call
            for side in sides
        )
    )


def _folders_of(call: Block, blocks: Mapping[tuple[str, str], Block]) -> frozenset[str]:
    """The folders of the module that is called, and of those that it calls itself."""
    found = frozenset(module_calls([call]))
    for _ in range(MODULE_DEPTH):
        found |= module_calls(block for block in blocks.values() if block.folder in found).keys()
    return found


def of_folders(blocks: Iterable[Block], folders: frozenset[str]) -> tuple[Block, ...]:
    """The resources of some folders."""
    return tuple(block for block in blocks if block.mode == "resource" and block.folder in folders)


def _place(block: Block) -> tuple[str, int]:
    return block.path, block.line


def _moves(blocks: Iterable[Block]) -> dict[tuple[str, str], tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for block in blocks:
        source, target = block.get("from"), block.get("to")
        if block.mode == "moved" and isinstance(source, Ref) and isinstance(target, Ref):
            found[(block.folder, source.path)] = (block.folder, target.path)
    return found


def _forgotten(blocks: Iterable[Block]) -> set[tuple[str, str]]:
    """Resources that `removed` blocks take out of the state without destroying them."""
    found: set[tuple[str, str]] = set()
    for block in blocks:
        source = block.get("from")
        lifecycle = block.nested("lifecycle")
        destroys = not any(isinstance(one, Mapping) and one.get("destroy") is False for one in lifecycle)
        if block.mode == "removed" and isinstance(source, Ref) and not destroys:
            found.add((block.folder, source.path))
    return found
