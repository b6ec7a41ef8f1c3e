"""Step 9 of a run: the exact Slack message, decided, approved by somebody else, posted once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.config.model import Action, System
from harness_cli.core.errors import ApprovalRefusedError, PolicyDeniedError
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Grain, Phase
from harness_cli.review.notice import notice_text
from harness_cli.review.report_document import Document
from harness_cli.review.request import ReviewRequest
from harness_cli.runtime.approvals import Sought
from harness_cli.runtime.enforce import Refused, Wanted, denial
from harness_cli.runtime.session import RunSession

POST = "slack:PostMessage"


@dataclass(frozen=True, slots=True)
class Notifier:
    """The notice of one run."""

    session: RunSession
    request: ReviewRequest

    def wanted(self, document: Document) -> Sought | None:
        """What has to be approved before the notice may go out; None where it went out at once.

        Raises: PolicyDeniedError, ConnectorError, LeakError.
        """
        session = self.session
        tool, params = self._message(document)
        session.let_out(params["text"], "slack")
        operation = session.catalogue.get(POST)
        resources = operation.resources(params)
        request = session.point.request_of(Wanted(tool, POST, params), operation, resources, Phase.CALL)
        decision = decide(session.policy, request)
        if decision.allowed:
            self._send(Wanted(tool, POST, params))
            return None
        session.recorder.decision(request, decision)
        if decision.code != "P010":
            raise denial(decision)
        rule = decision.rule
        return Sought(
            trace_id=session.trace_id,
            grain=Grain.CALL,
            tool=tool,
            action=Action.WRITE,
            operation=POST,
            env=self.request.env,
            resource=tuple(resource.id for resource in resources),
            payload={"tool": tool, "operation": POST, "params": params},
            plan_sha256="",
            ticket=document["subject"]["ticket"] or "",
            pull_requests=tuple(document["subject"]["pullRequests"]),
            why=f"{decision.reason} ({rule.place if rule else 'policy'})",
        )

    def post(self, payload: Any) -> None:
        """Post the approved payload, to the letter. Raises PolicyDeniedError, ConnectorError, ApprovalRefusedError."""
        match payload:
            case {"tool": str(tool), "operation": str(operation), "params": dict(params)} if operation == POST:
                self.session.let_out(str(params.get("text", "")), "slack")
                self._send(Wanted(tool, operation, params, frozenset(Grain)))
            case _:
                raise ApprovalRefusedError("the approved payload is no notice", code="A013")

    def _send(self, wanted: Wanted) -> None:
        answer = self.session.point.call(wanted)
        if isinstance(answer, Refused):
            raise answer.error

    def _message(self, document: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        config = self.session.config
        tools = [t.name for t in config.tools.values() if t.connector is System.SLACK and Action.WRITE in t.actions]
        slack = config.connections.slack
        if not tools or slack is None or not slack.channel:
            raise PolicyDeniedError(
                "a notice was asked for, and no Slack tool with a channel is configured",
                code="P001",
                help="declare `slack_notifier` under `tools` and `connections.slack.channel`",
                place=config.place("tools"),
            )
        return tools[0], {"channel": slack.channel, "text": notice_text(document)}
