"""The differential oracle: 100,000 generated calls, decided by this engine and by Cedar, without one disagreement."""

from random import Random

import pytest

from harness_cli.core.errors import ConfigError
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.engine import decide
from tests.unit.policy.cedar import policies, question
from tests.unit.policy.support import OPERATIONS
from tests.unit.policy.worlds import make_config, make_request

cedarpy = pytest.importorskip("cedarpy")

WORLDS, CALLS_EACH = 50, 500  # four seeds: 100,000 calls


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_engine_and_cedar_never_disagree(seed: int) -> None:
    rng = Random(seed)
    allowed = total = 0
    for _ in range(WORLDS):
        try:
            world = make_config(rng)
            compiled = compile_policy(world, OPERATIONS)
        except ConfigError as refusal:
            pytest.fail(f"the generator wrote a scope that is refused: {refusal}")
        requests = [make_request(rng, world) for _ in range(CALLS_EACH)]
        answers = cedarpy.is_authorized_batch([question(one) for one in requests], policies(world), [])
        for request, answer in zip(requests, answers, strict=True):
            assert answer.diagnostics.errors == []
            decision = decide(compiled, request)
            assert decision.allowed == answer.allowed, (request, decision.code, decision.reason)
            assert decision.code != "P000"
            allowed += decision.allowed
            total += 1
    assert total == WORLDS * CALLS_EACH
    assert allowed >= total * 0.2
