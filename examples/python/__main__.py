"""A stack with one role that a GitHub repository and a CircleCI project may assume."""

import pulumi
from pulumi_ci_oidc_trust import CiOidcTrust

deploy = CiOidcTrust(
    "deploy",
    github={
        "repositories": [
            {
                "repository": "acme@1234567/web@89012345",
                "branches": ["main"],
                "environments": ["production"],
            }
        ]
    },
    circleci={
        "organization_id": "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
        "projects": [
            {
                "id": "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70",
                "vcs_origin": "github.com/acme/web",
                "branches": ["main"],
            }
        ],
    },
    policy_arns=["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
)

pulumi.export("roleArn", deploy.role_arn)
pulumi.export("roleName", deploy.role_name)
pulumi.export("providerArns", deploy.provider_arns)
pulumi.export("trustPolicy", deploy.trust_policy)
pulumi.export("grants", deploy.grants)
pulumi.export("findings", deploy.findings)
pulumi.export("pipelineConfigs", deploy.pipeline_configs)
