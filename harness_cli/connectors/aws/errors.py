"""What AWS and botocore say when something fails, in our words: reason, place, help."""

from typing import Any, Final

from harness_cli.core.errors import ConnectorError, UnauthorizedError
from harness_cli.core.reasons import Reason

_DENIED: Final = frozenset(
    [
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "AuthorizationErrorException",
        "InsufficientPrivilegesException",
        "NotAuthorized",
        "UnauthorizedAccess",
        "UnauthorizedException",
        "UnauthorizedOperation",
    ]
)
_REFUSED: Final = frozenset(
    [
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    ]
)
_THROTTLED: Final = frozenset(
    [
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    ]
)
_UNSUPPORTED: Final = frozenset(
    [
        "InvalidAction",
        "NotImplemented",
        "OptInRequired",
        "SubscriptionRequiredException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    ]
)


def from_answer(action: str, region: str, error: Any) -> ConnectorError:  # Any: botocore's ClientError
    """The error behind an answer that says no."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    known = code[:60] if code.isascii() and code.replace(".", "").isalnum() else "an unknown error"
    place = f"{action} in {region}"
    if code in _REFUSED or status == 401:
        return UnauthorizedError(
            f"AWS refused the credential ({known})",
            reason=Reason.ACCESS_DENIED,
            place=place,
            http_status=status,
            help="the credential is expired, unknown, or not valid in this region: sign in again",
        )
    reason, help_text = _judged(action, code, status, _is_page(error))
    return ConnectorError(
        f"{action} failed ({known})",
        reason=reason,
        code=_CODES[reason],
        place=place,
        http_status=status,
        help=help_text,
    )


def from_client(action: str, region: str, error: Exception) -> ConnectorError:
    """The error behind a request that got no usable answer."""
    name = type(error).__name__
    if name == "SSLError":
        return ConnectorError(
            f"the certificate behind {action} cannot be trusted",
            reason=Reason.EXCEPTION,
            code="C115",
            place=f"{action} in {region}",
            help="name your own authority in `network.ca_file`",
        )
    unusable = name == "ResponseParserError"
    return ConnectorError(
        f"{action} got an answer that is none of AWS" if unusable else f"{action} got no answer ({name})",
        reason=Reason.UNSUPPORTED_API if unusable else Reason.EXCEPTION,
        code="C106" if unusable else "C102",
        place=f"{action} in {region}",
        help="is the address a stand-in that lacks the operation?" if unusable else "check the network and the region",
    )


def _is_page(error: Any) -> bool:  # Any: as above
    """Whether a page for people came: AWS's services answer in XML or JSON, or with nothing when they fail."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get("content-type", "")).startswith("text/html")


def _judged(action: str, code: str, status: int, is_page: bool) -> tuple[Reason, str]:
    if code in _THROTTLED or status == 429:
        return Reason.THROTTLED, "try again later, or narrow the run (--account, --region, --check)"
    if code in _UNSUPPORTED or status in {405, 501} or code in {"404", "405", "501"} or (code == "500" and is_page):
        return Reason.UNSUPPORTED_API, "the endpoint does not offer this operation"
    if code in _DENIED or status == 403:
        return Reason.ACCESS_DENIED, f"grant {action} to the role (`harness init --print-setup aws` shows the policy)"
    return Reason.EXCEPTION, "see `harness trace` for the call"


_CODES: Final = {
    Reason.THROTTLED: "C111",
    Reason.UNSUPPORTED_API: "C112",
    Reason.ACCESS_DENIED: "C110",
    Reason.EXCEPTION: "C113",
}
