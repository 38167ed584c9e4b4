package audit

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// among are all readings of the policy that are about a provider: what shares the role with a job.
func (a *auditor) among(arn string) []*ci.Reading {
	if all, made := a.shared[arn]; made {
		return all
	}
	if a.shared == nil {
		a.shared = map[string][]*ci.Reading{}
	}
	a.shared[arn] = nil // while they are made nothing is judged
	half := a.work / 2  // the rest is for judging
	a.work -= half
	defer func() { a.work = max(a.work, 0) + half }()
	var all []*ci.Reading
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		federated := s.Principals.ByType["Federated"]
		if s.Effect != "Allow" || !s.AboutWebIdentity() ||
			!slices.Contains(federated, arn) && !slices.Contains(federated, "*") {
			continue
		}
		t := a.newTrial(i+1, s, arn, federated)
		if t.plan(); len(t.causes) > 0 {
			continue
		}
		for r := range t.readings() {
			all = append(all, r.Reading)
		}
	}
	a.shared[arn] = all
	return all
}
