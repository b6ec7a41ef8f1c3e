"""What the codes of errors mean and how to mend them: A approvals, C connectors and credentials, T trails, S, U, X.

Codes of the configuration (H) are explained by their rule, decisions (P) by `policy.explain`, checks by the registry.
A code is never reused.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """One code in words."""

    title: str
    mend: str


MEANINGS: Final[Mapping[str, Meaning]] = {
    "A000": Meaning(
        "somebody else has to approve first", "They run `harness approve ID`; then `harness run --resume TRACE`."
    ),
    "A001": Meaning(
        "the request was denied", "Read the reason in `harness approve ID`; mend the change and run again."
    ),
    "A002": Meaning("the digest is not that of the request", "Show the request again and read its digest."),
    "A003": Meaning("nobody approves a request of their own", "Ask another person of the approver group."),
    "A004": Meaning("the person is not in the approver group", "Ask somebody of the group, or have them added to it."),
    "A005": Meaning(
        "the login is too old to decide with", "`harness login` again; a decision needs one of 15 minutes."
    ),
    "A006": Meaning("the person may not take this approval back", "Its requester or one of its approvers may."),
    "A007": Meaning("the approval was used before", "An approval serves once: run the review again and ask again."),
    "A008": Meaning("the approval has expired", "No answer in time is a denial: run the review again and ask again."),
    "A009": Meaning("the approval was taken back", "Ask its approver why; then run the review again."),
    "A010": Meaning("a request of this id exists already", "Run the review again: a new request gets a new id."),
    "A011": Meaning("this person has decided already", "One word a person: ask somebody else, or take it back."),
    "A012": Meaning("no approval request has that id", "`harness approve --list` shows those that exist."),
    "A013": Meaning("the stored request is damaged or was altered", "Run the review again and ask again."),
    "A014": Meaning("the approval belongs to another run", "Resume the run that asked for it."),
    "A015": Meaning("only the requester may resume a run", "Ask them to resume it, or run the review yourself."),
    "A016": Meaning("the plan has changed since it was approved", "Run the review again and ask again."),
    "A017": Meaning("the paused run is damaged", "Run the review again."),
    "C010": Meaning(
        "the requester is not proven", "`harness login`, or mend `identity` and `runtime.identity_binding`."
    ),
    "C011": Meaning(
        "the identity provider does not answer as configured", "Compare `identity.issuer` with its discovery document."
    ),
    "C012": Meaning(
        "the ID token is not valid", "`harness login` again; if it stays, the issuer's keys or client differ."
    ),
    "C013": Meaning(
        "the session has expired or is not valid yet", "`harness login` again; check this machine's clock."
    ),
    "C014": Meaning("the token names nobody", "Set `identity.username_claim` to a claim that the token has."),
    "C015": Meaning("the login was refused", "Start it again with `harness login`; ask the provider's administrator."),
    "C016": Meaning("the directory does not know exactly one such person", "One SCIM user must have this userName."),
    "C017": Meaning("the person has left", "An inactive person cannot run or approve anything."),
    "C018": Meaning("the directory cannot be read", "Check `identity.scim.url` and its credential."),
    "C019": Meaning(
        "the person has no role, or the stored login is damaged", "Map a group under `identity.roles`; log in again."
    ),
    "C020": Meaning(
        "a credential is missing", "Add `connections.<system>.credential` (see `harness init --print-setup`)."
    ),
    "C021": Meaning(
        "a credential's source holds nothing", "Set the environment variable or file that the message names."
    ),
    "C022": Meaning(
        "a credential's command failed", "Run the command by hand: it must print the credential and end with 0."
    ),
    "C023": Meaning(
        "GitHub gave no installation token", "Check app id, installation id, private key, and the installation."
    ),
    "C024": Meaning(
        "a credential was not issued or not revoked", "Check the role and its trust; revoke by hand where it says so."
    ),
    "C025": Meaning(
        "Atlassian or AWS gave no token", "Check the client or role that the message names, and its scopes."
    ),
    "C026": Meaning("Slack gave no new token", "Check client and refresh token; a refresh token must be in a file."),
    "C027": Meaning("a static credential is not taken here", "Use an ephemeral one, or `static_credentials: allow`."),
    "C028": Meaning(
        "the AWS credential is one of another account",
        "`assume_role` takes `{account}` in its ARN: each account its role.",
    ),
    "C100": Meaning(
        "a call could not be read", "The message names the place; the checks that needed it are NOT_EVALUATED."
    ),
    "C101": Meaning("the system refused the credential (401)", "Renew the credential; the run ends with exit 4."),
    "C102": Meaning("the system cannot be reached", "Check the address, the network and `network.proxy`."),
    "C103": Meaning("the address may not be used", "https only (loopback apart); see `network` in the configuration."),
    "C104": Meaning("the answer is larger than may be read", "Narrow the run with --account, --region or --check."),
    "C105": Meaning(
        "the system answered with a redirect", "Redirects are never followed: name the resource's new place."
    ),
    "C106": Meaning("the answer is not what was due", "Is the address that of the interface, or of a login page?"),
    "C107": Meaning(
        "the answer has another shape than declared", "Is the server's version supported? Report it with the trace."
    ),
    "C108": Meaning("the run's time is over", "Narrow the run, or raise `limits.max_duration`."),
    "C109": Meaning(
        "the system resolves to a private address", "Set `network.allow_private_hosts` if it is inside your network."
    ),
    "C110": Meaning(
        "the system does not show it to this credential", "Check the name, and grant the permission that is named."
    ),
    "C111": Meaning("the system limits how much may be read", "Run again at the named time, or narrow the run."),
    "C112": Meaning("the system does not offer this", "Is its version supported, and is the part switched on?"),
    "C113": Meaning("the system failed", "Try again later; the checks that needed it are NOT_EVALUATED."),
    "C114": Meaning("the connection was cut", "Try again; for a write, look at its place first: it may have arrived."),
    "C115": Meaning("the certificate cannot be trusted", "Name your own authority in `network.ca_file`."),
    "C116": Meaning("no call is left to repeat a request", "Raise `limits.max_calls`, or narrow the run."),
    "C199": Meaning("a client library failed", "Run with HARNESS_DEBUG=1 and report what it shows."),
    "S001": Meaning(
        "the stand-ins cannot start",
        "Is the extra installed (`pip install harness-review[sandbox]`)? Is the port free?",
    ),
    "S002": Meaning(
        "the estate file cannot be understood", "The message names the key; see the embedded `estate.yaml`."
    ),
    "T001": Meaning(
        "the trail cannot be written, or fails verification",
        "Check the folder, its owner, the disk; nothing was called.",
    ),
    "T002": Meaning("the trail cannot be verified", "Name a trusted key with --key, or put it in `trusted_keys`."),
    "T003": Meaning("no run has that id", "`harness trace` lists recent runs."),
    "T010": Meaning(
        "an event lies outside what a line may hold", "Report it with the trace id; nothing was written or called."
    ),
    "T012": Meaning("too little space is free for the audit trail", "Free some, or lower `audit.min_free`."),
    "T013": Meaning(
        "the audit folder is on a network file system",
        "Choose a local `audit.directory`, or set `audit.allow_network_fs: true` if its locks and flushes hold.",
    ),
    "T014": Meaning("another process writes this trace", "Wait for it; a trace has one writer."),
    "T015": Meaning("the trace is not paused", "Only a run that waits for an approval is resumed; start a new one."),
    "T016": Meaning("the trail of the paused run was altered", "`harness trace ID --verify` names the place."),
    "T017": Meaning(
        "a kept policy was altered",
        "`harness audit verify` names the file; look at it, move it away, and the next run keeps the true one.",
    ),
    "T020": Meaning(
        "the signing key cannot be used",
        "`harness audit keygen` makes one; name it in `audit.signing`, or make the config folder writable.",
    ),
    "U001": Meaning("the command line is wrong", "`harness COMMAND --help` shows what is taken."),
    "X000": Meaning("internal error", "Run again with HARNESS_DEBUG=1 and report what it shows."),
    "X001": Meaning("internal error", "Run again with HARNESS_DEBUG=1 and report what it shows."),
    "X002": Meaning("a credential of this run was about to leave", "Nothing was written. Report it with the trace id."),
    "X003": Meaning(
        "the review's own canaries did not sing", "Do not use this build: install a released one, report it."
    ),
    "X004": Meaning("a file cannot be used", "Check the folder, its owner, the disk; HARNESS_DEBUG=1 shows more."),
}
