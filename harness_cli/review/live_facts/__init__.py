"""Facts about live AWS accounts: what the requested checks need, read through a Reader, side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.review.aws_facts import AccountFacts, AwsFacts, Place, RegionFacts
from harness_cli.review.evidence import Fact
from harness_cli.review.live_facts import balancers, identity, network, services, storage, watching
from harness_cli.review.live_facts.needs import needs_of, operations_for
from harness_cli.review.live_facts.reading import Reading, run_readings
from harness_cli.review.reader import Reader

__all__ = ["collect_aws", "operations_for"]


def collect_aws(
    reader: Reader,
    accounts: Sequence[str],
    regions: Sequence[str],
    checks: frozenset[str],
    *,
    generate_credential_report: bool = False,
) -> AwsFacts:
    """Everything that the checks need of the accounts and regions; what could not be read says why."""
    places = [region for region in dict.fromkeys(regions) if region != GLOBAL_REGION]
    needs = needs_of(checks)
    readings: dict[tuple[Place, str], Reading[Any]] = {}
    for account in dict.fromkeys(accounts):
        home = Place(account, places[0] if places else GLOBAL_REGION)
        readings.update(
            {(Place(account, ""), n): r for n, r in _account(home, needs, generate_credential_report).items()}
        )
        for region in places:
            place = Place(account, region)
            readings.update({(place, name): reading for name, reading in _region(place, needs, places).items()})
    facts = run_readings(reader, readings)
    return AwsFacts(
        accounts=tuple(dict.fromkeys(accounts)),
        regions=tuple(places),
        by_account={account: AccountFacts(**_of(facts, Place(account, ""))) for account in dict.fromkeys(accounts)},
        by_place={
            Place(account, region): RegionFacts(**_of(facts, Place(account, region)))
            for account in dict.fromkeys(accounts)
            for region in places
        },
    )


def _of(facts: Mapping[tuple[Place, str], Fact[Any]], place: Place) -> dict[str, Fact[Any]]:
    return {name: fact for (where, name), fact in facts.items() if where == place}


def _account(home: Place, needs: frozenset[str], generate: bool) -> Mapping[str, Reading[Any]]:
    account = home.account
    readings: Mapping[str, Callable[[], Reading[Any]]] = {
        "caller": lambda: identity.caller(home),
        "summary": lambda: identity.summary(account),
        "password_policy": lambda: identity.password_policy(account),
        "authorization": lambda: identity.authorization(account),
        "credentials": lambda: identity.credentials(account, generate=generate),
        "oidc_providers": lambda: identity.oidc_providers(account),
    }
    found = {name: start() for name, start in readings.items() if name in needs}
    if "public_access" in needs and home.region != GLOBAL_REGION:  # one answer for the account, given in any region
        found["public_access"] = identity.public_access(home)
    return found


def _region(place: Place, needs: frozenset[str], regions: Sequence[str]) -> Mapping[str, Reading[Any]]:
    parts = frozenset(need.partition(".")[2] for need in needs if need.startswith("buckets."))
    found = {name: start(place) for name, start in _PLAIN.items() if name in needs}
    narrowed: Mapping[str, Callable[[], Reading[Any]]] = {
        "trails": lambda: watching.trails(place, regions),
        "buckets": lambda: storage.buckets(place, parts),
        "snapshots": lambda: storage.snapshots(place, shared="snapshots.public" in needs),
        "keys": lambda: storage.keys(place, rotation="keys.rotation" in needs, policy="keys.policy" in needs),
        "detectors": lambda: watching.detectors(place, findings="detectors.findings" in needs),
        "repositories": lambda: services.repositories(place, policy="repositories.policy" in needs),
        "functions": lambda: services.functions(place, reach="functions.reach" in needs),
    }
    return {**found, **{name: start() for name, start in narrowed.items() if name in needs}}


_PLAIN: Final[Mapping[str, Callable[[Place], Reading[Any]]]] = {
    "security_groups": network.security_groups,
    "prefix_lists": network.prefix_lists,
    "interfaces": network.interfaces,
    "acls": network.acls,
    "instances": network.instances,
    "vpcs": network.vpcs,
    "subnets": network.subnets,
    "route_tables": network.route_tables,
    "flow_logs": network.flow_logs,
    "volumes": storage.volumes,
    "images": storage.images,
    "encrypts_volumes": storage.encrypts_volumes,
    "databases": storage.databases,
    "database_snapshots": storage.database_snapshots,
    "tables": storage.tables,
    "file_systems": storage.file_systems,
    "recorders": watching.recorders,
    "analyzers": watching.analyzers,
    "clusters": services.clusters,
    "secrets": services.secrets,
    "balancers": balancers.balancers,
    "classic_balancers": balancers.classic_balancers,
    "topics": services.topics,
    "queues": services.queues,
    "metric_filters": watching.metric_filters,
    "alarms": watching.alarms,
}
