"""Traces and verdicts for machines: versioned JSON, ASCII, sorted keys."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness_cli.audit.reader import TraceSummary, Trail
from harness_cli.audit.verdict import VerifyReport

VERSION = 1


def list_json(traces: Sequence[TraceSummary]) -> str:
    """Recent traces as one document."""
    return _text({"version": VERSION, "traces": [_summary(one) for one in traces]})


def list_jsonl(traces: Sequence[TraceSummary]) -> str:
    """Recent traces, one object a line."""
    return "".join(json.dumps(_summary(one), sort_keys=True) + "\n" for one in traces)


def trail_json(trail: Trail) -> str:
    """One trace with its events."""
    return _text(
        {
            "version": VERSION,
            "traceId": trail.trace_id,
            "state": trail.state,
            "events": list(trail.events),
            "leaves": [dict(leaf.rest) for leaf in trail.leaves],
        }
    )


def verdict_json(report: VerifyReport, trace_id: str | None = None) -> str:
    """The verdict of a verification."""
    return _text(
        {
            "version": VERSION,
            "verdict": report.verdict.value,
            "exitCode": int(report.verdict.exit_code),
            **({"traceId": trace_id} if trace_id else {}),
            "problems": [
                {"verdict": one.verdict.value, "place": one.place, "message": one.message} for one in report.problems
            ],
            "traces": report.traces,
            "leaves": report.leaves,
            "checkpoint": {"origin": report.origin, "size": report.size, "root": report.root},
            "key": report.key,
            "notes": list(report.notes),
            "limits": list(report.limits),
        }
    )


def _summary(one: TraceSummary) -> Mapping[str, Any]:
    return {
        "traceId": one.trace_id,
        "state": one.state,
        "start": one.start,
        "end": one.end,
        "agent": one.agent,
        "principal": one.principal,
        "env": one.env,
        "outcome": one.outcome,
        "verdict": one.verdict,
        "lines": one.lines,
        "counts": dict(one.counts),
    }


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, indent=2) + "\n"
