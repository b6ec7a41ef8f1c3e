"""What a run could do here: one harmless question to each system, and the plan's standing of every check."""

from dataclasses import dataclass

from harness_cli.config.model import System
from harness_cli.core.exits import ExitCode, first_of
from harness_cli.core.ids import TraceId
from harness_cli.policy.plan import Standing
from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.policy.scope import ScopeKey
from harness_cli.review.planning import plan_stage
from harness_cli.review.progress import Observer, Steps
from harness_cli.review.request import ReviewRequest
from harness_cli.runtime.enforce import Answered, Wanted
from harness_cli.runtime.session import RunSession

QUESTIONS = {System.JIRA: "jira:GetMyself", System.AWS: "sts:GetCallerIdentity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """How one system answered: `state` is ok, refused, or not asked."""

    system: str
    tool: str
    state: str
    detail: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that `doctor` found out."""

    trace_id: TraceId
    requester: str
    role: str
    environment: str
    answers: tuple[Answer, ...]
    denied: tuple[str, ...]  # operations that policy would refuse, with the code
    exit_code: ExitCode


def examine(session: RunSession, env: str, observer: Observer | None) -> Examination:
    """Prove the requester, decide the plan, ask each system. Raises IdentityError, CredentialError, AuditError."""
    person = session.prove()
    stage = plan_stage(session, ReviewRequest(env))
    plan = stage.decided()
    steps = Steps(observer)
    answers = []
    for tool in session.config.tools.values():
        with steps.step(f"{tool.connector} by {tool.name}"):
            answers.append(_asked(session, tool.name, tool.connector, stage.grant.accounts))
    codes = {*session.point.hurt}
    codes |= {ExitCode.INCOMPLETE for answer in answers if answer.state == "refused"}
    found = Examination(
        trace_id=session.trace_id,
        requester=person.user_name,
        role=person.role,
        environment=env,
        answers=tuple(answers),
        denied=tuple(
            dict.fromkeys(
                f"{line.call.operation} on {line.call.resource}: {line.decision.code} {line.decision.reason}"
                for line in plan
                if line.standing in {Standing.NOT_GRANTED, Standing.TOOL_DENIED}
            )
        ),
        exit_code=first_of(codes),
    )
    total, _, _ = session.budget.counts()
    session.close("success", {"calls": total, "exitCode": int(found.exit_code)})
    return found


def _asked(session: RunSession, tool: str, system: System, accounts: tuple[str, ...]) -> Answer:
    params = _params(session, tool, system, accounts)
    if not params:
        return _leased(session, tool, system)
    answer = session.point.call(Wanted(tool, QUESTIONS[system], params))
    if isinstance(answer, Answered):
        return Answer(system.value, tool, "ok", QUESTIONS[system])
    return Answer(system.value, tool, "refused", f"{answer.error.code}: {answer.error.message}", answer.error.help)


def _params(session: RunSession, tool: str, system: System, accounts: tuple[str, ...]) -> dict[str, str]:
    """What the harmless question is asked about; empty where the system has none within the tool's scope."""
    if system is System.AWS and accounts:
        return {"account": accounts[0], "region": GLOBAL_REGION}
    if system is System.JIRA:
        clauses = session.config.tools[tool].scopes
        projects = [text.split("-", 1)[0] for clause in clauses for text in clause.get(ScopeKey.PROJECT_KEY, ())]
        return {"key": projects[0]} if projects and "*" not in projects[0] else {}
    return {}


def _leased(session: RunSession, tool: str, system: System) -> Answer:
    """GitHub and Slack have no harmless question within a scope: the credential itself is the answer."""
    from harness_cli.core.errors import HarnessError
    from harness_cli.credentials.issuer import LeaseTarget

    try:
        lease = session.leases.lease(LeaseTarget(system))
    except HarnessError as err:
        return Answer(system.value, tool, "refused", f"{err.code}: {err.message}", err.help)
    return Answer(system.value, tool, "ok", f"{lease.kind} credential of {lease.subject}")
