"""Freezes: times in which an environment must not be changed (TKT-06, X-07)."""

from datetime import datetime

from harness_cli.review.case import Case
from harness_cli.review.checks.change import label, moment


def freeze_over(case: Case, start: datetime, end: datetime, environment: str) -> str:
    """The first configured freeze of an environment that shares a moment with start to end; empty where none does."""
    for freeze in case.config.review.freezes:
        concerns = not freeze.environments or environment in freeze.environments
        if concerns and start <= freeze.end and freeze.start <= end:
            return f"`{label(freeze.name)}` of {moment(freeze.start)} to {moment(freeze.end)}"
    return ""
