package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// contrast finds what the policy of a side admits alone, of the tokens whose subject has a form.
func (d *duel) contrast(form *ci.Form, side int) (found []Difference, reasons []string) {
	for _, exact := range []bool{false, true} {
		subjects, err := d.subject(form, exact)
		if err != nil {
			return found, addNew(reasons, d.undecided("%s", errTooMuch))
		}
		var doubt bool
		if found, reasons, doubt = d.against(form, subjects, side); !doubt {
			break
		}
	}
	return found, reasons
}

// An outcome is what a search found: the value of each key, or nothing.
type outcome struct {
	chosen  []*kind
	answers []answer
	real    bool
	others  []*outcome // with other texts that the policies name
}

// against is contrast for listed subjects. doubt says that something was found which may be of no subject, because it
// was not worked out exactly how these are read.
func (d *duel) against(
	form *ci.Form, subjects *dimension, side int,
) (found []Difference, reasons []string, doubt bool) {
	s := d.newSearch(form, side)
	outcomes := map[string]*outcome{}
	shown := map[string]bool{}
	if subjects.cut {
		reasons = append(reasons, d.undecided("%s", d.why(subjects)))
	}
	for _, real := range []bool{true, false} {
		for i := range subjects.kinds {
			k := &subjects.kinds[i]
			id := spelled(k.answers)
			if k.real != real || !real && shown[id] {
				continue
			}
			o, known := outcomes[id]
			if !known {
				o = s.outcome(subjects, k)
				outcomes[id] = o
			}
			if *s.steps < 0 {
				return found, addNew(reasons, d.undecided("%s", errTooMuch)), false
			}
			if o == nil {
				continue
			}
			if difference := d.show(form, s, k, o); difference != nil {
				found, shown[id] = append(found, *difference), true
				for _, more := range o.others {
					if difference := d.show(form, s, k, more); difference != nil {
						found = append(found, *difference)
					}
				}
				continue
			}
			if o.real && !k.real && !slices.ContainsFunc(subjects.questions, d.isUnsure) {
				doubt = true
			}
			reasons = addNew(reasons, d.undecided("%s", d.why(append([]*dimension{subjects}, s.free...)...)))
		}
	}
	if s.cut {
		reasons = addNew(reasons, d.undecided("%s", d.why(s.free...)))
	}
	return found, reasons, doubt
}

// outcome is what is found for subjects of a kind; nil where there is nothing.
func (s *search) outcome(subjects *dimension, k *kind) *outcome {
	for _, guess := range []bool{false, true} {
		s.reset()
		s.guess = guess
		s.set(subjects, k)
		if s.find() {
			o := s.found(!guess)
			s.others(subjects, k, o)
			return o
		}
	}
	return nil
}

// found is what was found.
func (s *search) found(real bool) *outcome {
	return &outcome{chosen: slices.Clone(s.chosen), answers: slices.Clone(s.answers), real: real}
}

// mostOthers bounds how many further texts of claims are listed for subjects of a kind.
const mostOthers = 20

// others lists what else is found where a claim that was chosen has another text that a policy names.
func (s *search) others(subjects *dimension, k *kind, o *outcome) {
	if !o.real {
		return
	}
	for i, chosen := range o.chosen {
		if chosen == nil || !strings.HasPrefix(s.names[i], "claim ") {
			continue
		}
		for at := range s.free[i].kinds {
			other := &s.free[i].kinds[at]
			for _, text := range other.named {
				if len(o.others) == mostOthers || *s.steps < 0 {
					return
				}
				named := *other
				if named.value = (value{text: text}); named.value.text == chosen.value.text {
					continue
				}
				s.reset()
				s.set(subjects, k)
				s.set(s.free[i], &named)
				if s.chosen[i] = &named; s.find() {
					o.others = append(o.others, s.found(true))
				}
			}
		}
	}
}

func (d *duel) isUnsure(n int) bool {
	q := d.trials[n]
	return q.variable || !q.compares && !q.clause.Null
}

// why says which condition is not worked out, of those about some keys.
func (d *duel) why(dimensions ...*dimension) string {
	for _, dimension := range dimensions {
		for _, n := range dimension.questions {
			switch q := d.trials[n]; {
			case q.variable:
				return fmt.Sprintf("%s on %s has a policy variable, which stands for something of the call",
					q.clause.Operator, q.clause.Key)
			case !q.compares && !q.clause.Null:
				return fmt.Sprintf("%s on %s is not worked out", q.clause.Operator, q.clause.Key)
			}
		}
	}
	return "subjects may be read in more ways than were worked out"
}

// show makes a token of what was found, and asks both policies about it; nil where they do not answer so.
func (d *duel) show(form *ci.Form, s *search, k *kind, o *outcome) *Difference {
	if len(k.sample.Texts) == 0 {
		return nil
	}
	sample := k.sample
	r := d.token(form, s, sample, o)
	if !d.differ(r, s.side) {
		return nil
	}
	r = d.polish(form, s, &sample, o, r)
	difference := &Difference{Provider: d.issuer.arn, Issuer: d.issuer.title, Request: r}
	difference.Statement, difference.Who = d.reading(form, s.side, r)
	if r.Claims[ci.TagsClaim] != nil {
		difference.Who += ", with session tags"
	}
	if r.Claims[sourceIdentityClaim] != nil {
		difference.Who += ", with a source identity"
	}
	difference.Why = d.policies[1-s.side].Evaluate(*r).Explanation
	difference.Witness = &trust.Witness{Claims: r.Claims, Call: callOf(r)}
	difference.Witness.Who = d.issuer.title + ": " + strings.Join(d.words(form, sample.Texts), ", ")
	return difference
}

// differ reports that the policy of a side admits a request and the other does not.
func (d *duel) differ(r *trust.Request, side int) bool {
	return d.policies[side].Decide(r) == trust.Allowed && d.policies[1-side].Decide(r) == trust.Denied
}

// token is the request of a subject with what was chosen for all other keys.
func (d *duel) token(form *ci.Form, s *search, sample ci.Sample, o *outcome) *trust.Request {
	r := d.job(form, sample)
	for i, k := range o.chosen {
		if k == nil && s.names[i] == "claim aud" && len(s.free[i].kinds) > 0 {
			k = &s.free[i].kinds[0]
		}
		if k != nil {
			put(r, s.names[i], k.value)
		}
	}
	if r.Claims["aud"] == nil {
		r.Claims["aud"] = "sts.amazonaws.com"
		if f := d.issuer.claim("aud"); f != nil && f.Sample != "" {
			r.Claims["aud"] = f.Sample
		}
	}
	if o.answers[d.carriesTags()] == yes && r.Claims[ci.TagsClaim] == nil {
		put(r, strings.ToLower(requestTag)+"any-other", value{text: "text"})
	}
	if o.answers[d.carriesSource()] == yes && r.Claims[sourceIdentityClaim] == nil {
		put(r, sourceIdentity, value{text: "somebody"})
	}
	return r
}

// polish makes the token more like one of a real job: fields get their samples where both policies answer the same
// then, and the token fits the same values.
func (d *duel) polish(form *ci.Form, s *search, sample *ci.Sample, o *outcome, r *trust.Request) *trust.Request {
	for i, f := range form.Fields {
		texts := append([]string{f.Sample, f.Other}, d.filled(form, i, sample.Subject)...)
		if len(f.Choices) > 0 || sample.Texts[i] == f.Sample {
			continue
		}
		for _, text := range texts {
			better := ci.Sample{Texts: slices.Clone(sample.Texts), Real: true}
			better.Texts[i] = text
			better.Subject = form.Build(better.Texts...)
			read, ok := form.Parse(better.Subject)
			if text == "" || !ok || !slices.Equal(read, better.Texts) || !d.fitsAlike(sample.Subject, better.Subject) {
				continue
			}
			if fixed := d.issuer.fixed[f.Name]; !fixed.Admits(text) {
				continue
			}
			if nicer := d.token(form, s, better, o); d.differ(nicer, s.side) {
				*sample, r = better, nicer
				break
			}
		}
	}
	return r
}

// filled are the texts that a field has where a name stands in the place of the wildcards of a value that a subject
// fits.
func (d *duel) filled(form *ci.Form, field int, sub string) []string {
	var texts []string
	for _, v := range d.subjects {
		if !v.Wild() || !v.Admits(sub) {
			continue
		}
		for _, name := range []string{form.Fields[field].Sample, form.Fields[field].Other} {
			if read, ok := form.Parse(strings.NewReplacer("*", name, "?", "x").Replace(v.Pattern)); ok {
				texts = append(texts, read[field])
			}
		}
	}
	return texts
}

// fitsAlike reports that two subjects fit the same of the values that the policies name.
func (d *duel) fitsAlike(a, b string) bool {
	return !slices.ContainsFunc(d.subjects, func(v trust.Value) bool { return v.Admits(a) != v.Admits(b) })
}
