"""One request to the Jira stand-in, and the site's own error answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness_cli.sandbox.jira.render import JiraRenderer
from harness_cli.sandbox.model import Estate, Ticket
from harness_cli.sandbox.state import SandboxState
from harness_cli.sandbox.wire import Response, json_response

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JiraVisit:
    """One request with what a handler may want to know."""

    estate: Estate
    state: SandboxState
    url: str
    person: str  # empty: the service account
    render: JiraRenderer
    scopes: frozenset[str] | None  # None: everything that the person may do

    def ticket(self, values: Values) -> tuple[str, Ticket] | None:
        """The ticket of a path, by key (old keys too) or id."""
        jira = self.estate.jira
        wanted = values["issue"].upper()
        key = jira.moved.get(wanted, wanted)
        if key in jira.tickets:
            return key, jira.tickets[key]
        return next(((k, t) for k, t in jira.tickets.items() if str(t.id) == wanted), None)


def problem(status: int, *messages: str) -> Response:
    """Jira's error shape."""
    return json_response(
        {"errorMessages": list(messages), "errors": {}}, status, content_type="application/json;charset=UTF-8"
    )


def unauthorized() -> Response:
    """What the site says to a token that it does not know."""
    answer = problem(401, "You are not authenticated. Authentication required to perform this operation.")
    return answer.with_headers({"WWW-Authenticate": 'OAuth realm="https%3A%2F%2Facme.atlassian.net"'})


def no_issue() -> Response:
    """What the site says about whatever a caller may not see."""
    return problem(404, "Issue does not exist or you do not have permission to see it.")
