package advice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// differences says in which fields the token differs from what came closest, and which conditions that explains; ""
// where the fields do not say it.
func (a *adviser) differences(c *candidate) (text string, about map[int]bool) {
	first := c.closest[0]
	var wanted []string
	for _, r := range c.closest {
		for _, w := range r.values {
			wanted = ci.AddOnce(wanted, w)
		}
	}
	clauses := a.policy.Statements[c.number].Clauses(a.request.Provider)
	about = map[int]bool{}
	hint, failing := "", false
	for _, clause := range clauses {
		condition := &a.decision.Statements[c.number].Conditions[clause.Number]
		if clause.About != trust.AboutToken || !clause.Text || clause.Negated || condition.Answer != trust.Denied ||
			len(condition.Seen) == 0 {
			continue
		}
		_, declared := a.field(clause.Claim)
		if clause.Claim != "sub" && !declared {
			continue
		}
		about[clause.Number], failing = true, true
		if clause.Claim == "sub" {
			hint = condition.Hint
		}
	}
	if !failing {
		return "", nil
	}
	m := &ci.Mismatch{Job: a.job, Claim: "sub", Seen: a.seen, Wanted: wanted, Form: first.form,
		Fields: joined(c.closest)}
	if guard, ok := a.system.(ci.Guard); ok {
		a.foreign = guard.Foreign(m)
	}
	var parts []string
	switch {
	case first.form == nil && len(a.forms) > 0 && len(wanted) > 0:
		parts = append(parts, fmt.Sprintf("sub: wants %s, the token has %q, and no subject of %s is as wanted",
			trust.Quoted(wanted, "or"), a.seen, a.title))
	case first.form == nil || len(m.Fields) == 0 && first.mended == "" || a.job.Form == nil:
		parts = append(parts, fmt.Sprintf("sub: wants %s, the token has %q", trust.Quoted(wanted, "or"), a.seen))
	default:
		if first.mended != "" {
			text := fmt.Sprintf("sub: wants %s, the token has %q, and no subject of %s is as wanted",
				trust.Quoted(wanted, "or"), a.seen, a.title)
			if !strings.HasSuffix(first.mended, "*") { // what a wildcard at the end would let in is not meant
				text += fmt.Sprintf("; meant may be %q", first.mended)
			}
			parts = append(parts, text)
		}
		parts = append(parts, fieldTexts(named(a.job, first.form, m.Fields))...)
	}
	text = strings.Join(parts, "; ")
	var more []string
	if hint != "" && !strings.Contains(hint, "letter by letter") {
		more = append(more, hint)
	}
	switch {
	case swapped(m.Fields):
		more = append(more, "the two ids are swapped in the policy")
	case alike(m.Fields):
		more = append(more, "they differ in letter case alone, and AWS compares letter by letter")
	case strings.Contains(hint, "letter by letter"):
		more = append(more, hint)
	default:
		if adviser, ok := a.system.(ci.Adviser); ok {
			if known := adviser.Advise(m); known != "" {
				more = append(more, known)
			}
		}
	}
	if len(more) > 0 {
		text += ": " + strings.Join(more, "; ")
	}
	return text, about
}

// joined are the differences of readings that are as close, with all that is wanted.
func joined(readings []reading) []ci.Difference {
	var fields []ci.Difference
	for _, r := range readings {
		if r.form != readings[0].form {
			continue
		}
		for _, d := range r.differences {
			at := slices.IndexFunc(fields, func(other ci.Difference) bool { return other.Field == d.Field })
			if at < 0 {
				d.Wanted = slices.Clone(d.Wanted)
				fields = append(fields, d)
				continue
			}
			for _, span := range d.Wanted {
				if !slices.Contains(fields[at].Wanted, span) {
					fields[at].Wanted = append(fields[at].Wanted, span)
				}
			}
		}
	}
	return fields
}

// alike reports that fields differ in letter case alone.
func alike(fields []ci.Difference) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(d ci.Difference) bool {
		return !slices.ContainsFunc(d.Wanted, func(s ci.Span) bool {
			return s.Kind == ci.Exact && s.Text != d.Seen && strings.EqualFold(s.Text, d.Seen) ||
				s.Kind == ci.Prefix && !strings.HasPrefix(d.Seen, s.Text) &&
					strings.HasPrefix(strings.ToLower(d.Seen), strings.ToLower(s.Text))
		})
	})
}

// fieldTexts says fields that both have one by one, and joins those that one of the two has alone.
func fieldTexts(fields []ci.Difference) []string {
	var both, wanted, seen []string
	for _, d := range fields {
		switch {
		case d.Seen == "" && len(d.Wanted) > 0:
			wanted = append(wanted, d.Field+" "+spans(d.Wanted))
		case len(d.Wanted) == 0:
			seen = append(seen, d.Field+" "+strconv.Quote(d.Seen))
		default:
			both = append(both, fmt.Sprintf("%s: wants %s, the token has %q", d.Field, spans(d.Wanted), d.Seen))
		}
	}
	switch {
	case len(wanted) > 0 && len(seen) > 0:
		both = append(both, fmt.Sprintf("sub: wants %s, the token has %s", strings.Join(wanted, " and "),
			strings.Join(seen, " and ")))
	case len(wanted) > 0:
		both = append(both, fmt.Sprintf("sub: wants %s, the token has none", strings.Join(wanted, " and ")))
	case len(seen) > 0:
		both = append(both, fmt.Sprintf("sub: the token has %s, and a subject without is wanted",
			strings.Join(seen, " and ")))
	}
	return both
}

// named calls a ref by what it is where its name says so: a branch, a tag.
func named(job ci.Job, form *ci.Form, fields []ci.Difference) []ci.Difference {
	kind := ""
	for _, f := range form.Fields {
		if text := job.Texts[f.Name]; f.Decides == ci.RefOf && slices.Contains(f.Choices, text) &&
			!slices.ContainsFunc(fields, func(d ci.Difference) bool { return d.Field == f.Name }) {
			kind = text
		}
	}
	fields = slices.Clone(fields)
	for i, d := range fields {
		if d.Decides != ci.RefOf || d.Seen == "" || len(d.Wanted) == 0 {
			continue
		}
		if kind != "" {
			fields[i].Field = kind
		}
		for _, ref := range []ci.RefKind{ci.Branches, ci.Tags} {
			seen, is := strings.CutPrefix(d.Seen, ref.Namespace)
			if !is || slices.ContainsFunc(d.Wanted, func(s ci.Span) bool {
				return !strings.HasPrefix(s.Text, ref.Namespace)
			}) {
				continue
			}
			fields[i].Field, fields[i].Seen = ref.Noun, seen
			fields[i].Wanted = slices.Clone(d.Wanted)
			for j := range d.Wanted {
				fields[i].Wanted[j].Text = strings.TrimPrefix(d.Wanted[j].Text, ref.Namespace)
			}
		}
	}
	return fields
}

// mostSpans is how many of the wanted texts a sentence has.
const mostSpans = 5

func spans(wanted []ci.Span) string {
	var texts []string
	for _, s := range wanted[:min(len(wanted), mostSpans)] {
		switch s.Kind {
		case ci.Exact:
			texts = append(texts, strconv.Quote(s.Text))
		case ci.Prefix:
			texts = append(texts, "one that begins with "+strconv.Quote(s.Text))
		default:
			texts = append(texts, "another one")
		}
	}
	if more := len(wanted) - mostSpans; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, " or ")
}
