"""Every public method that the libraries' objects in reach offer, with hostile arguments, under one decided call.

What counts is what arrives: only the decided request may, with its method and nothing else. The servers would answer
anything, and the one that stands for another host must stay silent.
"""

import inspect
import socket
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import github
import pytest
from github.GithubObject import CompletableGithubObject, GithubObject

from harness_cli.connectors.github.client import library as github_library
from harness_cli.connectors.jira.client import library as jira_library
from harness_cli.connectors.slack.client import library as slack_library
from harness_cli.core.errors import PolicyDeniedError
from tests.attack.wire.support import REPO, anything, decided
from tests.simulators.recording import RecordingServer, recording
from tests.simulators.wired import transport

HOSTILE = (
    "acme/infra-core/../../other/secret",
    42,
    "..%2f..%2fother%2fsecret",
    "../../../other/secret",
    "SEC-1/../HR-1",
    "https://evil.example/repos/acme/infra-core/pulls/88",
    "//evil.example/x",
    "acme\\..\\other",
    "C0999999999",
    "x?access_token=1#",
    {"a": "b"},
    ["HR-1"],
    True,
    None,
)
WORDS = tuple(value for value in HOSTILE if isinstance(value, str))
ROUNDS = 8
GITHUB_CLASSES = (
    "Branch",
    "CheckRun",
    "CheckSuite",
    "CodeScanAlert",
    "Commit",
    "ContentFile",
    "Deployment",
    "Issue",
    "NamedUser",
    "Organization",
    "PullRequest",
    "Repository",
    "Team",
)


def methods_of(subject: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public methods, and properties as methods without arguments."""
    for name in sorted(dir(type(subject))):
        if name.startswith("_") or name in {"close", "withAuth"}:
            continue
        if isinstance(inspect.getattr_static(type(subject), name), property):
            yield name, lambda name=name: getattr(subject, name)
        elif callable(member := getattr(subject, name)):
            yield name, member


def value_for(parameter: inspect.Parameter, turn: Iterator[Any], words: Iterator[str]) -> Any:
    """A hostile value that the library's own checks of types let pass."""
    wanted = str(parameter.annotation)
    if "str" in wanted:
        return next(words)
    if "int" in wanted:
        return 42
    return "bool" in wanted or next(turn)


def attack(subject: Any, offset: int) -> tuple[int, int]:
    """Call everything; how much was called, and how much of it the guard stopped. What it raises is its own affair."""
    called = stopped = 0
    turn, words = islice(cycle(HOSTILE), offset, None), islice(cycle(WORDS), offset, None)
    for _, method in methods_of(subject):
        try:
            parameters = list(inspect.signature(method).parameters.values())
        except (TypeError, ValueError):
            continue
        wanted = [p for p in parameters if p.kind not in {p.VAR_KEYWORD, p.VAR_POSITIONAL}]
        if offset % 2:
            wanted = [p for p in wanted if p.default is p.empty]
        named = {p.name: value_for(p, turn, words) for p in wanted if p.kind is p.KEYWORD_ONLY}
        listed = [value_for(p, turn, words) for p in wanted if p.kind is not p.KEYWORD_ONLY]
        try:
            found = method(*listed, **named)
            if inspect.isgenerator(found) or type(found).__name__ == "PaginatedList":
                list(islice(found, 3))
        except PolicyDeniedError:
            stopped += 1
        except Exception:  # noqa: BLE001 - only what arrives at a server counts
            pass
        called += 1
    return called, stopped


def attack_all(subject: Callable[[], Any]) -> tuple[int, int]:
    """Several rounds, each with other arguments, each on a new object."""
    rounds = [attack(subject(), offset) for offset in range(ROUNDS)]
    return sum(called for called, _ in rounds), sum(stopped for _, stopped in rounds)


def made(kind: type[GithubObject], requester: Any, seed: dict[str, Any]) -> GithubObject:
    """An object of the library that says it belongs elsewhere."""
    if issubclass(kind, CompletableGithubObject):
        return kind(requester, {}, seed, completed=False)
    return kind(requester, {}, seed)


def assert_only(server: RecordingServer, method: str, target: str) -> None:
    strangers = [
        (r.method, r.target) for r in server.requests if (r.method, r.target.split("?")[0]) != (method, target)
    ]
    assert strangers == []


@pytest.fixture(autouse=True)
def connected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The addresses that anything in this process connects to; only this machine may be among them."""
    monkeypatch.chdir(tmp_path)  # some methods write files
    seen: set[str] = set()
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        seen.add(str(address[0]))
        if address[0] != "127.0.0.1":
            raise OSError("no way out of a test")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield seen
    assert seen <= {"127.0.0.1"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", GITHUB_CLASSES)
def test_no_method_of_pygithub_leaves_the_call(name: str) -> None:
    kind: type[GithubObject] = getattr(getattr(github, name), name)
    with recording(anything) as elsewhere, recording(anything) as server:
        called = stopped = 0
        for url in (f"{elsewhere.url}/repos/{REPO}", f"{server.url}/repos/other/secret"):
            seed = {"url": url, "full_name": "other/secret", "owner": {"login": "other"}, "id": 7, "sha": "../x"}
            with decided(server.url, "github:GetPullRequest", repo=REPO, number=88):
                requester = github_library(server.url).requester
                counts = attack_all(partial(made, kind, requester, seed))
            called, stopped = called + counts[0], stopped + counts[1]
        assert called > 10 * ROUNDS
        assert stopped or name in {"Branch", "CodeScanAlert"}
        assert_only(server, "GET", f"/repos/{REPO}/pulls/88")
        assert elsewhere.requests == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", ["main", "requester"])
def test_no_method_of_pygithub_itself_leaves_the_call(part: str) -> None:
    with recording(anything) as server, decided(server.url, "github:GetPullRequest", repo=REPO, number=88):
        hub = github_library(server.url)
        _, stopped = attack_all(lambda: hub if part == "main" else _without_switches(hub.requester))
        assert stopped
        assert_only(server, "GET", f"/repos/{REPO}/pulls/88")


def _without_switches(requester: Any) -> Any:
    """The requester without its class-wide switches: those are ours to set, not a caller's."""

    class Reach(type(requester)):
        injectConnectionClasses = resetConnectionClasses = injectLogger = resetLogger = None  # noqa: N815
        setDebugFlag = setOnCheckMe = None  # noqa: N815

    requester.__class__ = Reach
    return requester


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_method_of_jira_leaves_the_call() -> None:
    with recording(anything) as server, decided(server.url, "jira:GetIssue", key="SEC-1"):
        called, stopped = attack_all(lambda: jira_library(server.url, "3", transport()[0]))
        assert called > 100 * ROUNDS
        assert stopped > 50 * ROUNDS
        allowed = {"/rest/api/3/issue/SEC-1", "/rest/api/3/serverInfo"}
        assert {(r.method, r.target.split("?")[0]) for r in server.requests} <= {("GET", path) for path in allowed}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_method_of_slack_leaves_the_call() -> None:
    with recording(anything) as server:
        url = f"{server.url}/api/"
        with decided(url, "slack:PostMessage", channel="C0123456789", text="x"):
            called, stopped = attack_all(lambda: slack_library(url))
        assert called > 100 * ROUNDS
        assert stopped > 100 * ROUNDS
        assert server.requests == []
