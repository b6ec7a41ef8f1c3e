"""A server on this machine that answers whatever a test wants and remembers every request that reached it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Recorded:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Scripted:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    cut_after: int | None = None  # bytes of the body, then the connection is closed
    chunks: bool = False
    reset: bool = False  # close before anything is answered


def as_json(value: object, status: int = 200, **headers: str) -> Scripted:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Scripted(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


Answerer = Callable[[Recorded], Scripted]


class RecordingServer:
    def __init__(self, answer: Answerer) -> None:
        self.answer = answer
        self.requests: list[Recorded] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    @contextmanager
    def running(self) -> Iterator["RecordingServer"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _handler(self) -> Any:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Recorded(self.command, self.path, dict(self.headers.items()), body)
                outer.requests.append(request)
                self._send(outer.answer(request))

            def _send(self, answer: Scripted) -> None:
                if answer.reset:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, text in answer.headers.items():
                    self.send_header(name, text)
                body = answer.body if answer.cut_after is None else answer.body[: answer.cut_after]
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(body)
                if answer.cut_after is not None:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT"):
            setattr(Handler, f"do_{verb}", Handler._any)
        return Handler


@contextmanager
def recording(answer: Answerer | Scripted) -> Iterator[RecordingServer]:
    scripted = answer if callable(answer) else (lambda _: answer)
    with RecordingServer(scripted).running() as server:
        yield server
