// Package ci knows the CI systems: for each, in a file of its own, the issuer, the claims of its tokens, the words in
// which its jobs are named, and the tokens that prove a trust right.
//
// It is plain Go and knows nothing of Pulumi. Data goes one way: input -> grants -> policy.
package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A System is one CI system: all that the component, the audit, the advice, the pages and the tests know of it.
type System interface {
	// Section is the property of CiOidcTrust that holds the system's trust: "github".
	Section() string
	// Title is the system's own name: "GitHub Actions".
	Title() string
	// Issuer is what signs the tokens.
	Issuer() Issuer
	// Forms are the forms of their subjects.
	Forms() []*Form
	// Rules are all findings that a trust of the system can have.
	Rules() []Rule
	// Read turns a section into trusts, one for each issuer: one, but for custom. What is wrong with the section goes
	// to problems; values that are not known yet are passed over, so that the known ones are checked at preview all the
	// same.
	Read(section input.Value, account Account, problems *input.Problems) []Trust
	// Words are sections that trust a job, or what a policy demands of one, and nothing more than the section can
	// name, the best first; none where no word says it. Whoever shows one has it read, and shows the first that is
	// right and admits the token: of a policy, the first that admits nothing but what the policy does.
	Words(job Job) []map[string]any
	// HandOut is how a job gets its token.
	HandOut() HandOut
}

// An Issuer is what signs the tokens of a CI system.
type Issuer struct {
	URL     string // with the user's identifiers in capitals
	Shared  bool   // one URL for all customers, so that the tenant must be pinned elsewhere
	BuiltIn bool   // AWS knows it without an IAM OIDC provider: there is none to create, to name or to keep
	Any     bool   // any issuer that no other section is for
	// Hosts are the issuers that are this system's alone, most particular first; none on a host of the user's own.
	Hosts []Host
	// Installed is what an audit knows of the system on a host of the user's own, where it recognises it by the form of
	// its subjects; nil for a system that nobody can install.
	Installed *Host
}

// An Account is where the role will be. Fields are "" while they are not known.
type Account struct {
	Partition string // "aws", "aws-cn", "aws-us-gov"
	Region    string // "eu-west-1"
	ID        string // twelve digits
}

// A Trust is a section, understood: what is trusted of one issuer. newTrust makes it; which issuer it is, and by which
// provider and for which audiences its tokens come, never changes afterwards.
type Trust struct {
	Property   string      // the property of the component that it was written in
	Section    string      // what outputs and the provider's name call it: the property, or a name in the map custom
	Input      input.Value // what was written: the section, or the item of the map
	Title      string
	Grants     []Grant
	Findings   []Finding
	FullyKnown bool // nothing in the section waits for another resource
	HasSecret  bool // nothing of the section may appear in a message
	Compacted  bool // grants that have a compact form are written in it

	// Pipeline is the YAML to paste.
	Pipeline func(role Role) string
	// Variables are what the system wants to know of the role, by the names that it knows; those of RoleVariables if
	// nil.
	Variables func(role Role) map[string]string

	issuer       string
	audiences    []string
	providerArn  string
	thumbprints  []string
	retain       bool
	usesProvider bool
	namedAt      input.Value
	handedOn     bool
	sessionTags  bool
	builtIn      bool
	additional   *additional // the role's, the same for all its sections
}

// PipelineVariables are the variables of the system's jobs that say which role they assume.
func (t *Trust) PipelineVariables(role Role) map[string]string {
	if t.Variables == nil {
		return RoleVariables(role)
	}
	return t.Variables(role)
}

// Issuer is the issuer's URL, "" while it is not known.
func (t *Trust) Issuer() string { return t.issuer }

// Host is the issuer without its scheme: the end of the provider's ARN and the prefix of its condition keys.
func (t *Trust) Host() string { return HostOf(t.issuer) }

// Audiences are those to register with the provider and to require of tokens, sorted.
func (t *Trust) Audiences() []string { return t.audiences }

// ProviderArn is the ARN of the existing provider to use, written or derived from issuer and account; "" when one is
// created or the ARN is not known yet.
func (t *Trust) ProviderArn() string { return t.providerArn }

// Thumbprints are those of an issuer behind a private CA, 40 hex digits each, in lower case.
func (t *Trust) Thumbprints() []string { return t.thumbprints }

// Retain reports that the created provider stays in the account when it leaves the stack.
func (t *Trust) Retain() bool { return t.retain }

// UsesProvider reports that an existing provider is named, whether or not its ARN is known yet.
func (t *Trust) UsesProvider() bool { return t.usesProvider }

// NamedAt is the property that says which existing provider is used; it is not Present where one is created.
func (t *Trust) NamedAt() input.Value { return t.namedAt }

// HandedOn reports that the existing provider stands in the map providerArns, and not in the section.
func (t *Trust) HandedOn() bool { return t.handedOn }

// SessionTags reports that tokens which carry session tags are let in, too.
func (t *Trust) SessionTags() bool { return t.sessionTags }

// AlwaysTagged says that every token of the issuer carries session tags, so that the trust has to let them in.
func (t *Trust) AlwaysTagged() { t.sessionTags = true }

// BuiltIn reports that AWS knows the issuer without an IAM OIDC provider, and a trust policy names its host.
func (t *Trust) BuiltIn() bool { return t.builtIn }

// HostOf is an issuer without its scheme, as condition keys and the ARN of a provider have it.
func HostOf(issuer string) string { return strings.TrimPrefix(issuer, "https://") }

// A Grant lets in the jobs of one event of one repository or project.
type Grant struct {
	Path     string              // where the user wrote it
	Sentence string              // "GitHub Actions: acme/web on branch main"
	Claims   map[string][]string // claim -> accepted values, "*" and "?" being wildcards
	// Admits is the grant's meaning, judged on the typed words and the parsed subject and not on the policy.
	Admits func(claims map[string]any) bool
	// Refuse is always written as a Deny beside the Allow, for what wildcards cannot say: claim -> refused values. A
	// Deny holds for the whole role, so every grant of the trust refuses these tokens, too. It may test only claims
	// that Claims demands: one that a token can leave out would be walked around.
	Refuse map[string][]string
	// Refuses is the meaning of Refuse, judged on the claims and not on the policy; nil without one.
	Refuses func(claims map[string]any) bool
	// Compact says the same in fewer characters when many grants are merged; nil where there is no exact way to do so.
	Compact *Compact
	// Tokens makes up what must get in by this grant, and near misses.
	Tokens func() []Token
}

// A Compact form of a grant is exact together with what it refuses.
type Compact struct {
	Rule     Rule   // the finding that says so
	Sentence string // what it admits, where the grant's sentence says less; "" is the grant's
	Claims   map[string][]string
	Refuse   map[string][]string
	// Admits is the meaning of the compact form, judged like that of the grant, less what is refused.
	Admits func(claims map[string]any) bool
	// Refuses is the meaning of Refuse, as that of a grant's; nil without one.
	Refuses func(claims map[string]any) bool
}

// compact is the compact form of a grant, if the trust is written in it.
func (t *Trust) compact(g *Grant) *Compact {
	if t.Compacted {
		return g.Compact
	}
	return nil
}

// sentence is the grant in words, in the form that the trust is written in.
func (t *Trust) sentence(g *Grant) string {
	if c := t.compact(g); c != nil && c.Sentence != "" {
		return c.Sentence
	}
	return g.Sentence
}

// A Token is what a job of the system would carry.
type Token struct {
	Name   string // "another branch"
	Claims map[string]any
	// Admit says that the grant must let the token in. A near miss may still be let in by another grant.
	Admit bool
}

// AudienceOf returns the audience that STS compares: azp if the token has it, else aud.
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func AudienceOf(claims map[string]any) string {
	if azp, ok := claims["azp"].(string); ok && azp != "" {
		return azp
	}
	audience, _ := claims["aud"].(string)
	return audience
}

// With returns a copy of claims in which some are changed; nil removes one.
func With(claims map[string]any, changes map[string]any) map[string]any {
	changed := make(map[string]any, len(claims)+len(changes))
	for name, value := range claims {
		changed[name] = value
	}
	for name, value := range changes {
		if value == nil {
			delete(changed, name)
		} else {
			changed[name] = value
		}
	}
	return changed
}
