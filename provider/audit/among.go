package audit

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A tried is which trial it is.
type tried struct {
	statement int
	provider  string
}

// trial is the one of a statement and a provider, planned; it is made and read once.
func (a *auditor) trial(number int, s *trust.Statement, arn string) *trial {
	key := tried{number, arn}
	if t := a.trials[key]; t != nil {
		return t
	}
	if a.trials == nil {
		a.trials = map[tried]*trial{}
	}
	t := a.newTrial(number, s, arn)
	a.trials[key] = t
	if t.plan(); len(t.causes) == 0 {
		for chosen := range t.choices() {
			if readings := t.read(chosen); len(readings) > 0 {
				t.living = append(t.living, readings)
			}
		}
	}
	return t
}

// among are all readings of the policy that are about a provider: what shares the role with a job.
func (a *auditor) among(arn string) []*ci.Reading {
	if all, made := a.shared[arn]; made {
		return all
	}
	if a.shared == nil {
		a.shared = map[string][]*ci.Reading{}
	}
	var all []*ci.Reading
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		federated := s.Principals.ByType["Federated"]
		if s.Effect != "Allow" || !s.AboutWebIdentity() ||
			!slices.Contains(federated, arn) && !slices.Contains(federated, "*") {
			continue
		}
		for _, readings := range a.trial(i+1, s, arn).living {
			for _, r := range readings {
				all = append(all, r.Reading)
			}
		}
	}
	a.shared[arn] = all
	return all
}
