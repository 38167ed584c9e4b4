package ci

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/language"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Demand is what conditions ask of one text: it fits every value of Fit and none of Refuse.
type Demand = language.Demand

// ErrTooLarge reports that values are too involved to judge: nothing is known of them.
var ErrTooLarge = language.ErrTooLarge

// ErrTooManyWildcards reports that a value has more runs of wildcards than a form is met with, which costs nothing to
// find out.
var ErrTooManyWildcards = errors.New("the value has more wildcards than subjects of a form are compared with; write " +
	"fewer")

// A Meeting is the subjects of a form that satisfy demands.
//
// It is a product of automata. The first one is wide: it does not count repetitions of up to n times, and where a
// subject can be split into fields in several ways it knows them all. So it is small, and never too narrow. Whatever it
// says that could be wrong is shown by subjects that the form parses; where those that it proposes are none, an exact
// product is made, which counts and splits as Form.Parse does.
type Meeting struct {
	form   *Form
	sub    Demand
	fields map[string]Demand

	mutex   sync.Mutex
	product *language.Automaton
	exact   bool     // the product is the exact one
	witness []string // the texts of one subject; nil if there is none
	spans   []*Span
}

// A SpanKind is how much of a field's text is certain.
type SpanKind string

// How much of a text is certain.
const (
	Exact  SpanKind = "exact"  // all of it
	Prefix SpanKind = "prefix" // what it begins with
	Open   SpanKind = "open"   // nothing that stands at its beginning: "*-prod" as well as "*"
)

// A Span sums up the texts that the subjects of a meeting have in a field. It is for sentences: fields are joint, as
// "repo:*main*" shows, so what gets in is decided by Witness, Other and Within.
type Span struct {
	Kind SpanKind
	Text string // the only text, or the longest that all begin with, which is not empty
}

// meetings is what a form keeps to meet values quickly: its automata, and the last meetings, because the roles of an
// account repeat their values. The zero value is ready.
type meetings struct {
	wide, exact automaton
	mutex       sync.Mutex
	kept        map[string]*Meeting
}

// The most meetings that a form keeps, and the most states of one: at most some hundred kilobytes together.
const (
	mostKept       = 32
	mostStatesKept = 200
)

// An automaton is the one of a form, made when it is first used.
type automaton struct {
	once sync.Once
	made *language.Automaton
	err  error
}

func (a *automaton) of(f *Form, wide bool) (*language.Automaton, error) {
	a.once.Do(func() { a.made, a.err = language.Read(f.Whole.text, wide) })
	return a.made, a.err
}

// Meet returns the subjects of the form that satisfy a demand on the subject and demands on single fields (by
// Field.Name: they come from condition keys that repeat a field). Fields that the form does not have are passed over.
// The error is ErrTooLarge when more than 10^6 states would have to be looked at, or ErrTooManyWildcards: then nothing
// is known.
func (f *Form) Meet(sub Demand, fields map[string]Demand) (*Meeting, error) {
	if f.MostWildcards > 0 && slices.ContainsFunc(slices.Concat(sub.Fit, sub.Refuse), func(v trust.Value) bool {
		return v.Like && wildcards(v.Pattern) > f.MostWildcards
	}) {
		return nil, ErrTooManyWildcards
	}
	key := keyOf(sub, fields)
	f.meetings.mutex.Lock()
	m := f.meetings.kept[key]
	f.meetings.mutex.Unlock()
	if m != nil {
		return m, nil
	}
	m = &Meeting{form: f, sub: copied(sub), fields: map[string]Demand{}, spans: make([]*Span, len(f.Fields))}
	for name, demand := range fields {
		m.fields[name] = copied(demand)
	}
	if err := m.open(); err != nil {
		return nil, err
	}
	if m.product.Size() <= mostStatesKept {
		f.meetings.mutex.Lock()
		if f.meetings.kept == nil || len(f.meetings.kept) >= mostKept {
			f.meetings.kept = map[string]*Meeting{}
		}
		f.meetings.kept[key] = m
		f.meetings.mutex.Unlock()
	}
	return m, nil
}

// copied is a demand that stays as it is when the caller writes into its lists: a meeting is kept.
func copied(d Demand) Demand { return Demand{Fit: slices.Clone(d.Fit), Refuse: slices.Clone(d.Refuse)} }

// wildcards counts the runs of wildcards in a pattern.
func wildcards(pattern string) int {
	return len(strings.FieldsFunc(pattern, func(c rune) bool { return c != '*' && c != '?' }))
}

// keyOf is a text that is the same for the same demands only.
func keyOf(sub Demand, fields map[string]Demand) string {
	var b strings.Builder
	values := func(list []trust.Value) {
		for _, v := range list {
			kind := "="
			if v.Like {
				kind = "~"
			}
			if v.Fold {
				kind += "i"
			}
			b.WriteString(kind + quoted(v.Pattern))
		}
		b.WriteString(";")
	}
	values(sub.Fit)
	values(sub.Refuse)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		b.WriteString(quoted(name))
		values(fields[name].Fit)
		values(fields[name].Refuse)
	}
	return b.String()
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// open makes the product and finds out whether it is empty.
func (m *Meeting) open() error {
	if err := m.multiply(false); err != nil {
		return err
	}
	if !m.product.Empty() && m.witness == nil {
		return m.multiply(true)
	}
	return nil
}

// multiply makes the wide product, or the exact one.
func (m *Meeting) multiply(exact bool) error {
	source := &m.form.meetings.wide
	if exact {
		source = &m.form.meetings.exact
	}
	product, err := source.of(m.form, !exact)
	if err != nil {
		return err
	}
	for i, field := range m.form.Fields {
		if product, err = product.Satisfying(m.fields[field.Name], i); err != nil {
			return err
		}
	}
	if product, err = product.Satisfying(m.sub, language.Whole); err != nil {
		return err
	}
	m.product, m.exact = product, exact
	if product.Empty() || product.Overlong() {
		m.product, m.exact = &language.Automaton{}, true
		return nil
	}
	if m.witness == nil {
		m.witness, _ = m.read(language.Text(product.Shortest()))
	}
	return nil
}

// read returns the texts of the fields of a subject; false if it is none of the meeting.
func (m *Meeting) read(sub string) ([]string, bool) {
	texts, ok := m.form.Parse(sub)
	if !ok || !m.sub.Admits(sub) {
		return nil, false
	}
	for i, field := range m.form.Fields {
		if !m.fields[field.Name].Admits(texts[i]) {
			return nil, false
		}
	}
	return texts, true
}

// Dead reports that no subject of the form satisfies the demands.
func (m *Meeting) Dead() bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.product.Empty()
}

func (f *Form) field(name string) int {
	return slices.IndexFunc(f.Fields, func(field Field) bool { return field.Name == name })
}

// Field sums up what the subjects have in a field. A field that the form does not have is open, and so is one of a
// meeting that is dead.
func (m *Meeting) Field(name string) Span {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	i := m.form.field(name)
	if i < 0 || m.product.Empty() {
		return Span{Kind: Open}
	}
	if m.spans[i] == nil {
		span := m.span(i)
		m.spans[i] = &span
	}
	return *m.spans[i]
}

func (m *Meeting) span(i int) Span {
	prefix, single, proof := m.product.CommonPrefix(i)
	if !single && !m.exact && !m.differ(i, prefix, proof) && m.multiply(true) == nil {
		prefix, single, _ = m.product.CommonPrefix(i)
	}
	text := language.Text(whole(prefix))
	switch {
	case single:
		return Span{Exact, text}
	case text != "":
		return Span{Prefix, text}
	}
	return Span{Kind: Open}
}

// Spelled sums up what the subjects have in a field as Field does, but takes texts that differ in letter case alone, as
// StringEqualsIgnoreCase leaves them, for one: issuers write a name in one case. Two refs may differ in nothing else,
// so there they are no more than alike.
func (m *Meeting) Spelled(name string) Span {
	span := m.Field(name)
	i := m.form.field(name)
	if i < 0 || span.Kind == Exact {
		return span
	}
	m.mutex.Lock()
	text, only := m.spelling(i)
	m.mutex.Unlock()
	switch {
	case !only:
		return span
	case m.form.Fields[i].Decides == RefOf:
		return Span{Prefix, text}
	}
	return Span{Exact, text}
}

// spelling reports that a field's texts differ in letter case alone, as StringEqualsIgnoreCase leaves it, and returns
// one of them: as the value has it, where that is one.
func (m *Meeting) spelling(i int) (text string, only bool) {
	named := slices.Concat(m.sub.Fit, m.fields[m.form.Fields[i].Name].Fit)
	if m.witness == nil || !slices.ContainsFunc(named, func(v trust.Value) bool { return v.Fold }) {
		return "", false
	}
	text = m.witness[i]
	for _, v := range m.sub.Fit {
		if texts, ok := m.read(v.Pattern); ok {
			text = texts[i]
		}
	}
	others := m.fields[m.form.Fields[i].Name]
	others.Refuse = append(slices.Clone(others.Refuse), trust.Value{Text: text, Pattern: text, Fold: true})
	fields := maps.Clone(m.fields)
	if fields == nil {
		fields = map[string]Demand{}
	}
	fields[m.form.Fields[i].Name] = others
	rest, err := m.form.Meet(m.sub, fields)
	return text, err == nil && rest.Dead()
}

// differ reports that two subjects show that the texts of a field have no more in common than a prefix.
func (m *Meeting) differ(i int, prefix []uint16, proof [2][]uint16) bool {
	a, isOne := m.read(language.Text(proof[0]))
	b, isAnother := m.read(language.Text(proof[1]))
	if !isOne || !isAnother {
		return false
	}
	x, y := utf16.Encode([]rune(a[i])), utf16.Encode([]rune(b[i]))
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n == len(prefix) && a[i] != b[i]
}

// whole drops the first half of a character at the end of a text.
func whole(units []uint16) []uint16 {
	if n := len(units); n > 0 && utf16.IsSurrogate(rune(units[n-1])) && units[n-1] < 0xDC00 {
		return units[:n-1]
	}
	return units
}

// Witness returns the texts of the fields of a subject that has the wanted texts in the named fields, and in the others
// their samples where that fits.
func (m *Meeting) Witness(wanted map[string]string) (texts []string, ok bool) {
	fixed, ok := m.fixed(wanted)
	if !ok {
		return nil, false
	}
	return m.settle(fixed)
}

// Other returns the texts of the fields of a subject whose text in a field is none of some, and which has the wanted
// texts in other fields.
func (m *Meeting) Other(field string, wanted map[string]string, than ...string) (texts []string, ok bool) {
	fixed, ok := m.fixed(wanted)
	i := m.form.field(field)
	if !ok || i < 0 {
		return nil, false
	}
	if span := m.Field(field); span.Kind == Exact {
		if slices.Contains(than, span.Text) {
			return nil, false
		}
		return m.settle(fixed)
	}
	try := func(candidates ...string) bool {
		for _, text := range candidates {
			if slices.Contains(than, text) {
				continue
			}
			with := maps.Clone(fixed)
			with[i] = text
			if texts, ok = m.settle(with); ok {
				return true
			}
		}
		return false
	}
	declared := m.form.Fields[i]
	if try(declared.Other) || try(declared.Choices...) {
		return texts, true
	}
	refused := m.fields[field]
	refused.Refuse = slices.Clone(refused.Refuse)
	for _, text := range than {
		refused.Refuse = append(refused.Refuse, trust.Value{Text: text, Pattern: text})
	}
	others := m.with(fixed, map[string]Demand{field: refused})
	if others == nil || others.first() == nil {
		return nil, false
	}
	shortest, begin := others.first()[i], others.Field(field).Text
	ok = false
	if strings.TrimRight(begin, "-_./:@") == begin && begin != "" { // "main-mallory", "release/mallory"
		ok = try(begin+"-"+declared.Other, begin+"-mallory")
	}
	if !ok {
		ok = try(begin+declared.Other, begin+"mallory", declared.Other+shortest, "mallory"+shortest,
			shortest+declared.Other, shortest)
	}
	return texts, ok
}

// fixed are wanted texts by the number of their fields; false if the form lacks one of them.
func (m *Meeting) fixed(wanted map[string]string) (map[int]string, bool) {
	fixed := make(map[int]string, len(wanted)+1)
	for name, text := range wanted {
		i := m.form.field(name)
		if i < 0 {
			return nil, false
		}
		fixed[i] = text
	}
	return fixed, true
}

// first is the witness that was found first, nil if there is none.
func (m *Meeting) first() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.witness
}

// with is the meeting with exact texts in some fields and other demands on others; nil if it is too large.
func (m *Meeting) with(fixed map[int]string, more map[string]Demand) *Meeting {
	fields := make(map[string]Demand, len(m.fields)+len(fixed)+1)
	maps.Copy(fields, m.fields)
	maps.Copy(fields, more)
	for i, text := range fixed {
		name := m.form.Fields[i].Name
		demand := fields[name]
		demand.Fit = append(slices.Clone(demand.Fit), trust.Value{Text: text, Pattern: text})
		fields[name] = demand
	}
	narrower, err := m.form.Meet(m.sub, fields)
	if err != nil {
		return nil
	}
	return narrower
}

// settle chooses the texts of the fields that are not fixed: the samples, all at once or as many as fit.
func (m *Meeting) settle(fixed map[int]string) ([]string, bool) {
	first := m.first()
	if first == nil {
		return nil, false
	}
	texts := make([]string, len(first))
	for i, field := range m.form.Fields {
		texts[i] = field.sample()
		if text, is := fixed[i]; is {
			texts[i] = text
		} else if m.Field(field.Name).Kind == Exact {
			texts[i] = first[i]
		}
	}
	if m.has(texts) {
		return texts, true
	}
	texts = slices.Clone(first)
	for i, text := range fixed {
		texts[i] = text
	}
	if !m.has(texts) {
		narrower := m.with(fixed, nil)
		if narrower == nil || narrower.first() == nil {
			return nil, false
		}
		texts = slices.Clone(narrower.first())
	}
	for i, field := range m.form.Fields {
		if _, is := fixed[i]; is {
			continue
		}
		sample, found := field.sample(), texts[i]
		for _, text := range []string{sample, sample + found, found + sample} {
			if texts[i] = text; m.has(texts) {
				break
			}
			texts[i] = found
		}
	}
	return texts, true
}

// has reports that the subject with some texts in its fields is one of the meeting.
func (m *Meeting) has(texts []string) bool {
	read, ok := m.read(m.form.Build(texts...))
	return ok && slices.Equal(read, texts)
}

func (f Field) sample() string {
	if f.Sample == "" && len(f.Choices) > 0 {
		return f.Choices[0]
	}
	return f.Sample
}

// Within reports whether every subject of the meeting satisfies one of the demands on the subject. The error is
// ErrTooLarge when that would take too long to find out.
func (m *Meeting) Within(wide ...Demand) (bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for {
		outside, found, err := m.product.Outside(wide)
		if err != nil || !found {
			return err == nil, err
		}
		sub := language.Text(outside)
		_, ok := m.read(sub)
		if m.exact || ok && !slices.ContainsFunc(wide, func(d Demand) bool { return d.Admits(sub) }) {
			return false, nil
		}
		if err := m.multiply(true); err != nil {
			return false, err
		}
	}
}
