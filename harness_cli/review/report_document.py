"""The report as JSON: `schemas/report.v1.schema.json`. Every renderer reads this document, stored or fresh."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

from harness_cli.core.principal import Principal
from harness_cli.review.evidence import Evidence
from harness_cli.review.finding import Finding, Status, Subject
from harness_cli.review.report import ApprovalNote, Report
from harness_cli.review.verdict import Verdict

Document: TypeAlias = dict[str, Any]  # Any: JSON by the schema

VERSION = "1.0"


def report_document(report: Report) -> Document:
    """The whole report."""
    return {
        "version": VERSION,
        "traceId": report.trace_id,
        "verdict": report.verdict.word,
        "verdictDetail": _verdict(report.verdict),
        "exitCode": int(report.exit_code),
        "complete": not report.verdict.incomplete,
        "sandbox": report.sandbox,
        "requester": _requester(report.requester),
        "environment": report.environment,
        "subject": {
            "ticket": report.ticket or None,
            "pullRequests": [str(ref) for ref in report.pull_requests],
            "accounts": list(report.accounts),
            "regions": list(report.regions),
        },
        "findings": [_finding(finding, report) for finding in report.findings],
        "checks": _counts(report.findings),
        "calls": {
            "total": report.calls.total,
            "requests": report.calls.requests,
            "byTool": dict(sorted(report.calls.by_tool.items())),
        },
        "approvals": [approval_document(note) for note in report.approvals],
        "problems": [{"code": p.code, "message": p.message, "help": p.help, "place": p.place} for p in report.problems],
        "audit": {"path": report.audit.path, "head": report.audit.head, "checkpoint": report.audit.checkpoint},
        "durationMs": report.duration_ms,
    }


def _verdict(verdict: Verdict) -> Document:
    return {
        "level": verdict.level.value,
        "incomplete": verdict.incomplete,
        "score": verdict.score,
        "reachesFailOn": verdict.reaches_fail_on,
        "failOn": verdict.fail_on,
        "deciding": list(verdict.deciding),
        "lowering": list(verdict.lowering),
        "unread": list(verdict.unread),
    }


def _requester(principal: Principal) -> Document:
    return {
        "issuer": principal.issuer,
        "subject": principal.subject,
        "userName": principal.user_name,
        "role": principal.role,
        "proven": principal.proven,
    }


def _finding(finding: Finding, report: Report) -> Document:
    return {
        "schemaVersion": VERSION,
        "id": finding.check,
        "uid": finding.uid,
        "traceId": report.trace_id,
        "title": finding.title,
        "status": finding.status.value,
        "reason": finding.reason.value if finding.reason else None,
        "severity": finding.severity.value,
        "baseSeverity": finding.base_severity.value,
        "confidence": finding.confidence.value,
        "origin": finding.origin.value,
        "message": finding.message,
        "detail": finding.detail,
        "resources": [_resource(subject) for subject in finding.resources],
        "subject": {"ticket": finding.ticket or None, "pullRequests": list(finding.pull_requests)},
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "controls": [{"framework": c.framework, "version": c.version, "id": c.id} for c in finding.controls],
        "remediation": finding.remediation,
        "dataClass": finding.data_class,
        "weight": report.verdict.weights.get(finding.uid, 0),
        "waiver": finding.waiver or None,
    }


def _resource(subject: Subject) -> Document:
    document: Document = {
        "type": subject.type,
        "uid": subject.uid,
        "account": subject.account,
        "region": subject.region,
        "env": subject.env,
    }
    if subject.iac is not None:
        iac = subject.iac
        document["iac"] = {"repo": iac.repo, "path": iac.path, "line": iac.line, "sha": iac.sha}
    return document


def _evidence(evidence: Evidence) -> Document:
    return {
        "source": evidence.source,
        "call": evidence.call,
        "at": evidence.at,
        "auditSeq": evidence.audit_seq,
        "digest": evidence.digest,
        "pointer": evidence.pointer,
        "value": evidence.value,
        "region": evidence.region,
        "account": evidence.account,
    }


def _counts(findings: Iterable[Finding]) -> Document:
    counted: dict[str, Counter[str]] = {}
    for finding in findings:
        counted.setdefault(finding.check, Counter())[finding.status.value] += 1
    order = [status.value for status in Status]
    return {check: {name: counts[name] for name in order if counts[name]} for check, counts in sorted(counted.items())}


def approval_document(note: ApprovalNote) -> Document:
    """One approval as the report shows it."""
    return {
        "requestId": note.request_id,
        "grain": note.grain,
        "tool": note.tool,
        "digest": note.digest,
        "state": note.state,
        "approvers": list(note.approvers),
    }
