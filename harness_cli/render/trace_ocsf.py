"""One trace as OCSF 1.3 events, one JSON object a line, ready for a SIEM.

1. a lease is Authorize Session (3003), every other line is API Activity (6003); no line is left out;
2. an allowed decision is Allowed, a denied one or a blocked call is Denied; an intent is not a success yet;
3. each event names its line: trace, number, and the SHA-256 of the raw bytes, so that the trail can be asked.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from harness_cli import __version__
from harness_cli.audit.reader import Trail
from harness_cli.core.clock import parse_rfc3339
from harness_cli.guard.encode import for_json

Object = dict[str, Any]  # Any: OCSF is open JSON
Line = Mapping[str, Any]  # Any: an audit event, checked by its schema where it was written

_SCHEMA_VERSION: Final = "1.3.0"
_ACTIVITIES: Final = {"write": (1, "Create"), "read": (2, "Read")}
_OTHER: Final = (99, "Other")
_SESSIONS: Final = {"credential.issued": (1, "Assign Privileges"), "credential.revoked": _OTHER}
_STATUSES: Final = {"success": (1, "Success"), "blocked": (2, "Failure"), "error": (2, "Failure")}


def render_trace_ocsf(trail: Trail) -> str:
    """One event a line of the trail, in its order."""
    rows = zip(trail.events, trail.lines, strict=True)
    return "".join(json.dumps(_event(line, raw), sort_keys=True) + "\n" for line, raw in rows)


def _event(line: Line, raw: bytes) -> Object:
    lease = line["event"] in _SESSIONS
    activity = _SESSIONS[line["event"]] if lease else _ACTIVITIES.get(line["action"], _OTHER)
    status = _STATUSES.get(line["outcome"], _OTHER)
    event: Object = {
        **(_session() if lease else _call(line)),
        "activity_id": activity[0],
        "activity_name": activity[1],
        "time": int(parse_rfc3339(line["timestamp"]).timestamp() * 1000),
        "severity_id": 1,
        "severity": "Informational",
        "status_id": status[0],
        "status": status[1],
        "status_code": line["outcome"],
        "actor": {"user": _user(line), "app_name": for_json(line["agentId"])},
        "metadata": _metadata(line),
        "unmapped": _unmapped(line, raw),
    }
    return {**event, **({"user": _user(line)} if lease else {}), "type_uid": event["class_uid"] * 100 + activity[0]}


def _call(line: Line) -> Object:
    denied = line["outcome"] == "blocked"
    return {
        "class_uid": 6003,
        "class_name": "API Activity",
        "category_uid": 6,
        "category_name": "Application Activity",
        "api": {"operation": for_json(line.get("op") or line["event"]), "service": {"name": for_json(line["tool"])}},
        "src_endpoint": {"name": "harness"},
        "action_id": 2 if denied else 1,
        "action": "Denied" if denied else "Allowed",
        "resources": [{"type": for_json(one["type"]), "uid": for_json(one["id"])} for one in line.get("resource", ())],
    }


def _session() -> Object:
    return {
        "class_uid": 3003,
        "class_name": "Authorize Session",
        "category_uid": 3,
        "category_name": "Identity & Access Management",
    }


def _user(line: Line) -> Object:
    principal = line["principal"]
    return {"name": for_json(principal["id"]), "uid": for_json(principal["id"]), "domain": for_json(principal["idp"])}


def _metadata(line: Line) -> Object:
    return {
        "version": _SCHEMA_VERSION,
        "product": {"name": "harness", "vendor_name": "harness", "version": __version__},
        "profiles": ["security_control"],
        "uid": f"{line['traceId']}/{line['seq']}",
        "correlation_uid": line["traceId"],
        "sequence": line["seq"],
    }


def _unmapped(line: Line, raw: bytes) -> Object:
    kept = ("event", "approvalStatus", "dataClass", "env", "policy", "approval", "credential", "result", "finding")
    return {
        "line_sha256": hashlib.sha256(raw).hexdigest(),
        "prev_sha256": line["prev"],
        **{name: line[name] for name in kept if name in line},
    }
