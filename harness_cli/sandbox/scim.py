"""The directory: SCIM 2.0 users and groups, read only; `User.groups` stays empty, as it does in practice."""

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.state import SandboxState
from harness_cli.sandbox.wire import Request, Response, json_response

ROOT = "/scim/v2"
PAGE = 100

Shape = dict[str, Any]  # Any: JSON in the shapes of RFC 7643
_FILTER = re.compile(r'\s*([A-Za-z.]+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.ASCII)
_USER_FILTERS = frozenset({"username", "id", "externalid", "emails.value"})
_GROUP_FILTERS = frozenset({"displayname", "id", "members.value"})


class ScimDirectory:
    """The application below `/scim/v2`."""

    def __init__(self, estate: Estate, state: SandboxState) -> None:
        self._estate = estate
        self._state = state

    def __call__(self, request: Request, url: str) -> Response:
        grant = self._state.grant("scim", request.bearer())
        if grant is None or grant["expired"]:
            return _error(401, "Authorization failure. The authorization header is invalid or missing.")
        path = request.path.removeprefix(ROOT)
        if path not in {"/ServiceProviderConfig", "/Users", "/Groups"} and not path.startswith(("/Users/", "/Groups/")):
            return _error(404, "Resource not found")
        if request.method not in {"GET", "HEAD"}:
            return _error(403, "Operation is not permitted")
        return self._read(path, request, url + ROOT)

    def _read(self, path: str, request: Request, base: str) -> Response:
        if path == "/ServiceProviderConfig":
            return _scim(_service_provider(base))
        kind, _, wanted = path.strip("/").partition("/")
        everything = self._users(base) if kind == "Users" else self._groups(base)
        if wanted:
            one = next((shape for shape in everything if shape["id"] == wanted), None)
            return _error(404, f"Resource {wanted} not found") if one is None else _scim(one)
        return _list(everything, request, _USER_FILTERS if kind == "Users" else _GROUP_FILTERS)

    def _users(self, base: str) -> list[Shape]:
        return [self._user(handle, base) for handle in self._estate.people]

    def _user(self, handle: str, base: str) -> Shape:
        who = self._estate.people[handle]
        given, _, family = who.name.partition(" ")
        number = scim_id("user", who.id)
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": number,
            "externalId": who.subject,
            "userName": who.id,
            "name": {"formatted": who.name, "givenName": given, "familyName": family},
            "displayName": who.name,
            "active": who.active,
            "emails": [{"value": who.id, "type": "work", "primary": True}],
            "groups": [],
            "meta": {"resourceType": "User", "location": f"{base}/Users/{number}"},
        }

    def _groups(self, base: str) -> list[Shape]:
        return [self._group(name, base) for name in self._estate.groups]

    def _group(self, name: str, base: str) -> Shape:
        number = scim_id("group", name)
        members = [self._estate.people[handle] for handle in self._estate.groups[name]]
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": number,
            "displayName": name,
            "members": [
                {"value": scim_id("user", m.id), "$ref": f"{base}/Users/{scim_id('user', m.id)}", "display": m.name}
                for m in members
            ],
            "meta": {"resourceType": "Group", "location": f"{base}/Groups/{number}"},
        }


def scim_id(kind: str, name: str) -> str:
    """The directory's own id of a user or group; neither the subject nor the userName."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"scim {kind} {name}".encode()).digest()[:16], version=4))


def _list(everything: list[Shape], request: Request, known: frozenset[str]) -> Response:
    query = request.query
    chosen = _filtered(everything, query.get("filter", ""), known)
    if chosen is None:
        return _error(400, "The filter is not supported", "invalidFilter")
    start = max(int(query["startIndex"]), 1) if query.get("startIndex", "").isdecimal() else 1
    count = min(int(query["count"]), PAGE) if query.get("count", "").isdecimal() else PAGE
    part = chosen[start - 1 : start - 1 + count]
    shape = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": len(chosen)}
    return _scim({**shape, "startIndex": start, "itemsPerPage": len(part), "Resources": part})


def _filtered(everything: list[Shape], text: str, known: frozenset[str]) -> list[Shape] | None:
    """The resources that a filter keeps; None where the filter is beyond this directory."""
    if not text:
        return everything
    found = _FILTER.fullmatch(text)
    if found is None or found[1].lower() not in known:
        return None
    wanted = re.sub(r"\\(.)", r"\1", found[2])
    fits = _reader(found[1].lower())
    return [shape for shape in everything if wanted.lower() in {value.lower() for value in fits(shape)}]


def _reader(name: str) -> Callable[[Shape], list[str]]:
    if "." in name:
        outer = name.partition(".")[0]
        return lambda shape: [item["value"] for item in shape[outer]]
    key = {"username": "userName", "externalid": "externalId", "displayname": "displayName"}.get(name, name)
    return lambda shape: [shape[key]]


def _service_provider(base: str) -> Shape:
    off = {"supported": False}
    bulk = {**off, "maxOperations": 0, "maxPayloadSize": 0}
    scheme = {"type": "oauthbearertoken", "name": "Bearer token", "description": "A token issued by the directory"}
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": off,
        "bulk": bulk,
        "filter": {"supported": True, "maxResults": PAGE},
        "changePassword": off,
        "sort": off,
        "etag": off,
        "authenticationSchemes": [scheme],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def _scim(shape: Shape, status: int = 200) -> Response:
    return json_response(shape, status, content_type="application/scim+json")


def _error(status: int, detail: str, kind: str = "") -> Response:
    shape: Shape = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": detail}
    answer = _scim({**shape, "scimType": kind} if kind else shape, status)
    return answer.with_headers({"WWW-Authenticate": 'Bearer realm="SCIM"'}) if status == 401 else answer
