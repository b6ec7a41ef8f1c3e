import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from harness_cli.config.model import StaticCredentials, System
from harness_cli.core.clock import FixedClock
from harness_cli.core.errors import AuditError, ConnectorError, CredentialError
from harness_cli.core.reasons import Reason
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issued, LeaseTarget
from harness_cli.credentials.lease import AwsKeys, BasicAuth, BearerToken, LeaseKind
from harness_cli.credentials.manager import LeaseEvent, LeaseManager, secrets_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
JIRA = LeaseTarget(System.JIRA)


@dataclass
class IssuerFake:
    token: str
    kind: LeaseKind = LeaseKind.EPHEMERAL
    expires: datetime | None = None
    revoking: ConnectorError | None = None
    count: int = 0
    revoked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def narrowing(self, target):
        return target.repo

    def issue(self, target):
        with self.lock:
            self.count += 1
        return Issued(BearerToken(Secret(self.token)), "bot", self.kind, self.expires, revoke=self.revoke)

    def revoke(self):
        self.revoked += 1
        if self.revoking:
            raise self.revoking


@pytest.fixture
def issuer(faker_token):
    return IssuerFake(faker_token)


@pytest.fixture
def clock():
    return FixedClock(NOW)


def manager(issuer, clock, *, env="prod", static=StaticCredentials.DEV_ONLY):
    told, registered = [], []
    made = LeaseManager(
        issuers={System.JIRA: issuer, System.GITHUB: issuer},
        clock=clock,
        requester="ana@acme.example",
        env=env,
        static_credentials=static,
        run_key=b"k" * 32,
        observe=lambda event, lease, why: told.append((event, lease.id, why)),
        register=registered.append,
    )
    return made, told, registered


def test_a_lease_is_bound_to_who_asked_and_ends_after_fifteen_minutes(issuer, clock):
    made, told, registered = manager(issuer, clock)
    lease = made.lease(JIRA)
    assert lease.requester == "ana@acme.example"
    assert lease.expires_at == NOW + timedelta(minutes=15)
    assert told == [(LeaseEvent.ISSUED, lease.id, "")]
    assert [secret.reveal() for secret in registered] == [issuer.token]
    assert issuer.token not in repr(lease)


def test_an_issuer_that_ends_earlier_wins(issuer, clock):
    issuer.expires = NOW + timedelta(minutes=5)
    assert manager(issuer, clock)[0].lease(JIRA).expires_at == issuer.expires


def test_an_issuer_that_ends_later_does_not(issuer, clock):
    issuer.expires = NOW + timedelta(hours=12)
    lease = manager(issuer, clock)[0].lease(JIRA)
    assert (lease.expires_at, lease.issuer_expires_at) == (NOW + timedelta(minutes=15), issuer.expires)


def test_a_lease_is_shared_while_it_lasts_and_renewed_before_its_end(issuer, clock):
    made, told, _ = manager(issuer, clock)
    first = made.lease(JIRA)
    clock.advance(15 * 60 - 31)
    assert made.lease(JIRA) is first
    clock.advance(2)
    assert made.lease(JIRA) is not first
    assert [event for event, _, _ in told] == [LeaseEvent.ISSUED, LeaseEvent.EXPIRED, LeaseEvent.ISSUED]


def test_narrower_targets_get_leases_of_their_own(issuer, clock):
    made, _, _ = manager(issuer, clock)
    one = made.lease(LeaseTarget(System.GITHUB, repo="acme/a"))
    assert made.lease(LeaseTarget(System.GITHUB, repo="acme/b")) is not one
    assert made.lease(LeaseTarget(System.GITHUB, repo="acme/a")) is one


def test_side_by_side_calls_share_one_issue(issuer, clock):
    made, _, _ = manager(issuer, clock)
    threads = [threading.Thread(target=made.lease, args=(JIRA,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert issuer.count == 1


def test_every_lease_is_revoked_at_the_end(issuer, clock):
    made, told, _ = manager(issuer, clock)
    made.lease(JIRA)
    made.lease(LeaseTarget(System.GITHUB, repo="acme/a"))
    made.revoke_all()
    made.revoke_all()
    assert issuer.revoked == 2
    assert [event for event, _, _ in told].count(LeaseEvent.REVOKED) == 2


def test_a_failed_revocation_is_told_and_stops_nothing(issuer, clock):
    issuer.revoking = ConnectorError("github cannot be reached", reason=Reason.EXCEPTION)
    made, told, _ = manager(issuer, clock)
    made.lease(JIRA)
    made.revoke_all()
    assert told[-1][0] is LeaseEvent.REVOCATION_FAILED
    assert told[-1][2] == "github cannot be reached"


def test_a_trail_that_takes_no_line_keeps_no_lease_alive(issuer, clock):
    made, _, _ = manager(issuer, clock)
    made.lease(JIRA)
    made.lease(LeaseTarget(System.GITHUB, repo="acme/a"))

    def full(event, lease, message):
        raise AuditError("the trail cannot be written")

    made.observe = full
    with pytest.raises(AuditError):
        made.revoke_all()
    assert issuer.revoked == 2


@pytest.mark.parametrize(
    ("env", "static", "taken"),
    [
        ("dev", StaticCredentials.DEV_ONLY, True),
        ("prod", StaticCredentials.DEV_ONLY, False),
        ("qa", StaticCredentials.DEV_ONLY, False),
        ("prod", StaticCredentials.ALLOW, True),
        ("dev", StaticCredentials.DENY, False),
    ],
)
def test_static_credentials_are_used_only_where_policy_lets_them(issuer, clock, env, static, taken):
    issuer.kind = LeaseKind.STATIC
    made, _, registered = manager(issuer, clock, env=env, static=static)
    if taken:
        assert made.lease(JIRA).kind is LeaseKind.STATIC
    else:
        with pytest.raises(CredentialError, match="does not expire by itself"):
            made.lease(JIRA)
    assert registered, "a refused secret is scrubbed all the same"


def test_a_system_without_a_credential_says_which_key_is_missing(issuer, clock):
    with pytest.raises(CredentialError) as caught:
        manager(issuer, clock)[0].lease(LeaseTarget(System.SLACK))
    assert "connections.slack.credential" in caught.value.help


def test_every_secret_part_is_known_for_scrubbing(faker_token):
    one, two = Secret(faker_token), Secret(faker_token)
    assert secrets_of(BasicAuth("me", one)) == (one,)
    assert secrets_of(AwsKeys("id", one, two, "1", "arn")) == (one, two)
    assert secrets_of(AwsKeys("id", one, None, "1", "arn")) == (one,)
