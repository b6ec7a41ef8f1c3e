"""Properties of the engine over random worlds: what narrows never allows, order never matters, failure denies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.config.model import Action, Config, Gate, Tool, Window
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Context, Decision, Effect, Request, Resource
from harness_cli.policy.tables import Policy
from tests.unit.policy.support import OPERATIONS, ask, layer, policy
from tests.unit.policy.worlds import chance, make_config, make_layer, make_request

SEEDS = st.integers(0, 2**32)
SEED_POLICY = policy()


def compiled(world: Config) -> Policy:
    return compile_policy(world, OPERATIONS)


# --- layers only narrow -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_layers_only_narrow_and_not_by_denying_everything(seed: int) -> None:
    rng = Random(seed)
    allowed = total = 0
    for _ in range(60):
        base = make_config(rng, layers=False)
        first = replace(base, layers=(make_layer(rng, 1, base),))
        second = replace(base, layers=(*first.layers, make_layer(rng, 2, base)))
        worlds = [compiled(world) for world in (base, first, second)]
        for _ in range(25):
            request = make_request(rng, base)
            loose, tight, tighter = (decide(world, request) for world in worlds)
            for wide, narrow in ((loose, tight), (tight, tighter)):
                assert wide.allowed or not narrow.allowed
                assert wide.approvals_needed <= narrow.approvals_needed
                assert set(wide.obligations) <= set(narrow.obligations)
            allowed += loose.allowed
            total += 1
    assert allowed >= total * 0.2


# --- denials are monotone ---------------------------------------------------------------------------


def restrictions(rng: Random, world: Config) -> Iterator[Config]:
    """The same configuration with one thing taken away or asked for."""
    name = rng.choice(list(world.tools))
    one = world.tools[name]

    def with_tool(**changes: Any) -> Config:
        return replace(world, tools={**world.tools, name: replace(one, **changes)})

    # taking an action away can move a tool to another derived group: pin the groups first
    if world.tool_groups is not None:
        yield with_tool(actions=one.actions[1:])
    yield with_tool(requires_approval=True)
    yield with_tool(obligations=(*one.obligations, "sing"))
    if len(one.scopes) > 1:
        yield with_tool(scopes=one.scopes[1:])
    yield replace(world, tools={n: t for n, t in world.tools.items() if n != name})
    yield replace(world, accounts={})
    engine = world.policy_engine
    yield replace(world, policy_engine=replace(engine, approval_required_for=tuple(Action)))
    for env, gate in engine.environment_gates.items():
        for narrowed in narrower_gates(gate):
            gates = {**engine.environment_gates, env: narrowed}
            yield replace(world, policy_engine=replace(engine, environment_gates=gates))
        yield replace(
            world,
            policy_engine=replace(
                engine, environment_gates={e: g for e, g in engine.environment_gates.items() if e != env}
            ),
        )
    for role, granted in (world.roles or {}).items():
        yield replace(world, roles={**(world.roles or {}), role: replace(granted, clearance=granted.clearance[1:])})
        yield replace(world, roles={**(world.roles or {}), role: replace(granted, environments=())})


def narrower_gates(gate: Gate) -> Iterator[Gate]:
    yield replace(gate, requires_human_approval=True)
    yield replace(gate, allowed_tools=gate.allowed_tools[1:])
    if not gate.windows:
        yield replace(gate, windows=(Window(("tue",), "08:00", "13:00", "UTC"),))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_taking_something_away_never_allows(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    requests = [make_request(rng, world) for _ in range(12)]
    denied = [request for request in requests if not decide(compiled(world), request).allowed]
    for narrowed in restrictions(rng, world):
        table = compiled(narrowed)
        assert not any(decide(table, request).allowed for request in denied)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_fewer_approvals_never_allow(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    table = compiled(world)
    for _ in range(12):
        request = make_request(rng, world)
        if not decide(table, request).allowed:
            for grain in request.context.approvals:
                fewer = replace(request.context, approvals=request.context.approvals - {grain})
                assert not decide(table, replace(request, context=fewer)).allowed


# --- order ------------------------------------------------------------------------------------------


def shuffled(rng: Random, world: Config) -> Config:
    def mapping(values: Mapping[str, Any]) -> dict[str, Any]:
        return dict(rng.sample(list(values.items()), len(values)))

    def sequence(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(rng.sample(values, len(values)))

    def one(tool: Tool) -> Tool:
        scopes = tuple(
            {key: sequence(texts) for key, texts in mapping(scope).items()} for scope in sequence(tool.scopes)
        )
        return replace(tool, scopes=scopes, actions=sequence(tool.actions))

    engine = world.policy_engine
    gates = {
        env: replace(gate, allowed_tools=sequence(gate.allowed_tools))
        for env, gate in mapping(engine.environment_gates).items()
    }
    asked, groups = sequence(engine.approval_required_for), world.tool_groups
    return replace(
        world,
        tools={name: one(tool) for name, tool in mapping(world.tools).items()},
        policy_engine=replace(engine, environment_gates=gates, approval_required_for=asked),
        roles=None if world.roles is None else mapping(world.roles),
        tool_groups=None if groups is None else {group: sequence(names) for group, names in mapping(groups).items()},
        layers=sequence(world.layers),
    )


def gist(decision: Decision) -> tuple[Any, ...]:
    return decision.effect, decision.code, decision.approvals_needed, set(decision.obligations), decision.data_class


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_order_of_a_file_never_matters(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    there, back = compiled(world), compiled(shuffled(rng, world))
    for _ in range(12):
        request = make_request(rng, world)
        turned = replace(request, resources=tuple(reversed(request.resources)))
        assert gist(decide(there, request)) == gist(decide(back, request)) == gist(decide(there, turned))


# --- failure denies ---------------------------------------------------------------------------------


class Hostile:
    """Every look at it is an error."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __hash__(self) -> int:
        raise RuntimeError("hash")


JUNK: list[Any] = [None, 0, 3.5, True, b"dev", [], {}, object(), Hostile(), "\udc80", ("run",), Exception, float("nan")]
# what the engine never looks at may hold anything
UNREAD = {"plan_digest", "call_digest"}


def broken(request: Request, rng: Random) -> Iterator[tuple[str, Any, Request]]:
    for part in fields(Request):
        junk = rng.choice(JUNK)
        yield part.name, junk, replace(request, **{part.name: junk})
    for part in fields(Context):
        if part.name not in UNREAD:
            junk = rng.choice(JUNK)
            yield part.name, junk, replace(request, context=replace(request.context, **{part.name: junk}))
    for part in ("type", "dimensions"):
        junk = rng.choice(JUNK)
        yield part, junk, replace(request, resources=(replace(request.resources[0], **{part: junk}),))
    for key in request.resources[0].dimensions:
        junk = rng.choice(JUNK)
        altered = Resource(request.resources[0].type, "", {**request.resources[0].dimensions, key: junk})
        yield key, junk, replace(request, resources=(altered,))


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_junk_anywhere_is_a_denial_and_never_an_exception(seed: int) -> None:
    rng = Random(seed)
    for name, junk, request in broken(ask(env="prod", approvals=frozenset({"run"}), approver=None), rng):
        decision = decide(SEED_POLICY, request, explain=chance(rng, 50))
        harmless = (name == "approver" and junk is None) or (name == "phase")
        assert harmless or decision.effect is Effect.DENY, (name, junk)
        assert decision.reason.isprintable()


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_a_check_that_raises_denies_whatever_the_request(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    table = compiled(world)
    request = make_request(rng, world)
    for part in ("tools", "gates", "roles"):
        damaged = replace(table, base=replace(table.base, **{part: Hostile()}))
        assert (decide(damaged, request).effect, decide(damaged, request).code) == (Effect.DENY, "P000")


def test_any_exception_becomes_p000() -> None:
    def raising(error: Exception) -> Callable[[], Decision]:
        class Tools(dict):  # type: ignore[type-arg]
            def get(self, *_: object) -> Any:
                raise error

        return lambda: decide(replace(SEED_POLICY, base=replace(SEED_POLICY.base, tools=Tools())), ask())

    for error in (
        ValueError("x"),
        KeyError("x"),
        RecursionError(),
        MemoryError(),
        OSError(),
        AssertionError(),
        StopIteration(),
    ):
        decision = raising(error)()
        assert (decision.effect, decision.code) == (Effect.DENY, "P000")
        assert type(error).__name__ in decision.reason


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_not_a_decision(error: type[BaseException]) -> None:
    class Tools(dict):  # type: ignore[type-arg]
        def get(self, *_: object) -> Any:
            raise error

    with pytest.raises(error):
        decide(replace(SEED_POLICY, base=replace(SEED_POLICY.base, tools=Tools())), ask())


# --- purity -----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_deciding_twice_gives_the_same_answer(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    table = compiled(world)
    request = make_request(rng, world)
    assert decide(table, request, explain=True) == decide(table, request, explain=True)
    assert compiled(world).sha256 == table.sha256


def test_an_empty_layer_changes_nothing_but_the_digest() -> None:
    rng = Random(7)
    for _ in range(20):
        world = make_config(rng, layers=False)
        plain, layered = compiled(world), compiled(replace(world, layers=(layer(),)))
        for _ in range(10):
            request = make_request(rng, world)
            assert (
                gist(decide(plain, request)) == gist(decide(layered, request)) or decide(plain, request).code == "P000"
            )
