"""The pull request that a GitHub Actions job runs for, and the commit it asks to be merged into: its event file.

The file is written by the runner (`GITHUB_EVENT_PATH`); events of the pull_request family hold `pull_request.number`,
`pull_request.base.sha` and `repository.full_name`, others name none:
https://docs.github.com/actions/reference/workflows-and-actions/variables
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness_cli.core.errors import UsageError
from harness_cli.core.limits import RESPONSE_BYTES
from harness_cli.review.facts import PullRef
from harness_cli.review.references import parse_pull

_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventPull:
    """The pull request of an event; `base` is the commit of the protected branch."""

    ref: PullRef
    base: str


def pull_of_event(environ: Mapping[str, str]) -> EventPull | None:
    """The event's pull request; None outside of GitHub Actions and for other events.

    Raises: UsageError for an event file that cannot be understood.
    """
    path = environ.get("GITHUB_EVENT_PATH", "")
    if environ.get("GITHUB_ACTIONS") != "true" or not path:
        return None
    match _event(Path(path)):
        case {
            "pull_request": {"number": int(number), "base": {"sha": str(base)}},
            "repository": {"full_name": str(name)},
        } if _COMMIT.fullmatch(base):
            return EventPull(parse_pull(f"{name}#{number}"), base)
        case {"pull_request": _}:
            raise _unread("its pull request is not in the place where it should be")
        case _:
            return None


def _event(path: Path) -> dict[str, Any]:  # Any: JSON
    from harness_cli.transport.strict_json import NotStrictJsonError, loads

    try:
        with path.open("rb") as file:
            content = file.read(RESPONSE_BYTES + 1)
    except OSError as err:
        raise _unread(str(err.strerror)) from err
    if len(content) > RESPONSE_BYTES:
        raise _unread("it is too large")
    try:
        event = loads(content)
    except NotStrictJsonError as err:
        raise _unread(str(err)) from err
    if not isinstance(event, dict):
        raise _unread("it is no object")
    return event


def _unread(why: str) -> UsageError:
    return UsageError(
        f"the event of GitHub Actions (GITHUB_EVENT_PATH) cannot be read: {why}",
        help="the runner writes it; outside of a job GITHUB_ACTIONS must not be set",
    )
