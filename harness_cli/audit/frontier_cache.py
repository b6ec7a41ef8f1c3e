"""The frontier as a file: a cache that is thrown away at the first doubt and made again from the ledger.

The checkpoint vouches for size and root only; what else stands here (how many bytes, which traces are live) would let
whoever can write the file make an honest run sign a wrong root. So the key that signs the ledger signs the cache too.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

from harness_cli.audit.disk import read_whole, replace_whole
from harness_cli.audit.keys import Signer
from harness_cli.audit.leaves import LeafKind, next_state, parse_leaf
from harness_cli.audit.merkle import Frontier, leaf_hash
from harness_cli.core.canonical import Json, canonical
from harness_cli.core.ids import TraceId

NAME = "frontier"
_MOST_KEPT = 1_000  # lines


@dataclass(slots=True)
class Tip:
    """What a writer knows of the ledger: its tree, its bytes, the traces that are not closed.

    Lines of its own are only kept until somebody asks for tree or traces: an intent waits for neither.
    """

    _tree: Frontier = Frontier()
    size_bytes: int = 0
    _live: dict[TraceId, str] = field(default_factory=dict)
    _own: list[bytes] = field(default_factory=list)

    @property
    def tree(self) -> Frontier:
        """The tree over all lines."""
        self._settle()
        return self._tree

    @property
    def live(self) -> dict[TraceId, str]:
        """The traces that are not closed, as `next_state` has them."""
        self._settle()
        return self._live

    def take(self, lines: list[bytes]) -> int:
        """Go on over whole lines; the tree size behind the last one that asks for a checkpoint, 0 for none.

        Raises: LeafError.
        """
        owed = 0
        for index, line in enumerate(lines, start=self.tree.size + 1):
            leaf = parse_leaf(line)
            next_state(self.live, leaf.kind, leaf.trace)
            owed = index if leaf.kind is not LeafKind.HEAD else owed
        self._tree = self.tree.extend(map(leaf_hash, lines))
        self.size_bytes += sum(map(len, lines))
        return owed

    def take_own(self, lines: list[bytes]) -> None:
        """Go on over lines that this process has just made."""
        self._own += lines
        self.size_bytes += sum(map(len, lines))
        if len(self._own) > _MOST_KEPT:
            self._settle()

    def _settle(self) -> None:
        own, self._own = self._own, []
        for line in own:
            document = json.loads(line)
            next_state(self._live, LeafKind(document["k"]), TraceId(document["t"]))
        self._tree = self._tree.extend(map(leaf_hash, own))


def load_tip(folder: Path, signer: Signer) -> Tip | None:
    """The cached tip; None where there is none, it cannot be one, or the key does not vouch for it."""
    try:
        found = json.loads(read_whole(folder / NAME))
        vouched = base64.b64decode(found.pop("vouched"), validate=True)
        if not signer.vouches(canonical(found), vouched):
            return None
        tree = Frontier(found["size"], tuple(bytes.fromhex(text) for text in found["hashes"]))
        live = {TraceId(trace): str(state) for trace, state in found["live"].items()}
        tip = Tip(tree, int(found["bytes"]), live)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return tip if tree.is_whole and all(len(one) == 32 for one in tree.hashes) else None


def named_live(folder: Path) -> tuple[int, frozenset[TraceId]]:
    """How many bytes of the ledger the cache has seen, and which traces it calls live; no key is asked.

    Good enough to find traces that are looked at afterwards; (0, nothing) where there is no cache.
    """
    try:
        found = json.loads(read_whole(folder / NAME))
        return int(found["bytes"]), frozenset(map(TraceId, found["live"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 0, frozenset()


def save_tip(folder: Path, tip: Tip, signer: Signer) -> None:
    """Keep the tip, signed. Raises OSError."""
    document: dict[str, Json] = {
        "v": 2,
        "size": tip.tree.size,
        "bytes": tip.size_bytes,
        "hashes": [one.hex() for one in tip.tree.hashes],
        "live": {str(trace): state for trace, state in tip.live.items()},
    }
    vouched = base64.b64encode(signer.vouch(canonical(document))).decode("ascii")
    replace_whole(folder / NAME, canonical({**document, "vouched": vouched}) + b"\n", durable=False)
