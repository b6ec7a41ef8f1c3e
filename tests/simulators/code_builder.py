"""Pull requests that change infrastructure code, for tests."""

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
            patch = "@@ -0,0 +1,99 @@\n" + "\n".join("+" + line for line in (after or "").split("\n"))
            changed.append(build.changed(path, patch, status))
    made = build.pull(contents=contents, files=build.known(tuple(changed)), changed_files=len(changed))
    return replace(made, **changes)


def code_case(files: dict[str, tuple[str | None, str | None]], **changes) -> Case:
    """A case around `code_pull`, its code parsed."""
    made = code_pull(files)
    return build.case(pull=made, iac={build.REF: parse_change(made)}, **changes)


def terraform(before: str | None, after: str | None, path: str = "envs/dev/net/main.tf") -> Case:
    """One changed Terraform file."""
    return code_case({path: (before, after)})
