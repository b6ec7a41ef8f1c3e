"""`python -m benchmarks._recorded FILE ARGUMENT…`: the program as it is; FILE gets every AWS read that it makes."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness_cli.connectors.aws import connector
from harness_cli.connectors.base import Reply
from harness_cli.credentials.lease import Lease
from harness_cli.policy.catalogue.aws_table import AwsCall
from harness_cli.transport.botocore_guard import HOME_REGION

MADE: list[dict[str, Any]] = []


class Noted(connector.AwsConnector):
    """Notes each read before it is made."""

    def read(self, row: AwsCall, params: Mapping[str, Any], lease: Lease | None) -> Reply:
        region = str(params["region"])
        MADE.append(
            {
                "client": row.client,
                "operation": row.operation,
                "region": HOME_REGION if region == "aws-global" else region,
                "arguments": connector._arguments(row, params),  # noqa: SLF001 - exactly what goes out
            }
        )
        return super().read(row, params, lease)


if __name__ == "__main__":
    from harness_cli.cli import main

    connector.AwsConnector = Noted  # type: ignore[misc] # where the connector is made, it is imported by this name
    code = main(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps(MADE), "utf-8")
    sys.exit(code)
