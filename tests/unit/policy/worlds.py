"""Random configurations and requests that are often near each other: some twenty per cent are allowed."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from harness_cli.config.model import Action, Config, Gate, Layer, PolicyEngine, Role, System, Tool, Window
from harness_cli.core.principal import Principal
from harness_cli.policy.capabilities import RESOURCE_TYPES
from harness_cli.policy.model import Budget, Context, Grain, Phase, Request, Resource, ResourceType
from tests.unit.policy.support import ANY, NOON, config, layer

GROUPS = ("read_only_scanners", "sandbox_writers", "g1", "g2")
ENVIRONMENTS = ("dev", "prod", "staging")
ROLES = ("engineer", "security-admin", "viewer")
CLASSES = ("public", "internal", "restricted", "pii", "odd")
OWNERS, NAMES = ("org", "other"), ("", "a", "ab", "b", "infra-", "infra-a", "x.y")
PROJECTS, NUMBERS = ("SEC", "SECRETS", "SE", "HR"), ("1", "12", "2", "21")
ACCOUNTS, REGIONS = ("111122223333", "999988887777"), ("us-east-1", "us-east-2", "eu-west-1", "aws-global")
CHANNELS, BUCKETS = ("C01234567", "C01234568", "G01234567"), ("acme", "acme-a", "other")
FOREIGN = (
    "org/..",
    "org/a b",
    "SEC-0",
    "sec",
    "",
    "11112222333",
    "US-EAST-1",
    "C*",
    "org/a\n",
    "org/x.git",
    "arn:aws:s3",
)
KEYS = {
    System.GITHUB: [("repo",)],
    System.JIRA: [("project-key",)],
    System.SLACK: [("channel",)],
    System.AWS: [("account", "region"), ("account", "arn", "region")],
}
EVERY_GRAIN = frozenset(Grain)
MOMENTS = tuple(timedelta(days=day, hours=hour) for day in (0, 3, 5) for hour in (0, 9))


def chance(rng: Random, percent: int) -> bool:
    return rng.randrange(100) < percent


def some(rng: Random, values: tuple[Any, ...], *, at_least: int = 0) -> tuple[Any, ...]:
    return tuple(rng.sample(values, rng.randint(at_least, len(values))))


def starred(rng: Random, text: str) -> str:
    """A pattern near a text."""
    match rng.randrange(4):
        case 0:
            return text + "*"
        case 1:
            at = rng.randint(0, len(text))
            return (text[:at] + "*" + text[at + 1 :]) if text else "*"
        case _:
            return text or "*"


def pattern(rng: Random, key: str) -> str:
    match key:
        case "repo":
            return f"{rng.choice(OWNERS)}/{starred(rng, rng.choice(NAMES))}"
        case "project-key":
            project = rng.choice(PROJECTS)
            written = starred(rng, project) if chance(rng, 20) else project
            number = rng.choice(["", "-*", "-*", "-*", f"-{starred(rng, rng.choice(NUMBERS))}"])
            return written + number if not written.startswith("-") else project
        case "account":
            return rng.choice((*ACCOUNTS, "alias", "gone"))
        case "region":
            region = rng.choice(REGIONS)
            return region[:-1] + "*" if chance(rng, 20) else region
        case "channel":
            return starred(rng, rng.choice(CHANNELS)) if chance(rng, 20) else rng.choice(CHANNELS)
        case _:
            return f"arn:aws:s3:::{rng.choice(BUCKETS)}{rng.choice(['', '*'])}"


def value(rng: Random, key: str) -> str:
    match key:
        case "repo":
            text = f"{rng.choice(OWNERS)}/{rng.choice(NAMES[1:])}{rng.choice(['', '', 'z'])}"
            return text.upper() if chance(rng, 10) else text
        case "project-key":
            return rng.choice(PROJECTS) + rng.choice(["", *(f"-{number}" for number in NUMBERS)])
        case "account":
            return rng.choice(ACCOUNTS)
        case "region":
            return rng.choice(REGIONS)
        case "channel":
            return rng.choice(CHANNELS)
        case _:
            return f"arn:aws:s3:::{rng.choice(BUCKETS)}"


def scopes(rng: Random, system: System) -> tuple[dict[str, tuple[str, ...]], ...]:
    if chance(rng, 12):
        return ()
    clauses = []
    for _ in range(rng.randint(1, 3)):
        keys = rng.choice(KEYS[system])
        clauses.append({key: tuple(pattern(rng, key) for _ in range(rng.randint(1, 2))) for key in keys})
    return tuple(clauses)


def make_tool(rng: Random, name: str) -> Tool:
    system = rng.choice(list(System))
    return Tool(
        name,
        system,
        actions=some(rng, tuple(Action), at_least=1) if chance(rng, 50) else (Action.READ,),
        classification=rng.choice(CLASSES[:3] if chance(rng, 75) else CLASSES),
        scopes=scopes(rng, system),
        requires_approval=chance(rng, 15),
        obligations=("sing",) if chance(rng, 4) else some(rng, ("redact", "notify")),
    )


def make_gate(rng: Random) -> Gate:
    window = Window(some(rng, ("mon", "tue", "fri", "sun"), at_least=1), "08:00", rng.choice(["12:00", "24:00"]), "UTC")
    groups = some(rng, GROUPS, at_least=2) if chance(rng, 85) else some(rng, GROUPS)
    return Gate(chance(rng, 35), groups, (window,) if chance(rng, 12) else ())


def make_engine(rng: Random) -> PolicyEngine:
    asked = (Action.WRITE, Action.EXECUTE) if chance(rng, 60) else some(rng, tuple(Action))
    gates = {env: make_gate(rng) for env in ENVIRONMENTS if chance(rng, 80)}
    return PolicyEngine(asked, some(rng, ("restricted", "pii", "odd")) if chance(rng, 30) else ("pii",), gates)


def make_roles(rng: Random) -> dict[str, Role] | None:
    if chance(rng, 50):
        return None
    return {
        role: Role(some(rng, CLASSES, at_least=2), None if chance(rng, 75) else some(rng, ENVIRONMENTS))
        for role in some(rng, ROLES, at_least=1)
    }


def make_groups(rng: Random, tools: dict[str, Tool]) -> dict[str, tuple[str, ...]] | None:
    if chance(rng, 50):
        return None
    return {group: some(rng, tuple(tools), at_least=1) for group in GROUPS if chance(rng, 75)}


def make_layer(rng: Random, number: int, base: Config) -> Layer:
    sections: dict[str, Any] = {}
    if chance(rng, 30):
        sections["policy_engine"] = make_engine(rng)
    if chance(rng, 20):
        sections["roles"] = make_roles(rng)
    if chance(rng, 20):
        sections["tool_groups"] = make_groups(rng, dict(base.tools))
    if chance(rng, 60):
        sections["tools"] = {n: vary_tool(rng, one) for n, one in base.tools.items() if chance(rng, 92)}
    return layer(f"layer-{number}.yaml", **sections)


def vary_tool(rng: Random, one: Tool) -> Tool:
    if chance(rng, 40):
        return one
    if chance(rng, 6):
        return replace(make_tool(rng, one.name), name=one.name)
    return replace(one, scopes=scopes(rng, one.connector) or one.scopes, requires_approval=chance(rng, 10))


def make_config(rng: Random, *, layers: bool = True) -> Config:
    tools = {f"t{number}": make_tool(rng, f"t{number}") for number in range(rng.randint(1, 4))}
    base = config(
        *tools.values(),
        policy_engine=make_engine(rng),
        roles=make_roles(rng),
        tool_groups=make_groups(rng, tools),
        accounts={"alias": ACCOUNTS[0]},
    )
    if not layers:
        return base
    return replace(base, layers=tuple(make_layer(rng, number, base) for number in range(rng.choice([0, 0, 1, 1, 2]))))


def near(rng: Random, patterns: tuple[str, ...], key: str) -> str:
    """A value that one of the patterns may well match."""
    if not patterns or chance(rng, 8):
        return value(rng, key)
    text = rng.choice(patterns)
    match key:
        case "account":
            return ACCOUNTS[0] if text in {"alias", "gone"} else text
        case "region":
            return "aws-global" if text.startswith("aws") else text.replace("*", rng.choice("12"))
        case "channel":
            return (f"C{text[1:]}" if text.startswith("*") else text).replace("*", rng.choice(["1", "A2"]))
        case "project-key":
            project, _, number = text.partition("-")
            project = project.replace("*", "XY" if project == "*" else rng.choice(["X", "RETS"]))
            bare = not number or (number == "*" and chance(rng, 40))
            return project if bare else f"{project}-{number.replace('*', rng.choice(['1', '12']))}"
        case "repo":
            return text.replace("*", "a" if text.endswith("/*") else rng.choice(["", "a", "z9"]))
        case _:
            return text.replace("*", rng.choice(["", "a"]))


def make_resource(rng: Random, one: Tool) -> Resource:
    line = rng.choice(one.scopes) if one.scopes else dict.fromkeys(rng.choice(KEYS[one.connector]), ())
    keys = tuple(line) if chance(rng, 97) else rng.choice([("repo",), ("channel",), (), ("account",)])
    dimensions = {key: near(rng, line.get(key, ()), key) for key in keys}
    if dimensions and chance(rng, 2):
        dimensions[rng.choice(list(dimensions))] = rng.choice(FOREIGN)
    kind = RESOURCE_TYPES[one.connector] if chance(rng, 99) else rng.choice(list(ResourceType))
    return Resource(kind, "", dimensions)


def make_request(rng: Random, world: Config) -> Request:
    one = rng.choice(list(world.tools.values()))
    roles = tuple(world.roles) if world.roles is not None else ROLES[:2]
    gates = tuple(world.policy_engine.environment_gates)
    known = one.actions
    return Request(
        subject=Principal(
            "issuer", "ana", "ana", role=rng.choice(roles) if chance(rng, 97) else rng.choice((*ROLES, ""))
        ),
        tool=one.name if chance(rng, 98) else "t9",
        action=rng.choice(known) if chance(rng, 95) else rng.choice(list(Action)),
        operation=ANY if chance(rng, 98) else "other",
        resources=tuple(make_resource(rng, one) for _ in range(2 if chance(rng, 8) else 1)),
        context=Context(
            env=rng.choice(gates) if gates and chance(rng, 97) else rng.choice((*ENVIRONMENTS, "qa")),
            time=NOON + rng.choice(MOMENTS),
            phase=Phase.CALL,
            approvals=frozenset(some(rng, tuple(Grain))) if chance(rng, 30) else EVERY_GRAIN,
            approver=Principal("issuer", "ana" if chance(rng, 3) else "li", "x") if chance(rng, 50) else None,
            budget=Budget(calls_left=0 if chance(rng, 2) else 5) if chance(rng, 50) else Budget(),
        ),
    )
