"""The words of OCSF 1.3 that reports and trails share: the same finding is the same class in both."""

import re
from typing import Final

from harness_cli import __version__

SCHEMA_VERSION: Final = "1.3.0"
PRODUCT: Final = {"name": "harness", "vendor_name": "harness", "version": __version__}
DETECTION: Final = re.compile(r"X-\d\d|GH-2\d")  # review.md §2: the diff rules and the cross-source checks
SEVERITIES: Final = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
INFORMATIONAL: Final = (1, "Informational")
COMPLIANCE: Final = {
    "PASS": (1, "Pass"),
    "NOT_EVALUATED": (2, "Warning"),
    "FAIL": (3, "Fail"),
    "NOT_APPLICABLE": (99, "Not Applicable"),
    "MANUAL": (99, "Manual"),
}
NEW, SUPPRESSED, RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")


def is_detection(check: str, status: str) -> bool:
    """Whether a finding is a Detection Finding (2004): a check that detected nothing is no detection."""
    return status == "FAIL" and DETECTION.fullmatch(check) is not None


def severity_of(status: str, severity: str) -> tuple[int, str]:
    """How bad a finding is; what did not fail is information."""
    return SEVERITIES[severity] if status == "FAIL" else INFORMATIONAL
