import pytest

from harness_cli.review.evaluators.subjects import is_wide_subject

EKS = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789abcdef"
CIRCLE = "oidc.circleci.com/org/7a1b"
GITHUB = "token.actions.githubusercontent.com"
BITBUCKET = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"


@pytest.mark.parametrize(
    ("issuer", "pattern", "wide"),
    [
        (EKS, "system:serviceaccount:*:*", True),
        (EKS, "system:serviceaccount:*", True),
        (EKS, "system:serviceaccount:*:deployer", True),
        (EKS, "system:serviceaccount:prod-*:deployer", True),
        (EKS, "system:*", True),
        (EKS, "*", True),
        (EKS, "system:serviceaccount:prod:*", False),
        (EKS, "system:serviceaccount:prod:deployer", False),
        ("gitlab.com", "project_path:acme/*", True),
        ("gitlab.com", "project_path:acme/*:ref_type:branch:ref:main", True),
        ("gitlab.com", "project_path:acme/infra:*", False),
        ("gitlab.com", "project_path:acme/team/infra:ref_type:branch:ref:*", False),
        ("gitlab.acme.example", "project_path:acme/*", True),
        ("app.terraform.io", "organization:acme:project:*:workspace:*:run_phase:*", True),
        ("app.terraform.io", "organization:*:project:infra:workspace:prod:run_phase:*", True),
        ("app.terraform.io", "organization:acme:project:infra:workspace:*:run_phase:*", False),
        ("app.terraform.io", "organization:acme:project:*:workspace:prod:run_phase:apply", False),
        ("app.terraform.io", "organization:acme:*", True),
        (CIRCLE, "org/7a1b/project/*", True),
        (CIRCLE, "org/7a1b/project/9c2d/user/*", False),
        ("agent.buildkite.com", "organization:acme:pipeline:*", True),
        ("agent.buildkite.com", "organization:acme:pipeline:deploy:*", False),
        ("vstoken.dev.azure.com/7a1b", "sc://acme/*", True),
        ("vstoken.dev.azure.com/7a1b", "sc://acme/infra/*", False),
        (BITBUCKET, "{7a1b}:*", False),
        (BITBUCKET, "{7a*", True),
        (GITHUB, "repo*", True),
        (GITHUB, "environment:prod:*", True),
        (f"{GITHUB}/acme", "repo:acme/*", True),
        (GITHUB, "repo:acme/infra:environment:prod*", False),
        ("login.acme.example", "*", True),
        ("login.acme.example", "service-*", False),
    ],
)
def test_a_wildcard_that_leaves_one_project(issuer: str, pattern: str, wide: bool) -> None:
    assert is_wide_subject(issuer, pattern) is wide
