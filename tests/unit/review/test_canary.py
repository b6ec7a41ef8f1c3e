import time

import pytest

from harness_cli.review.canary import CANARIES, silent_canaries


@pytest.mark.parametrize("name", CANARIES)
def test_every_canary_sings(name):
    assert CANARIES[name]()


def test_a_healthy_program_has_no_silent_canary():
    assert silent_canaries() == []


def test_a_canary_that_passes_or_breaks_is_named():
    def broken():
        raise KeyError("table")

    assert silent_canaries({"quiet": lambda: False, "broken": broken, "well": lambda: True}) == ["quiet", "broken"]


def test_canaries_cost_nothing_worth_mentioning():
    silent_canaries()
    began = time.perf_counter()
    silent_canaries()
    assert time.perf_counter() - began < 0.1
