"""Both components, a value of an enum, and a function in both of its forms."""

import json

import pulumi
from pulumi_ci_oidc_trust import (
    CiOidcProviders,
    CiOidcTrust,
    HcpTerraformRunPhase,
    evaluate_trust,
    evaluate_trust_output,
)

shared = CiOidcProviders("shared", github={}, hcp_terraform={}, retain=False)
deploy = CiOidcTrust(
    "deploy",
    provider_arns=shared.provider_arns,
    github={
        "repositories": [
            {"repository": "acme@1234567/web@89012345", "branches": ["main"]}
        ]
    },
    hcp_terraform={
        "organization": "acme",
        "workspaces": [
            {
                "project": "Default Project",
                "name": "web",
                "run_phases": [HcpTerraformRunPhase.APPLY],
            }
        ],
    },
)
claims = json.dumps(
    {
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "sts.amazonaws.com",
        "sub": "repo:acme@1234567/web@89012345:pull_request",
    }
)


def why(policy: str) -> list[str]:
    answer = evaluate_trust(trust_policy=policy, claims=claims, partial=True)
    return list(answer.explanation)


pulumi.export("roleArn", deploy.role_arn)
pulumi.export(
    "pullRequestGetsIn",
    evaluate_trust_output(
        trust_policy=deploy.trust_policy, claims=claims, partial=True
    ).allowed,
)
pulumi.export("why", deploy.trust_policy.apply(why))
