"""Verification of an audit folder or of one trace: reads, never writes, never raises for what it finds.

The ledger is snapshot under a shared lock before any trace is read, so that a live writer is never a false alarm.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness_cli.audit.checkpoints import CURRENT, LOG
from harness_cli.audit.disk import read_whole
from harness_cli.audit.events import ApprovalStatus, EventKind
from harness_cli.audit.leaves import Leaf, LeafError, LeafKind, parse_leaf
from harness_cli.audit.merkle import roots_at
from harness_cli.audit.note import VerifierKey
from harness_cli.audit.paths import (
    ENTRIES,
    LEDGER,
    LOCK,
    folders_above,
    linked_folders,
    path_in,
    place_of,
    trace_files,
)
from harness_cli.audit.policies import PolicyUnreadableError, altered_policies, read_policy
from harness_cli.audit.strict_json import NotStrictError, strict_object
from harness_cli.audit.verdict import Problem, Verdict, VerifyReport, incomplete, tamper, unverifiable
from harness_cli.audit.verify_ledger import LedgerBytes, LedgerFindings, LedgerQuestion, check_ledger
from harness_cli.audit.verify_trail import Link, TrailFindings, check_trail
from harness_cli.core.errors import NotFoundError
from harness_cli.core.ids import TRACE_ID, TraceId
from harness_cli.core.limits import LEDGER_BYTES

LONGEST_ORPHAN = 8 * 1024
_ORPHAN = b'{"action":'
_LINK = "a link stands where a folder belongs"
_UNREADABLE = "you may not read it"

NO_SAVED = (
    "without a saved checkpoint (--since), a rollback of the whole folder to an earlier state is not excluded, "
    "nor its exchange for another folder of the same key"
)
KEY_HOLDER = "who holds the signing key can write a new history that nobody has seen yet; saved checkpoints exclude it"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: which keys are trusted, what was saved, one trace or all of them."""

    keys: Sequence[VerifierKey]
    since: bytes | None = None
    only: TraceId | None = None
    traces: bool = True  # False: the ledger and its checkpoints alone


def verify(folder: Path, question: Question) -> VerifyReport:
    """The verdict on a folder. Raises NotFoundError where there is nothing to verify."""
    try:
        snapshot = _snapshot(folder, question)
    except PermissionError as err:
        return _unread(folder, err, question)
    asked = LedgerQuestion(question.keys, question.since, thorough=question.only is None)
    found = check_ledger(snapshot, asked)
    problems = list(found.problems)
    problems += _linked(folder, folder / LEDGER / ENTRIES)
    paused = 0
    every = list(found.by_trace) if question.traces else []
    wanted = every if question.only is None else [question.only]
    kept = _Kept(folder)
    for trace_id in wanted:
        leaves = [leaf for _, leaf in found.by_trace.get(trace_id, [])]
        problems += _one(folder, trace_id, leaves, found, kept)
        paused += bool(leaves) and leaves[-1].kind is LeafKind.PAUSE
    if question.only is None and question.traces:
        problems += _strangers(folder, found, snapshot.entries or b"")
        problems += [tamper(link.relative_to(folder).as_posix(), _LINK) for link in linked_folders(folder)]
        problems += [tamper(place, message) for place, message in altered_policies(folder)]
    return _report(found, problems, len(wanted), paused, question)


def _report(
    found: LedgerFindings, problems: list[Problem], traces: int, paused: int, question: Question
) -> VerifyReport:
    newest = found.newest
    notes = (f"{paused} paused" if paused else "",)
    limits = (KEY_HOLDER,) if question.since is not None else (NO_SAVED, KEY_HOLDER)
    return VerifyReport(
        problems=tuple(dict.fromkeys(problems)),
        traces=traces,
        leaves=len(found.hashes),
        origin=newest.origin if newest else "",
        size=newest.size if newest else 0,
        root=newest.root.hex() if newest else "",
        key=str(found.key or ""),
        notes=tuple(note for note in notes if note),
        limits=limits,
    )


def _unread(folder: Path, err: PermissionError, question: Question) -> VerifyReport:
    """Nothing can be said of a ledger that the reader may not read."""
    place = Path(str(err.filename)).relative_to(folder).as_posix()
    return _report(LedgerFindings(), [unverifiable(place, _UNREADABLE)], 0, 0, question)


def _snapshot(folder: Path, question: Question) -> LedgerBytes:
    ledger = folder / LEDGER
    with _shared_lock(ledger / LOCK):
        current, log, entries = (_bytes(ledger / name) for name in (CURRENT, LOG, ENTRIES))
    if not entries and not current and not log and next(iter(trace_files(folder)), None) is None:
        if question.since is None:
            raise NotFoundError(f"there is no audit trail in {folder}", help="runs leave one in `audit.directory`")
        return LedgerBytes(b"", None, None)
    return LedgerBytes(entries, log, current)


@contextmanager
def _shared_lock(path: Path) -> Iterator[None]:
    """Hold writers off while the ledger is read; where there is no lock to take, nobody writes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _bytes(path: Path) -> bytes | None:
    try:
        return read_whole(path, LEDGER_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise
    except OSError:
        return b"\x00\n"  # no form of any of the three files: TAMPER, with the place


def _one(folder: Path, trace_id: TraceId, leaves: list[Leaf], found: LedgerFindings, kept: "_Kept") -> list[Problem]:
    path = path_in(folder, trace_id)
    place = place_of(trace_id)
    if linked := _linked(folder, path):
        return linked
    try:
        content = read_whole(path)
    except FileNotFoundError:
        if not leaves:
            raise NotFoundError(f"no trace {trace_id}", help="`harness trace` lists recent runs") from None
        return [tamper(place, "it was opened, and its file is missing")]
    except OSError as err:
        return [_unreadable(place, err)]
    if not leaves:
        return [_stranger(place, content)]
    trail = check_trail(content, trace_id, place, leaves)
    return [*trail.problems, *_anchor(place, trail, found), *_links(folder, trail.links), *_policies(kept, trail)]


def _linked(folder: Path, path: Path) -> list[Problem]:
    found = [above for above in folders_above(folder, path) if above.is_symlink()]
    return [tamper(link.relative_to(folder).as_posix(), _LINK) for link in found]


def _unreadable(place: str, err: OSError) -> Problem:
    if err.errno in {errno.EACCES, errno.EPERM, errno.ENOMEM}:
        return unverifiable(place, _UNREADABLE)
    return tamper(place, f"it cannot be read ({err.strerror or err})")


def _anchor(place: str, trail: TrailFindings, found: LedgerFindings) -> list[Problem]:
    """The checkpoint that line 0 names is one of this ledger: the trace is not older than it."""
    if trail.anchor is None:
        return []
    size, root = trail.anchor.get("size"), trail.anchor.get("root")
    known = roots_at(found.hashes, [size]).get(size) if type(size) is int else None
    if known is None or known.hex() != root:
        return [tamper(f"{place}:1", "it names a checkpoint that this ledger never had")]
    return []


class _Kept:
    """The kept policies, each read once however many traces name it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Verdict, str]] = {}

    def judged(self, sha256: str) -> tuple[Verdict, str]:
        """Whether the policy can be had, and what is wrong with it where it cannot."""
        if sha256 not in self._known:
            self._known[sha256] = self._read(sha256)
        return self._known[sha256]

    def _read(self, sha256: str) -> tuple[Verdict, str]:
        try:
            read_policy(self._folder, sha256)
        except PermissionError:
            return Verdict.UNVERIFIABLE, "you may not read the policy that it names"
        except PolicyUnreadableError as err:
            return Verdict.TAMPER, f"the policy that it names is not there: {err}"
        return Verdict.OK, ""


def _policies(kept: _Kept, trail: TrailFindings) -> Iterator[Problem]:
    """Every policy that the trace says it ran under is kept, and is the one that the trace names."""
    for sha256, place in trail.policies.items():
        verdict, message = kept.judged(sha256)
        if verdict is not Verdict.OK:
            yield Problem(verdict, place, message)


def _links(folder: Path, links: Sequence[Link]) -> list[Problem]:
    return [
        tamper(link.place, "the line that it names is not there, or approves nothing")
        for link in links
        if not _holds(folder, link)
    ]


def _holds(folder: Path, link: Link) -> bool:
    if not TRACE_ID.fullmatch(link.trace):
        return False
    try:
        lines = read_whole(path_in(folder, TraceId(link.trace))).split(b"\n")
    except OSError:
        return False
    line = lines[link.seq] + b"\n" if 0 <= link.seq < len(lines) - 1 else b""
    return hashlib.sha256(line).hexdigest() == link.line_sha256 and _approves(line)


def _approves(line: bytes) -> bool:
    try:
        event = strict_object(line)
    except NotStrictError:
        return False
    return (event.get("event"), event.get("approvalStatus")) == (EventKind.APPROVAL_DECIDED, ApprovalStatus.APPROVED)


def _strangers(folder: Path, found: LedgerFindings, entries: bytes) -> list[Problem]:
    """Files that no leaf names."""
    problems: list[Problem] = []
    for path in trace_files(folder):
        place = path.relative_to(folder).as_posix()
        name: Any = path.name.removesuffix(".jsonl")
        if not TRACE_ID.fullmatch(name) or path_in(folder, name) != path:
            problems.append(tamper(place, "a file that is no trace of this day"))
        elif name not in found.by_trace:
            try:
                content = read_whole(path)
            except OSError as err:
                problems.append(_unreadable(place, err))
                continue
            if not _is_opened_since(folder, name, entries):
                problems.append(_stranger(place, content))
    return problems


def _is_opened_since(folder: Path, trace_id: TraceId, entries: bytes) -> bool:
    """Whether a living writer opened the trace after the snapshot; its leaf is on disk before its second line is."""
    wanted = f'"t":"{trace_id}"'.encode()
    now = _bytes(folder / LEDGER / ENTRIES) or b""
    fresh = now[len(entries) :] if now.startswith(entries) else b""
    for line in fresh.splitlines(keepends=True):
        with suppress(LeafError):
            if wanted in line and parse_leaf(line).kind is LeafKind.OPEN:
                return True
    return False


def _stranger(place: str, content: bytes) -> Problem:
    """A writer that was killed before its `open` leaf leaves at most one line; nobody else does."""
    is_begun = content.startswith(_ORPHAN) or _ORPHAN.startswith(content) or not content.strip(b"\x00")
    if is_begun and content.count(b"\n") <= 1 and len(content) <= LONGEST_ORPHAN and b"\n" not in content[:-1]:
        return incomplete(place, "its writer was killed before the ledger knew of it, or it was put there")
    return tamper(place, "the ledger knows no such trace: it was put there")
