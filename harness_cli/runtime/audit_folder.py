"""The audit folder of a project: opened for those who write, and told when somebody reads it."""

import getpass
import os

from harness_cli.audit.events import Event, EventKind
from harness_cli.audit.keys import signer_from
from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.config.model import Config
from harness_cli.core.clock import Clock, SystemClock
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import new_trace_id
from harness_cli.core.principal import Principal
from harness_cli.credentials.sources import SecretSource
from harness_cli.runtime.paths import ProjectPaths, paths_of


def audit_store(config: Config, paths: ProjectPaths, clock: Clock) -> AuditStore:
    """The audit folder of a project, as its configuration wants it. Raises CredentialError (signing key)."""
    wanted = config.audit
    key = SecretSource(config.folder, os.environ).fetch(wanted.signing_key) if wanted.signing_key else None
    return AuditStore(
        paths.audit,
        clock,
        signer=signer_from(key) if key else None,
        anchor=wanted.anchor,
        min_free=wanted.min_free,
        allow_network_fs=wanted.allow_network_fs,
    )


def write_access(config: Config, reading: str, trace_id: str) -> None:
    """A sealed trace that says who read the trail: the user of this machine, whom nobody proved.

    Raises: HarnessError, also where another key signs the ledger: a copy that somebody examines stays as it is.
    """
    clock = SystemClock()
    store = audit_store(config, paths_of(config, config.folder), clock)
    if not store.is_ours():
        raise AuditError("another key signs this ledger", place=str(store.folder))
    reader = Principal(issuer="", subject="", user_name=_user())
    writer = store.open_trace(new_trace_id(clock.now()), TraceStart(config.runtime.agent_id, reader, ""))
    writer.record(Event(EventKind.AUDIT_ACCESSED, op=reading, detail={"trace": trace_id} if trace_id else {}))
    writer.seal("success", {"calls": 0})


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
