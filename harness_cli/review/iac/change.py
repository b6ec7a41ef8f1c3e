"""What a pull request changes in infrastructure code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness_cli.review.evidence import Unread
from harness_cli.review.iac.model import Block, Ref, Unknown


@dataclass(frozen=True, slots=True)
class Pair:
    """One block before and after: without `base` it is new, without `head` it is removed."""

    base: Block | None
    head: Block | None

    @property
    def block(self) -> Block:
        """The block as it stands after the change, or stood before it."""
        block = self.head or self.base
        assert block is not None  # noqa: S101 - a pair has at least one side
        return block

    @property
    def is_changed(self) -> bool:
        """Whether the change touches the block at all; its place in the file does not count."""
        if self.base is None or self.head is None:
            return True
        return (self.base.attributes, self.base.address) != (self.head.attributes, self.head.address)

    @property
    def lost(self) -> tuple[str, ...] | None:
        """Instances that the block made before and makes no more; None where the code does not tell."""
        before, after = (block.instances if block else None for block in (self.base, self.head))
        return None if before is None or after is None else tuple(sorted(before - after))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A hint at a place or an environment: `kind` is account, region, tag, backend or workspace."""

    kind: str
    value: str
    path: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A changed file of infrastructure code that could not be judged."""

    path: str
    unread: Unread


@dataclass(frozen=True, slots=True)
class IacChange:
    """The parsed infrastructure files of one pull request at base and head."""

    pairs: tuple[Pair, ...] = ()
    unread: tuple[UnreadFile, ...] = ()
    sightings: tuple[Sighting, ...] = ()  # in files that the pull request changes
    files: tuple[str, ...] = ()  # changed files that were parsed
    before: tuple[Block, ...] = ()  # every resource of the folders that change, as the base branch declares it
    after: tuple[Block, ...] = ()  # the same at the head commit
    unread_calls: tuple[Block, ...] = ()  # of local modules that change, where the module's code was not read

    def of_type(self, *types: str) -> Iterator[Pair]:
        """Pairs of the given resource types, in the order of the files."""
        return (pair for pair in self.pairs if pair.block.type in types and pair.block.mode == "resource")

    @property
    def removed(self) -> tuple[Block, ...]:
        """Resources that are no longer declared."""
        return tuple(p.base for p in self.pairs if p.base and p.head is None and p.base.mode == "resource")


def is_named(block: Block, blocks: Iterable[Block]) -> bool:
    """Whether a `moved` or `removed` block speaks of instances of a block: which ones, a plan tells."""
    ends = (
        one.get(end)
        for one in blocks
        if one.mode in {"moved", "removed"} and one.folder == block.folder
        for end in ("from", "to")
    )
    # an index that only a run could tell makes the whole end unknown, with its source
    return any(
        end.address == block.address if isinstance(end, Ref) else block.address in end.source.replace(" ", "")
        for end in ends
        if isinstance(end, Ref | Unknown)
    )
