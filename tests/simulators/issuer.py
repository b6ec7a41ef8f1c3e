"""An identity provider in memory: implements the Exchange port, signs real tokens, keeps a directory."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from harness_cli.core.secret import Secret
from harness_cli.transport.exchange import Answer

ISSUER = "https://login.acme.example"
CLIENT = "harness-cli"


@lru_cache(maxsize=4)
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key for `name`; the same for the whole test session (making one is slow)."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class User:
    id: str
    user_name: str
    active: bool = True
    groups: tuple[str, ...] = ()


@dataclass
class IssuerSimulator:
    """Answers what an OIDC issuer with SCIM answers; `requests` keeps what was asked."""

    scim_token: str
    users: list[User] = field(default_factory=list)
    published: dict[str, str] = field(default_factory=lambda: {"k1": "main"})  # kid -> key name
    token_answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, str, dict]] = field(default_factory=list)
    discovery: dict = field(default_factory=dict)
    installation: Answer = Answer(200, {"permissions": {"metadata": "read", "contents": "write", "issues": "write"}})

    def token(self, at: datetime, *, key: str = "main", kid: str = "k1", algorithm: str = "RS256", **claims) -> Secret:
        """A signed ID token; a claim of None is left out."""
        now = int(at.timestamp())
        body = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "sub-ana",
            "iat": now,
            "exp": now + 600,
            "auth_time": now,
            "preferred_username": "ana@acme.example",
            "groups": ["infra-reviewers"],
            **claims,
        }
        body = {name: value for name, value in body.items() if value is not None}
        return Secret(jwt.encode(body, rsa_key(key), algorithm=algorithm, headers={"kid": kid}))

    def get(self, url, *, headers=None, query=None):
        self.requests.append(("GET", url, dict(query or {})))
        path = urlsplit(url).path
        if path == "/.well-known/openid-configuration":
            return Answer(200, {**self._discovery(), **self.discovery})
        if path.startswith("/app/installations/"):
            return self.installation
        if path == "/jwks":
            return Answer(200, {"keys": [_jwk(kid, name) for kid, name in self.published.items()]})
        if (headers or {}).get("Authorization") != f"Bearer {self.scim_token}":
            return Answer(401, {})
        return self._scim(path, (query or {})["filter"])

    def post_form(self, url, form, *, headers=None):
        self.requests.append(("POST", url, dict(form)))
        return self.token_answers.pop(0)

    def post_json(self, url, document, *, headers=None):
        self.requests.append(("POST", url, dict(document)))
        return self.token_answers.pop(0)

    def delete(self, url, *, headers=None, timeout=0.0):
        self.requests.append(("DELETE", url, {}))
        return self.token_answers.pop(0)

    def _discovery(self):
        return {
            "issuer": ISSUER,
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "device_authorization_endpoint": f"{ISSUER}/device_authorization",
            "revocation_endpoint": f"{ISSUER}/revoke",
        }

    def _scim(self, path, where):
        value = where.split('"')[1]
        if path.endswith("/Users"):
            found = [
                {"id": u.id, "userName": u.user_name, "active": u.active, "groups": []}
                for u in self.users
                if u.user_name.casefold() == value.casefold()
            ]
        else:
            names = sorted({g for u in self.users if u.id == value for g in u.groups})
            found = [{"displayName": name, "members": [{"value": value}]} for name in names]
        return Answer(200, {"totalResults": len(found), "Resources": found})


def _jwk(kid, name):
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(name).public_key()))
    return {**public, "kid": kid, "use": "sig", "alg": "RS256"}
