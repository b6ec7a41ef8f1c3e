"""GD-01, GD-02, CW-01: who notices."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Alarm, Detector, MetricFilter, Place
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_item, each_region, first_unread, said
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, missing, not_evaluated, passed

Detectors: TypeAlias = Known[tuple[Detector, ...]]


@check(
    "GD-01",
    "GuardDuty is off",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="FSBP//GuardDuty.1 NIST-800-53r5//SI-4 SOC2//CC7.2",
    remediation="Turn on GuardDuty in the region.",
)
def guardduty(case: Case) -> Iterator[Outcome]:
    """GD-01: once an account and region."""

    def judge(place: Place, fact: Detectors) -> Iterator[Outcome]:
        what, states = account_subject(place.account, place.region), [one.enabled for one in fact.value]
        unread = first_unread(states)
        if any(isinstance(state, Known) and state.value for state in states):
            yield passed("a detector is enabled", what, evidence=at(fact, "/DetectorIds"))
        elif unread is not None:
            yield not_evaluated(unread, what)
        else:
            wrong = "the detector is suspended" if states else "there is no detector"
            yield bad(wrong, what, evidence=at(fact, "/DetectorIds"))

    return each_region(case, lambda facts: facts.detectors, judge)


@check(
    "GD-02",
    "GuardDuty has open findings of high severity",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="NIST-800-53r5//IR-4 SOC2//CC7.3",
    remediation="Look at the findings in GuardDuty, mend or archive them.",
    release=2,
)
def open_findings(case: Case) -> Iterator[Outcome]:
    """GD-02: how many, never their text."""

    def judge(place: Place, detector: Detector, _: Detectors) -> Iterator[Outcome]:
        what, high = account_subject(place.account, place.region), detector.high_findings
        if isinstance(high, Unread):
            yield not_evaluated(high, what)
        else:
            seen = at(high, "/FindingIds", str(high.value))
            yield said(not high.value, "nothing is open", f"{high.value} findings are open", what, evidence=seen)

    return each_item(case, "GuardDuty has no detector here", lambda facts: facts.detectors, judge)


# what somebody has to be told of -> any of these words in the pattern of a metric filter
TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "use of the root user": ("Root",),
    "refused calls": ("UnauthorizedOperation", "AccessDenied"),
    "changes of identities": ("PutRolePolicy", "AttachRolePolicy", "CreatePolicyVersion"),
    "changes of security groups": ("AuthorizeSecurityGroupIngress",),
    "changes of trails": ("StopLogging", "UpdateTrail", "DeleteTrail"),
}


@check(
    "CW-01",
    "Nobody is told of root use, refused calls or changes of the guards",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/4.1 CIS-AWS/5.0/4.3 CIS-AWS/5.0/4.10 NIST-800-53r5//SI-4(5)",
    remediation="Add a metric filter on the trail's log group and an alarm that notifies, for each topic.",
    release=2,
)
def alarms(case: Case) -> Iterator[Outcome]:
    """CW-01: once an account; a filter and its alarm in any region in scope."""
    if not case.aws.accounts:
        yield missing(Reason.NOT_CONFIGURED, "no AWS account is in scope")
    for account in case.aws.accounts:
        yield _alarms(case, account)


def _alarms(case: Case, account: str) -> Outcome:
    regions = [case.aws.region(Place(account, region)) for region in case.aws.regions]
    unread = first_unread([fact for facts in regions for fact in (facts.metric_filters, facts.alarms)])
    told: set[str] = set()
    seen: list[Evidence] = []
    for facts in regions:
        if isinstance(facts.metric_filters, Known) and isinstance(facts.alarms, Known):
            told |= _told(facts.metric_filters.value, facts.alarms.value)
            seen += at(facts.metric_filters, "/metricFilters")
    lacks = [topic for topic in TOPICS if topic not in told]
    what = account_subject(account)
    if lacks and (unread is not None or not regions):
        return not_evaluated(unread or Unread(Reason.NOT_CONFIGURED, "no region is in scope"), what)
    if lacks:
        return bad(f"nobody is told of {', '.join(lacks)}", what, evidence=tuple(seen))
    return passed("every topic has a filter and an alarm", what, evidence=tuple(seen))


def _told(filters: tuple[MetricFilter, ...], alarms: tuple[Alarm, ...]) -> set[str]:
    watched = {alarm.metric for alarm in alarms if alarm.notifies}
    return {
        topic
        for topic, words in TOPICS.items()
        for one in filters
        if any(_asks_for(one.pattern, word) for word in words) and watched.intersection(one.metrics)
    }


def _asks_for(pattern: str, word: str) -> bool:
    """Whether a filter's pattern names a word, and not to leave it out (`!= "Root"`)."""
    return any(not before.rstrip(' "*').endswith("!=") for before in _befores(pattern, word))


def _befores(pattern: str, word: str) -> Iterator[str]:
    parts = pattern.split(word)
    return (word.join(parts[:end]) for end in range(1, len(parts)))
