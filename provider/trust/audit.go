package trust

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Issuer is what an audit has to know of an issuer, told by whoever knows the CI systems.
type Issuer struct {
	Host   string // the issuer without its scheme; "*" and "?" are wildcards
	Title  string
	Shared bool // many tenants get tokens of this one issuer
	// TenantClaim is the claim that AWS wants tested with more than wildcards, "sub" or "aud"; "" where it wants none.
	TenantClaim string
	// Judge adds what is particular to the system.
	Judge func(v View, report func(r Rule, detail string))
}

// A Role is what is known of the role whose trust policy is audited, beside the policy.
type Role struct {
	Name string
	// Writes says whether the role's policies allow more than reading: nil when they are not known.
	Writes *bool
}

// Audit reads any trust policy as a careful reviewer would, and returns the findings, worst first. The error is that of
// ParsePolicy; a name that stands twice in an object is a finding and no error.
func Audit(document []byte, issuers []Issuer, role Role) ([]Finding, error) {
	var findings []Finding
	policy, err := ParsePolicy(document)
	var refused *DocumentError
	if errors.As(err, &refused) && refused.Duplicate {
		findings = append(findings, Finding{Rule: duplicateKey, Detail: err.Error()})
		policy, err = parsePolicy(document, true)
	}
	if err != nil {
		return nil, err
	}
	a := auditor{issuers: issuers, role: role}
	for i := range policy.Statements {
		if s := &policy.Statements[i]; s.Effect == "Allow" && s.applies {
			a.at = fmt.Sprintf("statement %d", i+1)
			a.statement(s)
		}
	}
	findings = append(findings, a.findings...)
	if size := Size(policy.JSON()); size > DefaultMaxLength {
		findings = append(findings, Finding{Rule: overQuota, Detail: fmt.Sprintf("%d characters", size)})
	}
	if role.Name == "GitHubActions" {
		findings = append(findings, Finding{Rule: roleNamedGitHubActions})
	}
	SortFindings(findings)
	return findings, nil
}

type auditor struct {
	issuers  []Issuer
	role     Role
	at       string
	findings []Finding
}

func (a *auditor) report(r Rule, detail string) {
	f := Finding{Rule: r, Path: a.at, Detail: a.at}
	if detail != "" {
		f.Detail += ", " + detail
	}
	if !slices.Contains(a.findings, f) {
		a.findings = append(a.findings, f)
	}
}

func (a *auditor) statement(s *Statement) {
	if s.Principals.Everyone || slices.Contains(s.Principals.ByType["AWS"], "*") {
		a.report(everyone, "")
	}
	var views []View
	for _, arn := range s.Principals.ByType["Federated"] {
		if arn == "*" {
			a.report(federatedWildcard, "")
			continue
		}
		v := viewOf(s, arn)
		v.Role = a.role
		views = append(views, v)
	}
	if len(views) == 0 {
		return
	}
	a.conditions(s, views)
	for _, v := range views {
		a.provider(v)
	}
}

// viewOf is the statement as it concerns the provider with the ARN, or a provider that AWS knows without a resource,
// such as accounts.google.com.
func viewOf(s *Statement, arn string) View {
	v := View{Statement: s, Provider: arn, Host: arn, Partition: "aws"}
	if before, host, found := strings.Cut(arn, ":oidc-provider/"); found {
		v.Host = host
		if parts := strings.Split(before, ":"); len(parts) > 1 {
			v.Partition = parts[1]
		}
	}
	return v
}

// conditions judges each condition by itself.
func (a *auditor) conditions(s *Statement, views []View) {
	for i, c := range s.Conditions {
		t := &s.tests[i]
		a.key(c.Key, &t.key, views)
		op := t.operator
		switch {
		case op.negated, op.ifExists, op.quantifier == forAllValues:
			a.report(vacuousCondition, c.Operator+" on "+c.Key)
		case op.family == null && slices.Contains(c.Values, "true"):
			a.report(vacuousCondition, "Null on "+c.Key+" wants the claim missing")
		}
		for _, value := range c.Values {
			literal := op.family == stringEquals || op.family == stringEqualsIgnoreCase
			if literal && HasWildcard(strings.NewReplacer("${*}", "", "${?}", "").Replace(value)) {
				a.report(literalWildcard, fmt.Sprintf("%s %s %q", c.Operator, c.Key, value))
			}
		}
	}
}

// key judges the name of a condition key.
func (a *auditor) key(name string, k *keyRef, views []View) {
	if k.issuer == "" {
		if k.kind == neverFilled && !strings.HasPrefix(strings.ToLower(name), "aws:") && !strings.HasPrefix(strings.ToLower(name), "sts:") {
			a.report(misspeltKey, name)
		}
		return
	}
	for _, v := range views {
		if strings.EqualFold(k.issuer, v.Host) {
			if k.kind == neverFilled || k.awsOnly && v.Partition != "aws" {
				a.report(unfilledKey, name)
			}
			return
		}
	}
	for _, v := range views {
		if strings.EqualFold(strings.TrimSuffix(k.issuer, "/"), strings.TrimSuffix(v.Host, "/")) {
			a.report(issuerSlash, name)
			return
		}
	}
	for _, known := range a.issuers {
		if Match(known.Host, k.issuer) {
			a.report(providerNotListed, name)
			return
		}
	}
	a.report(misspeltKey, name)
}

// provider judges what a statement demands of the tokens of one provider.
func (a *auditor) provider(v View) {
	audiences, tested := v.Claim("aud")
	switch {
	case !tested:
		a.report(noAudience, v.Host)
	case slices.ContainsFunc(audiences, Value.Wild):
		a.report(audienceWildcard, v.Host)
	case audiences[0].Like:
		a.report(audienceLike, v.Host)
	}
	for _, issuer := range a.issuers {
		if !Match(issuer.Host, v.Host) {
			continue
		}
		if issuer.Shared {
			a.tenant(v, issuer)
		}
		if issuer.Judge != nil {
			issuer.Judge(v, a.report)
		}
		return
	}
}

// tenant asks for the claim that separates the tenants of a shared issuer.
func (a *auditor) tenant(v View, issuer Issuer) {
	claim := issuer.TenantClaim
	if claim == "" {
		claim = "sub"
	}
	values, tested := v.Claim(claim)
	switch {
	case !tested && claim == "sub":
		a.report(noSubject, v.Host)
	case !tested:
		a.report(tenantNotPinned, v.Host+" without "+claim)
	}
	for _, value := range values {
		if value.Like && strings.Trim(value.Text, "*?") == "" {
			a.report(tenantNotPinned, fmt.Sprintf("%s %q", claim, value.Text))
		}
	}
}

// Rules of the catalogue that the judges of CI systems report too.
var (
	// TenantNotPinned: nothing pins the organization.
	TenantNotPinned = tenantNotPinned
	// PrefixCollision: a wildcard right behind a name.
	PrefixCollision = prefixCollision
	// WildcardBeforeDecision: a wildcard before a part that decides.
	WildcardBeforeDecision = wildcardBeforeDecision
)
