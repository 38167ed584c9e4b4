package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// SameHost is an issuer's host as it is compared with what is known of issuers: without regard to letter case and to a
// slash at its end, which STS does regard. So a mistake in either finds the section that it is meant for.
func SameHost(host string) string { return strings.TrimSuffix(strings.ToLower(host), "/") }

// Owner is the system that an issuer belongs to, with what the audit knows of the issuer; nil where nothing is known.
func (r *Registry) Owner(host string) (System, *Host) {
	same := SameHost(host)
	for _, o := range r.hosts() {
		if trust.Match(o.pattern, same) {
			return o.system, &o.host
		}
	}
	return nil, nil
}

// foreign is the system other than a section's own that an issuer belongs to: by its host, whatever the path, because a
// host that signs the tokens of one system is not where another one is installed. A host that a pattern leaves open
// ("*/_services/token") belongs to nobody, so there the whole issuer decides. It is nil where nothing is known, and
// where the issuer or its host is the section's own.
func (r *Registry) foreign(section, issuer string) (System, *Host) {
	host := UpTo(SameHost(issuer), "/")
	var foreign System
	var title *Host
	for _, s := range r.systems {
		for _, known := range s.Issuer().Hosts {
			place := UpTo(SameHost(known.Host), "/")
			switch {
			case OnlyWild(place) || !trust.Match(place, host):
			case s.Section() == section:
				return nil, nil
			case foreign == nil:
				foreign, title = s, &known
			}
		}
	}
	owner, known := r.Owner(issuer)
	if foreign != nil {
		if owner != nil && owner.Section() == foreign.Section() {
			title = known // of several on the host, the one that the issuer is
		}
		return foreign, title
	}
	if owner != nil && owner.Section() != section {
		return owner, known
	}
	return nil, nil
}

// builtIn are the hosts of issuers that AWS knows without an IAM OIDC provider, other than Google, which has a section.
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
var builtIn = []string{"www.amazon.com", "graph.facebook.com", "cognito-identity.amazonaws.com"}

// refuseForeignIssuer reports a section whose issuer is another system's: the words of one system say nothing of the
// subjects of another, and findings of that would be lost.
func (r *Registry) refuseForeignIssuer(t *Trust, problems *input.Problems) {
	if t.issuer == "" {
		return
	}
	at := t.Input
	for _, property := range []string{"issuer", "url", "hostname", "domain"} {
		if v := t.Input.Field(property); v.Present {
			at = v
			break
		}
	}
	at.Secret = at.Secret || t.HasSecret
	got := fmt.Sprintf("(found %q)", t.issuer)
	owner, known := r.foreign(t.Property, t.Host())
	if owner == nil && at.HasText() { // the issuer may have an organization before the host that was written
		owner, known = r.foreign(t.Property, HostOf(at.Text()))
	}
	switch {
	case slices.Contains(builtIn, UpTo(SameHost(t.Host()), "/")):
		problems.Add(at, "is an issuer that AWS has built in: a trust policy names it without a provider, and it is "+
			"none of a CI system", got)
	case owner == nil:
	case owner.Issuer().Any:
		shared := ""
		if known.Shared {
			shared = ", which its customers share,"
		}
		problems.Add(at, "is an issuer of "+known.Title+shared+" and none of "+t.Title+
			"; write it under "+owner.Section(), got)
	default:
		problems.Add(at,
			"is an issuer of "+owner.Title()+"; write the section "+owner.Section()+", which knows its subjects", got)
	}
}
