"""The Slack notice: ids, counts and check titles; nothing that somebody outside wrote."""

from collections.abc import Mapping
from typing import Any

LARGEST = 3000


def notice_text(document: Mapping[str, Any]) -> str:
    """The exact text of the notice for a report document."""
    subject = document["subject"]
    changes = ", ".join(filter(None, [subject["ticket"], *subject["pullRequests"]])) or "posture review"
    failed = [finding for finding in document["findings"] if finding["status"] == "FAIL"]
    unread = sum(finding["status"] == "NOT_EVALUATED" for finding in document["findings"])
    lines = [
        f"Infrastructure review: {document['verdict']}",
        f"{changes} in {document['environment']}",
        f"{len(failed)} failed, {unread} not evaluated",
    ]
    deciding = document["verdictDetail"]["deciding"]
    shown = [finding for finding in failed if finding["uid"] in deciding] or failed[:3]
    lines += [f"- {finding['severity']}: {finding['id']} {finding['title']}" for finding in shown]
    lines.append(f"trace {document['traceId']}")
    return "\n".join(lines)[:LARGEST]
