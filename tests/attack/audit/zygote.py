"""A process that has everything imported and forks one writer for each order, stopped before its first step.

Orders on stdin: `FOLDER HOME`; answers on stdout: the child's id, then, when it is gone, its exit code.
A writer notes each effect (as a call would be) in FOLDER/../effects, by the span of its intent.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

from harness_cli.audit.events import Event, EventKind
from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.core.clock import SystemClock
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import new_trace_id
from harness_cli.core.principal import UNPROVEN
from tests.unit.audit.trails import intent

ANY_TRACER = (0x59616D61, -1)  # prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)


def work(folder: Path) -> int:
    effects = os.open(folder.parent / "effects", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ctypes.CDLL(None).prctl(*ANY_TRACER, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
    clock = SystemClock()
    try:
        store = AuditStore(folder, clock)
        writer = store.open_trace(new_trace_id(clock.now()), TraceStart("a", UNPROVEN, "dev"))
        for _ in range(2):
            recorded = intent(writer)
            effect = f"{recorded.span_id}\n".encode()
            if os.write(effects, effect) != len(effect):
                return 1  # the fault hit the effect itself
            writer.outcome(Event(EventKind.TOOL_OUTCOME, tool="x", span_id=recorded.span_id))
        writer.seal("success", {"calls": 2})
    except AuditError:
        return 9
    return 0


def main() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    Ed25519PrivateKey.generate().sign(b"")  # what is imported lazily is imported now
    for order in sys.stdin:
        folder, home = order.split()
        os.environ["HOME"] = home
        child = os.fork()
        if not child:
            code = 1
            try:
                code = work(Path(folder))
            finally:
                os._exit(code)
        os.waitpid(child, os.WUNTRACED)
        say(child)
        say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
