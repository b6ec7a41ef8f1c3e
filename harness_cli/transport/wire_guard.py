"""The final request, parsed back and compared with what was decided (design: policy.md §5).

The contract, in order; the first that fails refuses the request, and nothing is sent:
1. Scheme, host, port and base path are those of the connection.
2. Method, path and query keys are one declared shape of the operation (`policy.wire`).
3. Owner and name, where the path has them, are a repository that was decided.
4. Everything in path and query that has the name of a parameter has its value.
5. A request that reads carries no body; another one none, or a JSON object or form whose values are the parameters'.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from harness_cli.core.errors import PolicyDeniedError
from harness_cli.policy.model import ResourceType
from harness_cli.policy.wire import WireMatch, WireRefusedError, match
from harness_cli.transport.permit import HttpPermit

READING = frozenset({"GET", "HEAD"})


def check_request(permit: HttpPermit, method: str, url: str, body: bytes, content_type: str) -> WireMatch:
    """The declared shape of a request that may be sent. Raises PolicyDeniedError."""
    target = permit.base.target_of(url)
    if target is None:
        raise _refused(permit, "its host or base path is not the connection's", "P009")
    try:
        found = match(permit.operation.wire, method, target)
    except WireRefusedError as err:
        raise _refused(permit, err.reason, "P013") from err
    _check_repository(permit, found)
    _check_values(permit, found.placeholders)
    _check_values(permit, found.query)
    if method in READING:
        if body:
            raise _refused(permit, "a reading request carries a body", "P013")
    elif body:
        _check_values(permit, _body_values(permit, body, content_type), needed=permit.params.keys() & {"channel"})
    return found


def _check_repository(permit: HttpPermit, found: WireMatch) -> None:
    owner, name = found.placeholders.get("owner"), found.placeholders.get("name")
    if owner is None:
        return
    decided = [r.dimensions.get("repo", "").lower() for r in permit.resources if r.type is ResourceType.REPO]
    asked = f"{owner}/{name}".lower() if name is not None else None
    matches = asked in decided if asked else owner.lower() in {repo.split("/", 1)[0] for repo in decided}
    if not matches:
        raise _refused(permit, "its repository is not the one that was decided", "P009")


def _check_values(
    permit: HttpPermit, values: Mapping[str, Any], needed: frozenset[str] | set[str] = frozenset()
) -> None:
    missing = needed - values.keys()
    if missing:
        raise _refused(permit, f"it lacks `{min(missing)}`", "P009")
    for name, value in values.items():
        if name in permit.params and str(permit.params[name]) != str(value):
            raise _refused(permit, f"its `{name}` is not the one that was decided", "P009")


def _body_values(permit: HttpPermit, body: bytes, content_type: str) -> Mapping[str, Any]:  # Any: JSON
    try:
        if "json" in content_type:
            document = json.loads(body)
            if isinstance(document, dict):
                return document
        elif "x-www-form-urlencoded" in content_type:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
            if len({name for name, _ in pairs}) == len(pairs):
                return dict(pairs)
    except ValueError as err:
        raise _refused(permit, "its body cannot be read", "P013") from err
    raise _refused(permit, "its body is no object and no form", "P013")


def _refused(permit: HttpPermit, why: str, code: str) -> PolicyDeniedError:
    return PolicyDeniedError(
        f"a request of {permit.operation.name} was stopped before it was sent: {why}",
        code=code,
        place=permit.base.shown,
        help="nothing was sent; see `harness explain " + code + "`",
    )
