"""One loopback HTTP server: sockets in, `Request` to an application, `Response` out, faults in between."""

import contextlib
import http
import socket
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from harness_cli.core.limits import MIB
from harness_cli.sandbox.errors import SandboxError
from harness_cli.sandbox.faults import Fault, Faults
from harness_cli.sandbox.wire import Request, Response, json_response

Application = Callable[[Request], Response]

HOST = "127.0.0.1"
BODY_BYTES = 4 * MIB
POLL_SECONDS = 0.05


class StandInServer(socketserver.ThreadingTCPServer):
    """A server for one application, on a port of its own; `start` and `stop` are both needed."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, name: str, application: Application, faults: Faults, port: int = 0) -> None:
        self.name = name
        self.application = application
        self.faults = faults
        self.stopping = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._open_lock = threading.Lock()
        super().__init__((HOST, 0), _Handler, bind_and_activate=False)
        self._bind(port)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": POLL_SECONDS}, name=f"sandbox-{name}", daemon=True
        )

    def _bind(self, port: int) -> None:
        for wanted in dict.fromkeys((port, 0)):
            try:
                self.server_address = (HOST, wanted)
                self.server_bind()
                self.server_activate()
            except OSError:
                continue
            return
        self.socket.close()
        raise SandboxError(f"no free port for the {self.name} stand-in")

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and let go of the port; may be called twice."""
        self.stopping.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join(timeout=5)
        self.socket.close()
        with self._open_lock:
            open_now = list(self._open.items())
        for connection, _ in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in open_now:
            thread.join(timeout=5)

    def process_request(self, request: Any, client_address: Any) -> None:  # Any: typeshed's socket or pair
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name=f"sandbox-{self.name}", daemon=True
        )
        with self._open_lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:  # Any: as process_request
        super().shutdown_request(request)
        with self._open_lock:
            self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up in mid-answer is no news; defects of a stand-in are answered as 500."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandInServer

    def setup(self) -> None:
        super().setup()
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            setattr(self, f"do_{method}", self._serve)

    def log_message(self, format: str, *args: object) -> None:
        """Stand-ins are silent; what they were asked is in the audit trail."""

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            self._write("POST", json_response({"message": "body missing or too large"}, 413))
            self.close_connection = True
            return
        fault = self.server.faults.take(self.server.name, request)
        if fault is not None and self._is_cut(fault):
            return
        response = fault.response() if fault is not None and fault.answers else self._answer(request)
        if fault is not None and not fault.answers:
            response = response.with_headers(fault.headers)
        self._write(request.method, response, None if fault is None else fault.truncate)

    def _read(self) -> Request | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return None
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_BYTES:
            return None
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): text for name, text in self.headers.items()}
        return Request(self.command, self.path, headers, body)

    def _is_cut(self, fault: Fault) -> bool:
        if fault.delay:
            self.server.stopping.wait(fault.delay)
        if fault.reset:
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # on, 0 seconds: close() sends RST
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
        return fault.reset

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.application(request)
        except Exception as err:  # noqa: BLE001 - a defect of the stand-in must not look like a hung server
            return json_response({"message": "stand-in failure", "error": type(err).__name__}, 500)

    def _write(self, method: str, response: Response, truncate: int | None = None) -> None:
        try:
            reason = http.HTTPStatus(response.status).phrase
        except ValueError:
            reason = "Unknown"
        lines = [f"HTTP/1.1 {response.status} {reason}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {text}" for name, text in response.headers.items() if name.lower() != "content-length"]
        lines += [f"Content-Length: {len(response.body)}", "", ""]
        body = b"" if method == "HEAD" else response.body
        if truncate is not None:
            body = body[:truncate]
            self.close_connection = True
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + body)
