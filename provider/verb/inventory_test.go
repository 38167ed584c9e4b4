package verb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

const roleArn = "arn:aws:iam::123456789012:role/"

// inAccount is a role whose policies are known.
func inAccount(name, trustPolicy string, permissions ...string) account.Role {
	r := account.Role{Name: name, Arn: roleArn + name, Trust: []byte(trustPolicy), Complete: true}
	for _, document := range permissions {
		r.Policies = append(r.Policies, account.Policy{Name: "in", Document: []byte(document)})
	}
	return r
}

func callers(principal string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal +
		`"},"Action":"sts:AssumeRole"}}`
}

func may(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource +
		`"}}`
}

func TestTheInventoryFollowsOneHopOfAssumeRole(t *testing.T) {
	jobs := strings.Replace(rightPolicy, `"repo:acme/*"`,
		`["repo:acme/web:ref:refs/heads/main","repo:acme/web:environment:p*"]`, 1)
	list := verb.Inventory(verb.AuditRoles([]account.Role{
		inAccount("ci", jobs, may("sts:AssumeRole", roleArn+"deploy")),
		inAccount("deploy", callers("123456789012"), may("s3:PutObject", "*")),
		inAccount("other", callers("123456789012"), may("*", "*")),
		inAccount("third", callers(roleArn+"deploy"), may("*", "*")),
		inAccount("named", callers(roleArn+"ci")),
	}))
	if len(list) != 1 {
		t.Fatalf("only roles that jobs may assume are in the inventory: %+v", list)
	}
	ci := list[0]
	if len(ci.Jobs) != 2 || ci.Jobs[0].Subject != "repo:acme/web:ref:refs/heads/main" ||
		ci.Jobs[0].Who != "owner acme, repository web, branch main" || ci.Jobs[0].System != "GitHub Actions" ||
		!strings.Contains(ci.Jobs[1].Who, "environment p*") {
		t.Errorf("%+v", ci.Jobs)
	}
	var next []string
	for _, hop := range ci.Next {
		next = append(next, hop.Role)
	}
	if strings.Join(next, " ") != "deploy named" {
		t.Errorf("one hop, and no further: %v", next)
	}
	if hop := ci.Next[0]; !strings.Contains(hop.Why, "sts:AssumeRole on "+roleArn+"deploy") || hop.May == nil ||
		len(hop.May.Write) == 0 || !strings.Contains(hop.May.Write[0], "s3:PutObject") {
		t.Errorf("%+v", hop)
	}
}

func TestARoleWhosePoliciesAreNotKnownMayAssumeWhateverTrustsItsAccount(t *testing.T) {
	unknown := inAccount("ci", rightPolicy)
	unknown.Complete = false
	list := verb.Inventory(verb.AuditRoles([]account.Role{unknown, inAccount("deploy", callers("123456789012"))}))
	if len(list) != 1 || len(list[0].Next) != 1 || !strings.Contains(list[0].Next[0].Why, "not known") ||
		list[0].May != nil {
		t.Errorf("%+v", list)
	}
}

// A policy whose readings are too many, or whose principal is every provider, has jobs that are not listed.
func TestTheInventorySaysWhatItDoesNotList(t *testing.T) {
	every := strings.Replace(rightPolicy, "arn:aws:iam::123456789012:oidc-provider/"+github, "*", 1)
	list := verb.Inventory(verb.AuditRoles([]account.Role{inAccount("a", every)}))
	if len(list) != 1 || !list[0].More {
		t.Errorf("%+v", list)
	}
}

func TestAnAccountOfRolesThatTrustEachOtherIsListedInSeconds(t *testing.T) {
	both := strings.Replace(rightPolicy, `"Statement":[`, `"Statement":[{"Effect":"Allow",`+
		`"Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"},`, 1)
	var roles []account.Role
	for i := range 1100 {
		roles = append(roles, inAccount(fmt.Sprintf("role-%d", i), both, may("sts:AssumeRole", roleArn+"none")))
	}
	audits := verb.AuditRoles(roles)
	began := time.Now()
	if list := verb.Inventory(audits); len(list) != len(roles) || !list[1099].More {
		t.Errorf("%d roles", len(list))
	}
	if took := time.Since(began); took > 60*time.Second {
		t.Errorf("it took %v", took)
	}
}
