import os

import pulumi
from pulumi_ci_oidc_trust import CiOidcTrust


def leave_tags(args: pulumi.ResourceTransformArgs):
    """Another tool writes the role's tags, and Pulumi leaves them alone."""
    if args.type_ != "aws:iam/role:Role":
        return None
    leave = pulumi.ResourceOptions(ignore_changes=["tags"])
    return pulumi.ResourceTransformResult(
        props=args.props, opts=pulumi.ResourceOptions.merge(args.opts, leave)
    )


deploy = CiOidcTrust(
    "deploy",
    github={
        "repositories": [
            {"repository": "acme@1234567/web@89012345", "branches": ["main"]}
        ]
    },
    tags={"team": os.environ.get("TEAM", "web")},
    opts=pulumi.ResourceOptions(transforms=[leave_tags]),
)
pulumi.export("roleArn", deploy.role_arn)
