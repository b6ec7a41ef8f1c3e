"""EC2-04, VPC-01, VPC-02: network ACLs, flow logs, subnets."""

from collections.abc import Iterator

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import NetworkAcl, Place, Subnet, Vpc
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import at, bad, each_item, said, subject
from harness_cli.review.evaluators.cidr import AddressError
from harness_cli.review.evaluators.ports import admitted
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_evaluated, passed

_ADMIN_PORTS = (22, 3389)


@check(
    "EC2-04",
    "Network ACL lets the Internet in to an administration port",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/5.2 FSBP//EC2.21 NIST-800-53r5//SC-7",
    remediation="Deny 22 and 3389 from the Internet before the rule that allows the rest.",
)
def network_acl(case: Case) -> Iterator[Outcome]:
    """EC2-04: in the order of the rules."""

    def judge(place: Place, acl: NetworkAcl, fact: Known[tuple[NetworkAcl, ...]]) -> Iterator[Outcome]:
        what, seen = subject("aws_network_acl", acl.arn, place), at(fact, f"{acl.pointer}/Entries")
        try:
            ports = [port for port in _ADMIN_PORTS if admitted(acl.inbound, port).is_world]
        except AddressError:
            yield not_evaluated(Unread(Reason.EXCEPTION, "a rule holds no address range", seen), what)
            return
        if ports:
            yield bad(f"lets the Internet in to port {' and '.join(map(str, ports))}", what, evidence=seen)
        else:
            yield passed("administration ports are closed to the Internet", what, evidence=seen)

    return each_item(case, "the region has no network ACLs", lambda facts: facts.acls, judge)


@check(
    "VPC-01",
    "VPC without a flow log",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/3.7 FSBP//EC2.6 NIST-800-53r5//AU-12",
    remediation="Create a flow log for the VPC.",
)
def flow_logs(case: Case) -> Iterator[Outcome]:
    """VPC-01: an active flow log on the VPC itself."""

    def judge(place: Place, vpc: Vpc, fact: Known[tuple[Vpc, ...]]) -> Iterator[Outcome]:
        what, logs = subject("aws_vpc", vpc.arn, place), case.aws.region(place).flow_logs
        if isinstance(logs, Unread):
            yield not_evaluated(logs, what)
            return
        found = next((log for log in logs.value if log.resource == vpc.id and log.active), None)
        seen = at(logs, found.pointer) if found else (*at(fact, vpc.pointer), *at(logs, "/FlowLogs"))
        yield said(found is not None, "a flow log is active", "no flow log is active", what, evidence=seen)

    return each_item(case, "the region has no VPCs", lambda facts: facts.vpcs, judge)


@check(
    "VPC-02",
    "Subnet gives every machine a public address",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//EC2.15 NIST-800-53r5//SC-7",
    remediation="Set map_public_ip_on_launch to false.",
)
def public_addresses(case: Case) -> Iterator[Outcome]:
    """VPC-02: automatic public addresses."""

    def judge(place: Place, subnet: Subnet, fact: Known[tuple[Subnet, ...]]) -> Iterator[Outcome]:
        seen = at(fact, f"{subnet.pointer}/MapPublicIpOnLaunch", str(subnet.maps_public_ip).lower())
        what = subject("aws_subnet", subnet.arn, place)
        good, wrong = "addresses stay private", "every machine gets a public address"
        yield said(not subnet.maps_public_ip, good, wrong, what, evidence=seen)

    return each_item(case, "the region has no subnets", lambda facts: facts.subnets, judge)
