"""What mypy --strict and pyright must accept and must refuse. It is checked, never run."""

import pulumi
from pulumi_ci_oidc_trust import (
    CiOidcProviders,
    CiOidcTrust,
    FindingId,
    GitHubRepositoryArgs,
    GitHubTrustArgs,
    audit_trust,
)

later: pulumi.Output[str] = pulumi.Output.from_input("known later")

trust = CiOidcTrust(
    "deploy",
    github=GitHubTrustArgs(
        repositories=[GitHubRepositoryArgs(repository=later, branches=["main", later])]
    ),
    accept_risks=["github-any-ref", FindingId.GITHUB_ANY_REF, later],
    max_session_duration=7200,
)
role_arn: pulumi.Output[str] = trust.role_arn
CiOidcTrust(
    "dictionary", github={"repositories": [{"repository": later, "branches": ["main"]}]}
)
CiOidcProviders("all", github={}, retain=False)
severities: list[str] = [
    finding.severity for finding in audit_trust(trust_policy="{}").findings
]

# Each line below is a mistake: a checker that does not find it says that the comment is of no use.
CiOidcTrust("deploy", permission_boundary="arn:aws:iam::123456789012:policy/ci")  # type: ignore[call-overload]
CiOidcTrust("deploy", max_session_duration="3600")  # type: ignore[call-overload]
CiOidcTrust("deploy", github={"repositories": [{"branches": ["main"]}]})  # type: ignore[call-overload]
CiOidcTrust("deploy", github={"repositories": [{"repository": "a/b", "branch": ["c"]}]})  # type: ignore[call-overload]
CiOidcTrust("deploy", vercel={"team": "a", "issuer_mode": "teams", "projects": []})  # type: ignore[call-overload]
GitHubRepositoryArgs(branches=["main"])  # type: ignore[call-arg]
audit_trust(trust_policies="{}")  # type: ignore[call-arg]
