package citest

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// comparison holds what is said of the difference between a policy and the same with one mistake in it against the
// tokens of the proof: a policy differs in nothing from itself, each difference has a token that the one admits and the
// other refuses, and no token that a job can have shows one that was not found.
func (s Suite) comparison(t *testing.T) {
	type change struct {
		from, to *trust.Policy
		name     string
		cases    []trust.Case
	}
	var changes []change
	for _, written := range s.Matrix {
		for _, account := range s.Accounts(written, InAWS) {
			trusts := s.MustRead(t, written, account)
			policy, cases := ci.Compile(trusts, account, nil), Prepared(trusts, account)
			c := audit.Compare(s.Registry(), policy, policy)
			if !c.Same() || len(c.Admitted.Beyond)+len(c.Refused.Beyond) > 0 {
				t.Errorf("%v differs from itself: %+v", written, c)
			}
			for _, m := range Mutants(t, policy.JSON()) {
				changes = append(changes, change{policy, m.Policy, m.Name, cases})
			}
		}
	}
	stride := 1 + len(changes)/mostCompared
	for i := 0; i < len(changes); i += stride {
		m := &changes[i]
		c := audit.Compare(s.Registry(), m.from, m.to)
		s.contrast(t, m.name, &c.Admitted, m.to, m.from, m.cases)
		s.contrast(t, m.name, &c.Refused, m.from, m.to, m.cases)
	}
}

// mostCompared bounds how many mistakes are looked at: of more, every second one or so.
const mostCompared = 200

// involved are values in which an id stands behind a "*" as a run of "?": the texts that these tell apart may be too
// many to list, and the comparison says so.
var involved = regexp.MustCompile(`\*[^"]*\?{8}`)

// contrast holds what is said of one direction against the tokens of the proof.
func (s Suite) contrast(t *testing.T, name string, c *audit.Contrast, by, other *trust.Policy, cases []trust.Case) {
	t.Helper()
	if len(c.Undecided) > 0 && !involved.MatchString(by.JSON()+other.JSON()) {
		t.Errorf("%s: %v\n%s", name, c.Undecided, by.JSON())
	}
	for _, d := range c.Differences {
		if by.Decide(d.Request) != trust.Allowed || other.Decide(d.Request) != trust.Denied ||
			d.Who == "" || len(d.Why) == 0 || d.Statement == 0 {
			t.Errorf("%s: shows nothing: %+v\n%s", name, d, by.JSON())
		}
	}
	if len(c.Differences)+len(c.Beyond)+len(c.Undecided) > 0 {
		return
	}
	for _, token := range cases {
		if by.Decide(&token.Request) == trust.Allowed && other.Decide(&token.Request) == trust.Denied &&
			s.possible(&token.Request) {
			t.Errorf("%s: not found: %s %v\n%s", name, token.Token, token.Request.Claims, by.JSON())
		}
	}
}

// possible reports that a job can have the token: it is one of the provider's issuer and has an audience, a form reads
// its subject, and each claim has a text that the issuer writes there: that of the field which it repeats, or of a
// field that the issuer names itself.
func (s Suite) possible(r *trust.Request) bool {
	host, _ := trust.HostAndPartition(r.Provider)
	if host != r.Issuer || ci.TextOf(r.Claims["aud"]) == "" {
		return false
	}
	fixed := map[string]string{}
	for _, h := range s.hosts() {
		for _, field := range h.Claims {
			text, there := r.Claims[field.Name].(string)
			if _, ok := s.Registry().ClaimForm(field).Parse(text); there && !ok {
				return false
			}
		}
		if h.Fixes != nil && (h.Host == "" || trust.Match(h.Host, host)) {
			maps.Copy(fixed, h.Fixes(host))
		}
	}
	return slices.ContainsFunc(s.Registry().Systems(), func(system ci.System) bool {
		return slices.ContainsFunc(system.Forms(), func(f *ci.Form) bool {
			texts, ok := f.Parse(ci.TextOf(r.Claims["sub"]))
			for i, field := range f.Fields {
				text, named := fixed[field.Name]
				repeated := field.Key == "" || ok && ci.TextOf(r.Claims[field.Key]) == texts[i]
				ok = ok && repeated && (!named || text == texts[i])
			}
			return ok
		})
	})
}

// hosts are all hosts of the suite's systems.
func (s Suite) hosts() []ci.Host {
	var hosts []ci.Host
	for _, system := range s.Registry().Systems() {
		issuer := system.Issuer()
		if hosts = append(hosts, issuer.Hosts...); issuer.Installed != nil {
			hosts = append(hosts, *issuer.Installed)
		}
	}
	return hosts
}
