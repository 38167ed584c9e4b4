// Package advice says why a trust policy refuses a token and what to write instead: in the words of the token's CI
// system, and as a condition for policies that are written by hand.
//
// Anybody can call a role and leave a refused token of their choice behind. So what would admit a token is said only
// where the policy trusts the token's tenant already, by its id where it names one.
package advice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Advice is what is said of a refused token.
type Advice struct {
	Lines []string // why, in sentences
	// Stranger says that the token is of a tenant that the policy does not trust, while it trusts others of the issuer.
	Stranger bool
	// Section is the section of CiOidcTrust that would admit the token, as YAML; "" where nothing is said of that.
	Section string
	// Risks are the findings of the section that have to be accepted, each with what it says.
	Risks []string
	// Condition is the Condition of an Allow that would admit the token, as JSON; "" where nothing is said of that.
	Condition string
	Provider  string // the provider that the Allow names

	words map[string]any // the section's value, and risks are its findings that have to be accepted
	risks []ci.Finding
}

// For explains a decision that is denied.
func For(registry *ci.Registry, policy *trust.Policy, r *trust.Request, d *trust.Decision) *Advice {
	a := newAdviser(registry, policy, r, d)
	out := &Advice{Lines: d.Explanation, Provider: r.Provider}
	belongs := a.belongs()
	switch {
	case slices.ContainsFunc(d.Statements, func(s trust.StatementResult) bool {
		return s.Effect == "Deny" && s.Answer == trust.Allowed
	}):
		if belongs == ours {
			out.Lines = append(slices.Clone(out.Lines),
				"no Allow outweighs a Deny: if the job is meant to get in, take "+
					"the condition out of that statement or make it narrower")
		}
		return out
	case slices.ContainsFunc(d.Statements, func(s trust.StatementResult) bool {
		return s.Effect == "Allow" && s.Answer == trust.Allowed
	}):
		if belongs == ours {
			out.Lines = append(slices.Clone(out.Lines),
				"write sessionTags: true in the section, or the missing action "+
					"beside sts:AssumeRoleWithWebIdentity in the policy")
		}
		return out
	case len(a.candidates) == 0:
		return out
	}
	out.Lines = a.closest()
	switch belongs {
	case strangers:
		out.Stranger = true
		out.Lines = append(out.Lines, "a stranger's job, refused as meant: the policy trusts nobody of its tenant")
	case ours:
		switch {
		case a.foreign != "":
			out.Stranger = true
			out.Lines = append(out.Lines, "a stranger's job, refused as meant: "+a.foreign)
		case a.candidates[0].named && (a.advised() || !a.elsewhere()):
			a.write(out)
		}
	case unsure:
		if !a.candidates[0].named {
			break
		}
		out.Lines = append(out.Lines, "whether the job is of a tenant that the policy trusts does not follow from the "+
			"token, so what would let it in is not said")
	}
	return out
}

// An adviser compares one token with one policy.
type adviser struct {
	registry *ci.Registry
	policy   *trust.Policy
	request  *trust.Request
	decision *trust.Decision

	system ci.System // nil where nothing is known of the issuer
	known  *ci.Host
	title  string
	forms  []*ci.Form
	job    ci.Job
	seen   string // the token's sub

	foreign string // why the code of the job is somebody else's; "" where nothing shows that

	candidates []candidate // the Allows for web identities, the closest first
}

// A candidate is a statement that could have let the token in.
type candidate struct {
	number   int  // its place in the policy
	named    bool // it names the token's provider
	readings []reading
	closest  []reading // those of them that come closest
	rank     rank
}

func newAdviser(registry *ci.Registry, policy *trust.Policy, r *trust.Request, d *trust.Decision) *adviser {
	a := &adviser{registry: registry, policy: policy, request: r, decision: d, seen: textOf(r.Claims["sub"])}
	subjects := []trust.Value{}
	if a.seen != "" {
		subjects = append(subjects, trust.Value{Text: a.seen, Pattern: a.seen})
	}
	for i := range policy.Statements {
		for _, list := range a.lists(i) {
			for _, v := range list {
				if !v.hostile() && len(subjects) < mostSubjects {
					subjects = append(subjects, v.Value)
				}
			}
		}
	}
	a.title = r.Issuer
	if a.system, a.known = registry.Speaking(r.Issuer, subjects); a.system != nil {
		// not those of the host: an audit's forms are also what a stranger can choose
		a.title, a.forms = a.system.Title(), a.system.Forms()
	}
	a.job = ci.ReadJob(a.system, a.forms, r.Issuer, r.Claims)
	for i := range policy.Statements {
		s := &policy.Statements[i]
		if s.Effect != "Allow" || !s.AboutWebIdentity() {
			continue
		}
		c := candidate{number: i, named: s.Names(r.Provider)}
		if c.named {
			c.readings = a.read(i)
		}
		c.rank = a.rankOf(&c)
		a.candidates = append(a.candidates, c)
	}
	slices.SortStableFunc(a.candidates, func(x, y candidate) int { return x.rank.compare(y.rank) })
	return a
}

// advised reports that the system knows why its tokens do not fit, and so whose they are.
func (a *adviser) advised() bool {
	_, advises := a.system.(ci.Adviser)
	return advises
}

// shared reports that other tenants get tokens of the issuer, too. Of one that nobody knows it is not known.
func (a *adviser) shared() bool {
	return a.system == nil || a.known == nil || a.known.Shared
}

// closest says what differs: of the statements that came closest alone.
func (a *adviser) closest() []string {
	first := a.candidates[0]
	var lines []string
	for _, c := range a.candidates {
		if c.rank.compare(first.rank) != 0 {
			break
		}
		name := a.decision.Statements[c.number].Name()
		if len(a.candidates) > 1 {
			name += " came closest"
		}
		lines = append(lines, name+": "+a.reason(&c))
	}
	switch more := len(a.candidates) - len(lines); {
	case more == 1:
		lines = append(lines, "the other statement is further off")
	case more > 1:
		lines = append(lines, fmt.Sprintf("the other %d statements are further off", more))
	}
	return lines
}

// reason says why a statement does not let the token in.
func (a *adviser) reason(c *candidate) string {
	result := &a.decision.Statements[c.number]
	if !c.named {
		return result.Reason
	}
	var reasons []string
	said := map[int]bool{} // conditions that the fields explain
	if len(c.closest) > 0 {
		text, about := a.differences(c)
		if text != "" {
			reasons = append(reasons, text)
			said = about
		}
	}
	for i := range result.Conditions {
		condition := &result.Conditions[i]
		if condition.Answer != trust.Denied || said[i] {
			continue
		}
		reasons = append(reasons, a.other(c, i))
	}
	return strings.Join(reasons, "; ")
}

// other says why a condition that no field repeats does not hold.
func (a *adviser) other(c *candidate, number int) string {
	condition := &a.decision.Statements[c.number].Conditions[number]
	clause := a.policy.Statements[c.number].Clauses(a.request.Provider)[number]
	text := condition.Reason
	if clause.About != trust.AboutToken {
		return text
	}
	if clause.Text && !clause.Negated && len(condition.Seen) > 0 && clause.Claim != "sub" {
		text = fmt.Sprintf("%s: wants %s, the token has %s", clause.Claim, trust.Quoted(condition.Wanted, "or"),
			trust.Quoted(condition.Seen, "and"))
		if condition.Hint != "" {
			text += ": " + condition.Hint
		}
	}
	adviser, ok := a.system.(ci.Adviser)
	if !ok || condition.Hint != "" || clause.Negated {
		return text
	}
	seen := ""
	if len(condition.Seen) > 0 {
		seen = condition.Seen[0]
	}
	if more := adviser.Advise(&ci.Mismatch{
		Job:    a.job,
		Claim:  clause.Claim,
		Seen:   seen,
		Wanted: condition.Wanted,
	}); more != "" {
		text += ": " + more
	}
	return text
}

// textOf is a claim as a condition compares it.
func textOf(claim any) string {
	switch claim.(type) {
	case nil, []any, map[string]any:
		return ""
	}
	return fmt.Sprint(claim)
}
