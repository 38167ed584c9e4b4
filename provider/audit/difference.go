package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// words are what a subject's fields say of its job.
func (d *duel) words(form *ci.Form, texts []string) []string {
	var words []string
	for i, f := range form.Fields {
		if f.Decides != ci.Nothing && i < len(texts) && texts[i] != "" {
			words = append(words, f.Name+" "+texts[i])
		}
	}
	return words
}

// reading is the Allow of a policy that admits a token, and what its values which the token fits name, in words.
func (d *duel) reading(form *ci.Form, side int, r *trust.Request) (statement int, who string) {
	for i := range d.policies[side].Statements {
		s := &d.policies[side].Statements[i]
		if s.Effect != "Allow" || !s.AboutWebIdentity() || !s.Names(r.Provider) {
			continue
		}
		holds := true
		for n := range s.Conditions {
			holds = holds && s.Holds(n, r) == trust.Allowed
		}
		if holds {
			if who = d.named(form, s, r); who == "" {
				sub, _ := r.Claims["sub"].(string)
				texts, _ := form.Parse(sub)
				if who = strings.Join(d.words(form, texts), ", "); who == "" {
					who = "subject " + sub
				}
			}
			return i + 1, who
		}
	}
	return 0, ""
}

// named says in words what those values of a statement name that a token fits.
func (d *duel) named(form *ci.Form, s *trust.Statement, r *trust.Request) string {
	var sub ci.Demand
	fields := map[string]ci.Demand{}
	var others []string
	for name, fixed := range d.issuer.fixed {
		fields[name] = fixed
	}
	for _, c := range s.Clauses(d.issuer.arn) {
		text, there := r.Claims[c.Claim].(string)
		if c.Claim == "aud" {
			text = ci.AudienceOf(r.Claims)
		}
		if c.About != trust.AboutToken || !c.Text || c.Negated || !there {
			continue
		}
		for _, v := range c.Values {
			if !v.Admits(text) {
				continue
			}
			at := slices.IndexFunc(form.Fields, func(f ci.Field) bool { return f.Key == c.Claim })
			switch {
			case c.Claim == "sub":
				sub.Fit = append(sub.Fit, v)
			case at >= 0:
				demand := fields[form.Fields[at].Name]
				demand.Fit = add(demand.Fit, v)
				fields[form.Fields[at].Name] = demand
			default:
				others = append(others, c.Claim+" "+v.Text)
			}
			break
		}
	}
	m, err := form.Meet(sub, fields)
	if err != nil || m.Dead() {
		return ""
	}
	var words []string
	for _, f := range form.Fields {
		if f.Decides == ci.Nothing {
			continue
		}
		switch span := m.Spelled(f.Name); span.Kind {
		case ci.Exact:
			if span.Text != "" {
				words = append(words, f.Name+" "+span.Text)
			}
		case ci.Prefix:
			words = append(words, f.Name+" "+span.Text+"*")
		default:
			words = append(words, "any "+f.Name)
		}
	}
	return strings.Join(append(words, others...), ", ")
}

// callOf says in words what of the call was chosen.
func callOf(r *trust.Request) string {
	var words []string
	if r.RoleSessionName != "" {
		words = append(words, "the session is named "+r.RoleSessionName)
	}
	for _, key := range sorted(r.Context) {
		switch values := r.Context[key]; {
		case len(values) == 0:
			words = append(words, "without "+key)
		case key == "aws:sourceip":
			words = append(words, "called from "+values[0])
		case key == "aws:currenttime":
			words = append(words, "called at "+values[0])
		default:
			words = append(words, key+" is "+strings.Join(values, ", "))
		}
	}
	return strings.Join(words, " and ")
}

// compareOthers compares what is no web identity, as text: who may assume the role otherwise. after are the lines that
// may let somebody in who was not, before those that may have done so.
func compareOthers(before, after *trust.Policy) (admitted, refused []string) {
	allowed, denied := othersOf(before)
	nowAllowed, nowDenied := othersOf(after)
	if len(allowed)+len(nowAllowed) == 0 {
		return nil, nil
	}
	lines := func(change string, list, without []string) (lines []string) {
		for _, line := range list {
			if !slices.Contains(without, line) {
				lines = append(lines, change+" "+line)
			}
		}
		return lines
	}
	admitted = append(lines("Allow", nowAllowed, allowed), lines("no more Deny", denied, nowDenied)...)
	refused = append(lines("Allow", allowed, nowAllowed), lines("no Deny yet", nowDenied, denied)...)
	return admitted, refused
}

// othersOf are the principals that are no OIDC provider, each with an action and the conditions.
func othersOf(p *trust.Policy) (allowed, denied []string) {
	for i := range p.Statements {
		s := &p.Statements[i]
		principals := []string{}
		if s.Principals.Everyone {
			principals = append(principals, "everyone")
		}
		for _, kind := range sorted(s.Principals.ByType) {
			for _, name := range s.Principals.ByType[kind] {
				if kind != "Federated" || isSAML(name) || name == "*" || !strings.Contains(name, ":oidc-provider/") &&
					!strings.Contains(name, ".") {
					principals = append(principals, kind+" "+name)
				}
			}
		}
		actions := s.Actions
		if s.NotAction {
			actions = []string{"all but " + strings.Join(slices.Sorted(slices.Values(s.Actions)), ", ")}
		}
		conditions := map[string]map[string][]string{}
		for _, c := range s.Conditions {
			if conditions[c.Operator] == nil {
				conditions[c.Operator] = map[string][]string{}
			}
			conditions[c.Operator][strings.ToLower(c.Key)] = slices.Sorted(slices.Values(c.Values))
		}
		for _, principal := range principals {
			for _, action := range actions {
				if strings.EqualFold(action, "sts:AssumeRoleWithWebIdentity") {
					continue
				}
				line := fmt.Sprintf("%s: %s", principal, strings.ToLower(action))
				if text, err := json.Marshal(conditions); err == nil && len(conditions) > 0 {
					line += " if " + string(text)
				}
				if s.Effect == "Deny" {
					denied = addNew(denied, line)
				} else {
					allowed = addNew(allowed, line)
				}
			}
		}
	}
	return allowed, denied
}
