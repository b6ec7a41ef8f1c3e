"""H084: a time window that never opens, a freeze that is none (the schema finds missing keys)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness_cli.config.document import Scalar
from harness_cli.config.model import Window
from harness_cli.config.moments import read_moment
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

if TYPE_CHECKING:
    from harness_cli.policy.windows import OpenWindow

_GATES = ("policy_engine", "environment_gates")


def check(subject: Subject) -> Iterator[Found]:
    """Every window by itself, those of the file against those of each layer, and the freezes."""
    for env, gate in subject.gates.items():
        for index, window in enumerate(gate.windows):
            if subject.is_sound(*_GATES, env, "windows", index):
                yield from _window(subject, env, index, window)
        if gate.windows:
            yield from _against_layers(subject, env, gate.windows)
    for index in range(len(subject.config.review.freezes)):
        if subject.is_sound("review", "freezes", index):
            yield from _freeze(subject, index)


def _freeze(subject: Subject, index: int) -> Iterator[Found]:
    path = ("review", "freezes", index)
    moments = {}
    for key in ("start", "end"):
        node = subject.node(*path, key)
        moments[key] = read_moment(node.raw, is_end=key == "end") if isinstance(node, Scalar) else None
        if moments[key] is None:
            yield Found(subject.value(*path, key), "there is no such day", 'write a day such as `"2026-12-20"`')
    start, end = moments["start"], moments["end"]
    if start and end and end < start:
        yield Found(subject.value(*path, "end"), "the freeze ends before it starts", "write the end after the start")


def _window(subject: Subject, env: str, index: int, window: Window) -> Iterator[Found]:
    from harness_cli.policy.windows import WindowRefusedError, compile_window  # time zones: few files have windows

    try:
        compile_window(window)
    except WindowRefusedError as err:
        key = "tz" if "zone" in str(err) else "end"
        advice = "write the end after the start; a night is two windows" if key == "end" else "write an IANA name"
        yield Found(subject.value(*_GATES, env, "windows", index, key), str(err), advice)


def _against_layers(subject: Subject, env: str, windows: Sequence[Window]) -> Iterator[Found]:
    mine = _compiled(windows)
    for layer in subject.config.layers:
        engine = layer.config.policy_engine
        gate = engine.environment_gates.get(env) if engine else None
        theirs = _compiled(gate.windows) if gate else []
        if mine and theirs and not any(_meet(one, other) for one in mine for other in theirs):
            span = subject.key(*_GATES, env, "windows")
            yield Found(span, f"never open: no window of `{layer.path}` overlaps these", "agree on a common time")


def _compiled(windows: Sequence[Window]) -> "list[OpenWindow]":
    from harness_cli.policy.windows import WindowRefusedError, compile_window

    ready = []
    for window in windows:
        try:
            ready.append(compile_window(window))
        except WindowRefusedError:  # reported by itself
            return []
    return ready


def _meet(one: "OpenWindow", other: "OpenWindow") -> bool:
    if one.zone.key != other.zone.key:
        return True  # which days meet depends on the time of year
    return bool(one.days & other.days) and max(one.start, other.start) < min(one.end, other.end)


RULE = Rule(
    code="H084",
    severity=Severity.ERROR,
    title="window without time zone, end before start, or empty intersection",
    why="A time without a zone is another time for everybody; a window that never opens denies every run (P011).",
    mend='write `{days: [mon, …], start: "08:00", end: "18:00", tz: Europe/Berlin}`',
    check=check,
)
