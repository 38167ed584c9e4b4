"""A role that three CI systems share, and one that uses a provider of the first."""

import pulumi
from pulumi_ci_oidc_trust import (
    CiOidcTrust,
    HcpTerraformTrustArgs,
    HcpTerraformWorkspaceArgs,
    render_trust_output,
)

project = {"path": "acme/web", "id": "46573356"}
# Pulumi translates run_phases of a plain dictionary in arguments of resources, and not in those of functions.
workspaces = HcpTerraformTrustArgs(
    organization="acme",
    workspaces=[
        HcpTerraformWorkspaceArgs(
            project="Default Project", name="web", run_phases=["apply"]
        )
    ],
)
first = CiOidcTrust(
    "first",
    github={
        "repositories": [
            {"repository": "acme@1234567/web@89012345", "branches": ["main"]}
        ]
    },
    gitlab={"projects": [{**project, "branches": ["main"]}]},
    hcp_terraform=workspaces,
)
second = CiOidcTrust(
    "second",
    gitlab={
        "provider_arn": first.provider_arns["gitlab"],
        "projects": [{**project, "tags": ["v*"]}],
    },
)
rendered = render_trust_output(account_id="123456789012", hcp_terraform=workspaces)
pulumi.export("roleArns", [first.role_arn, second.role_arn])
pulumi.export("grants", first.grants)
pulumi.export("renderedGrants", rendered.grants)
