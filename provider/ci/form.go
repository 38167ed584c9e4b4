package ci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A form is one form of a subject: fixed text with fields in between, such as "space:{space}:stack:{stack}". It builds
// subjects, reads them back and writes the pattern of those that a grant admits.
type form struct {
	template string
	between  []string // the fixed texts: one before each field, and one behind the last
	fields   []field
	whole    *expression
	loose    *expression // whole, with any text of its length in each field of fixed length
}

// A field is a part of a subject that varies.
type field struct {
	name    string   // as people call it: "workspace"
	texts   string   // a regular expression of the texts that the issuer writes there; "" is [^:]+
	sample  string   // one of them, for tokens that are made up
	other   string   // one that belongs to somebody else; "" is "mallory"
	choices []string // all of them, where there are but a few
	length  int      // of each of them, where it is fixed: only then may a grant leave the field open before its end
}

// newForm declares a form. A field stands in the template as {name}; fields are listed in that order.
func newForm(template string, fields ...field) *form {
	f := &form{template: template, fields: fields}
	expression, loose := `\A`, `\A`
	for i := range fields {
		before, after, found := strings.Cut(template, "{"+fields[i].name+"}")
		if !found {
			panic("no field " + fields[i].name + " in the form " + f.template) // a mistake in the code, which every start shows
		}
		if fields[i].texts == "" {
			fields[i].texts = `[^:]+`
		}
		if len(fields[i].choices) > 0 {
			fields[i].texts = strings.Join(fields[i].choices, "|")
		}
		if fields[i].other == "" {
			fields[i].other = "mallory"
		}
		f.between = append(f.between, before)
		expression += regexp.QuoteMeta(before) + "(" + fields[i].texts + ")"
		loose += regexp.QuoteMeta(before) + "(" + fields[i].anyText() + ")"
		template = after
	}
	f.between = append(f.between, template)
	f.whole = newExpression(expression + regexp.QuoteMeta(template) + `\z`)
	f.loose = newExpression(loose + regexp.QuoteMeta(template) + `\z`)
	return f
}

// anyText is a regular expression of what "?" stands for in the place of a field of fixed length, and of the field's texts
// in that of any other.
func (f field) anyText() string {
	if f.length == 0 {
		return f.texts
	}
	return fmt.Sprintf("(?s:.{%d})", f.length)
}

// build writes a subject with the given texts, one for each field.
func (f *form) build(texts ...string) string {
	var b strings.Builder
	for i, text := range texts {
		b.WriteString(f.between[i])
		b.WriteString(text)
	}
	b.WriteString(f.between[len(texts)])
	return b.String()
}

// parse reads the texts of the fields out of a subject.
func (f *form) parse(sub string) ([]string, bool) {
	parts := f.whole.FindStringSubmatch(sub)
	if parts == nil {
		return nil, false
	}
	return parts[1:], true
}

// A term is what a grant wants of a field: a name or all that begin alike, or, without one, any text of the field's length.
type term struct {
	name name
	open bool
}

// exactly is the term of one text.
func exactly(text string) term { return term{name: name{text: text}} }

// exactlyAll are the terms of one text each.
func exactlyAll(texts ...string) []term {
	terms := make([]term, len(texts))
	for i, text := range texts {
		terms[i] = exactly(text)
	}
	return terms
}

// anything is the term that leaves a field of fixed length open.
var anything = term{open: true}

// pattern is what StringLike, or StringEquals where nothing is open, wants of the subject.
func (f *form) pattern(terms []term) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		switch {
		case t.open && f.fields[i].length == 0, t.name.prefix && (i+1 < len(terms) || f.between[i+1] != ""):
			panic(fmt.Sprintf("the field %s of %s cannot be left open", f.fields[i].name, f.template)) // no input leads here
		case t.open:
			texts[i] = strings.Repeat("?", f.fields[i].length)
		default:
			texts[i] = t.name.pattern()
		}
	}
	return f.build(texts...)
}

// admits judges a subject by its fields. Where one is left open, the grant does not care whether the issuer could write what
// stands there: any text of its length is meant.
func (f *form) admits(terms []term, sub string) bool {
	read := f.whole
	if slices.ContainsFunc(terms, func(t term) bool { return t.open }) {
		read = f.loose
	}
	parts := read.FindStringSubmatch(sub)
	if parts == nil {
		return false
	}
	for i, text := range parts[1:] {
		if !terms[i].open && !terms[i].name.admits(text) {
			return false
		}
	}
	return true
}
