"""Is the ledger the one that was signed? Pure: bytes in, problems out. The contract:

1. the current checkpoint is a strict note, signed by a trusted key;
2. the root over the raw lines is its root, before any leaf is parsed;
3. every checkpoint ever signed is a strict note, in order, consistent with the lines, signed by a trusted key (all
   where `thorough`, else the newest SIGNATURES_CHECKED), and there is one behind each leaf but `head`; the last may
   still be owed by a crashed writer;
4. a saved checkpoint is signed by a trusted key, and the ledger begins with what it covers;
5. only then leaves are parsed: open, heads, pauses, one seal or recovery, in this order, for each trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness_cli.audit.checkpoints import CURRENT, LOG, parse_log_line
from harness_cli.audit.keys import is_signed_by
from harness_cli.audit.leaves import CLOSING, Leaf, LeafError, LeafKind, parse_leaf, split_lines
from harness_cli.audit.merkle import leaf_hash, roots_at
from harness_cli.audit.note import Checkpoint, NoteError, VerifierKey, parse_checkpoint
from harness_cli.audit.verdict import Problem, incomplete, tamper, unverifiable
from harness_cli.core.ids import TraceId
from harness_cli.core.limits import SIGNATURES_CHECKED

ENTRIES_PLACE = "ledger/entries.jsonl"
LOG_PLACE = f"ledger/{LOG}"
CURRENT_PLACE = f"ledger/{CURRENT}"
SAVED_PLACE = "the saved checkpoint"


@dataclass(frozen=True, slots=True)
class LedgerBytes:
    """A snapshot of the ledger's files; None: missing."""

    entries: bytes | None
    log: bytes | None
    current: bytes | None


@dataclass(frozen=True, slots=True)
class LedgerQuestion:
    """What a ledger is checked against."""

    keys: Sequence[VerifierKey]
    since: bytes | None = None
    thorough: bool = True


@dataclass(slots=True)
class LedgerFindings:
    """What a ledger says, and what is wrong with it."""

    problems: list[Problem] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    by_trace: dict[TraceId, list[tuple[int, Leaf]]] = field(default_factory=dict)  # with the leaf's line number
    newest: Checkpoint | None = None
    key: VerifierKey | None = None
    unfinished: int = 0  # leaves beyond the newest checkpoint


def check_ledger(snapshot: LedgerBytes, question: LedgerQuestion) -> LedgerFindings:
    """Everything that the ledger alone tells."""
    found = LedgerFindings()
    lines = list(split_lines(snapshot.entries or b""))
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
        found.problems.append(incomplete(f"{ENTRIES_PLACE}:{len(lines) + 1}", "the last line is torn"))
    found.hashes = [leaf_hash(line) for line in lines]
    current = _current(snapshot, found)
    logged = _logged(snapshot, found)
    _compare(current, logged, found)
    found.newest = max((one for one in (current, *logged) if one), key=lambda one: one.size, default=None)
    if found.newest is None:
        if lines and not found.problems:
            found.problems.append(unverifiable(CURRENT_PLACE, "there is no checkpoint"))
    else:
        _check_signatures(current, logged, question, found)
        _check_roots(logged, found)
    _check_since(question, found)
    _check_leaves(lines, found)
    _check_behind_leaves(logged, found)
    return found


def _current(snapshot: LedgerBytes, found: LedgerFindings) -> Checkpoint | None:
    if snapshot.current is None:
        return None
    try:
        return parse_checkpoint(snapshot.current)
    except NoteError as err:
        found.problems.append(tamper(CURRENT_PLACE, f"it is {err}"))
        return None


def _logged(snapshot: LedgerBytes, found: LedgerFindings) -> list[Checkpoint]:
    logged: list[Checkpoint] = []
    for number, line in enumerate(split_lines(snapshot.log or b""), start=1):
        place = f"{LOG_PLACE}:{number}"
        if not line.endswith(b"\n"):
            found.problems.append(incomplete(place, "the last line is torn"))
            break
        try:
            one = parse_log_line(line)
        except NoteError as err:
            found.problems.append(tamper(place, f"it is {err}"))
            continue
        if logged and one.size <= logged[-1].size:
            found.problems.append(tamper(place, "a checkpoint that does not follow the one before it"))
        logged.append(one)
    return logged


def _compare(current: Checkpoint | None, logged: list[Checkpoint], found: LedgerFindings) -> None:
    """The current checkpoint is the last of the log, or, after a crash, the one before it."""
    if found.problems and any(problem.place == CURRENT_PLACE for problem in found.problems):
        return
    if current is None:
        if len(logged) == 1:
            found.problems.append(incomplete(CURRENT_PLACE, "it was not written before the crash"))
        elif logged:
            found.problems.append(tamper(CURRENT_PLACE, f"it is missing, and {LOG} names {len(logged)}"))
        return
    behind = [index for index, one in enumerate(reversed(logged)) if one == current]
    if not behind:
        found.problems.append(tamper(LOG_PLACE, "the current checkpoint is not in the log"))
    elif behind[0] == 1:
        found.problems.append(incomplete(CURRENT_PLACE, "a newer one was signed before the crash"))
    elif behind[0] > 1:
        found.problems.append(tamper(CURRENT_PLACE, "newer ones were signed"))


def _check_signatures(
    current: Checkpoint | None, logged: list[Checkpoint], question: LedgerQuestion, found: LedgerFindings
) -> None:
    newest = found.newest
    unasked = 0 if question.thorough else max(len(logged) - SIGNATURES_CHECKED, 0)
    for number, one in enumerate(logged, start=1):
        if number > unasked or one == newest:
            problem, key = _signed(one, question.keys, f"{LOG_PLACE}:{number}")
            found.problems.extend([problem] if problem else [])
            found.key = key or found.key
    if current is not None and current not in logged:
        problem, found.key = _signed(current, question.keys, CURRENT_PLACE)
        found.problems.extend([problem] if problem else [])


def _signed(one: Checkpoint, keys: Sequence[VerifierKey], place: str) -> tuple[Problem | None, VerifierKey | None]:
    if all(signature.name != one.origin for signature in one.signatures):
        return tamper(place, "the ledger's own signature is missing"), None
    for key in keys:
        if key.name == one.origin and is_signed_by(one, key):
            return None, key
    if any(key.name == one.origin for key in keys):
        return tamper(place, "the signature is not one of the trusted key of that name"), None
    return unverifiable(place, f"it is signed by {one.origin}, which is not a trusted key"), None


def _check_roots(logged: list[Checkpoint], found: LedgerFindings) -> None:
    """The first checkpoint that does not fit tells between which leaves something was changed."""
    assert found.newest is not None  # noqa: S101 - the caller has asked
    checkpoints = sorted({one.size: one for one in (*logged, found.newest)}.values(), key=lambda one: one.size)
    roots = roots_at(found.hashes, [one.size for one in checkpoints])
    sound = 0
    for one in checkpoints:
        if one.size not in roots:
            message = f"{one.size} leaves were signed, {len(found.hashes)} are there"
            found.problems.append(tamper(f"{ENTRIES_PLACE}:{len(found.hashes) + 1}", message))
            return
        if roots[one.size] != one.root:
            message = f"one of the lines {sound + 1} to {one.size} is not the one that was signed"
            found.problems.append(tamper(f"{ENTRIES_PLACE}:{sound + 1}", message))
            return
        sound = one.size
    found.unfinished = len(found.hashes) - sound
    if found.unfinished:
        message = f"{found.unfinished} leaves beyond the newest checkpoint"
        found.problems.append(incomplete(f"{ENTRIES_PLACE}:{sound + 1}", message))


def _check_since(question: LedgerQuestion, found: LedgerFindings) -> None:
    if question.since is None:
        return
    try:
        saved = parse_checkpoint(question.since)
    except NoteError as err:
        found.problems.append(unverifiable(SAVED_PLACE, f"it is {err}"))
        return
    if saved.size == 0:
        found.problems.append(unverifiable(SAVED_PLACE, "a checkpoint of an empty ledger proves nothing"))
        return
    if not any(is_signed_by(saved, key) for key in question.keys):
        found.problems.append(unverifiable(SAVED_PLACE, "it is not signed by a trusted key"))
        return
    root = roots_at(found.hashes, [saved.size]).get(saved.size)
    if root is None:
        message = f"the saved checkpoint covers {saved.size} leaves, {len(found.hashes)} are there: rolled back"
        found.problems.append(tamper(ENTRIES_PLACE, message))
    elif root != saved.root:
        found.problems.append(tamper(ENTRIES_PLACE, "the ledger does not begin with what the saved checkpoint covers"))


def _check_leaves(lines: list[bytes], found: LedgerFindings) -> None:
    for number, line in enumerate(lines, start=1):
        place = f"{ENTRIES_PLACE}:{number}"
        try:
            leaf = parse_leaf(line)
        except LeafError as err:
            found.problems.append(tamper(place, str(err)))
            continue
        before = found.by_trace.setdefault(leaf.trace, [])
        message = _out_of_order(leaf, before[-1][1] if before else None)
        if message:
            found.problems.append(tamper(place, message))
        before.append((number, leaf))
        found.leaves.append(leaf)


def _out_of_order(leaf: Leaf, before: Leaf | None) -> str:
    if before is None:
        fits = leaf.kind is LeafKind.OPEN and leaf.lines == 1
        return "" if fits else f"a {leaf.kind} leaf of a trace that was not opened"
    if leaf.kind is LeafKind.OPEN:
        return "a trace that was opened twice"
    if before.kind in CLOSING:
        return "a leaf behind the last one of its trace"
    if before.kind is LeafKind.PAUSE and leaf.kind is not LeafKind.HEAD:
        return "a paused trace that ended without being resumed"
    return "" if leaf.lines > before.lines else "a leaf that covers no more lines than the one before it"


def _check_behind_leaves(logged: list[Checkpoint], found: LedgerFindings) -> None:
    sizes = {one.size for one in logged}
    ends = [number for own in found.by_trace.values() for number, leaf in own if leaf.kind is not LeafKind.HEAD]
    last = max(ends, default=0)
    missing = sorted(number for number in ends if number not in sizes and number != last)
    if missing and found.newest is not None:
        message = f"the checkpoint behind leaf {missing[0]} is missing"
        found.problems.append(tamper(LOG_PLACE, message))
    if last and last not in sizes and found.newest is not None and not found.unfinished:
        found.problems.append(tamper(LOG_PLACE, f"the checkpoint behind leaf {last} is missing"))
