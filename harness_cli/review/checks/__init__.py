"""The checks: pure functions from facts to findings."""


def load() -> None:
    """Declare every check (idempotent: modules are imported once)."""
    from harness_cli.review.checks import (  # noqa: F401 - importing declares
        aws,
        cross,
        cross_dependants,
        cross_deploy_role,
        cross_drift,
        cross_estate,
        cross_later,
        cross_live,
        cross_process,
        diff_exposure,
        diff_guards,
        diff_identity,
        diff_secrets,
        diff_state,
        pull_request,
        pull_request_evidence,
        pull_request_gates,
        pull_request_later,
        ticket,
        ticket_content,
        ticket_later,
        ticket_links,
        ticket_window,
        workflow_files,
        workflow_guards,
    )

    aws.load()
