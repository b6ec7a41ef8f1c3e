"""Answers of the GitHub and Jira stand-ins against the vendors' published descriptions (openapi-core)."""

import base64
import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from harness_cli.sandbox import Estate, SandboxAddresses
from tests.http.sandbox.http import Answer, ask

pytestmark = pytest.mark.slow

REPO = "/repos/acme/infra-core"
OTHER = "/repos/acme/infra-live"

GITHUB_PATHS = (
    "/",
    "/user",
    "/meta",
    "/rate_limit",
    "/installation/repositories",
    REPO,
    f"{REPO}/pulls?state=all",
    f"{OTHER}/pulls?state=closed",
    f"{REPO}/pulls/88",
    f"{REPO}/pulls/90",
    f"{OTHER}/pulls/41",
    f"{REPO}/pulls/88/files",
    f"{REPO}/pulls/88/reviews",
    f"{REPO}/pulls/88/commits",
    f"{REPO}/pulls/88/comments",
    f"{REPO}/issues/88",
    f"{REPO}/issues/88/comments",
    f"{REPO}/commits/main",
    f"{REPO}/commits/sec-12-reporting/check-runs",
    f"{REPO}/commits/sec-12-reporting/status",
    f"{REPO}/commits/main/check-suites",
    f"{REPO}/branches/main",
    f"{REPO}/branches/main/protection",
    f"{OTHER}/branches/main/protection",
    f"{REPO}/rules/branches/main",
    f"{OTHER}/rules/branches/main",
    f"{REPO}/rulesets",
    f"{REPO}/rulesets/5501",
    f"{REPO}/codeowners/errors",
    f"{REPO}/contents/README.md",
    f"{REPO}/contents/envs",
    f"{REPO}/installation",
    f"{REPO}/compare/main...sec-12-reporting",
    f"{REPO}/git/trees/main",
    f"{REPO}/collaborators/li-gh/permission",
    f"{REPO}/code-scanning/alerts",
)
APP_PATHS = ("/app", "/app/installations", "/app/installations/654321", f"{REPO}/installation")
NULL_IN_ENUM = "None is not one of ['false positive', \"won't fix\", 'used in tests', 'mitigated']"  # nullable, yet
ERROR_PATHS = (f"{REPO}/pulls/1", f"{REPO}/branches/nope", f"{OTHER}/contents/nope", "/repos/acme/none")

JIRA_PATHS = (
    "/serverInfo",
    "/myself",
    "/issue/SEC-12",
    "/issue/SEC-12?expand=changelog,names",
    "/issue/SEC-20?fields=summary,status",
    "/issue/SEC-12/comment",
    "/issue/SEC-12/transitions",
    "/issue/SEC-12/remotelink",
    "/issue/SEC-12/changelog",
    "/issue/SEC-12/watchers",
    "/project/SEC",
    "/field",
    "/mypermissions?permissions=BROWSE_PROJECTS,ADD_COMMENTS",
    "/user/search?query=ana",
)


@dataclass
class SentRequest:
    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str = "application/json"
    body: bytes | None = None


@dataclass
class GivenResponse:
    status_code: int
    data: bytes
    content_type: str
    headers: Mapping[str, Any] = field(default_factory=dict)


def specification(shared_data: Path, name: str, server: str) -> OpenAPI:
    path = shared_data / "contracts" / f"{name}.openapi.json.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    document = json.loads(gzip.decompress(path.read_bytes()))
    document["servers"] = [{"url": server}]
    _mend(document["paths"])
    return OpenAPI.from_dict(document)


def _mend(paths: dict[str, Any]) -> None:
    """Where the descriptions themselves are known to be wrong: a discriminator over a list, one link for a list."""
    for path, methods in paths.items():
        if path.endswith(("/contents/{path}", "/remotelink")):
            content = methods["get"]["responses"]["200"]["content"]["application/json"]
            content["schema"].pop("discriminator", None)
            if path.endswith("/remotelink"):
                content["schema"] = {"type": "array", "items": content["schema"]}


@pytest.fixture(scope="module")
def github(shared_data: Path, at: SandboxAddresses) -> OpenAPI:
    return specification(shared_data, "github", at.github)


@pytest.fixture(scope="module")
def jira(shared_data: Path, at: SandboxAddresses) -> OpenAPI:
    return specification(shared_data, "jira", at.jira)


def check(api: OpenAPI, method: str, url: str, answer: Answer, body: bytes | None = None) -> None:
    parts = urlsplit(url)
    query = ImmutableMultiDict(parse_qsl(parts.query))
    sent = SentRequest(
        f"{parts.scheme}://{parts.netloc}",
        parts.path,
        method.lower(),
        RequestParameters(query=query, header=Headers(), cookie=ImmutableMultiDict()),
        body=body,
    )
    kind = answer.headers.get_content_type()
    given = GivenResponse(answer.status, answer.body, kind, dict(answer.headers))
    errors = list(api.iter_response_errors(sent, given))
    places = [place for error in errors for place in _places(error) if not place.endswith(NULL_IN_ENUM)]
    assert not places, "\n".join(places[:12])


def _places(error: Exception) -> list[str]:
    """Where an answer leaves its schema, short enough to read."""
    deep = list(getattr(error.__cause__, "schema_errors", ())) or [error]
    return [f"{getattr(one, 'json_path', '')}: {getattr(one, 'message', str(one))}"[:400] for one in _leaves(deep)]


def _leaves(errors: list[Any]) -> list[Any]:
    leaves: list[Any] = []
    for error in errors:
        below = list(getattr(error, "context", ()) or ())
        leaves.extend(_leaves(below) if below else [error])
    return leaves


def app_token(at: SandboxAddresses, estate: Estate) -> str:
    now = int(time.time())
    claims = {"iat": now - 10, "exp": now + 300, "iss": str(estate.github.app.id)}
    return jwt.encode(claims, at.secret("github-app.pem"), algorithm="RS256")


@pytest.fixture(scope="module")
def installation(at: SandboxAddresses, estate: Estate) -> str:
    url = f"{at.github}/app/installations/{estate.github.app.installation}/access_tokens"
    return str(ask("POST", url, token=app_token(at, estate), body={}).json()["token"])


@pytest.mark.parametrize("path", GITHUB_PATHS)
def test_github_answers_as_its_description_says(
    github: OpenAPI, at: SandboxAddresses, estate: Estate, installation: str, path: str
) -> None:
    token = at.secret("github-token") if path == "/user" else installation
    token = app_token(at, estate) if path.endswith("/installation") else token
    answer = ask("GET", at.github + path, token=token)
    assert answer.status == 200
    check(github, "GET", at.github + path, answer)


@pytest.mark.parametrize("path", APP_PATHS)
def test_the_app_answers_as_its_description_says(
    github: OpenAPI, at: SandboxAddresses, estate: Estate, path: str
) -> None:
    answer = ask("GET", at.github + path, token=app_token(at, estate))
    assert answer.status == 200
    check(github, "GET", at.github + path, answer)


@pytest.mark.parametrize("wanted", [{}, {"repositories": ["infra-core"], "permissions": {"contents": "read"}}])
def test_installation_tokens_are_as_described(
    github: OpenAPI, at: SandboxAddresses, estate: Estate, wanted: dict[str, object]
) -> None:
    url = f"{at.github}/app/installations/{estate.github.app.installation}/access_tokens"
    answer = ask("POST", url, token=app_token(at, estate), body=wanted)
    assert answer.status == 201
    check(github, "POST", url, answer, json.dumps(wanted).encode())


@pytest.mark.parametrize("path", ERROR_PATHS)
def test_github_errors_are_as_described(github: OpenAPI, at: SandboxAddresses, path: str) -> None:
    answer = ask("GET", at.github + path, token=at.secret("github-token"))
    assert answer.status == 404
    check(github, "GET", at.github + path, answer)


def test_every_described_github_read_is_answered(github: OpenAPI, shared_data: Path) -> None:
    described = {path for path, methods in github.spec.read_value()["paths"].items() if "get" in methods}
    asked = {urlsplit(path).path for path in (*GITHUB_PATHS, *APP_PATHS)}
    missing = [path for path in described if not any(_fits(path, one) for one in asked)]
    assert missing == []


def _fits(template: str, path: str) -> bool:
    import re

    shape = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(template))
    return re.fullmatch(shape, path) is not None


@pytest.mark.parametrize("path", JIRA_PATHS)
def test_jira_answers_as_its_description_says(jira: OpenAPI, at: SandboxAddresses, path: str) -> None:
    pair = base64.b64encode(f"{at.requester}:{at.secret('jira-token')}".encode()).decode()
    url = f"{at.jira}/rest/api/3{path}"
    answer = ask("GET", url, Authorization=f"Basic {pair}")
    assert answer.status == 200
    check(jira, "GET", url, answer)


def test_a_posted_jira_comment_is_as_described(jira: OpenAPI, at: SandboxAddresses) -> None:
    pair = base64.b64encode(f"{at.requester}:{at.secret('jira-token')}".encode()).decode()
    text = {"type": "paragraph", "content": [{"type": "text", "text": "noted"}]}
    body = {"body": {"type": "doc", "version": 1, "content": [text]}}
    url = f"{at.jira}/rest/api/3/issue/PAY-3/comment"
    answer = ask("POST", url, body=body, Authorization=f"Basic {pair}")
    assert answer.status == 201
    check(jira, "POST", url, answer, json.dumps(body).encode())
