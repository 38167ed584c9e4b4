package audit

import (
	"errors"
	"iter"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// meet is Form.Meet within what the audit may cost: a meeting takes the longer, the longer the values are.
func (t *trial) meet(form *ci.Form, sub ci.Demand, fields map[string]ci.Demand) (*ci.Meeting, error) {
	const cheap = 64 // characters
	length := 0
	for _, v := range slices.Concat(sub.Fit, sub.Refuse) {
		length += len(v.Pattern)
	}
	if t.work -= 1 + length/cheap; t.work < 0 {
		return nil, errTooMuch
	}
	m, err := form.Meet(sub, fields)
	if errors.Is(err, ci.ErrTooLarge) {
		t.work -= most / 4
	}
	return m, err
}

// A reading is a ci.Reading with what the token needs that shows it.
type reading struct {
	*ci.Reading
	demands demands
	chosen  []int // the value of each slot
	fields  map[string]ci.Demand
	rest    map[string]want // claims that no field of the form repeats
}

// split sorts demands into those on the fields of a form and those on other claims; ok is false where a field's claim
// would have to be missing.
func (t *trial) split(form *ci.Form, d demands) (fields map[string]ci.Demand, rest map[string]want, ok bool) {
	fields, rest = map[string]ci.Demand{}, map[string]want{}
	keys := map[string]bool{}
	for _, f := range form.Fields {
		if fixed, known := t.issuer.fixed[f.Name]; known {
			fields[f.Name] = fixed
		}
		w, demanded := d.claims[f.Key]
		if f.Key == "" || !demanded {
			continue
		}
		if w.absent {
			return nil, nil, false
		}
		keys[f.Key] = true
		both := fields[f.Name]
		fields[f.Name] = ci.Demand{Fit: add(both.Fit, w.Fit...), Refuse: add(both.Refuse, w.Refuse...)}
	}
	for claim, w := range d.claims {
		if !keys[claim] {
			rest[claim] = w
		}
	}
	return fields, rest, true
}

// choices are all ways to choose a value of each slot. Of a claim that no field repeats, values are not combined with
// those of other claims, because claims do not depend on each other: all but one have their widest value.
func (t *trial) choices() iter.Seq[[]int] {
	widest := make([]int, len(t.slots))
	var joint, free []int
	for i, s := range t.slots {
		widest[i] = s.widest()
		if s.clause.Claim == "sub" || t.issuer.repeats(s.clause.Claim) {
			joint = append(joint, i)
		} else {
			free = append(free, i)
		}
	}
	return func(yield func([]int) bool) {
		chosen := slices.Clone(widest)
		give := yield
		yield = func(chosen []int) bool {
			t.cut = t.cut || t.work < 0
			return t.work >= 0 && give(chosen)
		}
		var walk func(depth int) bool
		walk = func(depth int) bool {
			if depth < len(joint) {
				for value := range t.slots[joint[depth]].alive {
					chosen[joint[depth]] = value
					if !walk(depth + 1) {
						return false
					}
				}
				return true
			}
			if !yield(chosen) {
				return false
			}
			for _, slot := range free {
				for value := range t.slots[slot].alive {
					if value == widest[slot] {
						continue
					}
					chosen[slot] = value
					if !yield(chosen) {
						return false
					}
				}
				chosen[slot] = widest[slot]
			}
			return true
		}
		walk(0)
	}
}

// widest is a value that leaves the most open.
func (s *slot) widest() int {
	for i, value := range s.clause.Values {
		if value.Wild() {
			return i
		}
	}
	return 0
}

// read are the living readings of one choice: one for each form and each way past the Deny statements.
func (t *trial) read(chosen []int) []*reading {
	d := t.base
	var subjects []trust.Value
	for i, s := range t.slots {
		value := s.clause.Values[chosen[i]]
		if literal(value) {
			return nil
		}
		if hostile(value) {
			t.live(chosen)
			t.doubt(chosen, "the value has too many wildcards to look at")
			return nil
		}
		if s.clause.Claim == "sub" {
			subjects = append(subjects, value)
		}
		d = d.fit(s.clause.Claim, value)
	}
	if d.contradictory() {
		return nil
	}
	var readings []*reading
	for _, form := range t.issuer.forms {
		fields, rest, ok := t.split(form, d)
		if !ok {
			continue
		}
		m, err := t.meet(form, d.sub, fields)
		if err != nil {
			t.doubt(chosen, err.Error())
			t.live(chosen)
			continue
		}
		if m.Dead() {
			continue
		}
		if _, ok := t.spans(rest); !ok {
			continue
		}
		t.live(chosen)
		for _, way := range t.ways {
			if t.work--; t.work < 0 {
				t.cut = true
				break
			}
			r := &reading{demands: d.with(way), chosen: slices.Clone(chosen)}
			if r.demands.contradictory() {
				continue
			}
			past := m
			if r.fields, r.rest, ok = t.split(form, r.demands); !ok {
				continue
			}
			if len(way.sub.Fit)+len(way.sub.Refuse)+len(way.claims) > 0 {
				if past, err = t.meet(form, r.demands.sub, r.fields); err != nil {
					t.doubt(chosen, err.Error())
					continue
				}
				if past.Dead() {
					continue
				}
			}
			spans, ok := t.spans(r.rest)
			if !ok {
				continue
			}
			r.Reading = &ci.Reading{
				Host: t.issuer.known, Issuer: t.issuer.host, Partition: t.issuer.partition, Form: form, Meeting: past,
				Tested: t.tested, Values: subjects, Claims: spans, Left: t.left(r.rest),
			}
			readings = append(readings, r)
		}
	}
	return readings
}

// live notes that the chosen values are not dead.
func (t *trial) live(chosen []int) {
	for i := range t.slots {
		t.slots[i].alive[chosen[i]] = true
	}
}

// doubt notes that a choice could not be judged.
func (t *trial) doubt(chosen []int, text string) {
	f := fear{value: -1, text: text}
	for i, s := range t.slots {
		if len(chosen) > 0 && s.clause.Claim == "sub" && f.clause == nil {
			f.clause, f.value = s.clause, chosen[i]
		}
	}
	if !slices.Contains(t.fears, f) {
		t.fears = append(t.fears, f)
	}
}
