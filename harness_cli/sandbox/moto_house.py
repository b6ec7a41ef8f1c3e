"""The one moto of this process: its backends are global, so one account at a time lives in them.

Ordered contract: requests take turns, as the backends are not made for two threads; before each request the house
makes sure that the account of that request's estate is the one that stands, and builds it again where another sandbox
or another user of moto in this process (a test's `mock_aws`) has taken its place. Building starts from nothing and from
one seed, so that every id is the same each time.
"""

import contextlib
import gc
import io
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from harness_cli.sandbox.aws_build import AccountBuilder
from harness_cli.sandbox.errors import SandboxError
from harness_cli.sandbox.model import AwsEstate
from harness_cli.sandbox.wire import Request, Response

MOTO_ACCOUNT = "123456789012"
SEED = 88
BUILDER_KEY = "sandbox-builder"

_HTML_ERROR = (
    b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
)


class MotoHouse:
    """Builds accounts in moto and passes requests on to it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._application: Callable[..., Iterable[bytes]] | None = None
        self.roles: frozenset[str] = frozenset()

    def ensure(self, estate: AwsEstate) -> None:
        """Make the account of `estate` stand. Raises: ImportError, EstateError."""
        with self._turn, _without_collector():
            self._ensure(estate)

    def ask(self, estate: AwsEstate, request: Request) -> Response:
        """What the account of `estate` answers; moto raises for an operation that it lacks, which is a 500 in HTML."""
        with self._turn:
            self._ensure(estate)
            return self._ask(request)

    def _ensure(self, estate: AwsEstate) -> None:
        if self._application is None:
            self._application = _moto_application()
        if _standing() != estate:
            _clear()
            answers = AccountBuilder(self._ask, BUILDER_KEY, BUILDER_KEY).build(estate)
            self.roles = frozenset(a["Role"]["Arn"] for a in answers.values() if isinstance(a, dict) and "Role" in a)
            _mark(estate)

    def _ask(self, request: Request) -> Response:
        if self._application is None:
            raise SandboxError("moto is not loaded")
        collected: dict[str, Any] = {}  # Any: what WSGI hands to start_response

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            collected["status"], collected["headers"] = int(status.split(" ", 1)[0]), dict(headers)

        try:
            body = b"".join(self._application(_environ(request), start_response))
        except Exception:  # noqa: BLE001 - moto answers an operation that it lacks by raising
            return Response(500, _HTML_ERROR, {"Content-Type": "text/html"})
        return Response(collected["status"], body, collected["headers"])


MOTO = MotoHouse()


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Importing moto makes a million objects that stay; looking for cycles among them took 40 % of the start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _moto_application() -> Callable[..., Iterable[bytes]]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    class Dispatcher(DomainDispatcherApplication):
        """Says nothing on standard output about a service that moto lacks; the program's result goes there."""

        def get_backend_for_host(self, host: str | None) -> Any:  # Any: moto's name of a backend
            aws = host is not None and "amazonaws.com" in host
            if aws and not any(pattern.match(f"http://{host}") for _, pattern in self.backend_url_patterns):
                raise LookupError(host)
            return super().get_backend_for_host(host)

    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # else hundreds of snapshots belong to the account
    application: Callable[..., Iterable[bytes]] = Dispatcher(create_backend_app)
    return application


def _landmark() -> Any:  # Any: a backend of moto, which loses its attributes when it is reset
    from moto.iam.models import iam_backends

    return iam_backends[MOTO_ACCOUNT]["aws"]


def _standing() -> AwsEstate | None:
    found = getattr(_landmark(), "harness_estate", None)
    return found if isinstance(found, AwsEstate) else None


def _mark(estate: AwsEstate) -> None:
    _landmark().harness_estate = estate


def _clear() -> None:
    from moto.moto_api._internal import mock_random
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
    mock_random.seed(SEED)


def _environ(request: Request) -> dict[str, Any]:  # Any: a WSGI environment
    parts = urlsplit("//x" + request.target)
    host = request.headers.get("host", "127.0.0.1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in {"content-type", "content-length"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
