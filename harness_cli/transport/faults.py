"""What an answer that says no, or no answer at all, means in our words: reason, place, fix.

Texts of the other side are never quoted; of its headers only words of a known form are.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

from harness_cli.config.model import System
from harness_cli.core.clock import rfc3339
from harness_cli.core.errors import ConnectorError, HarnessError, PolicyDeniedError, UnauthorizedError
from harness_cli.core.reasons import Reason
from harness_cli.transport.permit import HttpPermit

_PERMISSIONS: Final = re.compile(r"[a-z_]{1,60}=[a-z]{1,10}(?:[,;] ?[a-z_]{1,60}=[a-z]{1,10}){0,20}", re.ASCII)
_SCOPES: Final = re.compile(r"[a-z_:.-]{1,60}(?:, ?[a-z_:.-]{1,60}){0,20}", re.ASCII)
_LOGIN: Final = re.compile(r"log-?in|sign-?in|sso|saml|oauth|/auth", re.ASCII | re.IGNORECASE)
_LOGIN_PAGE: Final = re.compile(rb"log ?-?in|sign ?-?in|password|saml|single sign-on", re.IGNORECASE)

_NAMES: Final = {System.JIRA: "Jira", System.GITHUB: "GitHub", System.SLACK: "Slack", System.AWS: "AWS"}
_GRANTS: Final = {
    System.JIRA: "grant the scopes read:jira-work and read:jira-user, and the Browse Projects permission",
    System.GITHUB: "grant the permission (`harness init --print-setup github` lists what is read)",
    System.SLACK: "grant the scope (`harness init --print-setup slack` lists what is used)",
}


def name_of(permit: HttpPermit) -> str:
    """The system as people call it."""
    return _NAMES[permit.operation.system]


def place_of(permit: HttpPermit, shape: str) -> str:
    """Host and path shape; never the path itself."""
    return f"{permit.base.shown} {shape}"


def redirected(permit: HttpPermit, shape: str, status: int, location: str) -> HarnessError:
    """An answer that points elsewhere: a login page, another host, or a thing that moved. Never followed."""
    if _LOGIN.search(location[:2048]):
        return unauthorized(permit, shape, status, "sent us to a login page")
    if _leaves(permit, location[:2048]):  # nothing that the scope could name: the system is not where we ask for it
        return ConnectorError(
            f"{name_of(permit)} sent us to another host ({status}); a redirect is never followed",
            reason=Reason.EXCEPTION,
            code="C105",
            place=place_of(permit, shape),
            http_status=status,
            help=f"is `connections.{permit.operation.system}` the system's own address?",
        )
    return PolicyDeniedError(
        f"{name_of(permit)} says that what was asked for has moved ({status}); a redirect is never followed",
        code="P009",
        place=place_of(permit, shape),
        help="name it by its present name, and check that this one is in the scope",
    )


def _leaves(permit: HttpPermit, location: str) -> bool:
    """Whether a Location, resolved as a client would, lies on another scheme, host or port."""
    try:
        there, here = urlsplit(urljoin(permit.base.url + "/", location)), urlsplit(permit.base.url)
    except ValueError:
        return True
    return (there.scheme, there.netloc.lower()) != (here.scheme, here.netloc.lower())


def unauthorized(permit: HttpPermit, shape: str, status: int, what: str) -> UnauthorizedError:
    """The credential is refused: the run ends with exit 4."""
    system = permit.operation.system
    return UnauthorizedError(
        f"{name_of(permit)} {what} ({status})",
        reason=Reason.ACCESS_DENIED,
        place=place_of(permit, shape),
        http_status=status,
        help=f"renew `connections.{system}.credential`; is it of the system at this address, and not expired?",
    )


def from_status(permit: HttpPermit, shape: str, status: int, headers: Mapping[str, str]) -> ConnectorError:
    """The error behind a status that is neither success nor redirect nor throttling."""
    if status == 401:
        return unauthorized(permit, shape, status, "refused the credential")
    system, (reason, code, says, help_text) = name_of(permit), _judged(permit, status, headers)
    return ConnectorError(
        f"{system} {says} ({status})",
        reason=reason,
        code=code,
        place=place_of(permit, shape),
        http_status=status,
        help=help_text,
    )


def _judged(permit: HttpPermit, status: int, headers: Mapping[str, str]) -> tuple[Reason, str, str, str]:
    if status in {403, 407, 451}:
        return Reason.ACCESS_DENIED, "C110", "does not let this credential read it", _grant(permit, headers)
    if status == 404:
        help_text = "check the name; a credential that may not see it gets the same answer"
        return Reason.ACCESS_DENIED, "C110", "does not show it: it does not exist, or is hidden", help_text
    if status in {405, 406, 410, 415, 501}:
        return Reason.UNSUPPORTED_API, "C112", "does not offer this", "is the address the one of the interface?"
    if status >= 500:
        return Reason.EXCEPTION, "C113", "failed", "try again later"
    return Reason.EXCEPTION, "C113", "cannot answer this", "see `harness trace` for the call"


def _grant(permit: HttpPermit, headers: Mapping[str, str]) -> str:
    permissions = headers.get("X-Accepted-GitHub-Permissions", "")
    scopes = headers.get("X-Accepted-OAuth-Scopes", "")
    if headers.get("X-GitHub-SSO", "").startswith("required"):
        return "authorise the token for the organisation's single sign-on"
    if _PERMISSIONS.fullmatch(permissions):
        return f"grant the permission {permissions}"
    if _SCOPES.fullmatch(scopes):
        return f"grant one of the scopes {scopes}"
    return _GRANTS.get(permit.operation.system, "")


def throttled(permit: HttpPermit, shape: str, status: int, again_at: datetime | None) -> ConnectorError:
    """The other side asks to wait for longer than the run lasts."""
    when = f"after {rfc3339(again_at)}" if again_at else "later"
    return ConnectorError(
        f"{name_of(permit)} limits how much may be read ({status})",
        reason=Reason.THROTTLED,
        code="C111",
        place=place_of(permit, shape),
        http_status=status,
        help=f"run again {when}, or narrow the run",
    )


def unreachable(
    permit: HttpPermit, shape: str, what: str, *, code: str = "C102", help_text: str = ""
) -> ConnectorError:
    """No answer came."""
    sent = "" if permit.operation.action.value == "read" else "; it is not known whether it was carried out"
    return ConnectorError(
        f"{permit.base.shown} {what}{sent}",
        reason=Reason.EXCEPTION,
        code=code,
        place=place_of(permit, shape),
        help=help_text or "check the address in the configuration, the network and `network.proxy`",
    )


def time_over(permit: HttpPermit, shape: str) -> ConnectorError:
    """The run's own time is spent."""
    return ConnectorError(
        "the run's time is over",
        reason=Reason.THROTTLED,
        code="C108",
        place=place_of(permit, shape),
        help="narrow the run, or raise `limits.max_duration`",
    )


def too_large(permit: HttpPermit, shape: str) -> ConnectorError:
    """More bytes than may be read."""
    return ConnectorError(
        f"the answer of {permit.base.shown} is larger than may be read",
        reason=Reason.TRUNCATED,
        code="C104",
        place=place_of(permit, shape),
        help="narrow the run",
    )


def not_json(permit: HttpPermit, shape: str, status: int, why: str, body: bytes) -> ConnectorError:
    """Something else than JSON where JSON was due; a login page is a refused credential."""
    head = body[:4096].lstrip()
    if head.startswith(b"<") and _LOGIN_PAGE.search(body[:65536]):
        return unauthorized(permit, shape, status, "answered with a login page")
    return ConnectorError(
        f"the answer of {permit.base.shown} cannot be used: {why}",
        reason=Reason.EXCEPTION,
        code="C106",
        place=place_of(permit, shape),
        http_status=status,
        help="is the address the one of the interface, and not of its web pages?",
    )
