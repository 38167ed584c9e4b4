"""Makes each mistake of docs/mistakes.md in Python whose types nobody checks, and prints for each who said what."""

import json
import os

import pulumi
import pulumi_ci_oidc_trust as sdk
from pulumi import automation

WEB = {
    "repositories": [{"repository": "acme@1234567/web@89012345", "branches": ["main"]}]
}
ACCOUNT = "123456789012"
STATE = {"bucket": "acme-state", "key": "web.tfstate", "mode": "apply"}

# What the plugin finds in a component it names all at once, so that these share one resource.
INPUTS = {
    "CiOidcTrust": {
        "max_session_duration": "an hour",
        "github": {"repositories": [{"branches": ["main"]}]},
        "gitlab": {"projects": [{"path": "acme/web", "branch": ["main"]}]},
        "vercel": {
            "team": "acme",
            "issuer_mode": "teams",
            "projects": [{"name": "web", "environments": ["production"]}],
        },
        "accept_risks": ["github-any-refs"],
    },
    "CiOidcProviders": {
        "retain": "yes",
        "circleci": {},
        "github": {"hostnam": "github.acme.example"},
        "vercel": {"team": "acme", "issuer_mode": "teams"},
    },
}


def secrets() -> dict:
    """Gives a secret in each place that refuses it: none may be printed."""
    hush = pulumi.Output.secret("hush-hush")  # made in the program's own loop
    return {
        "max_session_duration": hush,
        "github": {"repositories": [{"branches": hush}]},
        "gitlab": {
            "projects": [{"path": "acme/web", "branch": pulumi.Output.secret(["hush"])}]
        },
        "accept_risks": pulumi.Output.secret(["hush-hush"]),
    }


ATTEMPTS = {
    "CiOidcTrust, a misspelt name": lambda: sdk.CiOidcTrust(
        "deploy", permission_boundary="arn"
    ),
    "CiOidcProviders, a misspelt name": lambda: sdk.CiOidcProviders(
        "all", retained=False
    ),
    "auditTrust, a wrong type": lambda: sdk.audit_trust(trust_policy=7),
    "auditTrust, a missing one": lambda: sdk.audit_trust(),
    "auditTrust, a misspelt name": lambda: sdk.audit_trust(trust_policies="{}"),
    "evaluateTrust, a wrong type": lambda: sdk.evaluate_trust(
        trust_policy="{}", claims="{}", partial="yes"
    ),
    "evaluateTrust, a missing one": lambda: sdk.evaluate_trust(claims="{}"),
    "evaluateTrust, a misspelt name": lambda: sdk.evaluate_trust(
        trust_policy="{}", claim="{}"
    ),
    "diffTrust, a wrong type": lambda: sdk.diff_trust(before=7, after="{}"),
    "diffTrust, a missing one": lambda: sdk.diff_trust(before="{}"),
    "diffTrust, a misspelt name": lambda: sdk.diff_trust(befor="{}", after="{}"),
    "renderTrust, a wrong type": lambda: sdk.render_trust(
        account_id=ACCOUNT, github=WEB, max_session_duration="an hour"
    ),
    "renderTrust, a missing one": lambda: sdk.render_trust(github=WEB),
    "renderTrust, a misspelt name": lambda: sdk.render_trust(
        acount_id=ACCOUNT, github=WEB
    ),
    "renderTrust, a misspelt name inside": lambda: sdk.render_trust(
        account_id=ACCOUNT, github={"repository": WEB["repositories"]}
    ),
    "renderTrust, a value that there is not": lambda: sdk.render_trust(
        account_id=ACCOUNT, github=WEB, partition="aws-usgov"
    ),
    "renderTrust, a misspelt id": lambda: sdk.render_trust(
        account_id=ACCOUNT, github=WEB, accept_risks=["github-any-refs"]
    ),
    "permissions, a wrong type": lambda: sdk.permissions(
        account_id=ACCOUNT, s3_site="acme-site"
    ),
    "permissions, a missing one": lambda: sdk.permissions(
        account_id=ACCOUNT, terraform_state={"bucket": "acme-state", "mode": "apply"}
    ),
    "permissions, a misspelt name": lambda: sdk.permissions(
        account_id=ACCOUNT, teraform_state=STATE
    ),
    "permissions, a misspelt name inside": lambda: sdk.permissions(
        account_id=ACCOUNT, terraform_state={**STATE, "lockTables": "locks"}
    ),
    "permissions, a value that there is not": lambda: sdk.permissions(
        account_id=ACCOUNT, terraform_state={**STATE, "mode": "aply"}
    ),
    # Pulumi's SDK translates no dictionary in the arguments of a function.
    "a dictionary": lambda: sdk.permissions(
        account_id=ACCOUNT, terraform_state={**STATE, "lock_table": "locks"}
    ),
}


def program() -> None:
    place = os.environ["PLACE"]
    if place == "CiOidcProviders":
        sdk.CiOidcProviders("all", **INPUTS[place])
    elif place == "secrets":
        sdk.CiOidcTrust("all", **secrets())
    elif place != "functions":
        sdk.CiOidcTrust("all", **INPUTS[place])
    else:
        for cell, attempt in ATTEMPTS.items():
            by, text = "nobody", ""
            try:
                attempt()
            except TypeError as error:  # the function has no such argument
                by, text = "SDK", str(error)
            except Exception as error:  # noqa: BLE001
                by, text = "plugin", str(error)
            print(
                "said " + json.dumps({"cell": cell, "by": by, "text": text}), flush=True
            )


stack = automation.create_or_select_stack(
    stack_name="mistakes",
    project_name="ci-oidc-trust-python",
    program=program,
    opts=automation.LocalWorkspaceOptions(work_dir=os.getcwd()),
)
stack.preview(on_output=print)
