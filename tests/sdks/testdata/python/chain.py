"""Two roles that share one OIDC provider. Its ARN is unknown until the first role's part is up."""

import pulumi
from pulumi_ci_oidc_trust import CiOidcTrust

repositories = [{"repository": "acme@1234567/web@89012345", "branches": ["main"]}]
first = CiOidcTrust("first", github={"repositories": repositories})
second = CiOidcTrust(
    "second",
    github={
        "repositories": repositories,
        "provider_arn": first.provider_arns["github"],
    },
)
pulumi.export("roleArns", [first.role_arn, second.role_arn])
