"""Reading trails: the newest ones from the ledger's tail, one by its id, never writing."""

import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from harness_cli.audit.counting import counts_of
from harness_cli.audit.disk import open_at_once, read_whole
from harness_cli.audit.events import Outcome
from harness_cli.audit.frontier_cache import named_live
from harness_cli.audit.leaves import CLOSING, Leaf, LeafError, LeafKind, next_state, parse_leaf, split_lines
from harness_cli.audit.paths import ENTRIES, LEDGER, path_in
from harness_cli.core.canonical import canonical
from harness_cli.core.clock import rfc3339
from harness_cli.core.errors import NotFoundError
from harness_cli.core.ids import ID_PREFIX, TRACE_ID, TraceId, time_of

HELP = "`harness trace` lists recent runs"
VERDICT = "verdict:"  # among the counts of a seal: the verdict of its report
CLOCK_SET_BACK = timedelta(days=1)  # by at most so much, or a list of late runs ends too early
_DAY = 86_400_000
SEALED = "sealed"
_STATES: Mapping[str, str] = {LeafKind.SEAL: SEALED, LeafKind.RECOVERED: "recovered", LeafKind.PAUSE: "paused"}
_OUTCOMES: Mapping[str, str] = {LeafKind.RECOVERED: Outcome.INDETERMINATE, LeafKind.PAUSE: Outcome.PENDING}
OUTCOMES_OF_LINES = tuple(map(str, Outcome))
OUTCOMES_OF_RUNS = (*OUTCOMES_OF_LINES, *_STATES.values(), "open")  # how it went, or the state of its trail
_LIVE = frozenset({"paused", "open", Outcome.PENDING})  # only a trace that is not closed is in such a state


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One trace as the ledger knows it."""

    trace_id: TraceId
    state: str  # sealed, recovered, paused, open
    start: str
    end: str
    agent: str
    principal: str
    env: str
    outcome: str
    lines: int
    counts: Mapping[str, int]

    @property
    def verdict(self) -> str:
        """What the report of the run said; "" where the run made none."""
        return verdict_in(self.counts)


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which traces are listed; empty fields take all."""

    agent: str = ""
    person: str = ""
    tool: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    verdict: str = ""

    def words(self) -> tuple[bytes, ...]:
        """What the last leaf of a closed trace holds word for word, if this takes it: the ledger is searched for it."""
        fields = {"agent": self.agent, "principal": self.person}
        words = [canonical({name: value})[1:-1] for name, value in fields.items() if value]
        if self.tool:
            words.append(canonical(f"tool:{self.tool}"))
        if self.verdict:
            words.append(canonical(f"{VERDICT}{self.verdict}"))
        kinds = [kind for kind in CLOSING if self.outcome in {_STATES[kind], _OUTCOMES.get(kind)}]
        if kinds:
            words += [canonical({"k": kind})[1:-1] for kind in kinds]
        elif self.outcome and self.outcome not in _LIVE:
            words.append(canonical({"outcome": self.outcome})[1:-1])
        return tuple(words)

    def takes(self, one: TraceSummary) -> bool:
        """Whether a trace is wanted."""
        at = time_of(one.trace_id)
        return (
            (not self.agent or one.agent == self.agent)
            and (not self.person or one.principal == self.person)
            and (not self.tool or f"tool:{self.tool}" in one.counts)
            and (not self.verdict or one.verdict == self.verdict)
            and (not self.outcome or self.outcome in {one.outcome, one.state})
            and (self.since is None or at >= self.since)
            and (self.until is None or at <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Trail:
    """One trace file: its lines as they are, and the events of those that can be read."""

    trace_id: TraceId
    path: Path
    lines: tuple[bytes, ...]
    events: tuple[Mapping[str, Any], ...]  # Any: JSON; {} for a line that is no event
    leaves: tuple[Leaf, ...] = field(default=())
    whole: "Trail | None" = None  # of lines that were picked: they are no chain, and tell a run in part only

    @property
    def is_part(self) -> bool:
        """Whether these are only the lines that were asked for."""
        return self.whole is not None

    @property
    def run(self) -> "Trail":
        """The trail with all of its lines."""
        return self.whole or self

    @property
    def state(self) -> str:
        """sealed, recovered, paused or open."""
        return state_of(self.leaves[-1].kind) if self.leaves else "open"

    @property
    def outcome(self) -> str:
        """How the run went, as its last leaf says; "" where it goes on."""
        return outcome_of(self.leaves[-1].kind, self.leaves[-1].rest) if self.leaves else ""


def verdict_in(counts: Mapping[str, Any]) -> str:  # Any: JSON
    """What the report of a run said, by the counts of its seal; "" where the run made none."""
    return next((name.removeprefix(VERDICT) for name in counts if name.startswith(VERDICT)), "")


def state_of(kind: str) -> str:
    """What the last leaf of a trace says of it."""
    return _STATES.get(kind, "open")


def outcome_of(kind: str, rest: Mapping[str, Any]) -> str:  # Any: JSON
    """How a trace went, by its last leaf: one that waits is pending, of one that was cut off nobody knows it."""
    return _OUTCOMES.get(kind) or str(rest.get("outcome", ""))


def list_traces(folder: Path, wanted: TraceFilter | None = None, limit: int = 50) -> tuple[TraceSummary, ...]:
    """The newest traces that a filter takes, newest first, from the ledger's tail; the ledger is not verified here."""
    wanted = wanted or TraceFilter()
    earliest = _earliest(wanted.since)
    words = wanted.words()
    is_live = wanted.outcome in _LIVE

    def taken(leaves: Iterator[Mapping[str, Any]]) -> Iterator[TraceSummary]:  # Any: JSON
        return filter(wanted.takes, (_summary(folder, leaf) for leaf in leaves))

    with _mapped(folder / LEDGER / ENTRIES) as content:
        live = _live_leaves(folder, content) if words or is_live else iter(())  # their leaves hold no words
        # leaves are written in time: what follows an early one ended earlier still
        late = takewhile(lambda leaf: str(leaf.get("at", "")) >= earliest, _last_leaves(content, words))
        closed = () if is_live else islice(taken(late), limit)
        found = {one.trace_id: one for one in (*taken(live), *closed)}
    return tuple(found[trace_id] for trace_id in sorted(found, reverse=True)[:limit])


def count_traces(folder: Path) -> int:
    """How many traces the ledger knows; it is searched, not parsed."""
    wanted, count, place = canonical({"k": LeafKind.OPEN})[1:-1], 0, -1
    with _mapped(folder / LEDGER / ENTRIES) as content:
        while (place := content.find(wanted, place + 1)) >= 0:
            count += 1
    return count


def _earliest(since: datetime | None) -> str:
    """When a leaf is too old for all that stand before it to matter: a clock may have been set back meanwhile."""
    with suppress(OverflowError):  # the first day of the calendar
        return rfc3339(since - CLOCK_SET_BACK) if since is not None else ""
    return ""


def has_files(folder: Path) -> bool:
    """Whether trails lie in the folder, whatever its ledger says."""
    return any(TRACE_ID.fullmatch(path.stem) for day in _every_day(folder) for path in day.glob("*.jsonl"))


def find(folder: Path, prefix: str) -> TraceId:
    """The one trace whose id is, or starts with, `prefix`. Raises NotFoundError."""
    if TRACE_ID.fullmatch(prefix) and path_in(folder, TraceId(prefix)).is_file():
        return TraceId(prefix)
    found = sorted(_starting(folder, prefix)) if ID_PREFIX.fullmatch(prefix) else []
    if ID_PREFIX.fullmatch(prefix) and not found:
        found = sorted(_named_by_ledger(folder, prefix))  # its file is gone: verification says so
    if len(found) != 1:
        many = f"{len(found)} traces start" if found else "no trace starts"
        raise NotFoundError(f"{many} with {prefix!a}", help=HELP if not found else "give more of the id; " + HELP)
    return found[0]


def load(folder: Path, trace_id: TraceId) -> Trail:
    """A trace, as far as it can be read. Raises NotFoundError."""
    path = path_in(folder, trace_id)
    try:
        content = read_whole(path)
    except OSError as err:
        raise NotFoundError(f"trace {trace_id} cannot be read ({err.strerror or err})", help=HELP) from err
    lines = tuple(split_lines(content))
    return Trail(trace_id, path, lines, tuple(map(_event, lines)), tuple(leaves_of(folder, trace_id)))


def only_events(trail: Trail, tool: str, outcome: str) -> Trail:
    """The trail with the lines of one tool and outcome only; "" takes all."""
    if not tool and not outcome:
        return trail
    pairs = [
        (line, event)
        for line, event in zip(trail.lines, trail.events, strict=True)
        if (not tool or event.get("tool") == tool) and (not outcome or event.get("outcome") == outcome)
    ]
    return replace(
        trail, lines=tuple(line for line, _ in pairs), events=tuple(event for _, event in pairs), whole=trail
    )


def leaves_of(folder: Path, trace_id: TraceId) -> Iterator[Leaf]:
    """The leaves of one trace, oldest first; the ledger is searched, not parsed."""
    wanted = f'"t":"{trace_id}"'.encode()
    with _mapped(folder / LEDGER / ENTRIES) as content:
        place = content.find(wanted)
        while place >= 0:
            start, end = content.rfind(b"\n", 0, place) + 1, content.find(b"\n", place) + 1
            with suppress(LeafError):
                yield parse_leaf(content[start:end])
            place = content.find(wanted, end) if end else -1


def _named_by_ledger(folder: Path, prefix: str) -> set[TraceId]:
    wanted, found = f'"t":"{prefix}'.encode(), set()
    with _mapped(folder / LEDGER / ENTRIES) as content:
        place = content.find(wanted)
        while place >= 0:
            name = content[place + 5 : place + 41].decode("ascii", "replace")
            if TRACE_ID.fullmatch(name):
                found.add(TraceId(name))
            place = content.find(wanted, place + 1)
    return found


def _starting(folder: Path, prefix: str) -> Iterator[TraceId]:
    digits = prefix.replace("-", "")[:12]
    first, last = (int(digits.ljust(12, fill), 16) for fill in "0f")
    for day in _days(folder, first, last):
        for path in day.iterdir():
            name = path.name.removesuffix(".jsonl")
            if name.startswith(prefix) and TRACE_ID.fullmatch(name):
                yield TraceId(name)


def _days(folder: Path, first: int, last: int) -> Iterator[Path]:
    """The day folders that exist between two milliseconds; a prefix of 8 digits covers one or two, of four fifty."""
    for millis in range(first - first % _DAY, last + 1, _DAY):
        with suppress(OverflowError, ValueError):  # beyond the calendar
            day = folder / f"{datetime.fromtimestamp(millis / 1000, UTC):%Y/%m/%d}"
            if day.is_dir():
                yield day


def _every_day(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]"))


def _event(line: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _last_leaves(content: "mmap.mmap | bytes", words: Sequence[bytes]) -> Iterator[Mapping[str, Any]]:
    """The last leaf of each trace, newest first; with words only those of closed traces that hold them all."""
    seen: set[bytes] = set()
    needle = max(words, key=len, default=b"\n")
    end = len(content)
    while (place := content.rfind(needle, 0, end)) >= 0:
        start, stop = content.rfind(b"\n", 0, place if words else place - 1) + 1, content.find(b"\n", place) + 1
        end = start
        line = content[start:stop]
        trace = line[-45:-9]  # …"t":"<id>","v":1} and a line feed: keys are sorted
        if trace in seen or not all(word in line for word in words):
            continue
        seen.add(trace)
        leaf = _event(line)
        if leaf and TRACE_ID.fullmatch(str(leaf.get("t"))):
            yield leaf


def _live_leaves(folder: Path, content: "mmap.mmap | bytes") -> Iterator[Mapping[str, Any]]:
    """The last leaf of each trace that is not closed: those that the writers' cache names, and what came after it."""
    seen, named = named_live(folder / LEDGER)
    if seen > len(content):  # the cache of another ledger
        seen, named = 0, frozenset()
    live = dict.fromkeys(named, "")
    for line in split_lines(content[seen:]):
        leaf = _event(line)
        with suppress(ValueError):  # no leaf: verification names it
            next_state(live, LeafKind(str(leaf.get("k"))), TraceId(str(leaf.get("t"))))
    for trace in live:
        place = content.rfind(f'"t":"{trace}"'.encode())
        leaf = _event(content[content.rfind(b"\n", 0, place) + 1 : content.find(b"\n", place) + 1])
        if place >= 0 and TRACE_ID.fullmatch(str(leaf.get("t"))):
            yield leaf


class _mapped:  # noqa: N801 - used like a function
    """The bytes of a file without reading them all; nothing where it is missing or empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None

    def __enter__(self) -> "mmap.mmap | bytes":
        try:
            with open_at_once(self._path) as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return b""
        return self._map

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()


def _summary(folder: Path, rest: Mapping[str, Any]) -> TraceSummary:
    trace_id, kind = TraceId(str(rest["t"])), str(rest.get("k"))
    if kind not in CLOSING:
        rest = {**_from_lines(folder, trace_id), **rest}
    counts, lines = rest.get("counts"), rest.get("n")
    return TraceSummary(
        trace_id=trace_id,
        state=state_of(kind),
        start=str(rest.get("start", "")),
        end=str(rest.get("end", "")),
        agent=str(rest.get("agent", "")),
        principal=str(rest.get("principal", "")),
        env=str(rest.get("env", "")),
        outcome=outcome_of(kind, rest),
        lines=lines if isinstance(lines, int) else 0,
        counts=counts if isinstance(counts, dict) else {},
    )


def _from_lines(folder: Path, trace_id: TraceId) -> Mapping[str, Any]:
    """What a closing leaf would say so far; the person is proven after the first line."""
    try:
        events = tuple(map(_event, split_lines(read_whole(path_in(folder, trace_id)))))
    except OSError:
        return {}
    first: Mapping[str, Any] = events[0] if events else {}
    people = [event["principal"] for event in events if isinstance(event.get("principal"), dict)]
    return {
        "start": first.get("timestamp", ""),
        "agent": first.get("agentId", ""),
        "env": first.get("env", ""),
        "principal": people[-1].get("id", "") if people else "",
        "counts": counts_of(events),
    }
