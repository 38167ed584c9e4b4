package localaws

import (
	"net/http"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// authorize lets the administrator do everything that is not to be denied, and a session what the policies of its role
// allow, by the second evaluator.
//
// The text names the resource as AWS does, by ARN for what would be created and by kind and name for what exists:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func authorize(c *call) error {
	if c.server.faults.denies(c.action) {
		return c.denied("iam:"+c.action, " on resource: "+c.resource())
	}
	if !c.caller.session {
		return nil
	}
	if err := c.permit("iam:"+c.action, c.resourceARN(), " on resource: "+c.resource()); err != nil {
		return err
	}
	if tag, is := tagging[c.action]; is && c.form.given("Tags.member.1.Key") {
		return c.permit("iam:"+tag, c.resourceARN(), " on resource: "+c.resource())
	}
	return nil
}

// tagging is the further permission that something is created with tags by.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html and id_tags_oidc.html
var tagging = map[string]string{
	"CreateRole": "TagRole", "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider", "CreatePolicy": "TagPolicy",
}

// permit says no to a session whose role may not do something.
func (c *call) permit(action, resource, about string) error {
	keys := map[string][]string{
		"aws:resourceaccount": {c.account.id}, "aws:requestedregion": {c.server.options.Region},
		"aws:securetransport": {"true"}, "aws:sourceip": {c.sourceIP},
	}
	allowed, err := c.account.permits(c.caller.role, action, resource, keys)
	switch {
	case err != nil:
		return refuse(http.StatusInternalServerError, "InternalFailure", "reading the role's policies: %v", err)
	case !allowed:
		return c.denied(action, about)
	}
	return nil
}

func (c *call) denied(action, about string) error {
	return accessDenied("User: %s is not authorized to perform: %s%s because no identity-based policy allows the %s "+
		"action", c.caller.arn, action, about, action)
}

// permits evaluates the policies of a role, by its name.
func (a *account) permits(name, action, resource string, keys map[string][]string) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.roles[strings.ToLower(name)]
	if r == nil {
		return false, nil
	}
	var given naive.Permissions
	for _, arn := range r.attached {
		given.Policies = append(given.Policies, a.document(arn))
	}
	for _, document := range r.inline {
		given.Policies = append(given.Policies, document)
	}
	if r.boundary != "" {
		given.Boundary = a.document(r.boundary)
	}
	return given.Permit(action, resource, keys)
}

// Permits says whether a role may do something, by the second evaluator. keys are the condition keys of the request, in
// lower case.
func (s *Server) Permits(role, action, resource string, keys map[string][]string) (bool, error) {
	return s.account.permits(role, action, resource, keys)
}

// document is that of a managed policy.
func (a *account) document(arn string) string {
	if p, ok := a.policies[arn]; ok {
		return p.document
	}
	_, document, _ := a.awsPolicy(arn)
	return document
}

// resourceARN is what an action is about, as policies name it.
func (c *call) resourceARN() string {
	switch {
	case c.action == "CreateOpenIDConnectProvider":
		return c.account.arn("oidc-provider", "/", strings.TrimPrefix(c.form.text("Url"), "https://"))
	case c.action == "CreateRole" && c.form.given("Path"):
		return c.account.arn("role", c.form.text("Path"), c.form.text("RoleName"))
	case c.form.given("OpenIDConnectProviderArn"):
		return c.form.text("OpenIDConnectProviderArn")
	case c.form.given("RoleName"):
		c.account.mu.Lock()
		defer c.account.mu.Unlock()
		if r := c.account.roles[strings.ToLower(c.form.text("RoleName"))]; r != nil {
			return r.arn
		}
		return c.account.arn("role", "/", c.form.text("RoleName"))
	case c.form.given("PolicyArn"):
		return c.form.text("PolicyArn")
	}
	return "*"
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
