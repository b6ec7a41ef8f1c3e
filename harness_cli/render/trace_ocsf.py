"""One trace as OCSF 1.3 events, one JSON object a line, ready for a SIEM.

1. a lease is Authorize Session (3003), every other line is API Activity (6003); no line is left out;
2. an allowed decision is Allowed, a denied one or a blocked call is Denied; an intent is not a success yet;
3. each event names its line: trace, number, and the SHA-256 of the raw bytes, so that the trail can be asked;
4. a line that cannot be read, or is none of ours, is an event too, and an alarm.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from harness_cli import __version__
from harness_cli.audit.reader import Trail
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.ids import time_of
from harness_cli.guard.encode import for_json

Object = dict[str, Any]  # Any: OCSF is open JSON
Line = Mapping[str, Any]  # Any: an audit event, checked by its schema where it was written

_SCHEMA_VERSION: Final = "1.3.0"
_ACTIVITIES: Final = {"write": (1, "Create"), "read": (2, "Read")}
_OTHER: Final = 99  # whose label is the source's own word
_SESSIONS: Final = {"credential.issued": (1, "Assign Privileges"), "credential.revoked": (_OTHER, "Revoke Privileges")}
_NEEDED: Final = ("event", "timestamp", "outcome", "action", "tool", "agentId", "traceId", "seq", "prev")
_STATUSES: Final = {"success": (1, "Success"), "blocked": (2, "Failure"), "error": (2, "Failure")}


def render_trace_ocsf(trail: Trail) -> str:
    """One event a line of the trail, in its order."""
    rows = enumerate(zip(trail.events, trail.lines, strict=True))
    events = (_event(line, raw) if _is_ours(line) else _foreign(trail, number, raw) for number, (line, raw) in rows)
    return "".join(json.dumps(event, sort_keys=True) + "\n" for event in events)


def _is_ours(line: Line) -> bool:
    try:
        parse_rfc3339(line["timestamp"])
        words = all(isinstance(line[name], str) for name in _NEEDED if name != "seq")
        return words and isinstance(line["principal"]["id"], str) and isinstance(line["principal"]["idp"], str)
    except (KeyError, TypeError, ValueError):
        return False


def _event(line: Line, raw: bytes) -> Object:
    lease = line["event"] in _SESSIONS
    activity = _SESSIONS[line["event"]] if lease else _ACTIVITIES.get(line["action"], (_OTHER, line["action"]))
    status = _STATUSES.get(line["outcome"], (_OTHER, for_json(line["outcome"])))
    denied = line["outcome"] == "blocked"
    event: Object = {
        **(_session(line) if lease else _call(line)),
        "action_id": 2 if denied else 1,
        "action": "Denied" if denied else "Allowed",
        "disposition_id": 2 if denied else 1,
        "disposition": "Blocked" if denied else "Allowed",
        "activity_id": activity[0],
        "activity_name": activity[1],
        "time": int(parse_rfc3339(line["timestamp"]).timestamp() * 1000),
        "severity_id": 1,
        "severity": "Informational",
        "status_id": status[0],
        "status": status[1],
        "status_code": line["outcome"],
        "actor": {"user": _user(line), "app_name": for_json(line["agentId"])},
        "metadata": _metadata(line["traceId"], line["seq"]),
        "unmapped": _unmapped(line, raw),
    }
    return {**event, "type_uid": event["class_uid"] * 100 + activity[0]}


def _foreign(trail: Trail, number: int, raw: bytes) -> Object:
    """A line that no writer of ours leaves; it has no time of its own but the one in the trace's id."""
    return {
        **_API_ACTIVITY,
        "activity_id": 0,
        "activity_name": "Unknown",
        "type_uid": 600300,
        "api": {"operation": "unreadable line"},
        "src_endpoint": {"name": "harness"},
        "actor": {"app_name": "harness"},
        "time": int(time_of(trail.trace_id).timestamp() * 1000),
        "severity_id": 4,
        "severity": "High",
        "status_id": 2,
        "status": "Failure",
        "message": f"line {number + 1} of the trail cannot be read: harness trace {trail.trace_id} --verify",
        "metadata": _metadata(trail.trace_id, number),
        "unmapped": {"line_sha256": hashlib.sha256(raw).hexdigest()},
    }


_API_ACTIVITY: Final = {
    "class_uid": 6003,
    "class_name": "API Activity",
    "category_uid": 6,
    "category_name": "Application Activity",
}


def _call(line: Line) -> Object:
    return {
        **_API_ACTIVITY,
        "api": {"operation": for_json(line.get("op") or line["event"]), "service": {"name": for_json(line["tool"])}},
        "src_endpoint": {"name": "harness"},
        "resources": [{"type": for_json(one["type"]), "uid": for_json(one["id"])} for one in line.get("resource", ())],
    }


def _session(line: Line) -> Object:
    lease = line.get("credential") or {}
    session: Object = {"issuer": for_json(line["principal"]["idp"])}
    if lease:  # the proof of who asks is a session without a lease
        session |= {"uid": for_json(lease.get("lease", "")), "credential_uid": for_json(lease.get("fingerprint", ""))}
        if lease.get("expires"):
            session["expiration_time"] = int(parse_rfc3339(lease["expires"]).timestamp() * 1000)
    return {
        "user": _user(line),
        "privileges": [for_json(f"{line['tool']}: {line.get('op') or line['event']}")],
        "session": session,
        "class_uid": 3003,
        "class_name": "Authorize Session",
        "category_uid": 3,
        "category_name": "Identity & Access Management",
    }


def _user(line: Line) -> Object:
    principal = line["principal"]
    return {"name": for_json(principal["id"]), "uid": for_json(principal["id"]), "domain": for_json(principal["idp"])}


def _metadata(trace_id: str, seq: int) -> Object:
    return {
        "version": _SCHEMA_VERSION,
        "product": {"name": "harness", "vendor_name": "harness", "version": __version__},
        "profiles": ["security_control"],
        "uid": f"{trace_id}/{seq}",
        "correlation_uid": trace_id,
        "sequence": seq,
    }


def _unmapped(line: Line, raw: bytes) -> Object:
    kept = ("event", "approvalStatus", "dataClass", "env", "policy", "approval", "credential", "result", "finding")
    return {
        "line_sha256": hashlib.sha256(raw).hexdigest(),
        "prev_sha256": line["prev"],
        **{name: line[name] for name in kept if name in line},
    }
