"""The Merkle tree of RFC 6962: leaves and nodes are hashed apart, a frontier makes an append O(log n). Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(line: bytes) -> bytes:
    """The hash of one leaf: its raw line, line feed included, behind a zero byte."""
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the perfect subtrees of a tree, largest first: all that appending needs."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier with one more leaf hash."""
        hashes = [*self.hashes, leaf]
        size = self.size
        while size & 1:  # each trailing one bit is a perfect subtree that the new one completes
            right = hashes.pop()
            hashes[-1] = node_hash(hashes[-1], right)
            size >>= 1
        return Frontier(self.size + 1, tuple(hashes))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier with more leaf hashes."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            hashes.append(leaf)
            bits = size
            while bits & 1:
                right = hashes.pop()
                hashes[-1] = node_hash(hashes[-1], right)
                bits >>= 1
            size += 1
        return Frontier(size, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    @property
    def is_whole(self) -> bool:
        """Whether there is one hash for each bit of the size."""
        return self.size >= 0 and len(self.hashes) == self.size.bit_count()


def roots_at(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The root of each asked size, in one pass; sizes beyond the leaves are left out."""
    wanted = sorted({size for size in sizes if 0 <= size <= len(leaves)})
    found: dict[int, bytes] = {}
    frontier = Frontier()
    for size in wanted:
        frontier = frontier.extend(leaves[frontier.size : size])
        found[size] = frontier.root
    return found


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of one leaf (RFC 6962 §2.1.1). Raises ValueError for an index outside the tree."""
    if not 0 <= index < len(leaves):
        raise ValueError("no such leaf")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*inclusion_proof(leaves[:split], index), _root(leaves[split:]))
    return (*inclusion_proof(leaves[split:], index - split), _root(leaves[:split]))


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that `leaf` is leaf `index` of a tree of that size and root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    left, last, current = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if left & 1 or left == last:
            current = node_hash(step, current)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            current = node_hash(current, step)
        left, last = left >> 1, last >> 1
    return last == 0 and current == root


def consistency_proof(leaves: Sequence[bytes], old: int) -> tuple[bytes, ...]:
    """The proof that the tree of `old` leaves is the beginning of this one. Raises ValueError: old 0 proves nothing."""
    if not 0 < old <= len(leaves):
        raise ValueError("an old size outside 1..size")
    return () if old == len(leaves) else _subproof(leaves, old, is_whole=True)


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that one tree begins with the other (RFC 9162 §2.1.4.2). Old size 0 is never consistent."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    left, last = old - 1, new - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if left & 1 or left == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            second = node_hash(second, step)
        left, last = left >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _root(leaves: Sequence[bytes]) -> bytes:
    return Frontier().extend(leaves).root


def _subproof(leaves: Sequence[bytes], old: int, *, is_whole: bool) -> tuple[bytes, ...]:
    if old == len(leaves):
        return () if is_whole else (_root(leaves),)
    split = _split(len(leaves))
    if old <= split:
        return (*_subproof(leaves[:split], old, is_whole=is_whole), _root(leaves[split:]))
    return (*_subproof(leaves[split:], old - split, is_whole=False), _root(leaves[:split]))
