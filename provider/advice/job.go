package advice

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Job is what a token says of the job that carries it.
type Job struct {
	System ci.System // nil where nothing is known of the issuer
	Form   *ci.Form  // of the subject; nil where it has no form of the system's
	// Section is the name of the section that trusts exactly this job, and Words is its value; "" where no section says
	// it.
	Section string
	Words   map[string]any
	// Risks are the findings that the section has to accept, by their ids, each with what it says.
	Risks map[string]string
}

// ForJob reads a token as its CI system does, and finds the section that trusts exactly the job. An issuer of which
// nothing is known gets a section custom.
func ForJob(registry *ci.Registry, r *trust.Request) *Job {
	a := newAdviser(registry, &trust.Policy{}, r, &trust.Decision{})
	job := &Job{System: a.system, Form: a.job.Form, Risks: map[string]string{}}
	if a.system != nil && job.take(a, a.system.Words(a.job)) {
		return job
	}
	if owner, _ := registry.Owner(r.Issuer); owner != nil {
		return job
	}
	// A subject may look like that of a system that has the issuer on a host of the user's own, and be none.
	a.system = registry.System("custom")
	if job.take(a, []map[string]any{{"issuer": map[string]any{
		"issuer": "https://" + r.Issuer, "subjects": []string{a.seen}, "audiences": []string{textOf(r.Claims["aud"])},
	}}}) {
		job.System, job.Form = nil, nil
	}
	return job
}

// take takes the first words that are right and admit the token.
func (j *Job) take(a *adviser, candidates []map[string]any) bool {
	for _, words := range candidates {
		out := &Advice{}
		if a.try(words, out) == nil {
			continue
		}
		j.Section, j.Words = a.system.Section(), out.words
		for _, f := range out.risks {
			j.Risks[f.ID] = f.Summary
		}
		return true
	}
	return false
}
