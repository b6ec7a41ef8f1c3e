"""Policy decisions beside Cedar and casbin, in one process, on the same calls: CPU time a decision, p50 and p99.

    python -m benchmarks.policy_decide

Two thirds of the calls are allowed, the others are denied for each of the common reasons. Every decision carries its
line and, for a denial, its counterfactual; `explained` evaluates all sixteen checks besides. Rivals answer yes or no.
"""

import importlib.util
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time_ns

from harness_cli.config.model import (
    Action,
    Audit,
    Config,
    Gate,
    IdentityBinding,
    PolicyEngine,
    Runtime,
    System,
    Tool,
)
from harness_cli.core.principal import Principal
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.diff import differences
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Context, Grain, Request, Resource, ResourceType

SIZES = (10, 100, 1000)
CALLS = 3000
OPERATION = "github:GetPullRequest"
OPERATIONS = {system: frozenset({OPERATION}) for system in System}
GATES = {
    "prod": Gate(True, ("read_only_scanners",)),
    "staging": Gate(True, ("read_only_scanners",)),
    "dev": Gate(False, ("read_only_scanners", "sandbox_writers")),
}


def configuration(size: int, prefix: str = "infra") -> Config:
    tools = {}
    for n in range(size):
        name, scope = f"tool_{n:04}", {"repo": (f"org/{prefix}-{n}-*",)}
        tools[name] = Tool(name, System.GITHUB, (Action.READ,), "internal", (scope,))
    return Config(
        path=Path("policy.yaml"),
        sha256="0" * 64,
        runtime=Runtime("1.0", IdentityBinding.SSO, timedelta(minutes=15)),
        policy_engine=PolicyEngine((Action.WRITE, Action.EXECUTE), ("pii",), GATES),
        audit=Audit("structured-json", (), "file", 2557),
        tools=tools,
    )


def requests(size: int, rng: Random) -> list[Request]:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    made = []
    for number in range(CALLS):
        tool = rng.randrange(size)
        base = Request(
            Principal("issuer", "ana", "ana", role="engineer", proven=True),
            f"tool_{tool:04}",
            Action.READ,
            OPERATION,
            (Resource(ResourceType.REPO, "", {"repo": f"org/infra-{tool}-{number % 50}"}),),
            Context(env="dev", time=at),
        )
        outside = Resource(ResourceType.REPO, "", {"repo": f"other/secret-{number % 50}"})
        variants = [
            replace(base, resources=(outside,)),
            replace(base, context=replace(base.context, env="prod")),
            replace(base, context=replace(base.context, env="qa")),
            replace(base, subject=replace(base.subject, role="viewer")),
            replace(base, tool="unknown"),
            replace(base, action=Action.WRITE),
        ]
        approved = replace(base, context=replace(base.context, env="prod", approvals=frozenset({Grain.RUN})))
        made.append(rng.choice(variants) if number % 3 == 0 else rng.choice([base, approved]))
    return made


def measured(ask: Callable[[int], object], count: int) -> tuple[float, float]:
    """p50 and p99 in microseconds of CPU."""
    for number in range(min(200, count)):
        ask(number)
    samples = []
    for number in range(count):
        start = process_time_ns()
        ask(number)
        samples.append(process_time_ns() - start)
    samples.sort()
    return samples[count // 2] / 1000, samples[count * 99 // 100] / 1000


def ours(size: int, calls: Sequence[Request], *, explain: bool) -> tuple[float, float]:
    policy = compile_policy(configuration(size), OPERATIONS)
    return measured(lambda number: decide(policy, calls[number], explain=explain), len(calls))


def cedar(size: int, calls: Sequence[Request]) -> tuple[float, float] | None:
    if importlib.util.find_spec("cedarpy") is None:
        return None
    import cedarpy

    text = "\n".join(
        f'permit(principal, action == Action::"read", resource) when {{ context.tool == "tool_{n:04}" && '
        f'context.owner == "org" && context.name like "infra-{n}-*" && context.role == "engineer" && '
        f'(context.env == "dev" || (context.env == "prod" && context.approvals.contains("run"))) }};'
        for n in range(size)
    )
    policies = cedarpy.PolicySet.from_str(text)
    entities = cedarpy.Entities.from_json_str("[]")
    asked = []
    for call in calls:
        owner, name = call.resources[0].dimensions["repo"].split("/")
        asked.append(
            {
                "principal": 'User::"ana"',
                "action": f'Action::"{call.action}"',
                "resource": 'Repo::"it"',
                "context": {
                    "tool": call.tool,
                    "owner": owner,
                    "name": name,
                    "role": call.subject.role,
                    "env": call.context.env,
                    "approvals": [str(grain) for grain in call.context.approvals],
                },
            }
        )
    count = min(len(asked), 600)
    return measured(lambda number: cedarpy.is_authorized(asked[number], policies, entities), count)


CASBIN_MODEL = """
[request_definition]
r = role, tool, act, env, repo
[policy_definition]
p = role, tool, act, env, repo
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.tool == p.tool && r.role == p.role && r.act == p.act && r.env == p.env && keyMatch(r.repo, p.repo)
"""


def casbin(size: int, calls: Sequence[Request]) -> tuple[float, float] | None:
    if importlib.util.find_spec("casbin") is None:
        return None
    import casbin as library

    with tempfile.TemporaryDirectory() as folder:
        model, rules = Path(folder, "model.conf"), Path(folder, "rules.csv")
        model.write_text(CASBIN_MODEL, "utf-8")
        lines = (
            f"p, engineer, tool_{n:04}, read, {env}, org/infra-{n}-*" for n in range(size) for env in ("dev", "prod")
        )
        rules.write_text("\n".join(lines), "utf-8")
        enforcer = library.Enforcer(str(model), str(rules))
    asked = [
        (c.subject.role, c.tool, str(c.action), c.context.env, c.resources[0].dimensions["repo"]) for c in calls[:100]
    ]
    return measured(lambda number: enforcer.enforce(*asked[number]), len(asked))


def row(name: str, size: int, figures: tuple[float, float] | None) -> str:
    if figures is None:
        return f"{name:<22}{size:>6}   not installed"
    p50, p99 = figures
    return f"{name:<22}{size:>6}{p50:>12.1f}{p99:>12.1f}{1_000_000 / p50:>14,.0f}"


def main() -> int:
    """Prints the table; 1 where the goal at 1,000 tools is missed."""
    print(f"{'policy decisions':<22}{'tools':>6}{'p50 us':>12}{'p99 us':>12}{'decisions/s':>14}")
    goal = True
    for size in SIZES:
        calls = requests(size, Random(size))
        plain, explained = ours(size, calls, explain=False), ours(size, calls, explain=True)
        print(row("harness", size, plain))
        print(row("harness, explained", size, explained))
        print(row("cedarpy", size, cedar(size, calls)))
        print(row("casbin", size, casbin(size, calls)))
        goal = goal and (size != SIZES[-1] or (plain[0] <= 10 and explained[1] <= 50))
    tracemalloc.start()
    before = compile_policy(configuration(1000), OPERATIONS)
    size_of_policy = tracemalloc.get_traced_memory()[0] / 1_000_000
    tracemalloc.stop()
    after = compile_policy(configuration(1000, "other"), OPERATIONS)
    start = process_time_ns()
    rows = differences(before, after)
    seconds = (process_time_ns() - start) / 1e9
    print(f"a compiled policy of 1,000 tools: {size_of_policy:.1f} MB")
    print(f"exhaustive difference of 1,000 tools: {seconds:.2f} s, {len(rows)} rows (goal 2 s)")
    return 0 if goal and seconds <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
