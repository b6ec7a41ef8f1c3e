"""AWS credentials: the usual chain, a profile, or a role assumed for 15 minutes and narrowed to a service group.

Rules:
 1. a named role is assumed with DurationSeconds 900, a session policy that lists exactly the operations of one
    service group, the requester as source identity, and the run as tags; STS enforces the 15 minutes;
 2. whatever the credential, GetCallerIdentity must name the account that was decided;
 3. requests to STS pass the same guard, by a closed list of their own; the chain alone may ask the machine's
    metadata services and its own single sign-on.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from harness_cli.config.model import AssumeRoleCredential, AwsConnection, Network, ProfileCredential
from harness_cli.core.errors import ConnectorError, CredentialError, HarnessError
from harness_cli.core.limits import LEASE_SECONDS
from harness_cli.core.reasons import Reason
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issued, LeaseTarget, failing_issuer
from harness_cli.credentials.lease import AwsKeys, LeaseKind
from harness_cli.policy.catalogue.aws import group_of
from harness_cli.policy.catalogue.aws_table import GROUPS
from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.transport.botocore_guard import (
    HOME_REGION,
    BotocoreGuard,
    Bounds,
    client_config,
    isolated_session,
    permit_for,
)

SESSION_POLICY_CHARACTERS: Final = 2_048  # the largest that STS takes
_TAGS_BY_US: Final = ("harness-trace", "harness-ticket")


@dataclass(frozen=True, slots=True)
class RunMark:
    """What a role session says of the run: who asked, which trace, which ticket."""

    requester: str
    trace_id: str
    ticket: str = ""


@dataclass(slots=True)
class AwsIssuer:
    """Credentials of one AWS connection."""

    connection: AwsConnection
    network: Network
    mark: RunMark
    regions: tuple[str, ...] = ()  # what the session policy is narrowed to; empty: every region
    bounds: Bounds | None = None
    _guard: BotocoreGuard | None = field(default=None, repr=False)
    _found: tuple[Any, Any] | None = field(default=None, repr=False)  # Any: session and credentials of the chain
    _assuming: tuple[Any, Any] | None = field(default=None, repr=False)  # Any: keys, and who signs with them
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)  # sessions are for one thread at a time

    def narrowing(self, target: LeaseTarget) -> str:
        if not isinstance(self.connection.credential, AssumeRoleCredential):
            return target.account
        return f"{target.account}/{group_of(target.service)}" if target.service else target.account

    def issue(self, target: LeaseTarget) -> Issued:
        """A credential for the target's account. Raises CredentialError, ConnectorError."""
        with self._making:
            if self._found is None:
                self._found = self._chain()
            session, found = self._found
        credential = self.connection.credential
        expires: datetime | None
        if isinstance(credential, AssumeRoleCredential):
            keys, expires = self._assume(self._base(session, found), credential, target)
            kind = LeaseKind.EPHEMERAL
        else:
            keys, expires = _keys(found), getattr(found, "_expiry_time", None)
            kind = LeaseKind.EPHEMERAL if keys["SessionToken"] else LeaseKind.STATIC
        account, arn = self._whoami(self._sts(session, _Frozen.of(keys)))
        if target.account and account != target.account:
            raise CredentialError(
                f"the AWS credential is one of account {account}, not of {target.account}",
                code="C028",
                help="`{assume_role: arn:aws:iam::{account}:role/…}` takes each account's own role",
            )
        token = Secret(keys["SessionToken"]) if keys["SessionToken"] else None
        material = AwsKeys(keys["AccessKeyId"], Secret(keys["SecretAccessKey"]), token, account, arn)
        return Issued(material, arn, kind, expires)

    def _chain(self) -> tuple[Any, Any]:  # Any: botocore has no types here
        """A session on the usual chain, and what the chain found."""
        from botocore.exceptions import BotoCoreError

        session = isolated_session(self.connection.credentials_file, chain=True)
        if isinstance(self.connection.credential, ProfileCredential):
            session.set_config_variable("profile", self.connection.credential.name)
        elif self.connection.credentials_file:
            session.set_config_variable("profile", "default")  # a named file wins over the environment
        try:
            found = session.get_credentials()
            frozen = found.get_frozen_credentials() if found is not None else None
        except (BotoCoreError, OSError) as err:
            raise CredentialError(
                f"the AWS chain gave no credential ({type(err).__name__})",
                code="C025",
                help="sign in again (`aws sso login`), or check the profile's name",
            ) from None  # the chain's text may name files and tokens
        if frozen is None or not frozen.access_key:
            raise CredentialError(
                "the AWS chain found no credential",
                code="C020",
                help="sign in (`aws sso login`), set AWS_PROFILE, or name `connections.aws.credential`",
            )
        return session, found

    def _base(self, session: Any, found: Any) -> Any:  # Any: botocore has no types here
        """The client that assumes roles: one for all, as long as the chain hands out the same keys."""
        frozen = found.get_frozen_credentials()
        if self._assuming is None or self._assuming[0] != frozen:
            self._assuming = (frozen, self._sts(session, found))
        return self._assuming[1]

    def _sts(self, session: Any, credentials: Any) -> Any:  # Any: botocore has no types here
        frozen = credentials.get_frozen_credentials()
        with self._making:
            client = session.create_client(
                "sts",
                region_name=HOME_REGION,
                aws_access_key_id=frozen.access_key,
                aws_secret_access_key=frozen.secret_key,
                aws_session_token=frozen.token,
                config=client_config(self.network),
                endpoint_url=self.connection.endpoint_url or None,
            )
            if self._guard is None:
                self._guard = BotocoreGuard(self.network, self.bounds)
            return self._guard.watch(client)

    def _assume(
        self, sts: Any, credential: AssumeRoleCredential, target: LeaseTarget
    ) -> tuple[Mapping[str, str], datetime]:
        arn = credential.role_arn.replace("{account}", target.account)
        answer = self._ask(
            sts,
            "AssumeRole",
            RoleArn=arn,
            RoleSessionName=_label(f"harness-{self.mark.requester}", 64),
            SourceIdentity=_label(self.mark.requester, 64),
            DurationSeconds=LEASE_SECONDS,
            Policy=session_policy(group_of(target.service) if target.service else "identity", self.regions),
            Tags=[
                {"Key": key, "Value": _label(value, 256)}
                for key, value in zip(_TAGS_BY_US, (self.mark.trace_id, self.mark.ticket), strict=True)
                if value
            ],
        )
        given = answer["Credentials"]
        return given, given["Expiration"]

    def _whoami(self, sts: Any) -> tuple[str, str]:
        answer = self._ask(sts, "GetCallerIdentity")
        return str(answer["Account"]), str(answer["Arn"])

    def _ask(self, sts: Any, operation: str, **arguments: Any) -> Any:  # Any: botocore's client and answer
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        if operation not in _CREDENTIAL_CALLS or self._guard is None:
            raise CredentialError(f"sts:{operation} is not on the credential list")
        permit = permit_for(
            f"sts:{operation}",
            "sts",
            "sts",
            operation,
            account="",
            region=HOME_REGION,
            endpoint=self.connection.endpoint_url,
            **arguments,
        )
        with self._guard.flight(permit):
            try:
                return getattr(sts, xform_name(operation))(**arguments)
            except ClientError as err:
                raise _no_keys(operation, err.response) from None
            except (BotoCoreError, ResponseParserError) as err:  # the parser quotes the answer: never its text
                raise failing_issuer(f"STS gave no answer to {operation} ({type(err).__name__})") from None
            except ConnectorError as err:
                if err.reason in {Reason.EXCEPTION, Reason.THROTTLED}:
                    raise
                raise CredentialError(err.message, code=err.code, help=err.help, place=err.place) from err


_CREDENTIAL_CALLS: Final = frozenset({"AssumeRole", "GetCallerIdentity"})


@dataclass(frozen=True, slots=True)
class _Frozen:
    """Issued keys in the form in which the chain hands out its own."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)

    @classmethod
    def of(cls, keys: Mapping[str, str]) -> "_Frozen":
        return cls(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"] or None)

    def get_frozen_credentials(self) -> "_Frozen":
        return self


def session_policy(group: str, regions: tuple[str, ...] = ()) -> str:
    """The inline policy of one service group: its operations, the regions in scope, nothing else.

    Raises: CredentialError where it grew longer than STS takes.
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": sorted({call.permission for call in GROUPS[group]}),
        "Resource": "*",
    }
    asked = {region for region in regions if region != GLOBAL_REGION}
    if group == "identity":  # global services are asked for in their home region
        asked.add(HOME_REGION)
    if regions:
        statement["Condition"] = {"StringEquals": {"aws:RequestedRegion": sorted(asked)}}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    if len(text) > SESSION_POLICY_CHARACTERS:
        raise CredentialError(f"the session policy of {group} is longer than STS takes ({len(text)} characters)")
    return text


def _keys(found: Any) -> Mapping[str, str]:  # Any: botocore's credentials
    frozen = found.get_frozen_credentials()
    return {
        "AccessKeyId": frozen.access_key,
        "SecretAccessKey": frozen.secret_key,
        "SessionToken": frozen.token or "",
    }


def _label(text: str, longest: int) -> str:
    """Text in the alphabet of session names and tags."""
    return re.sub(r"[^A-Za-z0-9_=,.@-]", "-", text)[:longest] or "harness"


def _no_keys(operation: str, response: Mapping[str, Any]) -> HarnessError:  # Any: botocore's parsed error
    """Why STS gave nothing: it is down or busy, or it refuses the credential."""
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status == 429 or code in _STS_BUSY:
        return failing_issuer(f"STS is too busy for {operation}", 429)
    if status >= 500:
        return failing_issuer(f"STS failed at {operation} (status {status})", status)
    return _refused(operation, code)


_STS_BUSY: Final = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})


def _refused(operation: str, code: str) -> CredentialError:
    known = code if code.isalnum() else "an unknown error"
    helps = {
        "AccessDenied": "the role's trust policy must let the caller in, with sts:SetSourceIdentity and sts:TagSession",
        "ExpiredToken": "the base credential is expired: sign in again",
        "InvalidClientTokenId": "the base credential is unknown to AWS: sign in again",
    }
    return CredentialError(f"STS refused {operation} ({known})", code="C025", help=helps.get(code, "sign in again"))
