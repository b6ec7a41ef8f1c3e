"""One run's session: opened with a trace, closed with a seal, whatever happens in between.

Order: the trace is on disk before the requester is proven; the requester is proven before anything is planned; every
way out revokes the leases and seals or pauses the trace.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from harness_cli.approval.store import ApprovalStore
from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.audit.writer import TrailWriter
from harness_cli.config.model import Action, Config, System
from harness_cli.connectors.base import Connector
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock, SystemClock
from harness_cli.core.errors import AuditError, ConnectorError, CredentialError, HarnessError, IdentityError
from harness_cli.core.ids import TraceId, new_trace_id
from harness_cli.core.principal import UNPROVEN, Principal
from harness_cli.credentials.manager import LeaseManager
from harness_cli.guard.scrub import ExactScrubber, LeakError, install, last_gate
from harness_cli.identity.prove import Prover
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.document import ENGINE_VERSION, definitions
from harness_cli.policy.operations import Catalogue
from harness_cli.policy.tables import Policy
from harness_cli.runtime.approvals import ApprovalDesk
from harness_cli.runtime.audit_folder import audit_store
from harness_cli.runtime.budget import RunBudget, budget_of
from harness_cli.runtime.catalogue import catalogue
from harness_cli.runtime.decision_trail import DecisionTrail
from harness_cli.runtime.enforce import EnforcementPoint
from harness_cli.runtime.paths import ProjectPaths
from harness_cli.runtime.people import prover_of
from harness_cli.runtime.recorder import Recorder
from harness_cli.runtime.runs import RunStore
from harness_cli.runtime.wiring import Wiring, wire

RUN_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Who runs where."""

    env: str
    profile: str = "default"
    sandbox: bool = False
    ticket: str = ""
    pulls: tuple[str, ...] = ()
    resume: TraceId | None = None


@dataclass(slots=True)
class RunSession:
    """Everything that one run works with; use as a context manager."""

    config: Config
    paths: ProjectPaths
    options: SessionOptions
    clock: Clock
    policy: Policy
    catalogue: Catalogue
    audit: AuditStore
    writer: TrailWriter
    recorder: Recorder
    prover: Prover
    desk: ApprovalDesk
    runs: RunStore
    budget: RunBudget
    scrubber: ExactScrubber
    principal: Principal = UNPROVEN
    _wiring: Wiring | None = None
    _leases: LeaseManager | None = None
    _point: EnforcementPoint | None = None
    _closers: list[Callable[[], None]] = field(default_factory=list)
    _closed: bool = False
    _held_for: tuple[str, ...] = ()

    @property
    def trace_id(self) -> TraceId:
        """The trace of this run."""
        return self.writer.trace_id

    @property
    def point(self) -> EnforcementPoint:
        """The enforcement point; there is none before the requester is proven."""
        if self._point is None:
            raise IdentityError("the requester is not proven yet")
        return self._point

    @property
    def leases(self) -> LeaseManager:
        """The leases; there are none before the requester is proven."""
        if self._leases is None:
            raise IdentityError("the requester is not proven yet")
        return self._leases

    def prove(self) -> Principal:
        """Prove the requester and open the enforcement point. Raises IdentityError, CredentialError."""
        try:
            _require_connections(self.config)
            self.principal = self.prover.requester(self.options.env)
        except ConnectorError as err:
            raise self._unproven(IdentityError(err.message, code=err.code, help=err.help, place=err.place)) from err
        except HarnessError as err:
            raise self._unproven(err) from err
        self._register_login()
        self.writer.bind(self.principal)
        self.recorder.identity(None, _shown(self.principal))
        self._open_point()
        return self.principal

    def hold(self, request_ids: tuple[str, ...]) -> None:
        """Until `release`, every way out pauses the trace again: a failed resume does not end a waiting run."""
        self._held_for = request_ids

    def release(self) -> None:
        """The request is decided for good: from here on every way out seals."""
        self._held_for = ()

    def groups_of(self, user_name: str) -> tuple[str, ...]:
        """The groups of another person now; the look-up stands in the trail. Raises IdentityError, ConnectorError."""
        try:
            groups = self.prover.groups_of(user_name)
        except HarnessError as err:
            self.recorder.identity(err, {"person": user_name}, op="identity:groups")
            raise
        self.recorder.identity(None, {"person": user_name, "groups": list(groups)}, op="identity:groups")
        return groups

    def let_out(self, content: str, sink: str) -> None:
        """Passes what holds no credential of this run; the trail keeps a hit, never the content. Raises LeakError."""
        try:
            last_gate(self.scrubber, content, sink)
        except LeakError as err:
            self.recorder.redaction(err, sink)
            raise

    def close(self, outcome: str, counts: Mapping[str, int]) -> str:
        """Revoke, seal; the signed checkpoint ("" where none could be made). Raises AuditError."""
        self._let_go()
        self._closed = True
        return str(self.writer.seal(outcome, counts))

    def pause(self, request_ids: tuple[str, ...]) -> None:
        """Revoke, and leave the trace open for `--resume`. Raises AuditError."""
        self._let_go()
        self._closed = True
        self.writer.pause(request_ids)

    def __enter__(self) -> "RunSession":
        self._closers.append(install(self.scrubber))  # log records and uncaught errors, until the session is closed
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:  # Any: as Python hands them over
        if self._closed:
            return
        with suppress(AuditError):
            self.writer.make_room()
        self._abandon()
        with suppress(AuditError):
            self._let_go()
        self._closed = True
        with suppress(AuditError):  # the error that is under way says more; a dead trail is recovered at the next start
            if self._held_for:
                self.writer.pause(self._held_for)
                return
            refused = isinstance(error, HarnessError) and not isinstance(error, AuditError)
            self.writer.seal("blocked" if refused else "error", {"exitCode": _code_of(error)})

    def _abandon(self) -> None:
        """Calls that are still under way on other threads end here, before the seal."""
        with suppress(AuditError):
            if self._point is not None:
                self._point.abandon()

    def _unproven(self, error: HarnessError) -> HarnessError:
        error.place = error.place or self.config.place("identity")
        self.recorder.identity(error, {})
        return error

    def _register_login(self) -> None:
        """The tokens of the login that proved the requester are credentials too."""
        identity = self.config.identity
        tokens = self.prover.store.load(self.prover.profile, identity.issuer) if identity and identity.issuer else None
        for token in (tokens.id_token, tokens.refresh_token) if tokens else ():
            if token is not None:
                self.scrubber.register(token)

    def _open_point(self) -> None:
        wiring = wire(self.config, self.clock, self.budget, self.prover, self.trace_id, self.principal)
        self._closers.append(wiring.close)
        run_key = os.urandom(RUN_KEY_BYTES)
        self._leases = LeaseManager(
            issuers=wiring.issuers(run_key, self.options.ticket, self.scrubber.register),
            clock=self.clock,
            requester=self.principal.user_name,
            env=self.options.env,
            static_credentials=self.config.policy_engine.static_credentials,
            run_key=run_key,
            observe=self.recorder.lease,
            register=self.scrubber.register,
        )
        connectors: Mapping[System, Connector] = wiring.connectors
        self._point = EnforcementPoint(
            policy=self.policy,
            catalogue=self.catalogue,
            principal=self.principal,
            env=self.options.env,
            clock=self.clock,
            recorder=self.recorder,
            leases=self._leases,
            connectors=connectors,
            budget=self.budget,
        )

    def _let_go(self) -> None:
        """Revoke and close everything, once; a trail that takes no line keeps nothing open. Raises AuditError."""
        leases, self._leases = self._leases, None
        try:
            if leases is not None:
                leases.revoke_all()
        finally:
            for closer in reversed(self._closers):
                closer()
            self._closers.clear()


def open_session(
    config: Config, paths: ProjectPaths, options: SessionOptions, clock: Clock | None = None
) -> RunSession:
    """A session whose trace is on disk. Raises AuditError, ConfigError."""
    ticking = clock or SystemClock()
    listed = catalogue()
    policy = compile_policy(config, listed)
    audit = audit_store(config, paths, ticking)
    agent = config.runtime.agent_id
    audit.keep_policy(policy.document)
    if options.resume is None:
        start = TraceStart(
            agent, UNPROVEN, options.env, options.ticket, options.pulls, options.sandbox, _sources(policy)
        )
        writer = audit.open_trace(new_trace_id(ticking.now()), start)
    else:
        writer = audit.reopen_trace(options.resume, _sources(policy))
    scrubber = ExactScrubber()
    prover = prover_of(config, options.profile, clock=ticking, register=scrubber.register)
    trail = DecisionTrail(audit, ticking, agent, options.sandbox)
    return RunSession(
        config=config,
        paths=paths,
        options=options,
        clock=ticking,
        policy=policy,
        catalogue=listed,
        audit=audit,
        writer=writer,
        recorder=Recorder(writer, definitions(policy.tables)),
        prover=prover,
        desk=ApprovalDesk(config, policy, ApprovalStore(paths.approvals), prover, trail, ticking),
        runs=RunStore(paths.runs),
        budget=budget_of(policy.limits, ticking),
        scrubber=scrubber,
    )


def open_desk(config: Config, paths: ProjectPaths, profile: str, *, sandbox: bool = False) -> ApprovalDesk:
    """The approval desk alone, for those who decide. Raises ConfigError."""
    clock = SystemClock()
    audit = audit_store(config, paths, clock)
    trail = DecisionTrail(audit, clock, config.runtime.agent_id, sandbox)
    policy = compile_policy(config, catalogue())
    return ApprovalDesk(
        config, policy, ApprovalStore(paths.approvals), prover_of(config, profile, clock=clock), trail, clock
    )


def _require_connections(config: Config) -> None:
    """A declared reader whose system is not connected cannot run. Raises CredentialError."""
    wanted = dict.fromkeys(tool.connector for tool in config.tools.values() if Action.READ in tool.actions)
    connected = {
        System.JIRA: config.connections.jira,
        System.GITHUB: config.connections.github,
        System.SLACK: config.connections.slack,
        System.AWS: config.connections.aws,
    }
    missing = [f"connections.{system}" for system in wanted if connected[system] is None]
    if missing:
        raise CredentialError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not configured",
            help="add the connections (see `harness init`), or try `harness run --sandbox`",
            place=config.place("tools"),
        )


def _sources(policy: Policy) -> dict[str, Json]:
    """Under which policy this process goes on, and the digests of the files that it was read from."""
    files: list[Json] = [{"path": path, "sha256": sha256} for path, sha256 in policy.files]
    return {"sha256": policy.sha256, "engine": ENGINE_VERSION, "files": files}


def _shown(principal: Principal) -> dict[str, Any]:
    return {
        "issuer": principal.issuer,
        "subject": principal.subject,
        "role": principal.role,
        "groups": list(principal.groups),
        "proven": principal.proven,
        "authTime": principal.auth_time,
    }


def _code_of(error: BaseException | None) -> int:
    from harness_cli.core.exits import ExitCode

    if isinstance(error, HarnessError):
        return int(error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        return int(ExitCode.INTERRUPTED)
    return int(ExitCode.INTERNAL if isinstance(error, Exception) else ExitCode.TERMINATED)
