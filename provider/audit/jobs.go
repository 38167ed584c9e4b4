package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A Job is what one value of a trust policy lets in: jobs of a CI system.
type Job struct {
	System    string // "GitHub Actions", or the issuer where no system is known
	Issuer    string // without its scheme
	Statement int    // its number, from 1
	// Subject is the pattern of their sub, as the policy has it; "*" if nothing tests it.
	Subject string
	// Who says in words what their tokens name, "owner acme, any repository, branch release/*": one text for each form
	// of a subject that fits.
	Who []string
}

// mostForms bounds how many forms of a subject are told of one value.
const mostForms = 3

// Jobs are those that may assume the role, each once. more says that there are others: what could not be worked out, or
// more than are looked at.
func (e *Examination) Jobs() (jobs []Job, more bool) {
	for i := range e.Policy.Statements {
		s := &e.Policy.Statements[i]
		if s.Effect != "Allow" || !s.AboutWebIdentity() {
			continue
		}
		for _, arn := range s.Principals.ByType["Federated"] {
			if arn == "*" {
				more = true
				continue
			}
			t := e.auditor.trial(i+1, s, arn)
			if len(t.causes) > 0 {
				continue
			}
			more = more || t.cut || len(t.fears) > 0
			for _, readings := range t.living {
				for _, r := range readings {
					jobs = t.put(jobs, i+1, r)
				}
			}
		}
	}
	return jobs, more
}

// put adds a reading to the jobs. Of one subject only the first form is told that it may have.
func (t *trial) put(jobs []Job, statement int, r *reading) []Job {
	var values []string
	exact := len(r.Values) > 0
	for _, v := range r.Values {
		values = append(values, v.Text)
		exact = exact && v.Exact()
	}
	subject := strings.Join(values, " and ")
	if subject == "" {
		subject = "*"
	}
	who := t.who(r)
	at := slices.IndexFunc(jobs, func(j Job) bool { return j.Issuer == t.issuer.host && j.Subject == subject })
	switch {
	case at < 0:
		return append(jobs, Job{
			System: t.issuer.title, Issuer: t.issuer.host, Statement: statement, Subject: subject, Who: []string{who},
		})
	case !exact && len(jobs[at].Who) < mostForms && !slices.Contains(jobs[at].Who, who):
		jobs[at].Who = append(jobs[at].Who, who)
	}
	return jobs
}

// who is a reading in words.
func (t *trial) who(r *reading) string {
	var words []string
	for _, f := range r.Form.Fields {
		if span := r.Field(f.Name); f.Decides != ci.Nothing && (span.Kind != ci.Exact || span.Text != "") {
			words = append(words, said(f.Name, span))
		}
	}
	for _, f := range t.issuer.known.Claims {
		span, demanded := r.Claims[f.Name]
		if demanded && f.Decides != ci.Nothing && span.Kind != ci.Open {
			words = append(words, said(f.Name, span))
		}
	}
	return strings.Join(words, ", ")
}

// said is what a place may have in words, with a wildcard behind the beginning of a name.
func said(name string, span ci.Span) string {
	switch span.Kind {
	case ci.Exact:
		return name + " " + span.Text
	case ci.Prefix:
		return name + " " + span.Text + "*"
	}
	return "any " + name
}
