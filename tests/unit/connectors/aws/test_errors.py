import pytest
from botocore.exceptions import ClientError

from harness_cli.connectors.aws.errors import from_answer
from harness_cli.core.reasons import Reason

PAGE = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("code", "status", "headers", "reason"),
    [
        pytest.param("500", 500, {}, Reason.EXCEPTION, id="an empty 500 is a service that fails"),
        pytest.param("500", 500, {"content-type": "application/json"}, Reason.EXCEPTION, id="a 500 without a code"),
        pytest.param("500", 500, PAGE, Reason.UNSUPPORTED_API, id="a page for people"),
        pytest.param("503", 503, {}, Reason.EXCEPTION, id="an empty 503"),
        pytest.param("501", 501, {}, Reason.UNSUPPORTED_API, id="not implemented"),
        pytest.param("404", 404, {}, Reason.UNSUPPORTED_API, id="an unknown path"),
        pytest.param("InvalidAction", 400, {}, Reason.UNSUPPORTED_API, id="an unknown action"),
        pytest.param("SlowDown", 503, {}, Reason.THROTTLED, id="S3 asks for patience"),
        pytest.param("ThrottledException", 400, {}, Reason.THROTTLED, id="a throttle of an older service"),
        pytest.param("UnauthorizedOperation", 403, {}, Reason.ACCESS_DENIED, id="EC2 refuses"),
    ],
)
def test_an_answer_that_says_no_is_told_by_its_reason(
    code: str, status: int, headers: dict[str, str], reason: Reason
) -> None:
    said = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers}}
    error = ClientError(said, "Describe")  # type: ignore[arg-type]  # only what the reading looks at
    assert from_answer("ec2:Describe", "us-east-1", error).reason is reason
