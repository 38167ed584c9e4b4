package citest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// OpenEnds is the attack by names on the policy, as Crafted is the one on a single subject: somebody who may name one
// thing of a job, such as a branch or a machine, gives it a part of a trusted subject, separators and all, so that the
// next part of the subject stands in the name. Whatever gets in, also behind a "*", must be meant by a grant, and must
// read as the job it is: by one form, with the names that the job has.
//
// A name is tried where the field's texts take it: what else an issuer can write there would be a mistake in the form.
func (s Suite) OpenEnds(t *testing.T) {
	t.Helper()
	tried := 0
	for _, written := range s.Matrix {
		trusts := s.MustRead(t, written, InAWS)
		policy := ci.Compile(trusts, InAWS, nil)
		for i := range trusts {
			for _, token := range admitted(&trusts[i]) {
				for _, crafted := range s.crafted(ci.TextOf(token.Claims["sub"])) {
					tried++
					claims := ci.With(token.Claims, map[string]any{"sub": crafted.form.Build(crafted.texts...)})
					request := trusts[i].Request(claims, InAWS)
					if policy.Decide(&request) != trust.Allowed {
						continue
					}
					if !trusts[i].Admits(claims) {
						t.Errorf("%v: %s gets in, and no grant means it", written, claims["sub"])
					}
					if reading := s.misread(crafted); reading != "" {
						t.Errorf("%v: %s gets in, and reads as %s", written, claims["sub"], reading)
					}
				}
			}
		}
	}
	if tried == 0 {
		t.Error("no name was tried")
	}
}

// admitted are tokens that must get in by some grant.
func admitted(t *ci.Trust) []ci.Token {
	var tokens []ci.Token
	for _, g := range t.Grants {
		all := g.Tokens()
		tokens = append(tokens, all[slices.IndexFunc(all, func(token ci.Token) bool { return token.Admit })])
	}
	return tokens
}

// A craftedJob is a job with a crafted name: the form of its subject, and the names in it.
type craftedJob struct {
	form  *ci.Form
	texts []string
}

// crafted are jobs of every form, one name of which is a part of the trusted subject, with a little around it. Their
// other names are a stranger's, or those of the trusted job as far as it has the form.
func (s Suite) crafted(trusted string) []craftedJob {
	var jobs []craftedJob
	for _, system := range s.Registry().Systems() {
		for _, form := range system.Forms() {
			strange := make([]string, len(form.Fields))
			for i, f := range form.Fields {
				strange[i] = f.Other
				if len(f.Choices) > 0 {
					strange[i] = f.Choices[0]
				}
			}
			others := [][]string{strange}
			if own, ok := form.Parse(trusted); ok {
				others = append(others, own)
			}
			for i := range form.Fields {
				takes := compiled(form.Fields[i].Texts)
				for _, name := range names(trusted) {
					for _, texts := range others {
						if takes.MatchString(name) && name != texts[i] {
							texts = slices.Clone(texts)
							texts[i] = name
							jobs = append(jobs, craftedJob{form, texts})
						}
					}
				}
			}
		}
	}
	return jobs
}

// names are the parts of a subject between any two separators, alone and with something before or behind them.
func names(trusted string) []string {
	ends := []int{0, len(trusted)}
	for i := range len(trusted) {
		if strings.IndexByte(":/", trusted[i]) >= 0 {
			ends = append(ends, i, i+1)
		}
	}
	slices.Sort(ends)
	var found []string
	for i, from := range ends {
		for _, to := range ends[i+1:] {
			if part := trusted[from:to]; part != "" {
				found = append(found, part, "x"+part, part+"x", "x:"+part, part+":x", "x/"+part, part+"/x")
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// misread says as what a job's subject is read other than as the job it is; "" if as nothing.
func (s Suite) misread(job craftedJob) string {
	sub := job.form.Build(job.texts...)
	for _, system := range s.Registry().Systems() {
		for _, form := range system.Forms() {
			if texts, ok := form.Parse(sub); ok && (form != job.form || !slices.Equal(texts, job.texts)) {
				return form.Template + " with " + strings.Join(texts, ", ")
			}
		}
	}
	return ""
}
