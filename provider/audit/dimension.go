package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A dimension is a condition key, or several that depend on each other, with the kinds of values that it may have.
type dimension struct {
	questions []int
	kinds     []kind
	cut       bool // there are kinds that could not be listed
}

// A kind is values of a key that have the same answers.
type kind struct {
	answers []answer // one for each question of the dimension
	value   value
	sample  ci.Sample // of a subject, where the dimension is that of the subject
	// real says that the value has the answers. Otherwise it is not known whether any value has them.
	real         bool
	tags, source bool // a token with the value carries session tags, or a source identity
	// named are the texts with these answers that a policy names, the value's own included where it is one.
	named []string
}

// A value is what a key has.
type value struct {
	absent bool
	text   string
	list   []string // where the key has a set
}

// mostOpen bounds how many questions of a key may be answered either way.
const mostOpen = 6

// guess adds kinds for all answers to questions of which nobody knows which values have which.
func (d *dimension) guess(unsure []int) {
	if len(unsure) == 0 {
		return
	}
	if len(unsure) > mostOpen {
		d.cut = true
		return
	}
	var places []int
	for _, n := range unsure {
		places = append(places, slices.Index(d.questions, n))
	}
	known := map[string]bool{}
	for _, k := range d.kinds {
		known[spelled(k.answers)] = true
	}
	for _, k := range slices.Clone(d.kinds) {
		for bits := range 1 << len(places) {
			guessed := k
			guessed.answers, guessed.real = slices.Clone(k.answers), false
			for i, at := range places {
				guessed.answers[at] = yes
				if bits>>i&1 == 1 {
					guessed.answers[at] = no
				}
			}
			if !known[spelled(guessed.answers)] {
				known[spelled(guessed.answers)] = true
				d.kinds = append(d.kinds, guessed)
			}
		}
	}
}

// spelled is a text that is the same for the same answers.
func spelled(answers []answer) string {
	b := make([]byte, len(answers))
	for i, a := range answers {
		b[i] = byte(a)
	}
	return string(b)
}

// asked are the questions about a key.
func (d *duel) asked(key string) []int {
	var numbers []int
	for n, q := range d.trials {
		if q.key == key {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// sets are keys that hold sets of values.
var sets = map[string]bool{
	"claim amr": true, "aws:tagkeys": true, "sts:transitivetagkeys": true, "aws:resourceorgpaths": true,
}

// anything is the form of a key of which nothing is known, and sessions are names of sessions.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
var (
	anything = ci.NewForm("{text}", ci.Field{Name: "text", Texts: `(?s:.*)`, Sample: "text", Other: "mallory"})
	sessions = ci.NewForm("{name}", ci.Field{Name: "name", Texts: `[\w+=,.@-]{2,64}`, Sample: "session",
		Other: "mallory"})
)

// calls are the forms of keys that describe the call: AWS fills them with nothing else. Addresses stand in possible.
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestmanager
var calls = map[string]*ci.Form{
	"sts:rolesessionname": sessions,
	"aws:currenttime": ci.NewForm("{time}", ci.Field{Name: "time", Sample: "2026-01-01T00:00:00Z",
		Texts: `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z`}),
	"aws:epochtime":       ci.NewForm("{seconds}", ci.Field{Name: "seconds", Texts: `[0-9]+`, Sample: "1767225600"}),
	"sts:durationseconds": ci.NewForm("{seconds}", ci.Field{Name: "seconds", Texts: `[0-9]+`, Sample: "3600"}),
	"aws:securetransport": ci.NewForm("{secure}", ci.Field{Name: "secure", Choices: []string{"true", "false"}}),
}

// possible reports that AWS may fill a key with a text.
func possible(key, text string) bool {
	if key == "aws:sourceip" || key == "aws:vpcsourceip" {
		_, err := netip.ParseAddr(text)
		return err == nil
	}
	return true
}

// textsOf is the form of a key's texts.
func (d *duel) textsOf(key string) *ci.Form {
	claim, isClaim := strings.CutPrefix(key, "claim ")
	switch {
	case isClaim && d.issuer.claim(claim) != nil:
		return d.issuer.claimForm(claim)
	case isClaim && (claim == "aud" || claim == "oaud"):
		return anyText
	case calls[key] != nil:
		return calls[key]
	}
	return anything
}

// single is the dimension of a key that depends on no other.
func (d *duel) single(key string) *dimension {
	if made := d.keys[key]; made != nil {
		return made
	}
	made := &dimension{questions: d.asked(key)}
	d.keys[key] = made
	form := d.textsOf(key)
	var values []trust.Value
	var unsure, others []int
	var tries []string
	complete := true
	for _, n := range made.questions {
		q := d.trials[n]
		switch {
		case q.variable:
			unsure = append(unsure, n)
		case q.compares:
			values = append(values, valuesOf(q)...)
		case !q.clause.Null:
			texts, all := q.statement.Tries(q.clause.Number)
			tries, complete = append(tries, texts...), complete && all
			others = append(others, n)
		}
	}
	found, err := form.Samples(nil, map[string][]trust.Value{form.Fields[0].Name: values}, nil, false, &d.sampling)
	if err != nil {
		made.cut = true
	}
	finite := len(form.Fields[0].Choices) > 0
	if len(others) > 0 && !finite && (len(values) > 0 || !complete || !d.oneFamily(others)) {
		unsure = append(unsure, others...)
	}
	texts := append(made.nice(form, values), form.Fields[0].Choices...)
	for _, s := range found {
		texts = append(texts, s.Texts[0])
	}
	if len(others) > 0 {
		for _, text := range tries {
			texts = append(texts, text, text+".5", text+".0")
		}
		texts = append(texts, "mallory", "true", "false", "1", "0", "2026-01-01T00:00:00Z", "192.0.2.1")
	}
	made.fill(d, key, form, texts)
	for i := range made.kinds {
		made.kinds[i].named = d.namedLike(key, form, values, &made.kinds[i])
	}
	if sets[key] {
		unsure = made.questions
	}
	made.guess(unsure)
	return made
}

// nice are texts for people to read, tried before others.
func (d *dimension) nice(form *ci.Form, values []trust.Value) []string {
	var texts []string
	for _, v := range values {
		if v.Exact() {
			texts = append(texts, v.Pattern)
		}
	}
	if form == anyText || form == anything {
		return append(texts, "sts.amazonaws.com", "mallory", "192.0.2.1", "203.0.113.1")
	}
	return append(texts, form.Fields[0].Sample, form.Fields[0].Other)
}

// fill lists the kinds of a key: one for each combination of answers, shown by the first text that has them.
func (d *dimension) fill(of *duel, key string, form *ci.Form, texts []string) {
	known := map[string]bool{}
	add := func(v value) {
		k := kind{value: v, real: true, tags: !v.absent && ofTags(key), source: !v.absent && key == sourceIdentity}
		r := of.issuer.request(trust.Role{})
		put(r, key, v)
		k.answers = of.answers(d.questions, r)
		if id := fmt.Sprint(k.tags, k.source) + spelled(k.answers); !known[id] {
			known[id] = true
			d.kinds = append(d.kinds, k)
		}
	}
	required := slices.Contains(always, key) || key == "claim aud" || key == "claim oaud"
	optional := ofTags(key) || key == sourceIdentity
	if !required && optional {
		add(value{absent: true})
	}
	for _, text := range texts {
		if _, ok := form.Parse(text); ok && possible(key, text) {
			add(value{text: text})
		}
	}
	if sets[key] && len(texts) > 1 {
		add(value{list: texts[:2]})
		add(value{list: texts})
	}
	if !required && !optional {
		add(value{absent: true})
	}
}

// namedLike are the exact values with the answers of a kind.
func (d *duel) namedLike(key string, form *ci.Form, values []trust.Value, k *kind) []string {
	var texts []string
	for _, v := range values {
		if _, ok := form.Parse(v.Pattern); !ok || v.Wild() || slices.Contains(texts, v.Pattern) {
			continue
		}
		r := d.issuer.request(trust.Role{})
		put(r, key, value{text: v.Pattern})
		if slices.Equal(d.answers(d.asked(key), r), k.answers) {
			texts = append(texts, v.Pattern)
		}
	}
	return texts
}

// answers are those that a request gives to some questions.
func (d *duel) answers(questions []int, r *trust.Request) []answer {
	answers := make([]answer, len(questions))
	for i, n := range questions {
		q := d.trials[n]
		answers[i] = no
		if q.statement.Holds(q.clause.Number, r) == trust.Allowed {
			answers[i] = yes
		}
	}
	return answers
}

// valuesOf are the values of a question that compares texts.
func valuesOf(q *question) []trust.Value {
	return q.clause.Values
}

// oneFamily reports that the questions compare values of one kind, which lie on a line, so that a text at each value
// and on both sides of it is one of every piece.
func (d *duel) oneFamily(questions []int) bool {
	family := func(n int) string {
		name := d.trials[n].clause.Operator
		for _, family := range []string{"Numeric", "Date", "Bool", "IpAddress"} {
			if strings.Contains(name, family) {
				return family
			}
		}
		return name
	}
	first := family(questions[0])
	return !slices.ContainsFunc(questions, func(n int) bool { return family(n) != first })
}

// subject is the dimension of subjects of a form, and of the claims that repeat its fields. Each kind is its own, also
// where others have the same answers: each is a difference of its own.
func (d *duel) subject(form *ci.Form, exact bool) (*dimension, error) {
	if made := d.forms[read{form, exact}]; made != nil {
		return made, nil
	}
	made := &dimension{}
	var values []trust.Value
	fields := map[string][]trust.Value{}
	var unsure []int
	ask := func(key string, note func([]trust.Value)) {
		for _, n := range d.asked(key) {
			made.questions = append(made.questions, n)
			switch q := d.trials[n]; {
			case q.variable, !q.compares && !q.clause.Null:
				unsure = append(unsure, n)
			case q.compares:
				note(valuesOf(q))
			}
		}
	}
	ask("claim sub", func(more []trust.Value) { values = append(values, more...) })
	var keys []string
	for _, f := range form.Fields {
		if f.Key != "" && !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
			ask("claim "+f.Key, func(more []trust.Value) { fields[f.Name] = append(fields[f.Name], more...) })
		}
	}
	samples, err := form.Samples(values, fields, d.issuer.fixed, exact, &d.sampling)
	if err != nil {
		return nil, err
	}
	for _, s := range samples {
		k := kind{sample: s, real: s.Real}
		k.answers = d.answers(made.questions, d.job(form, s))
		made.kinds = append(made.kinds, k)
	}
	made.guess(unsure)
	d.forms[read{form, exact}] = made
	return made, nil
}

// repeated are the claims that repeat fields of a form.
func repeated(form *ci.Form) map[string]bool {
	keys := map[string]bool{"claim sub": true}
	for _, f := range form.Fields {
		if f.Key != "" {
			keys["claim "+f.Key] = true
		}
	}
	return keys
}
