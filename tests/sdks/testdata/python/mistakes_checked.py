"""Makes each mistake of docs/mistakes.md in Python for a type checker. It is never run: a comment names the mistake of
the line below it."""

from pulumi_ci_oidc_trust import (
    CiOidcProviders,
    CiOidcTrust,
    audit_trust,
    diff_trust,
    evaluate_trust,
    permissions,
    render_trust,
)

# CiOidcTrust, a wrong type
CiOidcTrust("deploy", max_session_duration="an hour")
# CiOidcTrust, a missing one
CiOidcTrust("deploy", github={"repositories": [{"branches": ["main"]}]})
# CiOidcTrust, a misspelt name
CiOidcTrust("deploy", permission_boundary="arn")
# CiOidcTrust, a misspelt name inside
CiOidcTrust("deploy", gitlab={"projects": [{"path": "acme/web", "branch": ["main"]}]})
# CiOidcTrust, a value that there is not
CiOidcTrust("deploy", vercel={"team": "acme", "issuer_mode": "teams", "projects": []})
# CiOidcTrust, a misspelt id
CiOidcTrust("deploy", accept_risks=["github-any-refs"])
# CiOidcProviders, a wrong type
CiOidcProviders("all", retain="yes")
# CiOidcProviders, a missing one
CiOidcProviders("all", circleci={})
# CiOidcProviders, a misspelt name
CiOidcProviders("all", retained=False)
# CiOidcProviders, a misspelt name inside
CiOidcProviders("all", github={"hostnam": "github.acme.example"})
# CiOidcProviders, a value that there is not
CiOidcProviders("all", vercel={"team": "acme", "issuer_mode": "teams"})
# auditTrust, a wrong type
audit_trust(trust_policy=7)
# auditTrust, a missing one
audit_trust()
# auditTrust, a misspelt name
audit_trust(trust_policies="{}")
# evaluateTrust, a wrong type
evaluate_trust(trust_policy="{}", claims="{}", partial="yes")
# evaluateTrust, a missing one
evaluate_trust(claims="{}")
# evaluateTrust, a misspelt name
evaluate_trust(trust_policy="{}", claim="{}")
# diffTrust, a wrong type
diff_trust(before=7, after="{}")
# diffTrust, a missing one
diff_trust(before="{}")
# diffTrust, a misspelt name
diff_trust(befor="{}", after="{}")
# renderTrust, a wrong type
render_trust(account_id="123456789012", max_session_duration="an hour")
# renderTrust, a missing one
render_trust(github={"repositories": []})
# renderTrust, a misspelt name
render_trust(acount_id="123456789012")
# renderTrust, a misspelt name inside
render_trust(account_id="123456789012", github={"repository": []})
# renderTrust, a value that there is not
render_trust(account_id="123456789012", partition="aws-usgov")
# renderTrust, a misspelt id
render_trust(account_id="123456789012", accept_risks=["github-any-refs"])
# permissions, a wrong type
permissions(account_id="123456789012", s3_site="acme-site")
# permissions, a missing one
permissions(account_id="123456789012", terraform_state={"bucket": "b", "mode": "apply"})
# permissions, a misspelt name
permissions(account_id="123456789012", teraform_state={})
# permissions, a misspelt name inside
permissions(
    account_id="123456789012",
    terraform_state={"bucket": "b", "key": "k", "mode": "plan", "lock_tables": "l"},
)
# permissions, a value that there is not
permissions(
    account_id="123456789012",
    terraform_state={"bucket": "b", "key": "k", "mode": "aply"},
)
