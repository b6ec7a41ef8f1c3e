"""GH-25: secrets in added lines; shown by kind, place and digest only."""

from collections.abc import Iterator
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.checks.change import count, each_pull, evidence_of, label, pull_subject
from harness_cli.review.checks.diff_lines import Added, added_lines
from harness_cli.review.checks.diff_rules import file_subject
from harness_cli.review.checks.diff_secret_values import real_secrets
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.facts import PullRequest
from harness_cli.review.finding import Confidence, Origin, Severity
from harness_cli.review.registry import Outcome, check, failed, not_evaluated, passed

_BY_CONTEXT: Final = frozenset({"secret", "password", "password-url", "password-option", "authorization"})
_DIGITS: Final = 12


@check(
    "GH-25",
    "Diff: secret material",
    Severity.CRITICAL,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//IA-5(7) CIS-GitHub/1.2.0/1.5.1",
    remediation="Revoke the secret first (it is in the history now), issue another, and read it at run time from a "
    "secret store; taking the line out is not enough.",
)
@each_pull
def no_secrets_added(pull: Known[PullRequest]) -> Iterator[Outcome]:
    """No added line holds a secret; a file without patch is not evaluated."""
    subject, files = pull_subject(pull.value.ref), pull.value.files
    if isinstance(files, Unread):
        yield not_evaluated(files, subject)
        return
    said = False
    for file in files.value:
        added = added_lines(pull.value, file, files.evidence)
        if isinstance(added, Unread):
            said = True
            yield not_evaluated(added, file_subject(pull.value, file.path))
            continue
        for outcome in _hits(pull.value, added):
            said = True
            yield outcome
    if not said:
        message = f"no secret in the added lines of {count(files.value, 'file')}"
        yield passed(message, subject, evidence=evidence_of(pull, files))


def _hits(pull: PullRequest, added: Added) -> Iterator[Outcome]:
    seen: set[str] = set()
    for hit in real_secrets(added.text):
        digest = f"sha256:{hit.sha256_prefix[:_DIGITS]}"
        if digest in seen:
            continue
        seen.add(digest)
        line = added.line_at(hit.start)
        place = f"{label(added.path)}:{line}"
        yield failed(
            f"{place} holds a secret of kind {hit.kind} ({digest})",
            file_subject(pull, added.path, line),
            evidence=tuple(evidence.at_pointer("", place) for evidence in added.evidence),
            origin=Origin.INTRODUCED,
            confidence=Confidence.MEDIUM if hit.kind in _BY_CONTEXT else Confidence.HIGH,
            extra=digest,
        )
