"""EC2-05 to EC2-09: machines, volumes, snapshots, images."""

from collections.abc import Iterator
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Image, Instance, NetworkInterface, Place, RegionFacts, Snapshot, Volume
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import (
    Part,
    Seen,
    account_subject,
    at,
    bad,
    each_item,
    each_kind,
    each_region,
    first_unread,
    said,
    subject,
)
from harness_cli.review.checks.aws.security_groups import blind_spot, lists_of
from harness_cli.review.evaluators.cidr import AddressError
from harness_cli.review.evaluators.exposure import Family, group_openings, is_blind, is_routed
from harness_cli.review.evaluators.ports import Opening
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_evaluated, passed

Instances: TypeAlias = Known[tuple[Instance, ...]]
_NO_INSTANCES = "the region has no instances"


@check(
    "EC2-05",
    "Instance answers metadata requests without a token",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.7 FSBP//EC2.8 NIST-800-53r5//AC-3",
    remediation="Set http_tokens to required.",
)
def metadata_tokens(case: Case) -> Iterator[Outcome]:
    """EC2-05: version 1 of the metadata service."""

    def judge(place: Place, instance: Instance, fact: Instances) -> Iterator[Outcome]:
        what = subject("aws_instance", instance.arn, place)
        seen = at(fact, f"{instance.pointer}/MetadataOptions", f"tokens {instance.http_tokens or 'not told'}")
        safe = instance.http_tokens == "required" or instance.http_endpoint == "disabled"
        if not instance.http_tokens and not safe:
            yield not_evaluated(Unread(Reason.EXCEPTION, "the answer does not tell the metadata options", seen), what)
        else:
            yield said(safe, "tokens are required", "metadata is given without a token", what, evidence=seen)

    return each_item(case, _NO_INSTANCES, lambda facts: facts.instances, judge)


@check(
    "EC2-06",
    "Instance is reachable from the Internet",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="FSBP//EC2.9 NIST-800-53r5//SC-7 SOC2//CC6.6",
    remediation="Put the instance behind a balancer in a private subnet, and take its public address away.",
    data_class="restricted",
)
def reachable(case: Case) -> Iterator[Outcome]:
    """EC2-06: high where address, group and route agree; medium for a public address alone."""

    def judge(place: Place, instance: Instance, fact: Instances) -> Iterator[Outcome]:
        yield _reachable(place, instance, fact, case.aws.region(place))

    return each_item(case, _NO_INSTANCES, lambda facts: facts.instances, judge)


@check(
    "EC2-07",
    "New volumes are not encrypted by default",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.1.1 FSBP//EC2.7 NIST-800-53r5//SC-28",
    remediation="Turn on EBS encryption by default in the region.",
)
def default_encryption(case: Case) -> Iterator[Outcome]:
    """EC2-07: once an account and region."""

    def judge(place: Place, fact: Known[bool]) -> Iterator[Outcome]:
        what = account_subject(place.account, place.region)
        seen = at(fact, "/EbsEncryptionByDefault", str(fact.value).lower())
        yield said(fact.value, "new volumes are encrypted", "new volumes are not encrypted", what, evidence=seen)

    return each_region(case, lambda facts: facts.encrypts_volumes, judge)


@check(
    "EC2-08",
    "Volume or snapshot is not encrypted",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.1.1 FSBP//EC2.3 NIST-800-53r5//SC-28",
    remediation="Copy it with encryption, and replace the original.",
)
def volume_encryption(case: Case) -> Iterator[Outcome]:
    """EC2-08: volumes, then snapshots."""

    def volume(place: Place, one: Volume, fact: Known[tuple[Volume, ...]]) -> Iterator[Outcome]:
        what = subject("aws_ebs_volume", one.arn, place)
        yield said(one.encrypted, "encrypted", "the volume is not encrypted", what, evidence=at(fact, one.pointer))

    def snapshot(place: Place, one: Snapshot, fact: Known[tuple[Snapshot, ...]]) -> Iterator[Outcome]:
        what = subject("aws_ebs_snapshot", one.arn, place)
        yield said(one.encrypted, "encrypted", "the snapshot is not encrypted", what, evidence=at(fact, one.pointer))

    parts: dict[str, Part] = {
        "volume": (lambda facts: facts.volumes, volume),
        "snapshot": (lambda facts: facts.snapshots, snapshot),
    }
    return each_kind(case, "the region has no volumes and no snapshots", parts)


@check(
    "EC2-09",
    "Snapshot or machine image is public",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="FSBP//EC2.1 NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Take the group `all` out of its permissions.",
    data_class="restricted",
)
def public_copies(case: Case) -> Iterator[Outcome]:
    """EC2-09: snapshots, then images."""

    def snapshot(place: Place, one: Snapshot, _: Known[tuple[Snapshot, ...]]) -> Iterator[Outcome]:
        what = subject("aws_ebs_snapshot", one.arn, place)
        if isinstance(one.public, Unread):
            yield not_evaluated(one.public, what)
        else:
            seen = at(one.public, "/CreateVolumePermissions")
            yield said(not one.public.value, "not public", "everybody may copy the snapshot", what, evidence=seen)

    def image(place: Place, one: Image, fact: Known[tuple[Image, ...]]) -> Iterator[Outcome]:
        what = subject("aws_ami", one.arn, place)
        seen = at(fact, f"{one.pointer}/Public", str(one.public).lower())
        yield said(not one.public, "not public", "everybody may launch the image", what, evidence=seen)

    parts: dict[str, Part] = {
        "snapshot": (lambda facts: facts.snapshots, snapshot),
        "image": (lambda facts: facts.images, image),
    }
    return each_kind(case, "the region has no snapshots and no machine images", parts)


def _reachable(place: Place, instance: Instance, fact: Instances, facts: RegionFacts) -> Outcome:
    what = subject("aws_instance", instance.arn, place)
    seen = at(fact, f"{instance.pointer}/PublicIpAddress", "a public address")
    if not instance.public_ip and not instance.ipv6:
        return passed("the instance has no public address", what, evidence=at(fact, instance.pointer))
    try:
        ways = [_way_in(card, family, facts, seen) for card, family in _doors(instance)]
    except AddressError:
        return not_evaluated(Unread(Reason.EXCEPTION, "a security group holds no address range", seen), what)
    opening = next((way for way in ways if isinstance(way, Opening)), None)
    unread = next((way for way in ways if isinstance(way, Unread)), None)
    if opening is not None:
        open_group = at(facts.security_groups, opening.pointers[0], opening.label)
        evidence = (*seen, *open_group, *at(facts.route_tables, ""))
        return bad("public address, open security group and a route from the Internet", what, evidence=evidence)
    if unread is not None:
        return not_evaluated(unread, what)
    if not instance.public_ip:
        return passed("IPv6 only, and the Internet does not reach it", what, evidence=seen)
    return bad("a public address, though the Internet does not reach it", what, evidence=seen, severity=Severity.MEDIUM)


def _doors(instance: Instance) -> Iterator[tuple[NetworkInterface, Family]]:
    """Each interface with each family in which it has a public address; its groups and routes count, no others."""
    cards = instance.interfaces
    told = {address for card in cards for address in (card.public_ip, *card.ipv6)}
    own = "" if instance.public_ip in told else instance.public_ip
    rest = tuple(address for address in instance.ipv6 if address not in told)
    whole = NetworkInterface(instance.id, instance.groups, instance.subnet, public_ip=own, ipv6=rest)
    for card in (*cards, whole):
        if card.public_ip:
            yield card, 4
        if card.ipv6:
            yield card, 6


def _way_in(card: NetworkInterface, family: Family, facts: RegionFacts, seen: Seen) -> Opening | Unread | None:
    """What lets the Internet in to an interface, why that is not known, or None. Raises AddressError."""
    groups, subnets, tables = facts.security_groups, facts.subnets, facts.route_tables
    if not (isinstance(groups, Known) and isinstance(subnets, Known) and isinstance(tables, Known)):
        unread = first_unread([groups, subnets, tables])
        return unread or Unread(Reason.EXCEPTION, "network facts are missing")
    lists = lists_of(facts)
    found = group_openings(card.groups, groups.value, lists, family)
    routed = is_routed([card.subnet], subnets.value, tables.value, family)
    if routed is False:
        return None
    if not found:
        return blind_spot(facts, card.groups, seen) if is_blind(card.groups, groups.value, lists) else None
    if routed is None:
        return Unread(Reason.ACCESS_DENIED, "the route of the subnet could not be read", seen)
    return found[0]
