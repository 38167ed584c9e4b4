package ci

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Strangers judges whether jobs of other tenants get in, by the rules that hold for every shared issuer; nil where one
// tenant is named.
func (r *Reading) Strangers() []Verdict { return Judgement{}.strangers(r) }

// Projects judges what a reading leaves open of the tenant's projects: whole is the rule where nothing is demanded of
// them, and part where something is: the beginning of a name, or one of several names. It is nil where one project is
// named, and empty where another value of the role has the verdict already. On an issuer that is one tenant's alone,
// what else would name the tenant is the outermost name of a project.
func (r *Reading) Projects(whole, part Rule) []Verdict {
	loose := r.loose()
	if len(loose) == 0 {
		return nil
	}
	rule := part
	// The same wildcards may fit an odd name in another form, and are no second mistake.
	if r.Shares(func(q *Reading) bool { return slices.Equal(q.Values, r.Values) && q.open() }) {
		rule = whole
	} else if r.Shares(func(q *Reading) bool { return q.Form == r.Form && q.open() && r.sameTenant(q) }) {
		return []Verdict{} // another value lets in all of the tenant, and has the finding
	}
	_, claims := r.Deciding(Project)
	return []Verdict{{Rule: rule, Other: append(loose, claims...)}}
}

// sameTenant reports that two readings are of one tenant.
func (r *Reading) sameTenant(q *Reading) bool {
	fields, claims := r.Deciding(Tenant)
	return !slices.ContainsFunc(append(fields, claims...), func(place string) bool {
		return r.Span(place) != q.Span(place)
	})
}

// loose are the fields in which a project has several texts; none where a claim names it.
func (r *Reading) loose() []string {
	fields, claims := r.Deciding(Project)
	if slices.ContainsFunc(claims, func(claim string) bool { return r.Exactly(claim) }) {
		return nil
	}
	return slices.DeleteFunc(append(r.outer(), fields...), func(place string) bool { return r.Exactly(place) })
}

// outer are the fields that would name the tenant if the issuer were not one tenant's alone.
func (r *Reading) outer() []string {
	if r.Host.Shared {
		return nil
	}
	fields, _ := r.Deciding(Tenant)
	return fields
}

// open reports that nothing is demanded of the project.
func (r *Reading) open() bool {
	loose := r.loose()
	fields, _ := r.Deciding(Project)
	open := len(loose) > 0 && len(loose) >= len(fields) ||
		slices.ContainsFunc(r.outer(), func(place string) bool { return !r.Exactly(place) })
	return open && r.admitsAnything(loose)
}

// admitsAnything reports that a subject gets in whose texts in these fields are somebody else's, and that no beginning
// of one is demanded.
func (r *Reading) admitsAnything(places []string) bool {
	texts := map[string]string{}
	for _, f := range r.Form.Fields {
		switch {
		case !slices.Contains(places, f.Name):
		case r.Span(f.Name).Kind == Prefix:
			return false
		case len(f.Choices) == 0:
			texts[f.Name] = f.Other
		}
	}
	return r.Admits(texts)
}

// UnheardOf is a name that no policy means: where a reading admits it, it admits any.
const UnheardOf = "unheard-of-7"

// OneWildcard reports that nothing tests sub, or that one wildcard at the end of its value covers all that is left
// open. Whatever a system says of such a reading has one cause.
func (r *Reading) OneWildcard() bool {
	return !slices.ContainsFunc(r.Values, func(value trust.Value) bool {
		literal := strings.TrimRight(value.Pattern, "*")
		return !value.Like || literal == value.Pattern || trust.HasWildcard(literal)
	})
}

// OneCause reports that one thing leaves open what a reading leaves open of the project and of the event: nothing tests
// sub, or one wildcard covers both. A reading that has a verdict for it needs no other.
func (r *Reading) OneCause() bool {
	if !r.Tested {
		return true
	}
	runs := 0
	for _, value := range r.Values {
		if value.Like {
			runs += len(strings.FieldsFunc(value.Pattern, func(c rune) bool { return c != '*' && c != '?' }))
		}
	}
	events, _ := r.Deciding(Event)
	return runs <= 1 && len(events) > 0 && !r.Exactly(events...)
}

// OfOneCause are the verdicts of a reading of which one cause leaves open the project and the event: those about the
// cause, and of the others what is worse. A trust is not judged milder because it is wider: if the others are about
// code that nobody need have reviewed, so is the cause. Where another value of the role has the verdict about the
// cause, there is none here, and none of the others.
func OfOneCause(cause, others []Verdict) []Verdict {
	if len(cause) == 0 {
		return cause
	}
	said := slices.Clone(cause)
	for _, v := range others {
		if !slices.ContainsFunc(cause, func(c Verdict) bool { return c.Rule.Severity.AtLeast(v.Rule.Severity) }) {
			said = append(said, v)
		}
		for i := range cause {
			said[i].Rule.Unreviewed = said[i].Rule.Unreviewed || v.Rule.Unreviewed
		}
	}
	return said
}

// Shares reports that a reading of the role, this one or another, is as asked.
func (r *Reading) Shares(asked func(*Reading) bool) bool {
	if len(r.Among) == 0 {
		return asked(r)
	}
	return slices.ContainsFunc(r.Among, asked)
}

// ReadAs reports that the same values of sub have a reading of one of these forms, too, which says more of them.
func (r *Reading) ReadAs(forms ...*Form) bool {
	return r.Shares(func(q *Reading) bool { return slices.Contains(forms, q.Form) && slices.Equal(q.Values, r.Values) })
}

// SharesJob finds a job that the role lets in by this reading with some texts, and by this or another one with others:
// the plan and the apply of one workspace. It returns all texts that the first has; ok is false where there is none.
func (r *Reading) SharesJob(texts, others map[string]string) (job map[string]string, ok bool) {
	if !r.Admits(texts) {
		return nil, false
	}
	ok = r.Shares(func(q *Reading) bool {
		if q.Form != r.Form || !r.joins(q, others) {
			return false
		}
		for _, names := range []map[string]string{r.common(q, others), r.named(texts), q.named(others)} {
			mine, its := maps.Clone(names), maps.Clone(names)
			maps.Copy(mine, texts)
			maps.Copy(its, others)
			if r.Admits(mine) && q.Admits(its) {
				job = mine
				return true
			}
		}
		return false
	})
	return job, ok
}

// joins reports that no field tells at once that two readings have no job in common: of hundreds of workspaces that are
// named each is asked about each.
func (r *Reading) joins(q *Reading, others map[string]string) bool {
	for _, f := range r.Form.Fields {
		mine, its := r.Field(f.Name), q.Field(f.Name)
		if text, chosen := others[f.Name]; chosen {
			mine = Span{Kind: Exact, Text: text}
		}
		switch {
		case mine.Kind == Open || its.Kind == Open:
		case mine.Kind == Exact && its.Kind == Exact && mine.Text != its.Text,
			mine.Kind == Prefix && !strings.HasPrefix(its.Text, mine.Text) && !strings.HasPrefix(mine.Text, its.Text),
			mine.Kind == Exact && its.Kind == Prefix && !strings.HasPrefix(mine.Text, its.Text):
			return false
		}
	}
	return true
}

// common are texts that both readings may have in the fields other than some: what one of them demands.
func (r *Reading) common(q *Reading, except map[string]string) map[string]string {
	job := map[string]string{}
	for _, f := range r.Form.Fields {
		if _, chosen := except[f.Name]; chosen {
			continue
		}
		mine, its := r.Field(f.Name), q.Field(f.Name)
		if its.Kind == Exact || its.Kind == Prefix && len(its.Text) > len(mine.Text) && mine.Kind != Exact {
			mine = its
		}
		switch mine.Kind {
		case Exact:
			job[f.Name] = mine.Text
		case Prefix:
			job[f.Name] = mine.Text + "x"
		}
	}
	return job
}

// named are the texts of a subject that gets in, by field.
func (r *Reading) named(wanted map[string]string) map[string]string {
	job := map[string]string{}
	if texts, ok := r.Witness(wanted); ok {
		for i, f := range r.Form.Fields {
			job[f.Name] = texts[i]
		}
	}
	return job
}
