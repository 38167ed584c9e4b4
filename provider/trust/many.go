package trust

import "strings"

// A decider answers many requests to one policy. Of a condition with many values it compares only those that begin like
// the request's value, so that a policy of hundreds of repositories costs no more for each token than a small one. What
// a condition means is said in Decide alone: a value is left out only where its literal beginning rules it out.
type decider struct {
	policy Policy // with tests of its own
	long   []longTest
	kept   []operand
}

// A longTest is a test with many values.
type longTest struct {
	statement, test int
	all             []operand
	begins          map[string][]operand
}

// manyValues is from where on looking values up is cheaper than comparing all.
const manyValues = 16

func newDecider(p *Policy) *decider {
	d := &decider{policy: *p}
	d.policy.Statements = append([]Statement(nil), p.Statements...)
	for i := range d.policy.Statements {
		s := &d.policy.Statements[i]
		s.tests = append([]test(nil), s.tests...)
		for k := range s.tests {
			t := &s.tests[k]
			if len(t.operands) < manyValues || t.variables || !t.operator.comparesText() {
				continue
			}
			long := longTest{
				statement: i,
				test:      k,
				all:       t.operands,
				begins:    make(map[string][]operand, len(t.operands)),
			}
			for _, o := range t.operands {
				begin := o.beginning(t.operator.family)
				long.begins[begin] = append(long.begins[begin], o)
			}
			d.long = append(d.long, long)
		}
	}
	return d
}

// comparesText reports that the beginning of a value can rule out that it fits.
func (op operator) comparesText() bool { return op.family == stringEquals || op.family == stringLike }

// decide is Decide.
func (d *decider) decide(r *Request) Answer {
	d.kept = d.kept[:0]
	for i := range d.long {
		long := &d.long[i]
		t := &d.policy.Statements[long.statement].tests[long.test]
		value := r.lookup(&t.key)
		if t.operands = long.all; value.state != present || value.count() != 1 {
			continue
		}
		text := value.value(0)
		t.operands = long.begins[text]
		for end := range len(text) {
			if end == 0 || strings.IndexByte(separators, text[end-1]) >= 0 {
				t.operands = d.join(t.operands, long.begins[text[:end]])
			}
		}
	}
	return d.policy.Decide(r)
}

// join puts lists together, and copies only where both have something.
func (d *decider) join(a, b []operand) []operand {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	}
	from := len(d.kept)
	d.kept = append(append(d.kept, a...), b...)
	return d.kept[from:]
}

const separators = ":/@"

// beginning is the whole text of an operand without wildcards. Of another it is what every value that fits begins with,
// up to a separator.
func (o *operand) beginning(f family) string {
	switch {
	case f == stringEquals:
		return o.text
	case len(o.pattern) == 0 || o.pattern[0].wildcard != 0:
		return ""
	case len(o.pattern) == 1:
		return o.pattern[0].literal
	}
	literal := o.pattern[0].literal
	return literal[:strings.LastIndexAny(literal, separators)+1]
}
