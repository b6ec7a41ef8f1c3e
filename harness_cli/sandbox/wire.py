"""Requests, answers and routes of the stand-ins: plain values, no sockets.

A route's pattern is a path with placeholders: `{name}` is one segment, `{name+}` one or more. Placeholders are
percent-decoded after matching, so that an encoded slash never moves a request to another route.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

Context = TypeVar("Context")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came over the wire."""

    method: str
    target: str  # path and query, still encoded
    headers: Mapping[str, str]  # lower-case names
    body: bytes = b""

    @property
    def path(self) -> str:
        """The encoded path, without the query."""
        return urlsplit("//x" + self.target).path or "/"

    @property
    def query(self) -> dict[str, str]:
        """The query's keys and (last) values."""
        return dict(parse_qsl(urlsplit("//x" + self.target).query, keep_blank_values=True))

    def form(self) -> dict[str, str]:
        """The body read as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> Any:  # Any: JSON from outside; readers check what they take
        """The body read as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def bearer(self) -> str:
        """The token of the Authorization header (`Bearer` or `token`), or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() in {"bearer", "token"} else ""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> "Response":
        """The same answer with more headers."""
        return Response(self.status, self.body, {**self.headers, **headers})


def json_response(
    value: object, status: int = 200, *, content_type: str = "application/json; charset=utf-8", **headers: str
) -> Response:
    """An answer that carries `value` as JSON; keyword underscores in header names become hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status, json.dumps(value).encode(), {"Content-Type": content_type, **named})


def html_response(text: str, status: int = 200) -> Response:
    """An HTML page."""
    return Response(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


@dataclass(frozen=True, slots=True)
class Route(Generic[Context]):
    """One method and path shape with its handler; `needs` is what the token must be allowed to do."""

    method: str
    pattern: str
    handler: Callable[[Context, Request, Mapping[str, str]], Response]
    needs: str = ""


class Router(Generic[Context]):
    """Finds the route of a request; the first pattern that fits wins."""

    def __init__(self, routes: Sequence[Route[Context]]) -> None:
        self._compiled = [(route, _compile(route.pattern)) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route[Context], dict[str, str]] | None:
        """The route and its decoded placeholders. HEAD is answered as GET."""
        wanted = "GET" if method == "HEAD" else method
        for route, shape in self._compiled:
            if route.method == wanted and (found := shape.fullmatch(path)):
                return route, _decoded(found)
        return None

    def methods(self, path: str) -> frozenset[str]:
        """The methods that any route knows for this path."""
        return frozenset(route.method for route, shape in self._compiled if shape.fullmatch(path))


def _compile(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[a-z_]+\+?\})", pattern)
    shape = "".join(_piece(part) for part in parts)
    return re.compile(shape)


def _piece(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{}+")
    return f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"


def _decoded(found: re.Match[str]) -> dict[str, str]:
    return {name: unquote(text) for name, text in found.groupdict().items()}
