// Package custom is any issuer that no other section is for: its issuer, its tokens, and the words in which its jobs
// are trusted.
package custom

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is any issuer that no other section is for. It is a map, so that one role can trust several.
//
// Nothing is known of the issuer: its subjects are taken letter by letter, and a wildcard in one is a high finding.
//
// Sources: docs,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
type System struct{ Named *ci.Registry }

const docs = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html"

// Section is "custom".
func (System) Section() string { return "custom" }

// Title is "Any other issuer".
func (System) Title() string { return "Any other issuer" }

var wildcardSubject = ci.Rule{
	ID: "custom-wildcard-subject", Severity: ci.High, Unreviewed: true,
	Summary: "a subject has a wildcard, and nothing is known of how the issuer makes its subjects: whoever can " +
		"choose a name that fits gets the role; * stands for any text and ? for any one character, also for : and /",
	Remediation: "List the exact subjects.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
}

// Rules are the findings of custom issuers: of those that nobody knows, and of those that are known.
func (System) Rules() []ci.Rule {
	return []ci.Rule{
		wildcardSubject, ci.OrganizationWide, ci.ProjectPrefix, anyPod, anyNamespace, anyServiceAccount, anyWorkspace,
		anyIdentity,
	}
}

// AuditRules are the findings of an audit that no section can have: it names subjects, letter by letter, and AWS has
// the issuers for people built in.
func (System) AuditRules() []ci.Rule { return []ci.Rule{noSubject, letterCase, guests, appUsers} }

// Issuer is what signs the tokens of any other issuer.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://ISSUER", Any: true,
		Hosts:     issuers(),
		Installed: unknown(),
	}
}

// issuers are all that are known. Their forms are made once: what is found about one is kept with it.
var issuers = sync.OnceValue(func() []ci.Host {
	return slices.Concat(sharedIssuers(), builtInIssuers(), knownIssuers())
})

// form is a subject as a whole, because nothing is known of its parts: with its issuer it says whose job it is.
var form = ci.NewForm("{subject}",
	ci.Field{Name: "subject", Texts: `(?s:.+)`, Sample: "repo:acme/web:ref:refs/heads/main", Decides: ci.Tenant})

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Chosen: true, Condition: "as the issuer documents it",
		Source: docs,
	}
}

var namePattern = ci.NewExpression(`^[A-Za-z][A-Za-z0-9-]{0,31}$`)

var issuerURL = ci.IssuerURL{
	System: "the issuer",
	Help:   "write the issuer's URL as its tokens have it in iss, such as https://ci.example.com",
	Either: true,
}

// Read understands the map custom: a trust for each of its items.
func (c System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	var trusts []ci.Trust
	if len(section.Fields) == 0 {
		problems.Add(section, "is empty; give each issuer a name of your own, such as {woodpecker: {issuer: "+
			"https://ci.example.com, ...}}")
	}
	for _, name := range slices.Sorted(maps.Keys(section.Fields)) {
		item := section.Fields[name]
		item.Secret = item.Secret || section.Secret
		if problem := c.nameProblem(name); problem != "" {
			problems.Add(item, problem)
			continue
		}
		if !item.Known {
			problems.Add(item, "is not known at preview; whether the issuer is there decides which resources exist, "+
				"so the item itself must be a plain value: what stands inside it may be an output")
			trusts = append(trusts, ci.Trust{Section: name, Input: item})
			continue
		}
		trusts = append(trusts, c.readIssuer(name, item, account, problems))
	}
	return trusts
}

// nameProblem says what is wrong with a name: it becomes a part of the provider's name, beside those of the sections.
func (c System) nameProblem(name string) string {
	if name == c.Section() || c.Named.System(name) != nil {
		return "is called like a section; choose another name, or write that section"
	}
	if !namePattern.MatchString(name) {
		return "has a name that cannot be: at most 32 letters, digits and hyphens, the first a " +
			"letter, such as woodpecker"
	}
	return ""
}

func (c System) readIssuer(name string, v input.Value, account ci.Account, problems *input.Problems) ci.Trust {
	issuer := issuerURL.Read(v.Field("issuer"), problems)
	t := ci.NewTrust(issuer, v, account, problems)
	t.Section, t.Input = name, v
	claims := c.readClaims(v.Field("claims"), &t, account, problems)
	known := c.issuer(t.Host())
	for _, sub := range v.Field("subjects").Texts() {
		readings := readingsOf(known, sub.Text(), &t, claims)
		if problem := subjectProblem(sub.Text(), known, readings); problem != "" {
			problems.Add(sub, problem, input.Got(sub))
			continue
		}
		for _, rule := range rulesOf(readings) {
			t.Findings = append(t.Findings, ci.Finding{
				Rule:   rule,
				Path:   sub.Path,
				Detail: fmt.Sprintf("subject %q of %s", sub.Text(), name),
			})
		}
		if t.Issuer() != "" && claims != nil {
			t.Grants = append(t.Grants, c.grant(v.Path, name, sub.Text(), &t, claims))
		}
	}
	t.Pipeline = func(role ci.Role) string {
		return fmt.Sprintf("# Have the job put its token, with the audience %s, into the variable ID_TOKEN, and run "+
			"this in its shell.\nscript: |\n", ci.OrList(t.Audiences())) + ci.Exchange{
			Role: role, Token: ci.PrintVariable("ID_TOKEN"), Missing: "The job puts it into ID_TOKEN.",
			Session: "ci-$(hostname)-$(date +%s)", // better the names that the system has for the run and the job
		}.Script("  ")
	}
	return t
}

// subjectProblem says what is wrong with a subject. A wildcard must stand behind a separator: what begins like a name
// may be a longer name. On an issuer that is known to be shared the subject must name the tenant before it.
func subjectProblem(sub string, known *ci.Host, readings []*ci.Reading) string {
	before := sub
	if at := strings.IndexAny(sub, "*?"); at >= 0 {
		before = sub[:at]
	}
	wild := before != sub
	switch {
	case sub == "":
		return "is empty; write the sub of the trusted jobs' tokens"
	case len(sub) > 255:
		return "is longer than 255 characters"
	case strings.Contains(sub, "${"):
		return "must not contain ${, which IAM would read as a policy variable"
	case strings.TrimSpace(sub) != sub || strings.Contains(sub, "\u00a0"):
		return "has white space at its end, or a space that is none; write the sub as the token has it"
	case !ci.Printable(sub):
		return "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	case wild && strings.Trim(sub, "*?:/|@#;,. ") == "":
		return "admits everybody with a token of the issuer; write the sub of the trusted jobs' tokens"
	case wild && (before == "" || !strings.ContainsAny(before[len(before)-1:], ":/|@#;,")):
		return "has a wildcard that does not stand behind a separator, so it also fits longer names; end the fixed " +
			"part in :, / or another separator, or list the exact subjects"
	}
	strangers := func(r *ci.Reading) bool { return !r.NamesTenant() }
	switch {
	case known.Title == "":
	case wild && known.Shared && (len(readings) == 0 || slices.ContainsFunc(readings, strangers)):
		return "has a wildcard before it names your organization, and customers of " + known.Title +
			" share the issuer"
	case len(readings) == 0:
		return "is the subject of no token of " + known.Title + ", which are like " + sampleOf(known)
	}
	return ""
}

// issuer is what is known of an issuer; one of which nothing is known has no title.
func (c System) issuer(host string) *ci.Host {
	if system, known := ci.NewRegistry(append(c.Named.Systems(), c)...).Owner(host); system != nil &&
		system.Section() == c.Section() && !isBuiltIn(known) {
		return known
	}
	return unknown() // or another system's or one that AWS has built in, which are refused
}

func isBuiltIn(known *ci.Host) bool {
	return slices.ContainsFunc(builtInIssuers(), func(builtIn ci.Host) bool { return builtIn.Host == known.Host })
}

// readClaims reads the further claims; nil where something is wrong or not known yet. Only those that AWS gives to a
// trust policy can be tested.
func (System) readClaims(v input.Value, t *ci.Trust, account ci.Account, problems *input.Problems) map[string][]string {
	claims := map[string][]string{}
	partition := account.Partition
	if partition == "" {
		partition = "aws"
	}
	complete := v.Known && t.Issuer() != ""
	can := slices.DeleteFunc(trust.ClaimKeys(t.Host(), partition), func(claim string) bool {
		return claim == "aud" || claim == "sub" || claim == "oaud"
	})
	for _, claim := range slices.Sorted(maps.Keys(v.Fields)) {
		list := v.Fields[claim]
		complete = complete && list.FullyKnown()
		switch {
		case claim == "sub", claim == "aud":
			problems.Add(list, "is written as "+map[string]string{"sub": "subjects", "aud": "audiences"}[claim])
			complete = false
		case t.Issuer() == "": // which claims AWS gives depends on it
		case claim == "oaud":
			problems.Add(list, "is the audience of tokens that have azp, which AWS then compares as aud: this "+
				"section does not know such tokens; leave it out")
			complete = false
		case !slices.Contains(can, claim):
			problems.Add(list, "is a claim that AWS does not give to trust policies for this issuer: a condition on "+
				"it never holds. It gives "+ci.OrList(can)+
				"; have the issuer write it into the subject, if it can")
			complete = false
		case len(list.List) == 0:
			complete = false // the check of the schema has said it
		}
		for _, value := range list.Texts() {
			if text := value.Text(); text == "" || len(text) > 255 || strings.ContainsAny(text, "*?") ||
				strings.Contains(text, "${") || !ci.Printable(text) {
				problems.Add(value, "must be one exact value of 1 to 255 characters, without *, ?, ${ "+
					"and control characters", input.Got(value))
				complete = false
			}
			claims[claim] = ci.AddOnce(claims[claim], value.Text())
		}
		slices.Sort(claims[claim])
	}
	if !complete {
		return nil
	}
	return claims
}

// grant trusts the tokens with one subject, or with those that fit one with wildcards.
func (c System) grant(path, name, sub string, t *ci.Trust, claims map[string][]string) ci.Grant {
	audiences, issuer := t.Audiences(), t.Issuer()
	phrase := "subject " + sub
	if trust.HasWildcard(sub) {
		phrase = "all subjects like " + sub + " (* stands for any text and ? for any one character, also for : and /)"
	}
	tested := map[string][]string{"aud": audiences, "sub": {sub}}
	for _, claim := range slices.Sorted(maps.Keys(claims)) {
		phrase += fmt.Sprintf(" with %s %s", claim, ci.OrList(claims[claim]))
		tested[claim] = claims[claim]
	}
	return ci.Grant{
		Path: path, Sentence: fmt.Sprintf("%s, an issuer of its own at %s: %s", name, issuer, phrase), Claims: tested,
		Admits: func(token map[string]any) bool {
			ok := slices.Contains(audiences, ci.AudienceOf(token))
			for claim, values := range claims {
				ok = ok && slices.Contains(values, ci.TextOf(token[claim]))
			}
			seen, carried := token["sub"].(string)
			return ok && carried && (seen == sub || trust.HasWildcard(sub) && trust.Match(sub, seen))
		},
		Tokens: func() []ci.Token { return tokens(issuer, sub, audiences, claims) },
	}
}

// tokens are the jobs that a grant must let in, and those that come as close as can be.
func tokens(issuer, sub string, audiences []string, claims map[string][]string) []ci.Token {
	token := map[string]any{"iss": issuer, "sub": strings.NewReplacer("*", "sample", "?", "x").Replace(sub)}
	for claim, values := range claims {
		token[claim] = values[0]
	}
	var tokens []ci.Token
	for _, audience := range audiences {
		tokens = append(tokens, ci.Token{
			Name:   "a job with the audience " + audience,
			Claims: ci.With(token, map[string]any{"aud": audience}),
			Admit:  true,
		})
	}
	if len(tokens) == 0 {
		return nil // the audiences are not known yet
	}
	trusted := tokens[0].Claims
	near := func(name string, changes map[string]any) {
		other, changed := changes["sub"].(string)
		tokens = append(tokens, ci.Token{
			Name:   name,
			Claims: ci.With(trusted, changes),
			Admit:  changed && trust.HasWildcard(sub) && trust.Match(sub, other),
		})
	}
	exact := ci.TextOf(trusted["sub"])
	near("a token for another audience", map[string]any{"aud": audiences[0] + "-evil"})
	near("a token without subject", map[string]any{"sub": nil})
	near("a subject that is longer", map[string]any{"sub": exact + "-evil"})
	near("a subject with something before the trusted one", map[string]any{"sub": "evil-" + exact})
	near("a subject that differs in letter case", map[string]any{"sub": ci.SwapCase(exact) + "A"})
	near("a stranger's subject", map[string]any{"sub": "mallory"})
	if strings.Contains(sub, "*") {
		near("the shortest subject that fits",
			map[string]any{"sub": strings.NewReplacer("*", "", "?", "x").Replace(sub)})
	}
	for _, claim := range slices.Sorted(maps.Keys(claims)) {
		near("a token without "+claim, map[string]any{claim: nil})
		for _, value := range claims[claim] {
			tokens = append(tokens, ci.Token{
				Name:   "a token with the " + claim + " " + value,
				Claims: ci.With(trusted, map[string]any{claim: value}),
				Admit:  true,
			})
			for _, other := range ci.Neighbours(value) {
				if !slices.Contains(claims[claim], other) {
					near("a token with the "+claim+" "+other, map[string]any{claim: other})
				}
			}
		}
	}
	return tokens
}
