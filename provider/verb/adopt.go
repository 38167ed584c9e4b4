package verb

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/adopt"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Adoption is a trust policy in the words of CiOidcTrust, as --json prints it.
type Adoption struct {
	Version int    `json:"version"` // of this document: 1
	Verdict string `json:"verdict"` // same, different, inexpressible, undecided
	// Inputs are those of CiOidcTrust. A text that the policy does not hold stands among Placeholders.
	Inputs       map[string]any    `json:"inputs"`
	Placeholders []Placeholder     `json:"placeholders,omitempty"`
	Providers    map[string]string `json:"providers"` // section -> ARN of the provider that the policy names
	Why          []AdoptionReason  `json:"why,omitempty"`
	RoleName     string            `json:"roleName,omitempty"`

	printed  map[string]any // the inputs with placeholders and comments
	rendered string         // the policy that the component makes of them
}

// A Placeholder stands among the inputs for what the policy does not hold.
type Placeholder struct {
	Text string `json:"text"`
	Find string `json:"find"` // the command that prints what belongs there
}

// An AdoptionReason says what differs, or what no section can say.
type AdoptionReason struct {
	Statement int            `json:"statement,omitempty"` // counted from 1
	Sid       string         `json:"sid,omitempty"`
	Text      string         `json:"text"`
	Witness   map[string]any `json:"witness,omitempty"` // the claims of a token that shows it
}

// Adopt finds the inputs of CiOidcTrust that admit the same tokens as a trust policy. The document is one that
// TrustPolicy takes; the account is the role's, "" for that of the providers.
func Adopt(raw []byte, account string) (*Adoption, error) {
	document, err := Question{TrustPolicy: raw}.policy()
	if err != nil {
		return nil, err
	}
	policy, err := trust.ParsePolicy(document.Policy)
	if err != nil {
		return nil, err
	}
	if account != "" && !accountID.MatchString(account) {
		return nil, errors.New("the account's id must be twelve digits")
	}
	result := adopt.Policy(all.Registry(), policy)
	if id := result.Account.ID; account != "" && id != "" && id != account {
		return nil, fmt.Errorf("the policy trusts a provider of account %s, and the role is in account %s: a role "+
			"trusts only providers of its own account, so nobody gets in; leave the account out, or give the "+
			"policy of a role there", id, account)
	}
	adoption := &Adoption{
		Version: 1, Verdict: string(result.Verdict), Providers: result.Providers, RoleName: document.RoleName,
		printed: result.Inputs,
	}
	if result.Policy != nil {
		adoption.rendered = result.Policy.JSON()
	}
	adoption.Inputs, _ = adoption.plain(result.Inputs).(map[string]any)
	for _, r := range result.Why {
		reason := AdoptionReason(r)
		reason.Sid, reason.Text = redact(reason.Sid), redact(reason.Text)
		for name, claim := range reason.Witness {
			if text, ok := claim.(string); ok {
				reason.Witness[name] = redact(text)
			}
		}
		adoption.Why = append(adoption.Why, reason)
	}
	return adoption, nil
}

// plain are inputs without comments, the placeholders among them noted.
func (a *Adoption) plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		made := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			made[name] = a.plain(v[name])
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, member := range v {
			made[i] = a.plain(member)
		}
		return made
	case program.Placeholder:
		if strings.Contains(v.Text, "<") && !slices.Contains(a.Placeholders, Placeholder{v.Text, v.Comment}) {
			a.Placeholders = append(a.Placeholders, Placeholder{v.Text, v.Comment})
		}
		return v.Text
	}
	return v
}

// Program prints the inputs as a program. The providers are there already, so it creates none.
func (a *Adoption) Program(language program.Language) (string, error) {
	return program.Program(language, program.Resource{
		Name: cmp.Or(a.RoleName, "deploy"), Type: "CiOidcTrust", Inputs: a.printed,
	})
}
