"""Building the AWS account: the estate's calls, made by boto3 and answered by moto in this process.

Arguments may name earlier answers: `${db.GroupId}` stands for `GroupId` in the answer of the call named `db`, and a
mapping `{json: …}` becomes JSON text (policies). Calls run in order on one thread, so that every id is the same on
every machine.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from harness_cli.sandbox.errors import EstateError
from harness_cli.sandbox.model import AwsCall, AwsEstate
from harness_cli.sandbox.wire import Request, Response

_REFERENCE = re.compile(r"\$\{([a-z0-9_]+)((?:\.[A-Za-z0-9]+)*)\}")
Answers = dict[str, Any]  # Any: answers of boto3
Application = Any  # Any: a callable from Request to Response; spelled out in aws.py


class AccountBuilder:
    """Makes the estate's calls against an application, without a socket."""

    def __init__(self, application: Application, access_key: str, secret_key: str) -> None:
        self._application = application
        self._sessions: dict[str, Any] = {}  # Any: their overloads want literal service names
        self._keys = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key}
        self._clients: dict[tuple[str, str, str], Any] = {}  # Any: boto3 clients have no static type
        self._answers: Answers = {}

    def build(self, estate: AwsEstate) -> Answers:
        """Make every call; the answers by name. Raises: EstateError with the number of the call."""
        for number, call in enumerate(estate.calls):
            answer = self._make(call, call.region or estate.region, f"aws.calls[{number}]")
            if call.name:
                self._answers[call.name] = answer
        return self._answers

    def _make(self, call: AwsCall, region: str, place: str) -> Any:  # Any: the answer
        import botocore.exceptions

        service, _, operation = call.call.partition(".")
        try:
            method = getattr(self._client(service, region, call.account), operation)
            return method(**resolve(dict(call.args), self._answers))
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as err:
            raise EstateError(f"{call.call} failed: {err}", place=place) from err
        except AttributeError as err:
            raise EstateError(f"{call.call} is no operation", place=place) from err
        except LookupError as err:
            raise EstateError(f"{call.call} names an answer that is not there: {err}", place=place) from err

    def _session(self, account: str) -> Any:  # Any: a boto3 session
        """A session of an account; moto lets its builder in everywhere by any role of the account."""
        import boto3

        if account not in self._sessions:
            keys: dict[str, Any] = self._keys  # Any: as above
            if account:
                role = f"arn:aws:iam::{account}:role/builder"
                answer = self._client("sts", "us-east-1", "").assume_role(RoleArn=role, RoleSessionName="builder")
                issued = answer["Credentials"]
                keys = {
                    "aws_access_key_id": issued["AccessKeyId"],
                    "aws_secret_access_key": issued["SecretAccessKey"],
                    "aws_session_token": issued["SessionToken"],
                }
            self._sessions[account] = boto3.Session(**keys)
        return self._sessions[account]

    def _client(self, service: str, region: str, account: str) -> Any:  # Any: a boto3 client
        key = (service, region, account)
        if key not in self._clients:
            from botocore.config import Config

            config = Config(
                inject_host_prefix=False, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
            )
            client = self._session(account).client(service, region, endpoint_url="http://127.0.0.1:9", config=config)
            client.meta.events.register("before-send", self._send)
            self._clients[key] = client
        return self._clients[key]

    def _send(self, request: Any, **_: object) -> Any:  # Any: botocore's prepared request and response
        from botocore.awsrequest import AWSResponse

        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        headers["host"] = parts.netloc
        answer: Response = self._application(Request(request.method, target, headers, _body(request.body)))
        given: Any = dict(answer.headers)  # Any: botocore wraps it, its stub wants it wrapped already
        return AWSResponse(request.url, answer.status, given, _Raw(answer.body))


class _Raw(io.BytesIO):
    """A body as urllib3 would hand it over."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def resolve(value: Any, answers: Answers) -> Any:  # Any: arguments of boto3
    """`value` with its references filled in. Raises: LookupError for one that leads nowhere."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole is not None:
            return _lookup(whole, answers)
        return _REFERENCE.sub(lambda found: str(_lookup(found, answers)), value)
    if isinstance(value, list):
        return [resolve(item, answers) for item in value]
    if isinstance(value, dict):
        if set(value) == {"json"}:
            return json.dumps(resolve(value["json"], answers))
        return {key: resolve(item, answers) for key, item in value.items()}
    return value


def _lookup(found: re.Match[str], answers: Answers) -> Any:  # Any: part of an answer
    value = answers[found[1]]
    for step in found[2].split(".")[1:]:
        value = value[int(step)] if step.isdecimal() else value[step]
    return value


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(body: Any) -> bytes:  # Any: text, bytes or a file
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else bytes(body.read())
