"""Calls under way: each intent ends once, whoever comes first."""

import threading

import pytest

from harness_cli.audit.writer import Recorded
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import new_span_id
from harness_cli.runtime.in_flight import InFlight
from harness_cli.runtime.side_by_side import side_by_side


def an_intent():
    return Recorded(seq=1, line_sha256="", span_id=new_span_id())


def enter(flights, write=an_intent):
    return flights.enter(write, None, None, None)


def test_a_call_that_has_ended_is_not_abandoned():
    flights = InFlight()
    intent = enter(flights)
    assert flights.leave(intent, lambda: 7) == 7
    assert flights.abandon() == ()


def test_an_abandoned_call_writes_no_outcome_of_its_own():
    flights, written = InFlight(), []
    intent = enter(flights)
    assert [flight.intent for flight in flights.abandon()] == [intent]
    with pytest.raises(AuditError):
        flights.leave(intent, lambda: written.append(1))
    assert written == []


def test_nothing_enters_once_the_run_is_over():
    flights, written = InFlight(), []
    flights.abandon()
    with pytest.raises(AuditError):
        enter(flights, lambda: written.append(1))
    assert written == []


def test_an_intent_that_is_being_written_is_waited_for_and_its_call_does_not_happen():
    flights, writing, go_on, errors = InFlight(), threading.Event(), threading.Event(), []

    def slow():
        writing.set()
        go_on.wait(5)
        return an_intent()

    def call():
        try:
            enter(flights, slow)
        except AuditError as err:
            errors.append(err)

    worker = threading.Thread(target=call)
    worker.start()
    writing.wait(5)
    threading.Timer(0.05, go_on.set).start()
    assert len(flights.abandon()) == 1
    worker.join(5)
    assert len(errors) == 1


def test_work_side_by_side_comes_back_in_order_and_knows_its_context():
    import contextvars

    run = contextvars.ContextVar("run", default="none")
    run.set("this one")
    assert side_by_side([lambda n=n: (n, run.get()) for n in range(9)], 3) == [(n, "this one") for n in range(9)]


def test_the_first_error_in_order_is_raised_once_all_have_ended():
    ended = []

    def fail(name):
        ended.append(name)
        raise ValueError(name)

    with pytest.raises(ValueError, match="a"):
        side_by_side([lambda: ended.append("ok"), lambda: fail("a"), lambda: fail("b")], 3)
    assert sorted(ended) == ["a", "b", "ok"]


def test_an_interrupted_caller_leaves_at_once_and_the_threads_end_with_the_process():
    import signal
    import subprocess
    import sys

    code = (
        "import os, signal, threading\n"
        "from harness_cli.runtime.side_by_side import side_by_side\n"
        "never = threading.Event()\n"
        "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "side_by_side([never.wait, never.wait], 2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode in {1, -signal.SIGINT}
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
