"""The ledger: one line a leaf, append-only, a Merkle tree over the lines, signed checkpoints of it.

The contract, in this order, under one lock:
 1. what a crashed writer left is mended first: a torn last line is cut off, a checkpoint that is owed is signed;
 2. what other writers appended is taken in; a ledger that became shorter is refused;
 3. leaves are appended by one write and are durable before anybody goes on;
 4. each leaf but `head` is followed by a checkpoint of exactly the ledger that ends in it, before the lock is free.
So a verifier may ask for a checkpoint behind each such leaf but the last.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from harness_cli.audit import checkpoints
from harness_cli.audit.disk import append_whole, locked, make_durable, open_append, read_whole, replace_whole
from harness_cli.audit.frontier_cache import Tip, load_tip, save_tip
from harness_cli.audit.keys import Signer
from harness_cli.audit.leaves import LeafError, split_lines
from harness_cli.audit.merkle import Frontier, leaf_hash
from harness_cli.audit.note import Checkpoint, NoteError
from harness_cli.audit.paths import ENTRIES, LOCK
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import TraceId

VKEY = "audit.vkey"


class Ledger:
    """The ledger of one audit folder, for writers; safe between threads and processes."""

    def __init__(self, folder: Path, signer: Callable[[], Signer]) -> None:
        self.folder = folder
        self._signer = signer
        self._tip: Tip | None = None
        self._signed: Checkpoint | None = None
        self._entries = -1
        self._lock = -1
        self._threads = threading.RLock()

    def append(self, lines: Sequence[bytes]) -> None:
        """Append leaves; they are durable when this returns. Raises AuditError."""
        with self._held() as tip:
            self._write(tip, list(lines))

    def append_signed(self, line: bytes) -> Checkpoint:
        """Append a leaf and sign the ledger that ends in it. Raises AuditError."""
        with self._held() as tip:
            self._write(tip, [line])
            return self._sign(tip.tree)

    def anchor(self) -> Checkpoint | None:
        """The latest checkpoint; None for a new ledger. Raises AuditError."""
        with self._held():
            return self._signed

    def live(self) -> dict[TraceId, str]:
        """The traces that are not closed: `open` or `paused`. Raises AuditError."""
        with self._held() as tip:
            return dict(tip.live)

    def leaf_lines(self, trace_id: TraceId) -> list[bytes]:
        """All leaves of one trace, oldest first. Raises AuditError."""
        with self._held():
            wanted = f'"t":"{trace_id}"'.encode()
            return [line for line in split_lines(read_whole(self.folder / ENTRIES)) if wanted in line]

    @contextmanager
    def _held(self) -> Iterator[Tip]:
        with self._threads:
            try:
                self._open()
                with locked(self._lock):
                    if self._tip is None:
                        self._tip = self._start()
                    self._catch_up(self._tip)
                    yield self._tip
            except (OSError, LeafError, NoteError) as err:
                self._let_go()
                words = err.strerror or str(err) if isinstance(err, OSError) else str(err)
                raise AuditError(
                    f"the ledger cannot be written ({words})",
                    place=str(self.folder / ENTRIES),
                    help="free space or permissions first; `harness audit verify` says whether it was altered",
                ) from err
            except BaseException:  # interrupted: what is known of the ledger may be half of it
                self._tip = None
                raise

    def _let_go(self) -> None:
        """Forget everything: a descriptor that failed is never written again."""
        self._tip = None
        if self._entries >= 0:
            os.close(self._entries)
            self._entries = -1

    def _open(self) -> None:
        if self._lock < 0:
            self._lock = open_append(self.folder / LOCK)
        if self._entries < 0:
            self._entries = open_append(self.folder / ENTRIES)

    def _start(self) -> Tip:
        """The tip to go on from: the cache where key and current checkpoint vouch for it, else the beginning."""
        self._mend_log()
        self._signed = self._last_logged()
        self._replace_lagging()
        tip = load_tip(self.folder, self._signer())
        signed = self._signed
        if tip and signed and (tip.tree.size, tip.tree.root) == (signed.size, signed.root):
            return tip
        return Tip()

    def _catch_up(self, tip: Tip) -> None:
        size = os.fstat(self._entries).st_size
        if size == tip.size_bytes:
            return
        if size < tip.size_bytes:
            raise OSError(5, "it became shorter")
        tail = self._read(tip.size_bytes, size)
        whole = tail[: tail.rfind(b"\n") + 1]
        if len(whole) < len(tail):  # a crashed writer left a part of a line that nobody was told about
            os.ftruncate(self._entries, tip.size_bytes + len(whole))
        before = tip.tree
        lines = list(split_lines(whole))
        owed = tip.take(lines)
        if owed:
            self._signed = self._last_logged()
        self._check_against(before, lines)
        if owed and (self._signed is None or self._signed.size < owed):
            self._sign(before.extend(leaf_hash(line) for line in lines[: owed - before.size]))

    def _check_against(self, before: Frontier, lines: list[bytes]) -> None:
        signed = self._signed
        if signed is None or signed.size < before.size:
            return
        count = signed.size - before.size
        if count > len(lines) or before.extend(map(leaf_hash, lines[:count])).root != signed.root:
            raise OSError(5, "it is not the one that was signed")

    def _write(self, tip: Tip, lines: list[bytes]) -> None:
        append_whole(self._entries, b"".join(lines))
        make_durable(self._entries)
        tip.take_own(lines)

    def _sign(self, tree: Frontier) -> Checkpoint:
        signer = self._signer()
        checkpoint = signer.sign(tree.size, tree.root)
        if self._signed is None or self._signed.origin != signer.name or not (self.folder / VKEY).exists():
            replace_whole(self.folder / VKEY, f"{signer.vkey}\n".encode(), durable=False)
        checkpoints.keep(self.folder, checkpoint)
        self._signed = checkpoint
        if self._tip is not None and self._tip.tree == tree:
            with suppress(OSError):  # a cache
                save_tip(self.folder, self._tip, signer)
        return checkpoint

    def _read(self, start: int, end: int) -> bytes:
        parts = []
        while start < end:
            part = os.pread(self._entries, end - start, start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def _mend_log(self) -> None:
        """Cut off a torn last line of the checkpoint log: its checkpoint was never told to anybody."""
        path = self.folder / checkpoints.LOG
        if not path.exists():
            return
        descriptor = open_append(path)
        try:
            size = os.fstat(descriptor).st_size
            block = os.pread(descriptor, checkpoints.LONGEST_LINE, max(size - checkpoints.LONGEST_LINE, 0))
            torn = len(block) - (block.rfind(b"\n") + 1)
            if torn:
                os.ftruncate(descriptor, size - torn)
        finally:
            os.close(descriptor)

    def _last_logged(self) -> Checkpoint | None:
        path = self.folder / checkpoints.LOG
        if not path.exists():
            return checkpoints.current(self.folder)
        descriptor = open_append(path)
        try:
            size = os.fstat(descriptor).st_size
            block = os.pread(descriptor, checkpoints.LONGEST_LINE, max(size - checkpoints.LONGEST_LINE, 0))
        finally:
            os.close(descriptor)
        last = block[: block.rfind(b"\n") + 1].removesuffix(b"\n").rpartition(b"\n")[2]
        return checkpoints.parse_log_line(last + b"\n") if last else None

    def _replace_lagging(self) -> None:
        """A writer that crashed between log and checkpoint left the older one."""
        signed = self._signed
        if signed is not None:
            found = checkpoints.current(self.folder)
            if found is None or found.size < signed.size:
                replace_whole(self.folder / checkpoints.CURRENT, str(signed).encode(), durable=True)
