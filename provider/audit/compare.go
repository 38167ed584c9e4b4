package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Comparison is what two trust policies say differently of the same calls.
type Comparison struct {
	Admitted Contrast // what the policy after admits and the one before does not
	Refused  Contrast // what the policy before admits and the one after does not
}

// A Contrast is what one policy admits and another does not.
type Contrast struct {
	// Differences are tokens that the one admits and the other refuses: one for each form of subjects and each
	// combination of the policies' values that tells them apart.
	Differences []Difference
	// Beyond are differences that only a subject shows which has none of the issuer's known forms: no token is known
	// to have one. There is none where Differences has the same statement and values.
	Beyond []Difference
	// Others are principals that are no OIDC provider, and actions of theirs: what stands in the one policy and not in
	// the other. They are compared as text and not call by call.
	Others []string
	// Undecided says what could not be compared to the end. Where it is empty the lists are all that there is.
	Undecided []string
}

// A Difference is a token that one policy admits and another refuses.
type Difference struct {
	Provider  string // the ARN of the OIDC provider
	Issuer    string // the CI system in words, or the issuer's host
	Statement int    // the Allow that admits the token, counted from 1
	// Who is what the statement's values that the token fits name, in words: "owner acme, repository web, any branch".
	Who string
	// Why says why the other policy refuses the token.
	Why []string
	// Witness is the token, and what of the call lets it in.
	Witness *trust.Witness
	// Request is the witness as trust.Policy.Decide is asked about it.
	Request *trust.Request
}

// Nothing reports that the one policy admits nothing that the other does not. It is false where that is not known.
func (c *Contrast) Nothing() bool {
	return len(c.Differences) == 0 && len(c.Others) == 0 && len(c.Undecided) == 0
}

// Same reports that both policies admit the same tokens of the known forms. It is false where that is not known.
func (c *Comparison) Same() bool { return c.Admitted.Nothing() && c.Refused.Nothing() }

// mostSteps bounds what a comparison costs in one direction.
const mostSteps = 1_500_000

// mostCompared bounds the providers of one comparison. A role trusts a handful.
const mostCompared = 256

// Compare says what a trust policy admits that another does not, and the reverse.
//
// A token is whatever the issuer may write: a subject of one of its forms, with the claims that repeat its fields; the
// audience and all other claims are taken to be independent of it, and may be missing. The call is chosen by whoever
// makes it: address, time, session name. Both are searched to the end, within a budget; what could not be searched is
// in Undecided.
//
// What stands beyond the trust policy is not compared: session policies, policies of the organization.
func Compare(registry *ci.Registry, before, after *trust.Policy) *Comparison {
	c := &Comparison{}
	c.Admitted.Others, c.Refused.Others = compareOthers(before, after)
	arns := providersOf(before, after)
	if len(arns) > mostCompared {
		arns = arns[:mostCompared]
		for _, into := range []*Contrast{&c.Admitted, &c.Refused} {
			into.Undecided = append(into.Undecided, fmt.Sprintf("there are more than %d providers", mostCompared))
		}
	}
	for _, arn := range arns {
		d := newDuel(registry, arn, before, after)
		d.run(&c.Refused, &c.Admitted)
	}
	return c
}

// providersOf are the providers that an Allow names. A wildcard stands for a provider of which nothing is known, and
// for those whose claims or names the conditions test.
func providersOf(policies ...*trust.Policy) []string {
	var arns []string
	add := func(arn string) {
		if !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	any := false
	for _, p := range policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			if s.Effect != "Allow" || !s.AboutWebIdentity() {
				continue
			}
			for _, arn := range s.Principals.ByType["Federated"] {
				if arn == "*" {
					any = true
				} else if !isSAML(arn) {
					add(arn)
				}
			}
		}
	}
	if !any {
		return arns
	}
	for _, p := range policies {
		for i := range p.Statements {
			for _, arn := range everyProvider(&p.Statements[i], "") {
				add(arn)
			}
		}
	}
	return arns
}

func isSAML(arn string) bool { return strings.Contains(arn, ":saml-provider/") }

// run compares both policies for the tokens of the provider: what the first admits alone, and the second.
func (d *duel) run(first, second *Contrast) {
	var beyond [2][]Difference
	for f, form := range d.issuer.forms {
		for side, into := range []*Contrast{first, second} {
			found, reasons := d.contrast(form, side)
			for _, one := range found {
				if !d.shownBefore(f, into.Differences, &one) {
					into.Differences = append(into.Differences, one)
				}
			}
			into.Undecided = addNew(into.Undecided, reasons...)
		}
	}
	if len(d.issuer.forms) == 1 && d.issuer.forms[0].Fields[0].Texts == subject.Fields[0].Texts {
		return
	}
	for side, into := range []*Contrast{first, second} {
		found, _ := d.contrast(subject, side)
		for _, one := range found {
			sub, _ := one.Request.Claims["sub"].(string)
			if !slices.ContainsFunc(d.issuer.forms, func(f *ci.Form) bool { _, known := f.Parse(sub); return known }) &&
				!slices.ContainsFunc(into.Differences, func(other Difference) bool { return d.alike(&one, &other) }) {
				beyond[side] = append(beyond[side], one)
			}
		}
		into.Beyond = append(into.Beyond, beyond[side]...)
	}
}

// shownBefore reports that a difference of the same statement and values is among those that were found, and that a
// form before the given one reads the subject, too, or that the form is none of the system's own but one that stands
// for what strangers can choose.
func (d *duel) shownBefore(form int, found []Difference, one *Difference) bool {
	sub, _ := one.Request.Claims["sub"].(string)
	read := func(f *ci.Form) bool { _, ok := f.Parse(sub); return ok }
	return (slices.ContainsFunc(d.issuer.forms[:form], read) || d.foreign(d.issuer.forms[form])) &&
		slices.ContainsFunc(found, func(other Difference) bool { return d.alike(one, &other) })
}

// foreign reports that a form is none of those in which the system itself writes subjects, and that others are.
func (d *duel) foreign(form *ci.Form) bool {
	if d.issuer.system == nil {
		return false
	}
	own := func(form *ci.Form) bool {
		return slices.ContainsFunc(d.issuer.system.Forms(), func(f *ci.Form) bool {
			return f.Template == form.Template
		})
	}
	return !own(form) && slices.ContainsFunc(d.issuer.forms, own)
}

// alike reports that one statement admits two tokens by the same values of sub.
func (d *duel) alike(a, b *Difference) bool {
	if a.Provider != b.Provider || a.Statement != b.Statement {
		return false
	}
	sub, _ := a.Request.Claims["sub"].(string)
	other, _ := b.Request.Claims["sub"].(string)
	return !slices.ContainsFunc(d.subjects, func(v trust.Value) bool { return v.Admits(sub) != v.Admits(other) })
}

func addNew(list []string, more ...string) []string {
	for _, text := range more {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// undecided is the reason for what was not searched to the end.
func (d *duel) undecided(format string, args ...any) string {
	return d.issuer.title + ": " + fmt.Sprintf(format, args...)
}
