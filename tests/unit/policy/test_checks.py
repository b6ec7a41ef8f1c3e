"""Bounds and windows at their very edge, each alone, so that no other check hides a change of it."""

from dataclasses import replace

import pytest

from harness_cli.config.model import Gate, Window
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Budget
from tests.unit.policy.support import ENGINE, GITHUB, ask, policy

SEED = policy()
SHUT = Window(("sun",), "00:00", "01:00", "UTC")
OPEN = Window(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00", "24:00", "UTC")


@pytest.mark.parametrize("bound", ["calls_left", "items_left", "bytes_left", "seconds_left"])
def test_each_bound_alone_is_spent_at_nothing_left(bound: str) -> None:
    assert decide(SEED, ask(budget=Budget(**{bound: 1}))).code == "P100"
    assert decide(SEED, ask(budget=Budget(**{bound: 0}))).code == "P012"
    assert decide(SEED, ask(budget=Budget(**{bound: -1}))).code == "P012"


@pytest.mark.parametrize(("windows", "code"), [((SHUT, OPEN), "P100"), ((OPEN, SHUT), "P100"), ((SHUT, SHUT), "P011")])
def test_one_open_window_of_several_is_enough(windows: tuple[Window, ...], code: str) -> None:
    gates = {"dev": Gate(False, ("read_only_scanners",), windows)}
    compiled = policy(GITHUB, policy_engine=replace(ENGINE, environment_gates=gates))
    assert decide(compiled, ask()).code == code
