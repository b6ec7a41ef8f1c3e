"""Who may do what at the GitHub stand-in: tokens, App JWTs, permissions.

Ordered contract: an unknown or expired token is 401 whatever it asks for; a repository outside the token's selection
is 404; a missing permission is 403; only then does the route answer.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness_cli.sandbox.model import GithubEstate
from harness_cli.sandbox.state import SandboxState, new_token
from harness_cli.sandbox.wire import Response, json_response

DOCS = "https://docs.github.com/rest"
JWT_SECONDS = 600
JWT_SKEW = 60
TOKEN_SECONDS = 3600

_LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a person's token, an installation, the App itself, or nobody."""

    kind: str  # fine-grained, classic, installation, app, nobody
    person: str = ""
    permissions: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    repositories: tuple[str, ...] | None = None  # None: all of the organisation

    def may(self, need: str) -> bool:
        """Whether a need such as `contents:read` is granted."""
        name, _, level = need.partition(":")
        if self.kind == "classic":
            wanted = "read:org" if name == "members" else "repo"
            return wanted in self.scopes or need == "metadata:read"
        return _LEVELS[self.permissions.get(name, "")] >= _LEVELS[level]

    def sees(self, repository: str) -> bool:
        """Whether a repository is in the token's selection."""
        return self.kind != "nobody" and (self.repositories is None or repository in self.repositories)


NOBODY = Caller("nobody")


def problem(status: int, message: str, **more: object) -> Response:
    """GitHub's error shape."""
    return json_response({"message": message, **more, "documentation_url": DOCS, "status": str(status)}, status)


def not_found() -> Response:
    """What GitHub says about whatever a caller may not see."""
    return problem(404, "Not Found")


def caller_of(token: str, state: SandboxState, app_key: str, estate: GithubEstate) -> Caller | Response:
    """Who a token speaks for, or the 401."""
    if not token:
        return NOBODY
    if token.count(".") == 2:
        return _app_caller(token, app_key, estate)
    grant = state.grant("github", token)
    if grant is None or grant["expired"]:
        return problem(401, "Bad credentials")
    repositories = grant.get("repositories")
    return Caller(
        grant["kind"],
        grant.get("person", ""),
        grant.get("permissions", {}),
        tuple(grant.get("scopes", ())),
        None if repositories is None else tuple(repositories),
    )


def _app_caller(token: str, app_key: str, estate: GithubEstate) -> Caller | Response:
    import jwt

    public = _public_key(app_key)
    try:
        claims = jwt.decode(
            token,
            public,
            algorithms=["RS256"],
            leeway=JWT_SKEW,
            options={"require": ["iat", "exp", "iss"], "verify_iss": False},
        )
    except jwt.PyJWTError:
        return problem(401, "A JSON web token could not be decoded")
    if str(claims["iss"]) != str(estate.app.id):
        return problem(401, "Integration not found")
    if claims["exp"] - time.time() > JWT_SECONDS + JWT_SKEW:
        return problem(401, "'Expiration time' claim ('exp') is too far in the future")
    return Caller("app")


def _public_key(pem: str) -> Any:  # Any: one of cryptography's key classes
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem.encode(), None).public_key()


def installation_token(estate: GithubEstate, state: SandboxState, wanted: Mapping[str, Any]) -> Response:
    """A new installation token, narrowed as asked; wider than the installation is 422."""
    names = wanted.get("repositories")
    ids = wanted.get("repository_ids")
    known = {name.partition("/")[2].lower(): name for name in estate.repositories}
    by_id = {repo.id: name for name, repo in estate.repositories.items()}
    chosen = [known.get(str(name).lower()) for name in names or ()] + [by_id.get(number) for number in ids or ()]
    if None in chosen:
        return problem(
            422, "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    asked = wanted.get("permissions") or dict(estate.app.permissions)
    wider = [
        key for key, level in asked.items() if _LEVELS.get(level, 9) > _LEVELS[estate.app.permissions.get(key, "")]
    ]
    if wider:
        return problem(422, "The permissions requested are not granted to this installation.")
    permissions = {"metadata": "read", **asked}
    token = new_token("ghs" + "_")
    narrowed = chosen if names or ids else None
    grant = {"kind": "installation", "permissions": permissions, "repositories": narrowed}
    state.issue("github", token, grant, TOKEN_SECONDS)
    ends = datetime.fromtimestamp(time.time() + TOKEN_SECONDS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shape: dict[str, Any] = {"token": token, "expires_at": ends, "permissions": permissions}
    shape["repository_selection"] = "selected" if narrowed else "all"
    if narrowed:
        shape["repositories"] = narrowed
    return json_response(shape, 201)
