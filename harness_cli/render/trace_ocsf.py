"""One trace as OCSF 1.3 events, one JSON object a line, ready for a SIEM.

1. a lease is Authorize Session (3003), what a check said is the finding that it is in the report (2003, 2004), every
   other line is API Activity (6003); no line is left out;
2. an allowed decision is Allowed, a denied one or a blocked call is Denied, of what waits the action is Unknown; an
   intent is not a success yet;
3. each event names its line: trace, number, and the SHA-256 of the raw bytes, so that the trail can be asked; the
   intent and the outcome of a call have one request uid;
4. a line that cannot be read, or is none of ours, is an event too, and an alarm.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from harness_cli.audit.reader import Trail
from harness_cli.core.clock import parse_rfc3339
from harness_cli.core.ids import time_of
from harness_cli.guard.encode import for_json
from harness_cli.render.ocsf_words import (
    COMPLIANCE,
    INFORMATIONAL,
    NEW,
    PRODUCT,
    RESOLVED,
    SCHEMA_VERSION,
    SEVERITIES,
    is_detection,
    severity_of,
)
from harness_cli.render.trace_facts import part, told

Object = dict[str, Any]  # Any: OCSF is open JSON
Line = Mapping[str, Any]  # Any: an audit event, checked by its schema where it was written

_ACTIVITIES: Final = {"write": (1, "Create"), "read": (2, "Read")}
_OTHER: Final = 99  # whose label is the source's own word
_SESSIONS: Final = {"credential.issued": (1, "Assign Privileges"), "credential.revoked": (_OTHER, "Revoke Privileges")}
_NEEDED: Final = ("event", "timestamp", "outcome", "action", "tool", "agentId", "traceId", "seq", "prev")
_STATUSES: Final = {"success": (1, "Success"), "blocked": (2, "Failure"), "error": (2, "Failure")}
_ACTIONS: Final = {0: ("Unknown", "Unknown"), 1: ("Allowed", "Allowed"), 2: ("Denied", "Blocked")}


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
    if line["event"] in _SESSIONS:
        body = {**_session(line), **_activity(*_SESSIONS[line["event"]]), **_done(line)}
    elif _is_finding(line):
        body = {**_finding(line), **_activity(1, "Create")}
    else:
        body = {**_call(line), **_activity(*_ACTIVITIES.get(line["action"], (_OTHER, line["action"]))), **_done(line)}
    return {
        **body,
        "type_uid": body["class_uid"] * 100 + body["activity_id"],
        "time": _milliseconds(line["timestamp"]),
        "message": for_json(told(line)),
        "metadata": _metadata(line["traceId"], line["seq"]),
        "unmapped": _unmapped(line, raw),
    }


def _activity(uid: int, name: str) -> Object:
    return {"activity_id": uid, "activity_name": name}


def _done(line: Line) -> Object:
    """Who did it, whether it was let through, and how it went."""
    status = _STATUSES.get(line["outcome"], (_OTHER, for_json(line["outcome"])))
    is_call = line["event"].startswith("tool.")
    denied, waits = line["outcome"] == "blocked", line["outcome"] == "pending" and not is_call
    action = 2 if denied else 0 if waits else 1
    error = part(line, "result").get("errorType") or part(line, "detail").get("code")
    return {
        "action_id": action,
        "action": _ACTIONS[action][0],
        "disposition_id": action,
        "disposition": _ACTIONS[action][1],
        "severity_id": INFORMATIONAL[0],
        "severity": INFORMATIONAL[1],
        "status_id": status[0],
        "status": status[1],
        "status_code": line["outcome"],
        **({"status_detail": for_json(str(error))} if error else {}),
        **({"duration": line["durationMs"]} if isinstance(line.get("durationMs"), int) else {}),
        "actor": {"user": _user(line), "app_name": for_json(line["agentId"])},
    }


def _is_finding(line: Line) -> bool:
    found = part(line, "finding")
    words = all(isinstance(found.get(name), str) for name in ("id", "uid", "status", "severity"))
    return line["event"] == "finding" and words and found["status"] in COMPLIANCE and found["severity"] in SEVERITIES


def _finding(line: Line) -> Object:
    found = line["finding"]
    status, severity = COMPLIANCE[found["status"]], severity_of(found["status"], found["severity"])
    life = RESOLVED if found.get("origin") == "fixed" else NEW
    check = for_json(found["id"])
    detected = is_detection(found["id"], found["status"])
    compliance = {
        "control": check,
        "standards": ["harness"],
        "status_id": status[0],
        "status": status[1],
        "status_code": found["status"],
    }
    return {
        "class_uid": 2004 if detected else 2003,
        "class_name": "Detection Finding" if detected else "Compliance Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "finding_info": {"uid": for_json(found["uid"]), "title": check, "types": [check]},
        "severity_id": severity[0],
        "severity": severity[1],
        "status_id": life[0],
        "status": life[1],
        **({"is_alert": True} if detected else {"compliance": compliance}),
    }


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


_KEPT: Final = (
    "event",
    "approvalStatus",
    "dataClass",
    "env",
    "sandbox",
    "change",
    "policy",
    "approval",
    "credential",
    "result",
    "finding",
    "detail",
)
_API_ACTIVITY: Final = {
    "class_uid": 6003,
    "class_name": "API Activity",
    "category_uid": 6,
    "category_name": "Application Activity",
}


def _call(line: Line) -> Object:
    span, status = line.get("spanId"), part(line, "result").get("httpStatus")
    return {
        **_API_ACTIVITY,
        "api": {
            "operation": for_json(line.get("op") or line["event"]),
            "service": {"name": for_json(line["tool"])},
            **({"request": {"uid": for_json(str(span))}} if span else {}),
        },
        **({"http_response": {"code": status}} if isinstance(status, int) and status else {}),
        "src_endpoint": {"name": "harness"},
        "resources": [{"type": for_json(one["type"]), "uid": for_json(one["id"])} for one in line.get("resource", ())],
    }


def _session(line: Line) -> Object:
    lease = line.get("credential") or {}
    session: Object = {"issuer": for_json(line["principal"]["idp"])}
    if lease:  # the proof of who asks is a session without a lease
        session |= {"uid": for_json(lease.get("lease", "")), "credential_uid": for_json(lease.get("fingerprint", ""))}
        if lease.get("expires"):
            session["expiration_time"] = _milliseconds(lease["expires"])
    return {
        "user": _user(line),
        "privileges": [for_json(f"{line['tool']}: {line.get('op') or line['event']}")],
        "session": session,
        "class_uid": 3003,
        "class_name": "Authorize Session",
        "category_uid": 3,
        "category_name": "Identity & Access Management",
    }


def _milliseconds(moment: str) -> int:
    return int(parse_rfc3339(moment).timestamp() * 1000)


def _user(line: Line) -> Object:
    principal = line["principal"]
    return {"name": for_json(principal["id"]), "uid": for_json(principal["id"]), "domain": for_json(principal["idp"])}


def _metadata(trace_id: str, seq: int) -> Object:
    return {
        "version": SCHEMA_VERSION,
        "product": PRODUCT,
        "profiles": ["security_control"],
        "uid": f"{trace_id}/{seq}",
        "correlation_uid": trace_id,
        "sequence": seq,
    }


def _unmapped(line: Line, raw: bytes) -> Object:
    kept = (*_KEPT, "principal") if _is_finding(line) else _KEPT  # a finding has no actor
    return {
        "line_sha256": hashlib.sha256(raw).hexdigest(),
        "prev_sha256": line["prev"],
        **{name: line[name] for name in kept if name in line},
    }
