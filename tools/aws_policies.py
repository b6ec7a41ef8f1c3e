"""Writes what AWS's own policies give of the actions that lead to more rights: the table behind IAM-08.

    python tools/aws_policies.py > harness_cli/review/evaluators/aws_policies.txt

Run it again when `escalation_table.WAYS` asks for another action, or when AWS publishes policies that the table lacks.
The texts are read from the copy that moto ships; the table keeps names and facts only: for each policy the actions
that it allows on everything of their kind, and for `iam:passrole` the services to which it is limited.
"""

import json
from collections.abc import Iterator

from moto.iam.aws_managed_policies import aws_managed_policies_data

from harness_cli.review.aws_facts.documents import Document, parse_document
from harness_cli.review.evaluators.aws_policies import ACTIONS, PASS_ROLE, SERVICES
from harness_cli.review.evaluators.escalation import is_open
from harness_cli.review.evaluators.escalation_table import Way
from harness_cli.review.evaluators.iam_document import admin_grant


def facts_of(document: Document) -> Iterator[str]:
    """The words of one policy's line."""
    whole = admin_grant([document])
    if whole is not None and not whole.conditional:
        yield "*"
        return
    for action in ACTIONS:
        if is_open(Way("", (action,), "any.service.invalid"), [document]):
            yield action
        elif action == PASS_ROLE:
            services = [name for name in SERVICES if is_open(Way("", (action,), name), [document])]
            if services:
                yield f"{action}={','.join(services)}"


def main() -> None:
    """Print the table."""
    published = json.loads(aws_managed_policies_data)
    newest = max(entry["UpdateDate"] for entry in published.values())[:10]
    print(f"# AWS's own policies as of {newest}; the actions that were looked for:")
    print(f"# {' '.join(ACTIONS)}")
    for name in sorted(published):
        print(" ".join((name, *facts_of(parse_document(published[name]["Document"])))))


if __name__ == "__main__":
    main()
