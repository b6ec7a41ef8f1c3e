"""How much of public sets of secrets and personal data is found, and how little of ordinary text is taken with it."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness_cli.guard.redact import Redactor, secret_hits
from harness_cli.guard.shapes import words

ROOT = Path(__file__).resolve().parents[3]
REDACTOR = Redactor(b"k" * 32)

# rules whose examples name a place, a person or an account and hold no secret: host names, buckets, ARNs, ids
NOT_SECRET = words(
    "np.arn.1 np.s3.1 np.s3.2 np.gcs.1 np.gcs.2 np.shopify.1 np.linkedin.1 kingfisher.artifactory.2 kingfisher.auth0.3"
    " kingfisher.azure.devops.2 kingfisher.azureopenai.host.1 kingfisher.azuresearch.url.1"
    " kingfisher.azurestorage.name.1 kingfisher.databricks.3 kingfisher.eagleeyenetworks.2 kingfisher.facebook.1"
    " kingfisher.discord.3 kingfisher.jira.1 kingfisher.linkedin.1 kingfisher.okta.2 kingfisher.salesforce.2"
    " kingfisher.shopify.2 kingfisher.snowflake.1 kingfisher.snowflake.2 kingfisher.sonarqube.2"
    " kingfisher.planetscale.2 kingfisher.algolia.2 kingfisher.mongodb.2 pkcs12-file"
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_secrets_of_each_source_are_found(shared_data: Path) -> None:
    found: dict[str, list[bool]] = defaultdict(list)
    everything: dict[str, list[bool]] = defaultdict(list)
    for row in rows(shared_data / "secrets-open.jsonl.gz"):
        if row["label"] == 1:
            is_found = bool(secret_hits(row["text"]))
            everything[row["src"]].append(is_found)
            if row["rule"] not in NOT_SECRET:
                found[row["src"]].append(is_found)
    recall = {source: sum(hits) / len(hits) for source, hits in found.items()}
    assert min(recall.values()) >= 0.95, recall
    with_places = {source: sum(hits) / len(hits) for source, hits in everything.items()}
    assert min(with_places.values()) >= 0.92, with_places


def test_structured_personal_data_is_found_whole(shared_data: Path) -> None:
    kinds = {"EMAIL_ADDRESS": "email", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "US_SSN": "ssn", "IP_ADDRESS": "ip"}
    found: dict[str, list[bool]] = defaultdict(list)
    for row in rows(shared_data / "pii.jsonl.gz"):
        hits = REDACTOR.redact(row["text"], free_text=True).hits
        for span in row["spans"]:
            if span["entity_type"] in kinds:
                found[span["entity_type"]].append(
                    any(hit.start <= span["start_position"] and span["end_position"] <= hit.end for hit in hits)
                )
    assert {kind: sum(hits) / len(hits) >= 0.99 for kind, hits in found.items()} == dict.fromkeys(kinds, True)


def test_our_own_source_is_hardly_touched() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "harness_cli").rglob("*.py"))]
    texts += [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("*.md"))]
    taken = sum(hit.end - hit.start for text in texts for hit in REDACTOR.redact(text).hits)
    assert taken / sum(map(len, texts)) <= 0.003


def test_infrastructure_code_is_not_touched_at_all() -> None:
    text = "\n".join(INFRASTRUCTURE)
    assert REDACTOR.redact(text).text == text


INFRASTRUCTURE = [
    'resource "aws_s3_bucket" "logs" { bucket = "acme-logs-eu-central-1" }',
    'resource "aws_iam_role_policy_attachment" "read" { policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess" }',
    'resource "aws_secretsmanager_secret" "db" { name = "orders/db/password" }',
    '  secret_string = jsonencode({ password = random_password.db.result, user = "orders" })',
    '  kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/0c1d2e3f-1111-2222-3333-444455556666"',
    '  ami = "ami-0a1b2c3d4e5f67890"',
    '  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]',
    '  source_hash = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    '    "h1:ZNEk4jqU3PBo8g7UqkmyBVOSnRFZGFQKvsp7uZQ5oTk=",',
    "@@ -1,7 +1,9 @@ module vpc {",
    "index 3b18e51..9daeafb 100644",
    "+  token_ttl_minutes = 15",
    "-  access_logs { enabled = true }",
    "      uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
    "      AWS_ACCESS_KEY_ID: ${{ secrets.AWS_ACCESS_KEY_ID }}",
    '{"NetworkInterfaceId": "eni-0123456789abcdef0", "OwnerId": "111122223333", "PrivateDnsName": "ip-10-0-0-1"}',
]
