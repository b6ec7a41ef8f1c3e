"""Pull requests that change infrastructure code, for tests."""

import difflib
from dataclasses import replace

from harness_cli.core.untrusted import Untrusted
from harness_cli.review.case import Case
from harness_cli.review.iac.parse import parse_change
from tests.simulators import case_builder as build


def code_pull(files: dict[str, tuple[str | None, str | None]], **changes):
    """A pull request that changes the given files: path -> (text before, text after)."""
    contents = {}
    changed = []
    for path, (before, after) in files.items():
        for side, text in (("base", before), ("head", after)):
            contents[(path, side)] = build.known(None if text is None else Untrusted(text), seq=9)
        if before != after:
            status = "added" if before is None else "removed" if after is None else "modified"
            changed.append(file_of(path, before, after, status))
    made = build.pull(contents=contents, files=build.known(tuple(changed)), changed_files=len(changed))
    return replace(made, **changes)


def file_of(path: str, before: str | None, after: str | None, status: str):
    """A changed file with the patch that GitHub would show."""
    lines = [(text or "").split("\n") if text else [] for text in (before, after)]
    patch = list(difflib.unified_diff(*lines, lineterm=""))[2:]
    counts = [sum(line.startswith(mark) for line in patch) for mark in "+-"]
    return build.changed(path, "\n".join(patch), status, additions=counts[0], deletions=counts[1])


def code_case(files: dict[str, tuple[str | None, str | None]], **changes) -> Case:
    """A case around `code_pull`, its code parsed."""
    made = code_pull(files)
    return build.case(pull=made, iac={build.REF: parse_change(made)}, **changes)


def terraform(before: str | None, after: str | None, path: str = "envs/dev/net/main.tf") -> Case:
    """One changed Terraform file."""
    return code_case({path: (before, after)})
