"""What each policy code means and how to mend it, as `harness explain` shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code in words: a title, what it means, what to do about it."""

    title: str
    meaning: str
    mend: str


EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "P000": Explanation(
        "engine error",
        "The policy engine met something that it does not understand. An engine that breaks never allows.",
        "Report it with the trace id: no configuration should be able to cause it.",
    ),
    "P001": Explanation(
        "unknown tool",
        "`tools:` declares no tool of exactly this name. Names are compared byte by byte.",
        "Declare the tool under `tools:` with actions, a classification and a scope, or correct the name.",
    ),
    "P002": Explanation(
        "environment without a gate",
        "`policy_engine.environment_gates` has no entry of this name, so nothing is allowed there.",
        "Add a gate for the environment, or pass `--env` with one that has a gate.",
    ),
    "P003": Explanation(
        "action not declared",
        "The tool does not list this action (read, write, execute).",
        "Add the action to the tool's `actions`. Writes and executions then need an approval of each call.",
    ),
    "P004": Explanation(
        "tool group not allowed in the environment",
        "None of the tool's groups is among the gate's `allowed_tools`. Without `tool_groups:` a tool that only reads "
        "is in read_only_scanners, one that also writes is in sandbox_writers, one that executes is in none.",
        "Name a group under `tool_groups:` that holds the tool, and allow that group in the environment's gate.",
    ),
    "P005": Explanation(
        "unknown role",
        "The requester has no role that exists here, or has one that may not act in this environment. Without `roles:` "
        "there are two: engineer and security-admin.",
        "Map a group of the identity provider to a role under `identity.roles`, or add the environment to the role.",
    ),
    "P006": Explanation(
        "role not cleared for the data class",
        "The tool's `classification` is not in the role's clearance. Confidential, pii and financial are for "
        "security-admin unless `roles:` says otherwise.",
        "Ask as a role that is cleared, or add the class to the role's `clearance`.",
    ),
    "P007": Explanation(
        "scope dimensions missing or extra",
        "The call does not name exactly the keys that a line of the scope names (an account without a region, for "
        "example), or it names no resource at all.",
        "Name the resource by exactly the scope's keys; give the tool a scope line with the keys that its calls have.",
    ),
    "P008": Explanation(
        "value not in canonical form",
        "A value is not written as its vendor writes it: another alphabet, a wildcard, an escape, a path that climbs. "
        "Values are never repaired, because a repaired value is not the one that would be sent.",
        "Write the value plainly: owner/name, PROJ-12, 12 digits, us-east-1, C0123456789.",
    ),
    "P009": Explanation(
        "out of scope",
        "The value is well-formed, and no line of the tool's scope matches it. `*` stands for characters within one "
        "segment only; `SEC-*` is the project SEC and its issues, never SECRETS.",
        "If the access is meant, add the line that the denial names to the tool's `scope`.",
    ),
    "P010": Explanation(
        "approval required",
        "Everything else holds; somebody else has to agree first: to the whole plan where the environment's gate asks, "
        "to this exact call where the tool, the action or a missing scope asks.",
        "Ask for the approval (`harness approve` shows it to another person), then resume the run.",
    ),
    "P011": Explanation(
        "outside the time window",
        "The environment's gate names `windows`, and the time lies in none of them, or is not known.",
        "Run inside a window, or change the gate's `windows`.",
    ),
    "P012": Explanation(
        "budget spent",
        "A bound of the run is used up: calls, items, bytes or seconds. Failed and retried calls count.",
        "Review less at once (`--account`, `--region`, `--check`), or raise the bound under `limits:`.",
    ),
    "P013": Explanation(
        "operation not listed",
        "Operations are listed one by one in the program, each with its action. This one is not on the list of the "
        "tool's connector, or is declared as another action.",
        "Nothing in a configuration can add an operation; see the list in the documentation of the connector.",
    ),
    "P014": Explanation(
        "separation of duties",
        "The approver and the requester are one person.",
        "Have another member of the approver group decide.",
    ),
    "P015": Explanation(
        "obligation that cannot be performed",
        "The tool's `obligations` name something that this program cannot do, and a promise that cannot be kept is a "
        "denial. Known: redact, dropForeignRefs, maxItems, notify.",
        "Correct the spelling, or remove the obligation.",
    ),
    "P016": Explanation(
        "refused by a layer",
        "A file named under `extends:` is asked as a whole policy of its own, and it says no. Layers only narrow.",
        "The denial names the layer's line: its owner can change it, this configuration cannot.",
    ),
    "P100": Explanation(
        "allowed",
        "Every check holds, in the configuration and in every layer, and the approvals that they ask for are there.",
        "Nothing to mend. The decision names the scope line that granted it.",
    ),
}
