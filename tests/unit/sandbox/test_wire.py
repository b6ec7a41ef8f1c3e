"""Requests, routes and faults without sockets."""

from pathlib import Path

import pytest

from harness_cli.sandbox import EstateError, load_faults
from harness_cli.sandbox.wire import Request, Response, Route, Router


def route(method: str, pattern: str) -> Route[None]:
    return Route(method, pattern, lambda _context, _request, _values: Response(200))


def test_a_segment_is_decoded_after_it_matched() -> None:
    router = Router([route("GET", "/a/{name}"), route("GET", "/a/{name}/b/{rest+}")])
    found = router.find("GET", "/a/x%2Fy")
    assert found is not None
    assert found[1] == {"name": "x/y"}
    found = router.find("GET", "/a/x/b/c/d%20e")
    assert found is not None
    assert found[1] == {"name": "x", "rest": "c/d e"}


def test_head_is_answered_as_get_and_other_methods_are_told_apart() -> None:
    router = Router([route("GET", "/a"), route("POST", "/a")])
    assert router.find("HEAD", "/a") is not None
    assert router.find("DELETE", "/a") is None
    assert router.methods("/a") == {"GET", "POST"}


def test_a_request_reads_its_query_form_and_token() -> None:
    request = Request("POST", "/a?x=1&y=", {"authorization": "token abc"}, b"u=%2F&v")
    assert (request.path, request.query, request.form()) == ("/a", {"x": "1", "y": ""}, {"u": "/", "v": ""})
    assert request.bearer() == "abc"
    assert Request("GET", "/a", {"authorization": "Basic abc"}).bearer() == ""
    assert Request("GET", "//evil/a", {}).path == "//evil/a"


def test_faults_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("- {server: github, path: '/repos/*', status: 503, times: 2}\n")
    request = Request("GET", "/repos/a/b", {})
    faults = load_faults(path)
    assert [faults.take("github", request) is not None for _ in range(3)] == [True, True, False]
    assert faults.take("jira", request) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {server: gitlab, path: '*'}", "unknown server"),
        ("- {server: jira}", "missing key `path`"),
        ("- {server: jira, path: '*', colour: red}", "unknown key"),
        ("{}", "a list"),
    ],
)
def test_wrong_faults_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(EstateError, match=message):
        load_faults(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match="cannot read"):
        load_faults(tmp_path / "none.yaml")
