"""The life of `harness run` after its session is open (DESIGN §5): plan, review, report, notice, seal; and resume."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness_cli.approval.envelope import Envelope
from harness_cli.approval.judge import State
from harness_cli.approval.store import ApprovalRequest
from harness_cli.audit.events import ApprovalStatus, EventKind
from harness_cli.config.model import IdentityBinding, System
from harness_cli.core.canonical import Json
from harness_cli.core.errors import (
    ApprovalPendingError,
    ApprovalRefusedError,
    AuditError,
    ConnectorError,
    HarnessError,
    IdentityError,
)
from harness_cli.core.exits import ExitCode, first_of
from harness_cli.core.ids import RequestId
from harness_cli.core.reasons import Reason
from harness_cli.policy.model import Grain, Resource, ResourceType
from harness_cli.policy.plan import PlannedDecision
from harness_cli.review.canary import silent_canaries
from harness_cli.review.case import Case
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import PullRef
from harness_cli.review.finding import Finding, Origin, Status
from harness_cli.review.gather import Gatherer
from harness_cli.review.notifying import Notifier
from harness_cli.review.planning import PlanStage, plan_stage
from harness_cli.review.progress import Observer, Steps
from harness_cli.review.report import ApprovalNote, AuditNote, CallCounts, Problem, Report
from harness_cli.review.report_document import Document, approval_document, report_document
from harness_cli.review.request import ReviewRequest, request_from
from harness_cli.review.run_reader import RunReader
from harness_cli.review.selection import judge
from harness_cli.review.verdict import Verdict, judge_verdict, reaches
from harness_cli.review.waivers import apply_waivers
from harness_cli.runtime.approvals import Sought
from harness_cli.runtime.session import RunSession


@dataclass(slots=True)
class ReviewRun:
    """One review on one open session."""

    session: RunSession
    request: ReviewRequest
    observer: Observer | None = None

    def planned(self) -> tuple[PlannedDecision, ...]:
        """Prove, plan, decide, seal: nothing is called. Raises IdentityError, CredentialError."""
        self.session.prove()
        plan = plan_stage(self.session, self.request).decided()
        self.session.close("success", {"calls": 0})
        return plan

    def run(self) -> Document:
        """The whole review; its report document, whose exit code is the run's.

        Raises: PolicyDeniedError, ApprovalPendingError (the plan waits), IdentityError, CredentialError, AuditError.
        """
        self.session.prove()
        stage = plan_stage(self.session, self.request)
        plan = stage.decided()
        stage.refuse(plan)
        sought = stage.approval_of(plan)
        if sought is not None:
            raise self._asked(sought, "plan")
        return self._reviewed(stage, ())

    def resume(self, paused: Mapping[str, Any]) -> Document:
        """Go on after somebody decided: review under the approved plan, or post the approved notice and nothing else.

        Raises: ApprovalRefusedError, ApprovalPendingError, and as `run`.
        """
        session, request_id = self.session, RequestId(paused["requestId"])
        session.hold((request_id,))
        session.prove()
        stored = session.desk.store.load(request_id)
        envelope = stored.envelope
        if envelope.trace_id != session.trace_id:
            raise ApprovalRefusedError("the approval belongs to another run", code="A014")
        if (envelope.requester.issuer, envelope.requester.subject) != (
            session.principal.issuer,
            session.principal.subject,
        ):
            raise ApprovalRefusedError(f"only {envelope.requester.user_name} may resume this run", code="A015")
        self._refuse_undecided(stored)
        stage = plan_stage(session, self.request)
        if envelope.grain is Grain.RUN:
            session.point.approvals = frozenset({Grain.RUN})
            plan = stage.decided()
            if stage.digest(plan) != envelope.plan_sha256:
                raise ApprovalRefusedError("the plan has changed since it was approved", code="A016")
            stage.refuse(plan)
        session.desk.spend(request_id)
        note = ApprovalNote(
            request_id, envelope.grain.value, envelope.tool, envelope.digest, "used", session.desk.approvers_of(stored)
        )
        self._used(note, session.desk.links_of(stored))
        if envelope.grain is Grain.RUN:
            return self._reviewed(stage, (note,))
        document = session.runs.load_report(session.trace_id)
        document["approvals"] = [approval_document(note)]
        document["problems"] = [told for told in document["problems"] if told["code"] != _PENDING]
        document["exitCode"] = paused["exitCode"]
        try:
            Notifier(session, self.request).post(stored.payload)
        except HarnessError as err:
            _unsent(document, err)
        return self._sealed(document)

    def _refuse_undecided(self, stored: ApprovalRequest) -> None:
        """Raises ApprovalPendingError (the run goes on waiting) or ApprovalRefusedError (it ends here)."""
        session, envelope = self.session, stored.envelope
        found = session.desk.standing(stored)
        if found.state is State.PENDING:
            raise _pending_error(envelope)
        session.release()
        if found.state is not State.APPROVED:
            session.runs.end_pause(session.trace_id)
            raise session.desk.refused(envelope, found)

    def _reviewed(self, stage: PlanStage, notes: tuple[ApprovalNote, ...]) -> Document:
        case, findings = self._judged(stage)
        document = self._document(stage, case, findings, notes)
        self._keep(document)
        if not self.request.notify:
            return self._sealed(document)
        try:
            sought = Notifier(self.session, self.request).wanted(document)
        except HarnessError as err:
            _unsent(document, err)
            return self._sealed(document)
        if sought is None:
            return self._sealed(document)
        return self._pending(document, sought)

    def _judged(self, stage: PlanStage) -> tuple[Case, tuple[Finding, ...]]:
        session = self.session
        gatherer = Gatherer(
            reader=RunReader(session.point, stage.grant.tools),
            config=session.config,
            grant=stage.grant,
            request=self.request,
            checks=frozenset(stage.checks),
            in_scope=lambda ref: stage.in_scope(System.GITHUB, _repo(ref)),
            ticket_in_scope=lambda key: stage.in_scope(System.JIRA, _issue(key)),
            groups_of=self._groups_of,
            steps=Steps(self.observer),
        )
        case = gatherer.gather(session.principal, session.clock.now())
        with Steps(self.observer).step(f"{len(stage.checks)} checks"):
            _refuse_silent_canaries()
            judged = judge(stage.checks, case)
            findings = apply_waivers(judged, session.config.review.waivers, today=case.now.date())
        for finding in findings:
            session.recorder.finding(_finding_event(finding))
        return case, findings

    def _groups_of(self, user_name: str) -> Fact[tuple[str, ...]]:
        """Somebody's groups now; a leaver has none."""
        if self.session.config.runtime.identity_binding is not IdentityBinding.SSO_SCIM:
            return Unread(Reason.NOT_CONFIGURED, "no directory is configured that could name an approver's groups")
        try:
            return Known(self.session.groups_of(user_name), ())
        except IdentityError as err:
            return Known((), ()) if err.code in _NOT_HERE else Unread(Reason.ACCESS_DENIED, err.message)
        except ConnectorError as err:
            return Unread(err.reason, err.message)

    def _document(
        self, stage: PlanStage, case: Case, findings: tuple[Finding, ...], notes: tuple[ApprovalNote, ...]
    ) -> Document:
        session, request = self.session, self.request
        shown = _shown(findings, request)
        judged = judge_verdict(shown, config=session.config, fail_on=request.fail_on, declared=stage.grant.systems)
        strict = any(reaches(finding, request.fail_on) for finding in findings)  # what is not shown still counts here
        verdict = _with_named(replace(judged, reaches_fail_on=strict), request, case)
        codes = {*session.point.hurt}
        codes |= {ExitCode.INCOMPLETE} if verdict.incomplete else set()
        codes |= {ExitCode.FINDINGS} if verdict.reaches_fail_on else set()
        total, requests, by_tool = session.budget.counts()
        report = Report(
            trace_id=session.trace_id,
            verdict=verdict,
            exit_code=first_of(codes),
            requester=session.principal,
            environment=request.env,
            ticket=case.ticket_key,
            pull_requests=tuple(sorted(case.pulls)),
            accounts=request.accounts or stage.grant.accounts,
            regions=request.regions or stage.grant.regions,
            findings=shown,
            calls=CallCounts(total, requests, by_tool),
            approvals=notes,
            audit=AuditNote(str(session.writer.path), session.writer.head, ""),
            duration_ms=session.budget.elapsed_ms(),
            problems=_problems(session.point.problems),
            sandbox=session.options.sandbox,
        )
        return report_document(report)

    def _pending(self, document: Document, sought: Sought) -> Document:
        """The notice waits for somebody; the report is whole, its exit code says pending."""
        later = document["exitCode"]
        document["exitCode"] = int(first_of([ExitCode(later), ExitCode.APPROVAL_PENDING]))
        pending = self._asked(sought, "notice", exit_code=later, document=document)
        document["problems"].append(_told(pending))
        self._keep(document)
        return document

    def _asked(
        self, sought: Sought, stage: str, *, exit_code: int = 0, document: Document | None = None
    ) -> ApprovalPendingError:
        """Ask for an approval, keep what comes next, pause the trace."""
        session = self.session
        envelope = session.desk.ask(sought, session.principal)
        session.recorder.approval(
            EventKind.APPROVAL_REQUESTED,
            ApprovalStatus.PENDING,
            {"request": envelope.request_id, "digest": envelope.digest, "grain": envelope.grain.value},
            tool=sought.tool,
        )
        if document is not None:
            note = ApprovalNote(envelope.request_id, sought.grain.value, sought.tool, envelope.digest, "pending")
            document["approvals"].append(approval_document(note))
        session.runs.save_pause(
            session.trace_id,
            {
                "stage": stage,
                "requestId": envelope.request_id,
                "request": self.request.as_json(),
                "exitCode": exit_code,
                "sandbox": session.options.sandbox,
            },
        )
        session.pause((envelope.request_id,))
        return _pending_error(envelope)

    def _used(self, note: ApprovalNote, links: tuple[dict[str, Json], ...]) -> None:
        """Every approval stands in this trail with its place in its own; what is called now cites the first."""
        for link in links:
            self.session.recorder.approval(EventKind.APPROVAL_DECIDED, ApprovalStatus.APPROVED, link, tool=note.tool)
        self.session.point.approval = links[0]

    def _sealed(self, document: Document) -> Document:
        session = self.session
        counts = {"calls": document["calls"]["total"], "exitCode": document["exitCode"]}
        counts[f"verdict:{document['verdict']}"] = 1  # the ledger's tail lists by it, no report is opened
        checkpoint = session.close("success", counts)
        document["audit"].update(head=session.writer.head, checkpoint=checkpoint)
        self._keep(document)
        session.runs.end_pause(session.trace_id)
        return document

    def _keep(self, document: Document) -> None:
        """Save the report once nothing in it is a credential. Raises LeakError."""
        self.session.let_out(json.dumps(document, ensure_ascii=False), "the report")
        self.session.runs.save_report(self.session.trace_id, document)


_PENDING = ApprovalPendingError.default_code  # what stands in a report only as long as the run waits
_NOT_HERE = frozenset({"C016", "C017"})  # the directory does not know the person, or knows that they have left


def _pending_error(envelope: Envelope) -> ApprovalPendingError:
    return ApprovalPendingError(
        f"{envelope.operation} waits for somebody of {envelope.approver_group} to approve it",
        request_id=envelope.request_id,
        help=f"they: harness approve {envelope.request_id} · then you: harness run --resume {envelope.trace_id}",
    )


def _unsent(document: Document, error: HarnessError) -> None:
    """The notice did not go out: the report stays whole, names why, and its exit code says so. Raises AuditError."""
    if isinstance(error, AuditError):
        raise error
    document["problems"].append(_told(error))
    document["exitCode"] = int(first_of([ExitCode(document["exitCode"]), error.exit_code]))


def _told(error: HarnessError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "help": error.help, "place": error.place}


def paused_request(paused: Mapping[str, Any]) -> ReviewRequest:
    """What a paused run had been asked. Raises ApprovalRefusedError for a damaged one."""
    try:
        return request_from(paused["request"])
    except (KeyError, ValueError, TypeError) as err:
        raise ApprovalRefusedError("the paused run is damaged", code="A017", help="run the review again") from err


def _refuse_silent_canaries() -> None:
    """Known-bad facts that an evaluator lets pass stop the report: what it would say is worth nothing."""
    silent = silent_canaries()
    if silent:
        raise HarnessError(
            f"the review's own canaries did not sing: {', '.join(silent)}",
            code="X003",
            help="this build must not be used; install a released one and report it",
        )


def _shown(findings: tuple[Finding, ...], request: ReviewRequest) -> tuple[Finding, ...]:
    """--new-only leaves out what was wrong before this change; verdict and score are of what is shown."""
    if not request.new_only:
        return findings
    return tuple(f for f in findings if f.status is not Status.FAIL or f.origin is not Origin.PRE_EXISTING)


def _with_named(verdict: Verdict, request: ReviewRequest, case: Case) -> Verdict:
    """A named ticket or pull request that could not be read leaves the review incomplete, whatever it checks."""
    facts: dict[str, object] = {str(ref): case.pulls.get(ref) for ref in request.pulls}
    if request.ticket:
        facts[request.ticket] = case.ticket
    unread = tuple(f"{name}: {fact.detail}" for name, fact in facts.items() if isinstance(fact, Unread))
    return replace(verdict, incomplete=True, unread=(*unread, *verdict.unread)) if unread else verdict


def _finding_event(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.check,
        "uid": finding.uid,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "origin": finding.origin.value,
        "auditSeqs": sorted({evidence.audit_seq for evidence in finding.evidence}),
        **({"reason": finding.reason.value} if finding.reason else {}),
    }


def _problems(errors: list[HarnessError]) -> tuple[Problem, ...]:
    """Each different problem once, in the order of its code and text (calls run side by side).

    What fails the same way in many places is one problem: its first place, and how many more there are.
    """
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for err in errors:
        key = (err.code, _ACTION.sub("", err.message), _MOMENT.sub("", err.help))
        alike.setdefault(key, []).append(Problem(err.code, err.message, err.help, err.place))
    return tuple(_together(alike[key]) for key in sorted(alike))


def _together(problems: list[Problem]) -> Problem:
    first = min(problems, key=lambda problem: (problem.message, problem.place))
    places = {problem.place for problem in problems}
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return replace(first, place=first.place + more, help=max(problem.help for problem in problems))


_ACTION = re.compile(r"\b[a-z0-9-]+:[A-Z][A-Za-z0-9]+\b")  # `s3:GetBucketAcl` at the start of a message
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z")  # `run again after …`: the latest one counts


def _repo(ref: PullRef) -> Resource:
    return Resource(ResourceType.REPO, ref.repo, {"repo": ref.repo})


def _issue(key: str) -> Resource:
    return Resource(ResourceType.JIRA_PROJECT, key, {"project-key": key})
