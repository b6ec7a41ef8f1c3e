"""`python benchmarks/_plain_reader.py CALLS ENDPOINT KEYS THREADS`: the same reads, by boto3 and a pool of threads.

What a script of an afternoon would do: one session, one client a service, every page, errors passed over. It decides
nothing, records nothing, checks nothing; and it knows every call before the first answer, so it waits for no chain.
"""

import configparser
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

CONFIG = Config(
    s3={"addressing_style": "path"},
    retries={"total_max_attempts": 1},
    max_pool_connections=16,
)


def leased(endpoint: str, keys: Path) -> Any:
    """A session with keys that STS gave, as the stand-in takes no others."""
    parser = configparser.ConfigParser()
    parser.read(keys)
    desk = boto3.Session(**dict(parser["default"]), region_name="us-east-1")
    sts = desk.client("sts", endpoint_url=endpoint, config=CONFIG)
    role = "arn:aws:iam::123456789012:role/harness-read-only"
    given = sts.assume_role(RoleArn=role, RoleSessionName="plain")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    host = urlsplit(endpoint).netloc

    def without_account_label(request: Any, **_: Any) -> None:
        request.url = urlsplit(request.url)._replace(netloc=host).geturl()

    session.events.register("before-send.s3-control", without_account_label)
    return session


def main(calls: list[dict[str, Any]], endpoint: str, keys: Path, threads: int) -> None:
    session, making, clients = leased(endpoint, keys), threading.Lock(), {}

    def client(name: str, region: str) -> Any:
        with making:
            if (name, region) not in clients:
                clients[name, region] = session.client(name, region, endpoint_url=endpoint, config=CONFIG)
            return clients[name, region]

    def read(one: dict[str, Any]) -> int:
        asked, method = client(one["client"], one["region"]), xform_name(one["operation"])
        try:
            if asked.can_paginate(method):
                return len(list(asked.get_paginator(method).paginate(**one["arguments"])))
            getattr(asked, method)(**one["arguments"])
        except (ClientError, ResponseParserError, ParamValidationError):
            return 0
        return 1

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read, calls))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
