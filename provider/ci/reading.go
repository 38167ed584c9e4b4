package ci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Host is an issuer, or a family of them, whose tokens are all of one CI system: what an audit knows of it.
type Host struct {
	Host   string // the issuer without its scheme, in lower case; "*" and "?" are wildcards
	Title  string // "" for the system's
	Shared bool   // many tenants get tokens of this one issuer
	// Control is what AWS demands before it stores a policy that trusts the issuer.
	Control trust.Control
	// Forms are the forms of its subjects, where they are not all of the system's. Where customers choose the form,
	// one of them stands for whatever a stranger can choose.
	Forms []*Form
	// Claims are the claims other than sub that decide something and that a condition can test: aud where it names
	// the tenant, and those whose keys AWS fills. A claim that repeats a field of the subject is that field's Key.
	Claims []Field
	// Fixes are the texts that fields have in all tokens of an issuer, because the issuer names them: the organization
	// of oidc.circleci.com/org/ORGANIZATION. It is nil where the issuer names nothing.
	Fixes func(host string) map[string]string
	// Implied are claims that a grant may leave out where its subject shows them, each with the page that says that
	// jobs cannot choose their subject. What a subject shows is Form.Meet's to say.
	Implied map[string]string
	// Recognises says whether an issuer on a host of the user's own can be the system's, as far as its name and the
	// subjects that a policy names tell; nil where the forms of the subjects alone tell.
	Recognises func(issuer string, subjects []trust.Value) bool
	// Judge says of a reading which of the system's rules it has. Component and audit have the same rules.
	Judge func(r *Reading) []Verdict
}

// A Reading is what one Allow of a trust policy says of one form of an issuer's subjects: the subjects that fit one
// value of every condition on sub and on the keys that repeat a field, and that no Deny refuses. Each combination of
// accepted values is a reading of its own.
type Reading struct {
	Host      Host
	Issuer    string // without its scheme, as the provider's ARN has it
	Partition string // "aws", "aws-cn", "aws-us-gov"
	Form      *Form
	*Meeting  // the subjects; never dead
	// Tested says that a condition demands something of sub.
	Tested bool
	// Values are the accepted values of sub, one of each condition.
	Values []trust.Value
	// Claims are what conditions demand of claims other than sub. A claim that is not there may have any text, or be
	// missing.
	Claims map[string]Span
	// Among are all readings of the policy that are about the issuer, this one included: what shares the role. It is
	// nil where a reading stands alone.
	Among []*Reading
	// Left are the texts that conditions and Deny statements leave of claims; one that is not there may have any.
	Left map[string]*Meeting
}

// A Verdict is a rule that a reading has, and the token that shows it.
type Verdict struct {
	Rule Rule
	// Detail says what it is about, such as "any branch"; "" where the accepted value says it.
	Detail string
	// Who says in words whose the token is, where its fields do not: "a stranger's repository"; "" where they do.
	Who string
	// Other are the fields and claims in which the token has another text than the policy can have been meant for: of
	// another tenant, another branch.
	Other []string
	// Fields are texts that the token has in fields, and Claims in claims: a pull request, a plan. What the reading
	// does not admit is no verdict: ask Admits first.
	Fields, Claims map[string]string
}

// Admits reports that a subject with these texts in these fields gets in.
func (r *Reading) Admits(fields map[string]string) bool {
	_, ok := r.Witness(fields)
	return ok
}

// AdmitsClaim reports that a token with a text in a claim other than sub gets in, as far as that claim decides.
func (r *Reading) AdmitsClaim(claim, text string) bool {
	m, demanded := r.Left[claim]
	if !demanded {
		return true
	}
	_, ok := m.Witness(map[string]string{m.form.Fields[0].Name: text})
	return ok
}

// Span is what the subjects, or the claim of that name, have in a place; Open where nothing is demanded.
func (r *Reading) Span(place string) Span {
	if slices.ContainsFunc(r.Form.Fields, func(f Field) bool { return f.Name == place }) {
		return r.Spelled(place)
	}
	if span, demanded := r.Claims[place]; demanded {
		return span
	}
	return Span{Kind: Open}
}

// Deciding are the fields and the host's claims that decide something, by name: those of the subject first.
func (r *Reading) Deciding(d Decision) (fields, claims []string) {
	for _, f := range r.Form.Fields {
		if f.Decides == d {
			fields = append(fields, f.Name)
		}
	}
	for _, f := range r.Host.Claims {
		if f.Decides == d {
			claims = append(claims, f.Name)
		}
	}
	return fields, claims
}

// Exactly reports that one text stands in each place.
func (r *Reading) Exactly(places ...string) bool {
	return !slices.ContainsFunc(places, func(place string) bool { return r.Span(place).Kind != Exact })
}

// Folded reports that a value of sub is compared without regard to letter case, so that each field has one text but for
// its case: one name where the system takes such names for one.
func (r *Reading) Folded() bool {
	return slices.ContainsFunc(r.Values, func(v trust.Value) bool { return v.Fold && v.Exact() })
}

// NamesTenant reports that only one tenant's tokens get in: a field or a claim that decides the tenant has one text, or
// the issuer is one tenant's alone.
func (r *Reading) NamesTenant() bool {
	if !r.Host.Shared {
		return true
	}
	fields, claims := r.Deciding(Tenant)
	return slices.ContainsFunc(append(fields, claims...), func(place string) bool { return r.Exactly(place) })
}

// A Judgement is how readings are judged by what they leave open. A rule without an id reports nothing, where it is not
// said otherwise.
type Judgement struct {
	Tenant  Rule // jobs of other tenants get in; without an id it is NoSubject, PrefixCollision or TenantNotPinned
	Project Rule // everything of the tenant gets in; without an id it is OrganizationWide
	Names   Rule // projects whose names begin alike get in; without an id it is ProjectPrefix
	Ref     Rule // any ref gets in; without an id it is AnyRef
	Event   Rule // any event gets in
}

// Judge judges a reading by what it leaves open, the tenant first: where strangers get in, nothing else matters.
func (j Judgement) Judge(r *Reading) []Verdict {
	if verdicts := j.strangers(r); verdicts != nil {
		return verdicts
	}
	verdicts := r.Projects(or(j.Project, OrganizationWide), or(j.Names, ProjectPrefix))
	verdicts = append(verdicts, r.Refs(or(j.Ref, AnyRef))...)
	if events, _ := r.Deciding(Event); j.Event.ID != "" && !r.Exactly(events...) {
		verdicts = append(verdicts, Verdict{Rule: j.Event, Other: events})
	}
	return verdicts
}

// strangers judges whether jobs of other tenants get in; nil where one tenant is named.
func (j Judgement) strangers(r *Reading) []Verdict {
	if r.NamesTenant() {
		return nil
	}
	fields, claims := r.Deciding(Tenant)
	rule := TenantNotPinned
	switch {
	case j.Tenant.ID != "":
		rule = j.Tenant
	case !r.Tested && !slices.Contains(claims, "aud"): // where aud can name the tenant, sub is not what is missing
		rule = NoSubject
	case slices.ContainsFunc(fields, func(place string) bool { return r.Span(place).Kind == Prefix }):
		rule = PrefixCollision
	}
	return []Verdict{{Rule: rule, Other: append(fields, claims...)}}
}

// Refs judges what a reading leaves open of the ref: any is the rule where nothing is demanded of it.
func (r *Reading) Refs(any Rule) []Verdict {
	refs, claims := r.Deciding(RefOf)
	if slices.ContainsFunc(claims, func(claim string) bool { return r.Exactly(claim) }) {
		return nil
	}
	for _, place := range refs {
		switch span := r.Span(place); span.Kind {
		case Exact:
			continue
		case Prefix:
			return []Verdict{{Rule: RefPrefix(span.Text), Other: []string{place}}}
		default:
			return []Verdict{{Rule: any, Other: []string{place}}}
		}
	}
	return nil
}

// or is the rule, or another one where it has no id.
func or(rule, instead Rule) Rule {
	if rule.ID == "" {
		return instead
	}
	return rule
}

// ProjectPrefix is the finding about a pattern that takes in all projects of a tenant whose names begin alike.
var ProjectPrefix = Rule{
	ID: "project-prefix", Severity: Medium,
	Summary: "a wildcard stands behind the beginning of a name, so everything of the same tenant whose name begins " +
		"alike gets in, also what somebody there creates tomorrow",
	Remediation: "Name the repositories, projects or workspaces that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

// OtherCase is the verdict about refs that differ from the named one in letter case alone: git tells them apart.
func OtherCase(place string) Verdict {
	return Verdict{
		Rule: refName, Detail: "a ref of the same name in other letter case, which IgnoreCase accepts",
		Other: []string{place},
	}
}

var (
	// refFolder is the finding about refs that begin alike up to a separator: release/*.
	refFolder = Rule{
		ID: "ref-prefix", Severity: Low,
		Summary: "every branch or tag that begins alike gets in: whoever may create one of that name gets the role",
		Remediation: "Protect the pattern in the CI system or the code host, so that only those who may deploy can " +
			"create or push such a branch or tag.",
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
	}
	// refName is the finding about refs whose names only begin with the one that was meant: main*.
	refName = Rule{
		ID: "ref-name-prefix", Severity: Medium,
		Summary: "the wildcard stands right behind a name, so every branch or tag whose name goes on after it gets " +
			"in, which no protection of the named one covers",
		Remediation: "Write the branch or tag out, or end the beginning with its separator: release/*.",
		Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
	}
)

// RefPrefix is the rule about refs that begin alike: low where the beginning ends in a separator, as release/ does, or
// in the v of a version, medium where it ends inside a name.
func RefPrefix(beginning string) Rule {
	if strings.HasSuffix("/"+beginning, "/v") ||
		beginning != "" && slices.Contains([]byte("/-_.@"), beginning[len(beginning)-1]) {
		return refFolder
	}
	return refName
}

// Beginning is the fixed text that all subjects of the form begin with.
func (f *Form) Beginning() string { return f.between[0] }

// fixed is how many characters of a subject are the same in all of the form.
func (f *Form) fixed() int {
	n := 0
	for _, text := range f.between {
		n += len(text)
	}
	return n
}
