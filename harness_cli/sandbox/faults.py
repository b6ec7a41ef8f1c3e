"""Misbehaviour on purpose: for chosen paths a stand-in delays, lies, cuts off or hangs up.

Ordered contract: the first fault that fits a request and still has `times` left is used; delay comes first, then
`reset` (hang up without an answer), `redirect`, `html`, `status`/`body`/`headers`; `truncate` cuts whatever answer
there is, the stand-in's own included, while Content-Length still promises the whole.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from harness_cli.sandbox.decode import decode, read_yaml
from harness_cli.sandbox.errors import EstateError
from harness_cli.sandbox.wire import Request, Response

_SIGNED_FOR = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/]+/([^/]+)/aws4_request")
SERVERS = ("github", "jira", "slack", "oidc", "aws")


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule of a faults file; `path` is a glob on the encoded path, `times` None means every time.

    Most AWS services are asked at the path `/`: `service` names the one that a request is signed for (`ec2`, `rds`).
    """

    server: str
    path: str
    method: str = "*"
    service: str = "*"
    status: int | None = None
    delay: float = 0.0
    truncate: int | None = None
    html: bool = False
    redirect: str = ""
    reset: bool = False
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None

    def fits(self, server: str, request: Request) -> bool:
        """Whether this rule is about such a request."""
        method_fits = self.method in {"*", request.method}
        service_fits = self.service in {"*", _service(request)}
        return self.server == server and method_fits and service_fits and fnmatchcase(request.path, self.path)

    @property
    def answers(self) -> bool:
        """Whether the fault answers in the stand-in's place."""
        return bool(self.html or self.redirect or self.status is not None or self.body is not None)

    def response(self) -> Response:
        """The answer that stands in for the stand-in's own."""
        if self.redirect:
            return Response(self.status or 302, b"", {"Location": self.redirect, **self.headers})
        if self.html:
            page = b"<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>"
            return Response(self.status or 200, page, {"Content-Type": "text/html", **self.headers})
        content = (self.body or "").encode()
        return Response(self.status or 200, content, {"Content-Type": "application/json", **self.headers})


def _service(request: Request) -> str:
    """The AWS service that a request is signed for; nothing for other requests."""
    found = _SIGNED_FOR.search(request.headers.get("authorization") or "")
    return found[1] if found else ""


class Faults:
    """The rules of one faults file, with their counts; safe to share between threads."""

    def __init__(self, rules: tuple[Fault, ...] = ()) -> None:
        self._left = list(rules)
        self._lock = threading.Lock()

    def take(self, server: str, request: Request) -> Fault | None:
        """The fault for this request, if any; counts it."""
        with self._lock:
            for index, rule in enumerate(self._left):
                if rule.fits(server, request) and rule.times != 0:
                    if rule.times is not None:
                        self._left[index] = replace(rule, times=rule.times - 1)
                    return rule
        return None


def load_faults(path: Path) -> Faults:
    """The faults of a YAML file: a list of rules. Raises: EstateError."""
    raw = read_yaml(path)
    rules = decode(tuple[Fault, ...], raw, path.name)
    for number, rule in enumerate(rules):
        if rule.server not in SERVERS:
            known = ", ".join(SERVERS)
            raise EstateError(f"unknown server `{rule.server}`", place=f"{path.name}[{number}].server", help=known)
    return Faults(rules)
