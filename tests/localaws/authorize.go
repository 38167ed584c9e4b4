package localaws

import "strings"

// authorize lets the administrator do everything, but for what is denied to everybody, and a session nothing: the roles
// of this account are tested for who may assume them, and the account does not evaluate permission policies.
//
// The text names the resource as AWS does, by ARN for what would be created and by kind and name for what exists:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func authorize(c *call) error {
	if !c.caller.session && !c.server.faults.denies(c.action) {
		return nil
	}
	return accessDenied("User: %s is not authorized to perform: iam:%s on resource: %s "+
		"because no identity-based policy allows the iam:%s action", c.caller.arn, c.action, c.resource(), c.action)
}

func (c *call) resource() string {
	switch {
	case c.action == "CreateRole":
		return c.account.arn("role", "/", c.form.text("RoleName"))
	case c.action == "CreatePolicy":
		return "policy " + c.form.text("PolicyName")
	case c.action == "CreateOpenIDConnectProvider":
		return c.account.arn("oidc-provider", "/", strings.TrimPrefix(c.form.text("Url"), "https://"))
	case c.form.given("OpenIDConnectProviderArn"):
		return c.form.text("OpenIDConnectProviderArn")
	case c.form.given("RoleName"):
		return "role " + c.form.text("RoleName")
	case c.form.given("PolicyArn"):
		return "policy " + c.form.text("PolicyArn")
	case c.action == "ListOpenIDConnectProviders":
		return c.account.arn("oidc-provider", "/", "*")
	case c.action == "ListPolicies":
		return "policy path /"
	}
	return c.account.arn("role", "/", "")
}
