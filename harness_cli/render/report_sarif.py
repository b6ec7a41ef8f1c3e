"""Findings as SARIF 2.1.0 in the form that GitHub code scanning takes.

1. only failures that have a file and a line: the rest cannot be shown in a diff;
2. one run a repository, each with a category of its own: GitHub refuses two runs of one category;
3. evidence of class restricted and above is digest and pointer;
4. checks that could not be evaluated are notifications, so that an empty list never looks like a clean review.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from harness_cli import __version__
from harness_cli.guard.encode import for_json, for_markdown, for_sarif
from harness_cli.render.report_parts import ORIGINS, Row, control_names, failures, shared_value, unread
from harness_cli.review.report_document import Document

Object = dict[str, Any]  # Any: SARIF is open JSON

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME: Final = "https://github.com/harness-review/harness"
_LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}  # GitHub's bands of CVSS
_MOST_TAGS: Final = 20  # GitHub refuses a rule with more


def render_sarif(document: Document) -> str:
    """The SARIF log; valid and empty where no failure has a place in a file."""
    by_repository: dict[str, list[Row]] = {}
    for finding in failures(document):
        for repository in dict.fromkeys(iac["repo"] for iac in _places(finding)):
            by_repository.setdefault(repository, []).append(finding)
    runs = [_run(document, name, findings) for name, findings in sorted(by_repository.items())]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs or [_run(document, "", [])]}
    return json.dumps(log, indent=2) + "\n"


def _places(finding: Row) -> list[Row]:
    places = (resource.get("iac") for resource in finding["resources"])
    return [iac for iac in places if iac and iac["path"] and iac["line"] > 0]


def _run(document: Document, repository: str, findings: Sequence[Row]) -> Object:
    declared = {finding["id"]: finding for finding in reversed(findings)}
    index = {check: number for number, check in enumerate(sorted(declared))}
    category = f"harness/{_uri(repository)}/" if repository else "harness/"
    return {
        "tool": {"driver": _driver([declared[check] for check in index])},
        "automationDetails": {"id": f"{category}{document['traceId']}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(document)],
        "results": [_result(finding, repository, index[finding["id"]]) for finding in findings],
        "properties": {
            "traceId": document["traceId"],
            "verdict": document["verdict"],
            "repository": for_json(repository),
            "environment": for_json(document["environment"]),
        },
    }


def _driver(rules: Iterable[Row]) -> Object:
    return {
        "name": "harness",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": [_rule(finding) for finding in rules],
    }


def _rule(finding: Row) -> Object:
    title, mend = finding["title"], finding["remediation"] or "see the page of the check"
    tags = ["security", "infrastructure", *(for_json(f"external/{name}") for name in control_names(finding))]
    return {
        "id": for_json(finding["id"]),
        "name": for_json(finding["id"]),
        "shortDescription": {"text": for_sarif(title)},
        "fullDescription": {"text": for_sarif(title)},
        "help": {
            "text": for_sarif(f"{title}. {mend}"),
            "markdown": f"**{for_markdown(title)}**\n\n{for_markdown(mend)}\n",
        },
        "helpUri": f"{_HOME}/blob/main/docs/checks.md#{_uri(finding['id'].lower())}",
        "defaultConfiguration": {"level": _LEVELS[finding["baseSeverity"]]},
        "properties": {
            "tags": tags[:_MOST_TAGS],
            "precision": finding["confidence"],
            "security-severity": _SCORES[finding["baseSeverity"]],
        },
    }


def _result(finding: Row, repository: str, rule_index: int) -> Object:
    places = [iac for iac in _places(finding) if iac["repo"] == repository]
    result: Object = {
        "ruleId": for_json(finding["id"]),
        "ruleIndex": rule_index,
        "kind": "fail",
        "level": _LEVELS[finding["severity"]],
        "message": {"text": for_sarif(f"{finding['title']}: {finding['message']}")},
        "locations": [_location(iac) for iac in places[:1]],
        "relatedLocations": [{"id": number, **_location(iac)} for number, iac in enumerate(places[1:], 1)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding['uid']}:1", "harnessFinding/v1": finding["uid"]},
        "properties": _properties(finding),
    }
    if finding["waiver"]:
        result["suppressions"] = [{"kind": "external", "justification": for_sarif(finding["waiver"])}]
    return result


def _location(iac: Row) -> Object:
    place = {"artifactLocation": {"uri": _uri(iac["path"])}, "region": {"startLine": iac["line"]}}
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    return quote(path.lstrip("/"), safe="/", errors="backslashreplace")


def _properties(finding: Row) -> Object:
    return {
        "severity": finding["severity"],
        "origin": finding["origin"],
        "originMeaning": ORIGINS[finding["origin"]],
        "confidence": finding["confidence"],
        "resources": [for_json(resource["uid"]) for resource in finding["resources"]],
        "controls": [for_json(name) for name in control_names(finding)],
        "evidence": [_evidence(finding, evidence) for evidence in finding["evidence"]],
    }


def _evidence(finding: Row, evidence: Row) -> Mapping[str, Any]:
    shown = {name: for_json(evidence[name]) for name in ("source", "call", "digest", "pointer")}
    value = shared_value(finding, evidence)
    return {"auditSeq": evidence["auditSeq"], **shown, **({"value": for_json(value)} if value else {})}


def _invocation(document: Document) -> Object:
    notes = [
        {
            "level": "warning",
            "message": {"text": for_sarif(f"not evaluated ({group.reason}): {group.counted}: {group.detail}")},
        }
        for group in unread(document)
    ]
    return {
        "executionSuccessful": document["complete"],
        "exitCode": document["exitCode"],
        "toolExecutionNotifications": notes,
    }
