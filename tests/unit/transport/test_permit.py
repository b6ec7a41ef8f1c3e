import pytest

from harness_cli.policy.catalogue.aws_table import CALLS
from harness_cli.policy.catalogue.aws_table import AwsCall as Row
from harness_cli.transport.botocore_guard import permit_for


@pytest.mark.parametrize("row", CALLS.values(), ids=lambda row: row.action)
def test_every_operation_gets_a_permit_whatever_its_arguments_are_called(row: Row) -> None:
    sent = dict.fromkeys((*row.takes, *row.may, *row.pins), "x")
    permit = permit_for(
        row.action, row.client, row.service, row.operation, account="1" * 12, region="us-east-1", **sent
    )
    assert permit.arguments == sent
