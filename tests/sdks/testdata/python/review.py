"""What the functions say of the component's own trust policy, which is unknown until the role is up."""

import json

import pulumi
from pulumi_ci_oidc_trust import (
    CiOidcTrust,
    audit_trust_output,
    evaluate_trust_output,
)

deploy = CiOidcTrust(
    "deploy",
    github={
        "repositories": [
            {"repository": "acme@1234567/web@89012345", "branches": ["main"]}
        ]
    },
)


def evaluate(context: str):
    return evaluate_trust_output(
        trust_policy=deploy.trust_policy,
        client_ids=["sts.amazonaws.com"],
        claims=json.dumps(
            {
                "iss": "https://token.actions.githubusercontent.com",
                "aud": "sts.amazonaws.com",
                "iat": 1700000000,
                "exp": 4102444800,
                "sub": f"repo:acme@1234567/web@89012345:{context}",
                "repository_id": "89012345",
                "repository_owner_id": "1234567",
            }
        ),
    )


main = evaluate("ref:refs/heads/main")
pull_request = evaluate("pull_request")
pulumi.export("mainAllowed", main.allowed)
pulumi.export("mainStatements", main.statements)
pulumi.export("pullRequestAllowed", pull_request.allowed)
pulumi.export("pullRequestExplanation", pull_request.explanation)
pulumi.export("findings", audit_trust_output(trust_policy=deploy.trust_policy).findings)
