package verb

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Diff is what two trust policies say differently, as --json prints it.
type Diff struct {
	Version  int      `json:"version"` // of this document
	Same     bool     `json:"same"`    // both admit the same, and that is proved
	Admitted Contrast `json:"admitted"`
	Refused  Contrast `json:"refused"`
}

// A Contrast is what one of two policies admits and the other does not.
type Contrast struct {
	Differences []Difference `json:"differences"`
	// Beyond are differences that only a subject shows which has no form that the issuer is known to write.
	Beyond []Difference `json:"beyond"`
	// OtherPrincipals are those that are no OIDC provider, compared as text: one line for each principal and action.
	OtherPrincipals []string `json:"otherPrincipals"`
	// Undecided says what could not be compared; where it is empty the lists are all that there is.
	Undecided []string `json:"undecided"`
}

// A Difference is a token that one policy admits and the other refuses.
type Difference struct {
	Issuer    string   `json:"issuer"`
	Provider  string   `json:"provider"`
	Statement int      `json:"statement"` // of the policy that admits
	Who       string   `json:"who"`
	Why       []string `json:"why"` // the other refuses it
	Witness   *Witness `json:"witness"`
}

// Some reports that the one policy admits something that the other does not, as far as is known.
func (c *Contrast) Some() bool { return len(c.Differences) > 0 || len(c.OtherPrincipals) > 0 }

// Compare says what a trust policy admits that another does not, and the reverse. Each may have any of the forms of
// TrustPolicy.
func Compare(before, after []byte) (*Diff, error) {
	var policies [2]*trust.Policy
	var problems []string
	for i, side := range []struct {
		name string
		raw  []byte
	}{{"before", before}, {"after", after}} {
		document, err := Question{TrustPolicy: side.raw}.policy()
		if err == nil {
			policies[i], err = trust.ParsePolicy(document.Policy)
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("the policy %s: %s", side.name,
				strings.TrimPrefix(refuse(err).Error(), "trust policy: ")))
		}
	}
	if len(problems) > 0 {
		return nil, errors.New(strings.Join(problems, "\n"))
	}
	c := audit.Compare(all.Registry(), policies[0], policies[1])
	return &Diff{
		Version: 1, Same: c.Same(), Admitted: contrastOf(&c.Admitted), Refused: contrastOf(&c.Refused),
	}, nil
}

func contrastOf(c *audit.Contrast) Contrast {
	return Contrast{
		Differences: differencesOf(c.Differences), Beyond: differencesOf(c.Beyond),
		OtherPrincipals: shown(c.Others), Undecided: shown(c.Undecided),
	}
}

func differencesOf(found []audit.Difference) []Difference {
	differences := []Difference{}
	for _, d := range found {
		differences = append(differences, Difference{
			Issuer: Visible(d.Issuer), Provider: Visible(d.Provider), Statement: d.Statement,
			Who: Visible(redact(d.Who)), Why: shown(d.Why), Witness: witnessOf(d.Witness),
		})
	}
	return differences
}

// shown are lines as people and programs may see them.
func shown(lines []string) []string {
	safe := []string{}
	for _, line := range lines {
		safe = append(safe, Visible(redact(line)))
	}
	return safe
}
