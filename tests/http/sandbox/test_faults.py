"""Faults over real sockets."""

import contextlib
import http.client
import time
import urllib.error
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from harness_cli.sandbox import Fault, Faults
from harness_cli.sandbox.httpd import StandInServer
from harness_cli.sandbox.wire import Request, Response, json_response
from tests.http.sandbox.http import ask


def application(request: Request) -> Response:
    if request.path == "/defect":
        raise RuntimeError("the stand-in is broken")
    return json_response({"path": request.path, "body": request.body.decode()})


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[StandInServer]:
    rules = getattr(request, "param", ())
    running = StandInServer("github", application, Faults(tuple(rules)))
    running.start()
    yield running
    running.stop()


def fault(**rule: object) -> list[Fault]:
    return [Fault(server="github", path="/x*", **rule)]  # type: ignore[arg-type]


@pytest.mark.parametrize("server", [fault(status=503, headers={"Retry-After": "3"})], indirect=True)
def test_a_status_stands_in_for_the_answer(server: StandInServer) -> None:
    answer = ask("GET", server.url + "/x/1")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
    assert ask("GET", server.url + "/y").status == 200


@pytest.mark.parametrize("server", [fault(status=500, times=1)], indirect=True)
def test_a_counted_fault_runs_out(server: StandInServer) -> None:
    assert [ask("GET", server.url + "/x").status for _ in range(3)] == [500, 200, 200]


@pytest.mark.parametrize("server", [fault(html=True)], indirect=True)
def test_a_login_page_comes_where_json_was_due(server: StandInServer) -> None:
    answer = ask("GET", server.url + "/x")
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")


@pytest.mark.parametrize("server", [fault(redirect="http://127.0.0.1:9/elsewhere")], indirect=True)
def test_a_redirect_leads_away(server: StandInServer) -> None:
    answer = ask("GET", server.url + "/x")
    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")


@pytest.mark.parametrize("server", [fault(truncate=5)], indirect=True)
def test_a_truncated_body_is_shorter_than_promised(server: StandInServer) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask("GET", server.url + "/x")
    assert len(caught.value.partial) == 5


@pytest.mark.parametrize("server", [fault(reset=True)], indirect=True)
def test_a_reset_gives_no_answer(server: StandInServer) -> None:
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        ask("GET", server.url + "/x")


@pytest.mark.parametrize("server", [fault(delay=0.05, body='{"late": true}', method="POST")], indirect=True)
def test_a_fault_may_be_about_one_method(server: StandInServer) -> None:
    assert "late" not in ask("GET", server.url + "/x").json()
    assert ask("POST", server.url + "/x", body={}).json() == {"late": True}


@pytest.mark.parametrize("server", [fault(delay=30.0)], indirect=True)
def test_a_server_stops_although_an_answer_is_delayed(server: StandInServer) -> None:
    with contextlib.closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)) as connection:
        connection.request("GET", "/x")
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 10


def test_a_defect_of_a_stand_in_is_a_500_without_its_text(server: StandInServer) -> None:
    answer = ask("GET", server.url + "/defect")
    assert (answer.status, answer.json()) == (500, {"message": "stand-in failure", "error": "RuntimeError"})


def test_one_connection_carries_many_requests(server: StandInServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    for number in range(3):
        connection.request("POST", f"/y/{number}", body=b"abc")
        assert b'"body": "abc"' in connection.getresponse().read()
    connection.request("HEAD", "/y")
    assert connection.getresponse().read() == b""
    connection.close()


def test_a_body_without_a_length_is_refused(server: StandInServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    with contextlib.suppress(BrokenPipeError):  # the answer may come while the body is still being sent
        connection.request("POST", "/y", body=iter([b"a", b"b"]), headers={"Transfer-Encoding": "chunked"})
    assert connection.getresponse().status == 413
    connection.close()


def test_a_taken_port_is_replaced_by_a_free_one(server: StandInServer) -> None:
    second = StandInServer("github", application, Faults(), server.port)
    second.start()
    assert second.port != server.port
    second.stop()


@pytest.mark.parametrize("server", [fault(status=503, service="rds")], indirect=True)
def test_one_service_of_aws_fails_alone(server: StandInServer) -> None:
    def status(service: str) -> int:
        scope = f"K/20261124/us-east-1/{service}/aws4_request"
        return ask("GET", server.url + "/x", Authorization=f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0").status

    assert (status("rds"), status("ec2")) == (503, 200)
    assert ask("GET", server.url + "/x").status == 200
