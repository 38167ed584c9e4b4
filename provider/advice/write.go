package advice

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// write says what would admit the token, and shows nothing that does not.
func (a *adviser) write(out *Advice) {
	if a.system == nil || a.system.Issuer().Any {
		out.Condition = a.byHand()
		return
	}
	for _, words := range a.system.Words(a.job) {
		if policy := a.try(words, out); policy != nil {
			out.Condition = a.condition(policy)
			return
		}
	}
}

// try reads a section as the component does. It returns the policy that the component makes of it, nil where the
// section is not right or does not admit the token.
func (a *adviser) try(words map[string]any, out *Advice) *trust.Policy {
	section := a.system.Section()
	risks := []any{}
	for _, rule := range a.system.Rules() {
		risks = append(risks, rule.ID)
	}
	schema, err := check.Package()
	if err != nil {
		return nil
	}
	var problems input.Problems
	raw := input.RawMap(map[string]any{section: plainOf(words), "acceptRisks": risks})
	root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", raw, &problems)
	if problems.Len() > 0 {
		return nil
	}
	account := a.account()
	trusts := a.registry.Read(root, account, &problems)
	if problems.Len() > 0 || len(trusts) == 0 {
		return nil
	}
	policy := ci.Compile(trusts, account, map[string]string{trusts[0].Section: a.request.Provider})
	if !a.admits(policy) {
		return nil
	}
	text, err := program.Section(program.YAML, section, plainOf(words))
	if err != nil {
		return nil
	}
	out.Section, out.words = strings.TrimRight(text, "\n"), plainOf(words).(map[string]any)
	for _, f := range ci.Findings(trusts) {
		if f.IsRefused() {
			out.risks = append(out.risks, f)
			out.Risks = append(out.Risks, fmt.Sprintf("acceptRisks: [%s], for %s", f.ID, f.Summary))
		}
	}
	return policy
}

// plainOf makes lists of texts what a decoder of JSON gives.
func plainOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		made := map[string]any{}
		for name, member := range v {
			made[name] = plainOf(member)
		}
		return made
	case []map[string]any:
		made := make([]any, len(v))
		for i, member := range v {
			made[i] = plainOf(member)
		}
		return made
	case []string:
		made := make([]any, len(v))
		for i, member := range v {
			made[i] = member
		}
		return made
	}
	return v
}

func (a *adviser) account() ci.Account {
	account := ci.Account{Partition: a.request.Partition, Region: "us-east-1", ID: ci.PlaceholderAccount}
	if parts := strings.Split(a.request.Provider, ":"); len(parts) > 4 && parts[4] != "" {
		account.ID = parts[4]
	}
	return account
}

// admits reports that a policy lets the token in: certainly, or as far as its claims are known. What the subject says
// of claims that somebody left out counts.
func (a *adviser) admits(policy *trust.Policy) bool {
	whole := *a.request
	whole.Claims = maps.Clone(a.request.Claims)
	if a.job.Form != nil {
		for _, field := range a.job.Form.Fields {
			if _, has := whole.Claims[field.Key]; field.Key != "" && !has {
				whole.Claims[field.Key] = a.job.Texts[field.Name]
			}
		}
	}
	answer := policy.Decide(&whole)
	return answer == trust.Allowed || answer == trust.Undecided && a.request.Partial
}

// condition is that of the statement of a policy that admits the token; "" where a Deny belongs to it.
func (a *adviser) condition(policy *trust.Policy) string {
	for i := range policy.Statements {
		s := &policy.Statements[i]
		if s.Effect == "Deny" {
			return ""
		}
	}
	for i := range policy.Statements {
		one := &trust.Policy{Version: policy.Version, Statements: policy.Statements[i : i+1]}
		if a.admits(one) {
			return conditionOf(&policy.Statements[i])
		}
	}
	return ""
}

// conditionOf is the Condition element of a statement.
func conditionOf(s *trust.Statement) string {
	conditions := map[string]map[string]any{}
	for _, c := range s.Conditions {
		if conditions[c.Operator] == nil {
			conditions[c.Operator] = map[string]any{}
		}
		conditions[c.Operator][c.Key] = c.Values
		if len(c.Values) == 1 {
			conditions[c.Operator][c.Key] = c.Values[0]
		}
	}
	return encode(conditions)
}

func encode(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// byHand is the condition for a system without words: the token's audience and subject, in which what differs from run
// to run is left open where its place is certain, beside the conditions of the closest statement that hold.
func (a *adviser) byHand() string {
	sub, like := a.pattern()
	audience := ""
	if sub != "" {
		audience = textOf(a.request.Claims["azp"])
		if audience == "" {
			audience = textOf(a.request.Claims["aud"])
		}
	}
	if audience == "" {
		return ""
	}
	host := a.request.Issuer
	conditions := map[string]map[string]any{"StringEquals": {host + ":aud": audience}}
	if like {
		conditions["StringLike"] = map[string]any{host + ":sub": sub}
	} else {
		conditions["StringEquals"][host+":sub"] = sub
	}
	closest := &a.candidates[0]
	if a.elsewhere() {
		return ""
	}
	s := &a.policy.Statements[closest.number]
	for _, c := range s.Clauses(a.request.Provider) {
		if c.About != trust.AboutToken || c.Claim == "sub" || c.Claim == "aud" || !c.Text || c.Negated || c.Absent ||
			a.decision.Statements[closest.number].Conditions[c.Number].Answer != trust.Allowed {
			continue
		}
		if conditions[c.Operator] == nil {
			conditions[c.Operator] = map[string]any{}
		}
		conditions[c.Operator][c.Key] = c.Condition.Values
	}
	text := encode(conditions)
	statement := map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions,
		"Principal": map[string]any{"Federated": a.request.Provider},
	}
	policy, err := trust.ParsePolicy([]byte(encode(map[string]any{"Version": "2012-10-17",
		"Statement": []any{statement}})))
	if err != nil || !a.admits(policy) {
		return ""
	}
	return text
}

// elsewhere reports that the token is of another project than the closest statement names, which may be anybody's where
// nothing more is known of the system.
func (a *adviser) elsewhere() bool {
	return slices.ContainsFunc(a.candidates[0].closest, func(r reading) bool {
		return slices.ContainsFunc(r.differences, func(d ci.Difference) bool {
			return d.Decides == ci.Tenant || d.Decides == ci.Project
		})
	})
}

// pattern is the token's subject with what differs from run to run left open; "" where that cannot be done exactly, or
// where the subject has something that IAM would read as a wildcard or a variable.
func (a *adviser) pattern() (text string, like bool) {
	if a.seen == "" || strings.ContainsAny(a.seen, "*?") || strings.Contains(a.seen, "${") {
		return "", false
	}
	form := a.job.Form
	if form == nil {
		return "", false
	}
	texts, _ := form.Parse(a.seen)
	for i, field := range form.Fields {
		switch {
		case field.Decides != ci.Nothing:
		case field.Length > 0:
			texts[i], like = strings.Repeat("?", field.Length), true
		case i == len(form.Fields)-1 && strings.HasSuffix(form.Template, "{"+field.Name+"}"):
			texts[i], like = "*", true
		default:
			return "", false
		}
	}
	if built := form.Build(texts...); trust.Match(built, a.seen) {
		return built, like
	}
	return "", false
}
