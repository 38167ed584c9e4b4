package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An issuer is what is known of a provider's tokens.
type issuer struct {
	registry             *ci.Registry
	arn, host, partition string

	system ci.System // nil where nothing is known
	title  string
	known  ci.Host // the zero Host where nothing is known
	forms  []*ci.Form
	fixed  map[string]ci.Demand // fields that the issuer names itself
}

// subject is the only form of an issuer of which nothing is known: any text.
var subject = ci.NewForm("{subject}", ci.Field{Name: "subject", Texts: `(?s:.+)`, Sample: "somebody",
	Other: "somebody else", Decides: ci.Tenant})

// newIssuer looks an issuer up: by its host, and else by the form of the subjects that a statement names.
func (a *auditor) newIssuer(arn string, subjects []trust.Value) *issuer {
	i := &issuer{registry: a.registry, arn: arn}
	i.host, i.partition = trust.HostAndPartition(arn)
	system, known := a.registry.Owner(i.host)
	if known == nil {
		system, known = a.registry.Installed(i.host, subjects)
	}
	if known == nil {
		system, known = a.registry.Unknown()
	}
	if known == nil {
		i.title, i.forms = i.host, []*ci.Form{subject}
		i.known.Judge = judgeUnknown
		return i
	}
	i.system, i.known, i.title = system, *known, known.Title
	switch {
	case i.title != "":
	case system.Issuer().Any: // nothing else is known of it than its name
		i.title = i.host
	default:
		i.title = system.Title()
	}
	i.forms = known.Forms
	if len(i.forms) == 0 {
		i.forms = system.Forms()
	}
	if known.Fixes != nil {
		i.fixed = map[string]ci.Demand{}
		for name, text := range known.Fixes(i.host) {
			i.fixed[name] = ci.Demand{Fit: []trust.Value{{Text: text, Pattern: text}}}
		}
	}
	return i
}

// judgeUnknown judges a reading of an issuer of which nothing is known: nobody but the named subjects may get in.
func judgeUnknown(r *ci.Reading) []ci.Verdict {
	switch {
	case !r.Tested:
		return []ci.Verdict{{Rule: anySubject, Other: []string{"subject"}}}
	case r.Span("subject").Kind != ci.Exact:
		return []ci.Verdict{{Rule: unknownWildcard, Other: []string{"subject"}}}
	}
	return nil
}

// judge has the system judge a reading.
func (i *issuer) judge(r *ci.Reading) []ci.Verdict {
	if i.known.Judge != nil {
		return i.known.Judge(r)
	}
	return ci.Judgement{}.Judge(r)
}

// claim is what is known of a claim other than sub: nil for nothing.
func (i *issuer) claim(name string) *ci.Field {
	for at := range i.known.Claims {
		if i.known.Claims[at].Name == name {
			return &i.known.Claims[at]
		}
	}
	return nil
}

// repeats reports that a field of some form has the same text as a claim.
func (i *issuer) repeats(claim string) bool {
	return slices.ContainsFunc(i.forms, func(f *ci.Form) bool {
		return slices.ContainsFunc(f.Fields, func(field ci.Field) bool { return field.Key == claim })
	})
}

// sameHost compares issuers as people confuse them: without regard to letter case, scheme and a slash at the end.
func sameHost(a, b string) bool {
	return ci.SameHost(strings.TrimPrefix(strings.ToLower(a), "https://")) == ci.SameHost(b)
}
