package ci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Form is one form of a subject: fixed text with fields in between, such as "space:{space}:stack:{stack}". It builds
// subjects, reads them back and writes the pattern of those that a grant admits.
type Form struct {
	Template string
	between  []string // the fixed texts: one before each field, and one behind the last
	Fields   []Field
	Whole    *Expression
	loose    *Expression // whole, with any text of its length in each field of fixed length
	meetings meetings
	// MostWildcards bounds the runs of wildcards in a value that Meet looks at, for a form whose automaton is so large
	// that a value of nothing but wildcards would take seconds; 0 is no bound.
	MostWildcards int
}

// A Field is a part of a subject that varies.
type Field struct {
	Name    string   // as people call it: "workspace"
	Texts   string   // a regular expression of the texts that the issuer writes there; "" is [^:]+
	Sample  string   // one of them, for tokens that are made up
	Other   string   // one that belongs to somebody else; "" is "mallory"
	Choices []string // all of them, where there are but a few
	Length  int      // of each of them, where it is fixed: only then may a grant leave the field open before its end
	Decides Decision
	Key     string // the claim that AWS fills as a condition key with the same text, "" for none: "project_id"
}

// A Decision is what a field of a subject decides about a job.
type Decision string

// What fields decide.
const (
	Tenant  Decision = "tenant"  // whose job it is: the organization, the account, the owner
	Project Decision = "project" // what of the tenant's: the project, repository, pipeline, workspace
	RefOf   Decision = "ref"     // the branch or tag
	Event   Decision = "event"   // what started it, or what for: the environment, the phase, the kind of run, who
	Nothing Decision = "nothing" // what differs from run to run: its id, the commit
)

// Decisions are all that a field can decide.
var Decisions = []Decision{Tenant, Project, RefOf, Event, Nothing}

// NewForm declares a form. A field stands in the template as {name}; fields are listed in that order.
func NewForm(template string, fields ...Field) *Form {
	f := &Form{Template: template, Fields: fields}
	expression, loose := `\A`, `\A`
	for i := range fields {
		before, after, found := strings.Cut(template, "{"+fields[i].Name+"}")
		if !found {
			// a mistake in the code, which every start shows
			panic("no field " + fields[i].Name + " in the form " + f.Template)
		}
		if fields[i].Texts == "" {
			fields[i].Texts = `[^:]+`
		}
		if len(fields[i].Choices) > 0 {
			fields[i].Texts = strings.Join(fields[i].Choices, "|")
		}
		if fields[i].Other == "" {
			fields[i].Other = "mallory"
		}
		f.between = append(f.between, before)
		expression += regexp.QuoteMeta(before) + "(" + fields[i].Texts + ")"
		loose += regexp.QuoteMeta(before) + "(" + fields[i].anyText() + ")"
		template = after
	}
	f.between = append(f.between, template)
	f.Whole = NewExpression(expression + regexp.QuoteMeta(template) + `\z`)
	f.loose = NewExpression(loose + regexp.QuoteMeta(template) + `\z`)
	return f
}

// anyText is a regular expression of what "?" stands for in the place of a field of fixed length, and of the field's
// texts in that of any other.
func (f Field) anyText() string {
	if f.Length == 0 {
		return f.Texts
	}
	return fmt.Sprintf("(?s:.{%d})", f.Length)
}

// Build returns the subject with the given texts, one for each field.
func (f *Form) Build(texts ...string) string {
	var b strings.Builder
	for i, text := range texts {
		b.WriteString(f.between[i])
		b.WriteString(text)
	}
	b.WriteString(f.between[len(texts)])
	return b.String()
}

// Parse returns the texts of the fields of a subject; false if the subject has another form.
func (f *Form) Parse(sub string) ([]string, bool) {
	parts := f.Whole.FindStringSubmatch(sub)
	if parts == nil {
		return nil, false
	}
	return parts[1:], true
}

// A Term constrains one field: an exact value, a prefix, or any value of the field's fixed length.
type Term struct {
	Name Name
	Open bool
}

// Exactly is the term of one value.
func Exactly(text string) Term { return Term{Name: Name{Text: text}} }

// ExactlyAll are the terms of one text each.
func ExactlyAll(texts ...string) []Term {
	terms := make([]Term, len(texts))
	for i, text := range texts {
		terms[i] = Exactly(text)
	}
	return terms
}

// Anything is the term that leaves a field of fixed length open.
var Anything = Term{Open: true}

// Pattern is what StringLike, or StringEquals where nothing is open, wants of the subject.
func (f *Form) Pattern(terms []Term) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		switch {
		case t.Open && f.Fields[i].Length == 0, t.Name.Prefix && (i+1 < len(terms) || f.between[i+1] != ""):
			// no input leads here
			panic(fmt.Sprintf("the field %s of %s cannot be left open", f.Fields[i].Name, f.Template))
		case t.Open:
			texts[i] = strings.Repeat("?", f.Fields[i].Length)
		default:
			texts[i] = t.Name.Pattern()
		}
	}
	return f.Build(texts...)
}

// Admits judges a subject by its fields. Where one is left open, the grant does not care whether the issuer could write
// what stands there: any text of its length is meant.
func (f *Form) Admits(terms []Term, sub string) bool {
	read := f.Whole
	if slices.ContainsFunc(terms, func(t Term) bool { return t.Open }) {
		read = f.loose
	}
	parts := read.FindStringSubmatch(sub)
	if parts == nil {
		return false
	}
	for i, text := range parts[1:] {
		if !terms[i].Open && !terms[i].Name.Admits(text) {
			return false
		}
	}
	return true
}
