"""The AWS stand-in: moto behind a gate that knows which access keys were issued.

moto ignores session policies; what a lease may do is held by the program's own guard there, as everywhere. STS takes
any access key, as it stands for the credential chain of whoever sits at the keyboard; every other service takes only
keys that this stand-in issued.
"""

import re
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import unquote_to_bytes

from harness_cli.sandbox.errors import EstateError, SandboxError
from harness_cli.sandbox.model import AwsEstate
from harness_cli.sandbox.moto_house import MOTO, MOTO_ACCOUNT
from harness_cli.sandbox.wire import Request, Response, json_response

READY_SECONDS = 60.0

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_ISSUED = re.compile(rb"<AccessKeyId>([A-Z0-9]{16,128})</AccessKeyId>|\"AccessKeyId\":\s*\"([A-Z0-9]{16,128})\"")
_ROLE = re.compile(r"(?:^|&)RoleArn=([^&]*)")


def require_extra(find: Callable[[str], object] = find_spec) -> None:
    """Pass where the optional extra is installed. Raises: SandboxError, before anything has started."""
    if not all(find(module) for module in ("moto", "flask", "flask_cors")):
        raise SandboxError("the sandbox extra is not installed", help="pip install 'harness-review[sandbox]'")


def import_shared() -> None:
    """Import what moto and the program's own clients both load, before they do so on two threads.

    These packages import in circles: a second thread that asks for a part of a half-loaded package can be handed a
    half-made module, and one run in seven ended with an ImportError on a busy machine.
    """
    for name in ("requests", "boto3", "botocore.httpsession", "jsonschema", "jwt"):
        import_module(name)


class AwsAccount:
    """The application; it answers once `load` has built the account, and lets requests wait until then."""

    def __init__(self, estate: AwsEstate, desk_key: str, desk_secret: str) -> None:
        if estate.account != MOTO_ACCOUNT:
            raise EstateError(f"the account must be {MOTO_ACCOUNT}", place="aws.account")
        self._estate = estate
        self._desk = (desk_key, desk_secret)
        self._known = {desk_key}
        self._ready = threading.Event()
        self.failure: Exception | None = None

    def load(self) -> None:
        """Import moto and build the account; a failure is kept in `failure`."""
        try:
            MOTO.ensure(self._estate)
        except Exception as err:  # noqa: BLE001 - shown to whoever waits for this thread
            self.failure = err
        finally:
            self._ready.set()

    def wait(self) -> None:
        """Return when the account is built. Raises: what went wrong while building it."""
        if not self._ready.wait(READY_SECONDS):
            raise SandboxError("the AWS stand-in is not ready in time")
        if self.failure is not None:
            raise self.failure

    def __call__(self, request: Request) -> Response:
        self._ready.wait(READY_SECONDS)
        if self.failure is not None:
            return Response(503, b"the account could not be built")
        if request.path.startswith("/moto-api") or request.path.startswith("/latest/"):
            return Response(404)
        key, service = _credential(request)
        if not key:
            return _refusal(
                service, request, "MissingAuthenticationToken", "Request is missing Authentication Token", 403
            )
        if service != "sts" and key not in self._known:
            return _unknown_key(service, request)
        if service == "sts":
            return self._ask_sts(request)
        return MOTO.ask(self._estate, request)

    def _ask_sts(self, request: Request) -> Response:
        role = _ROLE.search(request.body.decode("latin-1"))
        if role is not None:
            arn = unquote_to_bytes(role[1]).decode("utf-8", "replace")
            if arn not in {*self._estate.roles, *MOTO.roles}:
                text = f"User is not authorized to perform: sts:AssumeRole on resource: {arn}"
                return _refusal("sts", request, "AccessDenied", text, 403)
        answer = MOTO.ask(self._estate, request)
        self._known |= {(a or b).decode() for a, b in _ISSUED.findall(answer.body)}
        return answer


def _credential(request: Request) -> tuple[str, str]:
    """The access key and the service of a signed request."""
    signed = request.headers.get("authorization") or f"Credential={request.query.get('X-Amz-Credential', '')}"
    found = _CREDENTIAL.search(signed)
    if found is not None:
        return found[1], found[3]
    return ("unsigned", "sts") if b"AssumeRoleWithWebIdentity" in request.body else ("", "")


def _unknown_key(service: str, request: Request) -> Response:
    text = "The security token included in the request is invalid."
    match service:
        case "s3":
            return _refusal(
                service,
                request,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
                403,
            )
        case "ec2":
            return _refusal(
                service, request, "AuthFailure", "AWS was not able to validate the provided access credentials", 401
            )
        case _ if _is_json(request):
            return _refusal(service, request, "UnrecognizedClientException", text, 400)
        case _:
            return _refusal(service, request, "InvalidClientTokenId", text, 403)


def _is_json(request: Request) -> bool:
    return "x-amz-target" in request.headers or "json" in request.headers.get("content-type", "") or not request.body


def _refusal(service: str, request: Request, code: str, text: str, status: int) -> Response:
    """An error in the protocol of the service."""
    if service == "s3":
        return _xml(
            f"<Error><Code>{code}</Code><Message>{text}</Message><RequestId>sandbox</RequestId></Error>", status
        )
    if service == "ec2":
        inner = f"<Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors>"
        return _xml(f"<Response>{inner}<RequestID>sandbox</RequestID></Response>", status)
    if _is_json(request):
        answer = json_response({"__type": code, "message": text}, status, content_type="application/x-amz-json-1.1")
        return answer.with_headers({"x-amzn-ErrorType": code})
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>"
    return _xml(f"<ErrorResponse>{error}<RequestId>sandbox</RequestId></ErrorResponse>", status)


def _xml(text: str, status: int) -> Response:
    return Response(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), {"Content-Type": "text/xml"})
