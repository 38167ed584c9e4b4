"""Previews a component with one mistake of each kind, which the plugin sees when nobody checks the types."""

import os

from pulumi import automation
from pulumi_ci_oidc_trust import CiOidcTrust


def program() -> None:
    try:
        CiOidcTrust("deploy", permission_boundary="arn:aws:iam::123456789012:policy/ci")
    except TypeError as error:
        print(f"refused: {error}", flush=True)
    CiOidcTrust(
        "deploy",
        github={"repositories": [{"branches": ["main"]}]},
        gitlab={"projects": [{"path": "acme/web", "branch": ["main"]}]},
        vercel={
            "team": "acme",
            "issuer_mode": "teams",
            "projects": [{"name": "web", "environments": ["production"]}],
        },
        max_session_duration="an hour",
    )


stack = automation.create_or_select_stack(
    stack_name="bad",
    project_name="ci-oidc-trust-python",
    program=program,
    opts=automation.LocalWorkspaceOptions(work_dir=os.getcwd()),
)
stack.preview(on_output=print)
