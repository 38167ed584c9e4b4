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
	// Control is what AWS demands before it stores a policy that trusts the issuer.
	Control Control
	// Tenant are the claims that can separate the tenants of a shared issuer, and for each when a value names one
	// tenant.
	Tenant map[string]func(Value) bool
	// Judge adds what is particular to the system.
	Judge func(v View, report func(r Rule, detail string))
}

// A Role is what is known of the role whose trust policy is audited, beside the policy.
type Role struct {
	Name string
	Arn  string
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
	a := auditor{issuers: issuers, role: role, policy: policy}
	for i := range policy.Statements {
		if s := &policy.Statements[i]; s.Effect == "Allow" {
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
	policy   *Policy
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
	if (s.Principals.Everyone || slices.Contains(s.Principals.ByType["AWS"], "*")) && !s.pinsCaller() {
		a.report(everyone, "")
	}
	if !s.applies {
		return
	}
	var views []View
	for _, arn := range s.Principals.ByType["Federated"] {
		if arn == "*" {
			a.report(federatedWildcard, "")
			continue
		}
		v := viewOf(s, arn)
		v.Role, v.denies = a.role, a.policy.deniesOf(arn)
		views = append(views, v)
	}
	if len(views) == 0 {
		return
	}
	a.conditions(s, views)
	for _, v := range views {
		a.provider(v, len(views) > 1)
	}
}

// callerKeys name the AWS principal that calls, its account or its organization.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var callerKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceorgid", "aws:userid",
}

// pinsCaller reports that a condition demands a certain caller.
func (s *Statement) pinsCaller() bool {
	for i, c := range s.Conditions {
		t := &s.tests[i]
		arnTest := t.operator.family == arn && !t.operator.negated && !t.operator.ifExists &&
			t.operator.quantifier != forAllValues
		if (t.demands() || arnTest) && slices.Contains(callerKeys, t.key.lower) &&
			!slices.ContainsFunc(c.Values, func(value string) bool { return strings.Trim(value, "*?") == "" }) {
			return true
		}
	}
	return false
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

// deniesOf are the statements that refuse the role to tokens of a provider.
func (p *Policy) deniesOf(arn string) []View {
	var denies []View
	for i := range p.Statements {
		s := &p.Statements[i]
		federated := s.Principals.ByType["Federated"]
		if s.Effect == "Deny" && s.applies &&
			(s.Principals.Everyone || slices.Contains(federated, arn) || slices.Contains(federated, "*")) {
			denies = append(denies, viewOf(s, arn))
		}
	}
	return denies
}

// conditions judges each condition by itself.
func (a *auditor) conditions(s *Statement, views []View) {
	for i, c := range s.Conditions {
		t := &s.tests[i]
		a.key(c.Key, &t.key, views)
		op := t.operator
		switch {
		case t.key.kind == requestKey: // narrows the call, not whose token it is
		case op.negated, op.ifExists, op.quantifier == forAllValues:
			a.report(vacuousCondition, c.Operator+" on "+c.Key)
		case op.family == null && slices.ContainsFunc(c.Values, func(v string) bool {
			return strings.EqualFold(v, "true")
		}):
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
		if k.kind == neverFilled && !strings.HasPrefix(strings.ToLower(name), "aws:") &&
			!strings.HasPrefix(strings.ToLower(name), "sts:") {
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

// provider judges what a statement demands of the tokens of one provider; several says that the statement lists more.
func (a *auditor) provider(v View, several bool) {
	a.control(v)
	if v.closed() {
		if several {
			a.report(providersMixed, v.Host)
		}
		return
	}
	audiences := slices.Concat(v.Claim("aud")...)
	switch {
	case len(v.Claim("aud")) == 0:
		a.report(noAudience, v.Host)
	case v.Pins("aud") && !slices.ContainsFunc(audiences, func(value Value) bool { return value.Like }):
	case v.Pins("aud"):
		a.report(audienceLike, v.Host)
	default:
		a.report(audienceWildcard, v.Host)
	}
	for _, issuer := range a.issuers {
		if issuer.Host != v.Host && strings.TrimSuffix(issuer.Host, "/") == strings.TrimSuffix(v.Host, "/") {
			a.report(issuerSlash, fmt.Sprintf("%s is %s", issuer.Title, issuer.Host))
			return
		}
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

// control asks a statement for what AWS demands before it stores it, whoever gets in by it.
func (a *auditor) control(v View) {
	for _, issuer := range a.issuers {
		if !Match(issuer.Host, v.Host) {
			continue
		}
		if !issuer.Control.satisfied(v.Statement, v.Host) {
			a.report(requiredClaim, issuer.Title+" wants "+strings.Join(issuer.Control.Claims, " or "))
		}
		return
	}
}

// Pinned reports that only tokens of certain tenants of the issuer get in.
func (i *Issuer) Pinned(v View) bool {
	for claim, names := range i.Tenant {
		if v.Holds(claim, names) {
			return true
		}
	}
	return false
}

// tenant asks a statement for what separates the tenants of a shared issuer. Whatever does not certainly name a tenant
// counts as open.
func (a *auditor) tenant(v View, issuer Issuer) {
	subjects := v.Claim("sub")
	names := issuer.Tenant["sub"]
	switch {
	case issuer.Pinned(v):
	case len(subjects) == 0 && names == nil, len(subjects) == 0 && issuer.Tenant["aud"] != nil:
		a.report(tenantNotPinned, v.Host+" without an exact aud")
	case len(subjects) == 0:
		a.report(noSubject, v.Host)
	default:
		for _, value := range slices.Concat(subjects...) {
			detail := fmt.Sprintf("sub %q", value.Text)
			switch {
			case names != nil && names(value):
			case value.Wild() && nameBefore(value.Literal()):
				a.report(prefixCollision, detail)
			default:
				a.report(tenantNotPinned, detail)
			}
		}
	}
}

// nameBefore reports that the text ends inside a name that has something before it.
func nameBefore(text string) bool {
	at := strings.LastIndexAny(text, ":/|")
	return at >= 0 && at < len(text)-1
}

// Rules of the catalogue that the judges of CI systems report too.
var (
	// NoSubject: a shared issuer, and nothing tests sub.
	NoSubject = noSubject
	// TenantNotPinned: nothing pins the organization.
	TenantNotPinned = tenantNotPinned
	// PrefixCollision: a wildcard right behind a name.
	PrefixCollision = prefixCollision
	// WildcardBeforeDecision: a wildcard before a part that decides.
	WildcardBeforeDecision = wildcardBeforeDecision
)
