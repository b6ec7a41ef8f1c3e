"""Findings as OCSF 1.3 events, one JSON object a line, ready for a SIEM.

1. a failed check of the diff or across sources is a Detection Finding (2004); everything else is a Compliance
   Finding (2003), for a check that detected nothing is no detection;
2. PASS is Pass, FAIL is Fail, NOT_EVALUATED is Warning with its reason: never silence;
3. a waived failure is suppressed, one that the change ends is resolved;
4. evidence of class restricted and above is digest and pointer;
5. the time is that of the run, so that the same report gives the same bytes.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from harness_cli.guard.encode import for_json
from harness_cli.render.ocsf_words import (
    COMPLIANCE,
    NEW,
    PRODUCT,
    RESOLVED,
    SCHEMA_VERSION,
    SUPPRESSED,
    is_detection,
    severity_of,
)
from harness_cli.render.report_parts import Row, control_names, shared_value, started_at
from harness_cli.review.report_document import Document

Object = dict[str, Any]  # Any: OCSF is open JSON

_CONFIDENCES: Final = {"low": (1, "Low"), "medium": (2, "Medium"), "high": (3, "High")}
_RULE_TYPE: Final = 1


def render_ocsf(document: Document) -> str:
    """One event a finding, in the order of the report."""
    return "".join(json.dumps(_event(document, finding)) + "\n" for finding in document["findings"])


def _event(document: Document, finding: Row) -> Object:
    detected = is_detection(finding["id"], finding["status"])
    event = {**_common(document, finding), **(_detection(finding) if detected else _compliance(finding))}
    event["type_uid"] = event["class_uid"] * 100 + event["activity_id"]
    return event


def _common(document: Document, finding: Row) -> Object:
    severity = severity_of(finding["status"], finding["severity"])
    status = _lifecycle(finding)
    cloud = _cloud(finding)
    return {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "time": _milliseconds(document),
        "severity_id": severity[0],
        "severity": severity[1],
        "status_id": status[0],
        "status": status[1],
        "message": for_json(finding["message"]),
        "metadata": _metadata(document, finding, with_cloud=bool(cloud)),
        "finding_info": _finding_info(document, finding),
        "resources": [_resource(resource, in_cloud=bool(cloud)) for resource in finding["resources"]],
        **({"remediation": {"desc": for_json(finding["remediation"])}} if finding["remediation"] else {}),
        **({"cloud": cloud} if cloud else {}),
        "unmapped": _unmapped(document, finding),
    }


def _compliance(finding: Row) -> Object:
    status = COMPLIANCE[finding["status"]]
    detail = " ".join(filter(None, (finding["reason"], finding["detail"])))
    frameworks = (" ".join(filter(None, (c["framework"], c["version"]))) for c in finding["controls"])
    standards = list(dict.fromkeys(frameworks)) or ["harness"]
    return {
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "compliance": {
            "control": for_json(finding["id"]),
            "requirements": [for_json(name) for name in control_names(finding)],
            "standards": [for_json(standard) for standard in standards],
            "status_id": status[0],
            "status": status[1],
            "status_code": finding["status"],
            **({"status_detail": for_json(detail)} if detail else {}),
        },
    }


def _detection(finding: Row) -> Object:
    confidence = _CONFIDENCES[finding["confidence"]]
    return {
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "confidence_id": confidence[0],
        "confidence": confidence[1],
        "is_alert": not finding["waiver"],
        "evidences": [{"data": _evidence(finding, evidence)} for evidence in finding["evidence"]],
    }


def _lifecycle(finding: Row) -> tuple[int, str]:
    if finding["waiver"]:
        return SUPPRESSED
    return RESOLVED if finding["origin"] == "fixed" else NEW


def _metadata(document: Document, finding: Row, *, with_cloud: bool) -> Object:
    return {
        "version": SCHEMA_VERSION,
        "product": PRODUCT,
        "profiles": ["cloud"] if with_cloud else [],
        "uid": f"{document['traceId']}/{finding['uid']}",
        "correlation_uid": document["traceId"],
    }


def _finding_info(document: Document, finding: Row) -> Object:
    title = for_json(finding["title"])
    return {
        "uid": finding["uid"],
        "title": title,
        "desc": for_json(f"{finding['title']}: {finding['message']}"),
        "created_time": _milliseconds(document),
        "types": [for_json(finding["id"])],
        "data_sources": sorted({for_json(evidence["source"]) for evidence in finding["evidence"]}),
        "analytic": {"uid": for_json(finding["id"]), "name": title, "type_id": _RULE_TYPE, "type": "Rule"},
    }


def _cloud(finding: Row) -> Object:
    """Where the first live resource is; nothing for a ticket, a pull request or a file."""
    first = next((resource for resource in finding["resources"] if resource["account"]), None)
    if first is None:
        return {}
    region = {"region": for_json(first["region"])} if first["region"] else {}
    return {"provider": "AWS", "account": {"uid": for_json(first["account"]), "type_id": 10}, **region}


def _resource(resource: Row, *, in_cloud: bool) -> Object:
    shown = {"type": for_json(resource["type"]), "uid": for_json(resource["uid"])}
    if in_cloud and resource["region"]:
        shown["region"] = for_json(resource["region"])
    return shown


def _unmapped(document: Document, finding: Row) -> Object:
    subject = finding["subject"]
    change = filter(None, (subject["ticket"], *subject["pullRequests"]))
    return {
        "environment": for_json(document["environment"]),
        "sandbox": document["sandbox"],
        "change": [for_json(name) for name in change],
        "origin": finding["origin"],
        "weight": finding["weight"],
        "places": [for_json(f"{iac['repo']}/{iac['path']}:{iac['line']}") for iac in _places(finding)],
        "evidence": [_evidence(finding, evidence) for evidence in finding["evidence"]],
        **({"waiver": for_json(finding["waiver"])} if finding["waiver"] else {}),
    }


def _places(finding: Row) -> list[Row]:
    return [resource["iac"] for resource in finding["resources"] if "iac" in resource]


def _evidence(finding: Row, evidence: Row) -> Mapping[str, Any]:
    names = ("source", "call", "at", "digest", "pointer", "account", "region")
    shown = {name: for_json(evidence[name]) for name in names if evidence[name]}
    value = shared_value(finding, evidence)
    return {"auditSeq": evidence["auditSeq"], **shown, **({"value": for_json(value)} if value else {})}


def _milliseconds(document: Document) -> int:
    return int(started_at(document).timestamp() * 1000)
