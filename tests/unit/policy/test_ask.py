import pytest

from harness_cli.config.model import System
from harness_cli.policy.ask import Ask, approvals_needed, grain_words, obligations, shown
from harness_cli.policy.model import Grain, ResourceType
from harness_cli.policy.tables import NO_GATE, NO_ROLE, NO_TOOL
from tests.unit.policy.support import GITHUB, READ, RUN, ask, layer, policy

SEED = policy()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("dev", "`dev`"),
        ("github:Get-It.now", "`github:Get-It.now`"),
        ("x" * 80, f"`{'x' * 80}`"),
        ("x" * 81, "'" + "x" * 79),
        (READ, "`read`"),
        (ResourceType.AWS, "`aws`"),
        (System.AWS, "<System.AWS: 'aws'>"),
        ("", "''"),
        ("a b", "'a b'"),
        ("a`b", "'a`b'"),
        ("\u0430", "'\\u0430'"),
        ("a\n", "'a\\n'"),
        (None, "None"),
        (["x"], "['x']"),
        (list(range(100)), str(list(range(100)))[:80]),
    ],
)
def test_a_value_from_outside_is_quoted_ascii_and_short(value: object, text: str) -> None:
    assert shown(value) == text


def test_strangers_are_nobody() -> None:
    nobody = Ask.of(SEED, ask("nope", env="nowhere", role="none", approvals=["run"]))
    assert (nobody.tool, nobody.gate, nobody.role) == (NO_TOOL, NO_GATE, NO_ROLE)
    assert nobody.approvals == frozenset()
    assert Ask.of(SEED, ask(action="read")).action is None
    assert Ask.of(SEED, ask()).action is READ


def test_a_question_varied_keeps_everything_else() -> None:
    plain = Ask.of(SEED, ask(approvals=RUN), frozenset({"P009"}))
    same = plain.varied()
    assert (same.env, same.role_name, same.approvals, same.waived) == ("dev", "engineer", RUN, frozenset({"P009"}))
    other = plain.varied(env="prod", role_name="x", waived=frozenset())
    assert (other.env, other.role_name, other.approvals, other.waived) == ("prod", "x", RUN, frozenset())
    assert other.gate.name == "prod"
    assert plain.at(SEED.base).waived == plain.waived


def test_approvals_and_obligations_are_looked_up_in_every_table() -> None:
    from dataclasses import replace

    strict = layer(tools={GITHUB.name: replace(GITHUB, requires_approval=True, obligations=("notify",))})
    question = Ask.of(policy(GITHUB, layers=(strict,)), ask(env="prod"))
    assert approvals_needed(question) == approvals_needed(question) == {Grain.RUN, Grain.CALL}
    assert obligations(question) == ("notify",)


@pytest.mark.parametrize(
    ("grains", "words"),
    [
        ({Grain.RUN}, "an approval of the run"),
        ({Grain.CALL}, "an approval of the call"),
        ({Grain.RUN, Grain.CALL}, "an approval of the run and of the call"),
        (set(), "an approval"),
    ],
)
def test_grains_in_words(grains: set[Grain], words: str) -> None:
    assert grain_words(frozenset(grains)) == words
