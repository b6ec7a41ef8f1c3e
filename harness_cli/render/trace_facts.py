"""What a trace says, in short words: shared by the text and the page."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness_cli.audit.reader import Trail, verdict_in

Event = Mapping[str, Any]  # Any: a line of a trail, JSON


def who_of(trail: Trail) -> str:
    """The person of a run: the last one that its lines name, and how they were proven."""
    for event in reversed(trail.events):
        principal = event.get("principal")
        if isinstance(principal, dict):
            name, auth = str(principal.get("id", "-")), str(principal.get("auth", ""))
            return name if auth in {"oidc", name} else f"{name} ({auth})"
    return "-"


def facts_of(trail: Trail) -> list[tuple[str, str]]:
    """Who ran what, when, and how it ended: of the whole run, whichever of its lines were picked."""
    run = trail.run
    first, leaf = (run.events or ({},))[0], run.leaves[-1].rest if run.leaves else {}
    facts = [
        ("who", who_of(run)),
        ("agent", str(first.get("agentId", "-"))),
        ("started", str(first.get("timestamp", "-"))),
        ("ended", str(leaf.get("end", ""))),
        ("environment", str(first.get("env", "-")) + (" (sandbox)" if first.get("sandbox") is True else "")),
        ("subject", subject_of(first)),
        ("state", run.state),
        ("outcome", run.outcome or "-"),
        ("verdict", verdict_in(part(leaf, "counts"))),
        ("waits for", _words(leaf.get("requests"))),
    ]
    return [(name, value) for name, value in facts if value]


def subject_of(event: Event) -> str:
    """The ticket and the pull requests of a run."""
    change = part(event, "change")
    return f"{change.get('ticket') or ''} {_words(change.get('pr'))}".strip() or "-"


def operation_of(event: Event) -> str:
    """The operation, or the tool where there is none."""
    return str(event.get("op") or event.get("tool") or "")


def resource_of(event: Event) -> str:
    """The resources of an event; of a finding its verdict and the lines that fed it."""
    finding = part(event, "finding")
    if finding:
        fed = ", ".join(map(str, fed_by(event)))
        return f"{finding.get('status', '')} {finding.get('severity', '')}" + (f" <- {fed}" if fed else "")
    resources = event.get("resource")
    named = resources if isinstance(resources, list) else []
    return " ".join(f"{one.get('type', '')}:{one.get('id', '')}" for one in named if isinstance(one, dict))


def code_of(event: Event) -> str:
    """The code that decided, else how it went; of a finding nothing, for its status says it."""
    policy, result, outcome = part(event, "policy"), part(event, "result"), str(event.get("outcome", ""))
    if event.get("event") == "policy.decision":
        phase = "plan " if policy.get("phase") == "plan" else ""
        return f"{phase}{policy.get('decision', outcome)} {policy.get('code', '')}".strip()
    if event.get("event") == "finding":
        return ""
    if str(event.get("event")).startswith("approval."):
        return str(event.get("approvalStatus", outcome))
    error = result.get("errorType") or part(event, "detail").get("code")
    return f"{outcome} {error}" if error else outcome


def told(event: Event) -> str:
    """One line of a trail in a few words, as it stands there."""
    took = duration_of(event)
    said = [str(event.get("event", "")), operation_of(event), resource_of(event), code_of(event)]
    return " ".join(word for word in said if word) + (f" in {took} ms" if took else "")


def duration_of(event: Event) -> str:
    """Milliseconds of a call."""
    value = event.get("durationMs")
    return str(value) if isinstance(value, int) else ""


def moment_of(event: Event) -> tuple[str, str]:
    """The day and the time of day of a line, in UTC."""
    day, _, time = str(event.get("timestamp", "")).partition("T")
    return day, time.removesuffix("Z")


def days_begun(events: Iterable[Event]) -> list[str]:
    """Beside each line its day, where that is another than the line before had: a run may wait for days."""
    found, day = [], ""
    for event in events:
        today = moment_of(event)[0] or day
        found.append(today if day and today != day else "")
        day = today
    return found


def seq_of(event: Event) -> int:
    """The number of a line; -1 where it has none."""
    value = event.get("seq")
    return value if isinstance(value, int) else -1


def fed_by(event: Event) -> Sequence[int]:
    """The lines of the calls that fed a finding."""
    seqs = part(event, "finding").get("auditSeqs")
    return [seq for seq in seqs if isinstance(seq, int)] if isinstance(seqs, list) else []


def rule_words(event: Event) -> str:
    """What stands for the place of a rule where a decision names none."""
    policy = part(event, "policy")
    is_pattern = (policy.get("phase"), policy.get("decision")) == ("plan", "allow")
    return "the scope, call by call" if is_pattern else "no rule"


def data_classes(trail: Trail) -> list[str]:
    """The data classes that calls touched."""
    return sorted({str(event.get("dataClass")) for event in of_kind(trail, "tool.intent")})


def tools_of(trail: Trail) -> list[str]:
    """The tools that the lines name, the harness itself among them."""
    return sorted({str(event.get("tool")) for event in trail.events if event.get("tool")})


def calls_by_tool(trail: Trail) -> list[str]:
    """How many calls each tool made, and how they went."""
    counts: Counter[tuple[str, str]] = Counter()
    for event in of_kind(trail, "tool.outcome", "tool.blocked"):
        counts[(str(event.get("tool")), str(event.get("outcome")))] += 1
    tools = sorted({tool for tool, _ in counts})
    return [f"{tool}: {_counted({how: n for (name, how), n in counts.items() if name == tool})}" for tool in tools]


def decisions_by_rule(trail: Trail) -> list[str]:
    """Which rule allowed or denied what, how often, at which line of the configuration."""
    counts: Counter[tuple[str, ...]] = Counter()
    for event in of_kind(trail, "policy.decision"):
        policy = part(event, "policy")
        words = (
            policy.get("decision", "?"),
            policy.get("code", "?"),
            event.get("tool"),
            policy.get("rule") or rule_words(event),
        )
        counts[tuple(str(word) for word in words)] += 1
    return [
        f"{decision} {code} {tool} x{count} by {rule}" for (decision, code, tool, rule), count in sorted(counts.items())
    ]


def policies_of(trail: Trail) -> list[str]:
    """Under which policy each part of the run was decided, and the files that it was read from."""
    lines = []
    for event in of_kind(trail, "trace.start", "trace.resumed"):
        policy = part(event, "policy")
        files = policy.get("files")
        names = (
            ", ".join(str(one.get("path")) for one in files if isinstance(one, dict)) if isinstance(files, list) else ""
        )
        if policy:
            lines.append(
                f"{event.get('seq')}: sha256:{policy.get('sha256', '-')}" + (f" from {names}" if names else "")
            )
    return lines


def leases_of(trail: Trail) -> list[str]:
    """The credentials that were leased, and what became of them."""
    lines = []
    for event in of_kind(trail, "credential.issued", "credential.revoked"):
        lease = part(event, "credential")
        if lease:
            until = f" until {lease['expires']}" if event.get("event") == "credential.issued" else ""
            lines.append(f"{event.get('seq')}: {event.get('op')} {event.get('tool')} {lease.get('lease', '?')}{until}")
    return lines


def approvals_of(trail: Trail) -> list[str]:
    """What people were asked, and what they said."""
    lines = []
    for event in of_kind(trail, "approval.requested", "approval.decided"):
        approval = part(event, "approval")
        several = approval.get("approvers")
        people = [*(several if isinstance(several, list) else ()), *filter(None, [approval.get("approver")])]
        who = f" by {', '.join(map(str, people))}" if people else ""
        asked = approval.get("request", "?")
        lines.append(f"{event.get('seq')}: {event.get('event')} {asked} {event.get('approvalStatus')}{who}")
    return lines


def failed_findings(trail: Trail) -> list[str]:
    """Findings that failed, with the lines that fed them."""
    failed = [event for event in of_kind(trail, "finding") if part(event, "finding").get("status") == "FAIL"]
    return [f"{event.get('seq')}: {event.get('op')} {resource_of(event)}" for event in failed]


def of_kind(trail: Trail, *kinds: str) -> Iterator[Event]:
    """The events of some kinds."""
    return (event for event in trail.events if event.get("event") in kinds)


def chain_status(trail: Trail) -> str:
    """A quick look at the chain; `--verify` looks at everything."""
    if trail.is_part:
        return f"not looked at: {len(trail.lines)} picked lines are shown (see --verify)"
    previous = "0" * 64
    for number, (line, event) in enumerate(zip(trail.lines, trail.events, strict=True)):
        if event.get("prev") != previous or not line.endswith(b"\n"):
            return f"broken at line {number + 1} (see --verify)"
        previous = hashlib.sha256(line).hexdigest()
    return f"{len(trail.lines)} lines in order, last sha256:{previous} (signatures: --verify)"


def sections(trail: Trail) -> list[tuple[str, list[str]]]:
    """What a reader wants to know behind the timeline; sections without a line are left out."""
    classes = data_classes(trail)
    found = [
        ("policy", policies_of(trail)),
        ("decisions", decisions_by_rule(trail)),
        ("calls", calls_by_tool(trail)),
        ("data classes touched", [", ".join(classes)] if classes else []),
        ("leases", leases_of(trail)),
        ("approvals", approvals_of(trail)),
        ("findings that failed <- lines that fed them", failed_findings(trail)),
    ]
    return [(title, lines) for title, lines in found if lines]


def part(event: Event, name: str) -> Mapping[str, Any]:
    """A part of an event; empty where it has none, or something else in its place."""
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else ""


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
