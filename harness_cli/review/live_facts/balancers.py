"""Readings about load balancers, those of the first generation too."""

from collections.abc import Mapping
from typing import Any

from harness_cli.review.aws_facts import Balancer, Listener, Place
from harness_cli.review.evaluators.tls import speaks_old_tls
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.network import arn
from harness_cli.review.live_facts.reading import Json, Reading, ask, mapped


def balancers(place: Place) -> Reading[tuple[Balancer, ...]]:
    """Every load balancer with its listeners and attributes."""
    (listed,) = yield [ask("elasticloadbalancing:DescribeLoadBalancers", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("LoadBalancers", ())
    if not raws:
        return Known((), listed.evidence)
    verbs = ("DescribeListeners", "DescribeLoadBalancerAttributes")
    answers = yield [
        ask(f"elasticloadbalancing:{verb}", place, LoadBalancerArn=raw["LoadBalancerArn"])
        for raw in raws
        for verb in verbs
    ]
    rows = zip(raws, answers[0::2], answers[1::2], strict=True)
    return Known(tuple(_balancer(index, *row) for index, row in enumerate(rows)), listed.evidence)


def classic_balancers(place: Place) -> Reading[tuple[Balancer, ...]]:
    """Every load balancer of the first generation; its listeners stand in the list."""
    (listed,) = yield [ask("elb:DescribeLoadBalancers", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("LoadBalancerDescriptions", ())
    if not raws:
        return Known((), listed.evidence)
    answers = yield [
        ask("elb:DescribeLoadBalancerAttributes", place, LoadBalancerName=raw["LoadBalancerName"]) for raw in raws
    ]
    made = (
        Balancer(
            name=raw["LoadBalancerName"],
            arn=arn(place, "elasticloadbalancing", f"loadbalancer/{raw['LoadBalancerName']}"),
            kind="classic",
            internet_facing=raw.get("Scheme") == "internet-facing",
            groups=tuple(raw.get("SecurityGroups", ())),
            vpc=raw.get("VPCId", ""),
            listeners=Known(_classic_listeners(index, raw), listed.evidence),
            access_logs=mapped(attributes, _is_logged),
            pointer=f"/LoadBalancerDescriptions/{index}",
        )
        for index, (raw, attributes) in enumerate(zip(raws, answers, strict=True))
    )
    return Known(tuple(made), listed.evidence)


def _classic_listeners(index: int, raw: Json) -> tuple[Listener, ...]:
    return tuple(
        Listener(
            "",
            int(one["Listener"].get("LoadBalancerPort", 0)),
            one["Listener"].get("Protocol", "").upper(),
            _tls_policy(one.get("PolicyNames", ())),
            pointer=f"/LoadBalancerDescriptions/{index}/ListenerDescriptions/{number}",
        )
        for number, one in enumerate(raw.get("ListenerDescriptions", ()))
    )


def _tls_policy(names: tuple[str, ...]) -> str:
    """The listener's policy that AWS named; what one of another name says is not in the list."""
    return next((name for name in names if speaks_old_tls(name) is not None), "")


def _is_logged(value: Json) -> bool:
    return bool(value["LoadBalancerAttributes"]["AccessLog"]["Enabled"])


def _balancer(index: int, raw: Json, listeners: Fact[Any], attributes: Fact[Any]) -> Balancer:
    def flag(*names: str) -> Fact[bool]:
        return mapped(attributes, lambda value: any(_attributes(value).get(name) == "true" for name in names))

    return Balancer(
        name=raw.get("LoadBalancerName", ""),
        arn=raw["LoadBalancerArn"],
        kind=raw.get("Type", ""),
        internet_facing=raw.get("Scheme") == "internet-facing",
        groups=tuple(raw.get("SecurityGroups", ())),
        vpc=raw.get("VpcId", ""),
        listeners=mapped(
            listeners, lambda value: tuple(_listener(i, one) for i, one in enumerate(value.get("Listeners", ())))
        ),
        access_logs=flag("access_logs.s3.enabled"),
        deletion_protection=flag("deletion_protection.enabled"),
        pointer=f"/LoadBalancers/{index}",
    )


def _attributes(value: Json) -> Mapping[str, str]:
    return {entry["Key"]: str(entry.get("Value", "")) for entry in value.get("Attributes", ())}


def _listener(index: int, raw: Json) -> Listener:
    redirects = [
        one.get("RedirectConfig", {}).get("Protocol") == "HTTPS"
        for one in raw.get("DefaultActions", ())
        if one.get("Type") == "redirect"
    ]
    protocol = raw.get("Protocol", "")
    return Listener(
        raw["ListenerArn"],
        int(raw.get("Port", 0)),
        protocol,
        raw.get("SslPolicy", "") if protocol in {"HTTPS", "TLS"} else "",
        bool(redirects) and all(redirects),
        f"/Listeners/{index}",
    )
