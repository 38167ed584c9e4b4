package audit

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A trial judges one Allow for the tokens of one provider.
type trial struct {
	*auditor
	statement *trust.Statement
	at        spot
	issuer    *issuer
	clauses   []trust.Clause

	base   demands // what all tokens must have
	slots  []slot  // of which a token must fit one value each
	tested bool    // something is demanded of sub
	causes []cause // why no token at all can get in

	ways   []demands    // past the Deny statements
	cut    bool         // there is more than was looked at
	shut   bool         // a Deny refuses all that the statement allows
	living [][]*reading // the readings of each choice that has any
	found  []ci.Finding
	fears  []fear
}

// A slot is a condition that names the values of a claim.
type slot struct {
	clause *trust.Clause
	alive  []bool // the values with which some token gets in, as far as no Deny refuses it
}

// A cause is why nobody gets in.
type cause struct {
	clause *trust.Clause
	text   string
}

// A fear is what could not be judged.
type fear struct {
	clause *trust.Clause
	value  int // -1 for the condition as a whole
	text   string
}

func (a *auditor) newTrial(number int, s *trust.Statement, arn string) *trial {
	t := &trial{auditor: a, statement: s, at: a.at(number, s), clauses: s.Clauses(arn)}
	var subjects []trust.Value
	for i := range t.clauses {
		if c := &t.clauses[i]; c.Claim == "sub" && !c.Negated {
			subjects = append(subjects, c.Values...)
		}
	}
	t.issuer = a.newIssuer(arn, subjects)
	t.clauses = t.issuer.wholeKeys(t.clauses)
	return t
}

// run judges, and reports.
func (t *trial) run() {
	t.allows++
	if t.slashed() {
		return
	}
	if len(t.causes) > 0 {
		t.reportCauses()
		return
	}
	if t.judge(); t.shut {
		t.auditor.closed++
	} else {
		t.audience()
		t.control()
	}
	t.finish()
}

// plan turns the conditions into what is demanded of a token.
func (t *trial) plan() {
	for i := range t.clauses {
		c := &t.clauses[i]
		switch c.About {
		case trust.AboutNothing:
			if !c.Absent {
				t.causes = append(t.causes, cause{c, t.aboutKey(t.issuer, c)})
			} else if !isAWS(c.Key) && (c.Issuer == "" || sameHost(c.Issuer, t.issuer.host)) {
				t.found = append(t.found, t.atKey(t.at, c, unfilledKey, c.Key+": "+t.aboutKey(t.issuer, c)))
			}
		case trust.AboutProvider:
			if t.statement.Holds(i, t.issuer.request(t.role)) == trust.Denied {
				t.causes = append(t.causes, cause{c, "it holds for no token of the provider"})
			}
		case trust.AboutTags:
			if !c.Absent {
				t.base.tagged = append(t.base.tagged, probe{t.statement, i, true})
			}
		case trust.AboutToken:
			t.planClaim(c)
		}
	}
	t.ways, t.cut = t.auditor.ways(t.issuer)
}

// planClaim is plan for a condition on a claim.
func (t *trial) planClaim(c *trust.Clause) {
	always := c.Claim == "sub" || c.Claim == "aud"
	switch {
	case c.Null && c.Absent:
		if t.statement.Holds(c.Number, t.something(c)) == trust.Allowed {
			return // whether it is there or not
		}
		if always {
			t.causes = append(t.causes, cause{c, "every token has " + c.Claim})
		}
		t.base = t.base.change(c.Claim, func(w *want) { w.absent = true })
	case c.Null:
		if t.statement.Holds(c.Number, t.something(c)) != trust.Allowed {
			t.causes = append(t.causes, cause{c, "it never holds"})
		}
		t.base = t.base.change(c.Claim, func(w *want) { w.present = true })
	case c.Text && c.Negated:
		t.base = t.base.refuse(c.Claim, c.Sure, !c.Absent)
	case c.Text:
		if len(c.Values) == 0 && !c.Absent {
			t.causes = append(t.causes, cause{c, "it names no value"})
			return
		}
		if c.Absent && !always && !t.issuer.repeats(c.Claim) && !t.demanded(c) {
			t.vacuous(c)
			return
		}
		t.tested = t.tested || c.Claim == "sub"
		t.slots = append(t.slots, slot{c, make([]bool, len(c.Values))})
	case c.Claim == "sub":
		t.tested = true // by an operator that is not worked out: the whole policy decides on each token
	default:
		t.base = t.base.change(c.Claim, func(w *want) {
			w.probes = add(w.probes, probe{t.statement, c.Number, true})
			w.present = w.present || !c.Absent
		})
	}
}

// something is a token that has the claim.
func (t *trial) something(c *trust.Clause) *trust.Request {
	r := t.issuer.request(t.role)
	carry(r, c.Claim, "text")
	return r
}

// demanded reports that another condition wants the claim to be there.
func (t *trial) demanded(c *trust.Clause) bool {
	return slices.ContainsFunc(t.clauses, func(other trust.Clause) bool {
		return other.Number != c.Number && other.About == trust.AboutToken && other.Claim == c.Claim && !other.Absent
	})
}

// vacuous notes a condition that a token walks around by lacking the claim.
func (t *trial) vacuous(c *trust.Clause) {
	t.found = append(t.found, t.atKey(t.at, c, vacuousCondition, c.Operator+" on "+c.Key))
}

// meet is Form.Meet within what the audit may cost.
func (t *trial) meet(form *ci.Form, sub ci.Demand, fields map[string]ci.Demand) (*ci.Meeting, error) {
	if t.work--; t.work < 0 {
		return nil, errTooMuch
	}
	m, err := form.Meet(sub, fields)
	if err != nil {
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
				Tested: t.tested, Values: subjects, Claims: spans, Writes: t.role.Writes,
				Left: t.left(r.rest),
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

// judge judges all readings.
func (t *trial) judge() {
	among := t.among(t.issuer.arn)
	said := map[string]bool{}
	for _, readings := range t.living {
		for _, r := range readings {
			r.Among = among
		}
		t.verdicts(readings, said)
	}
	t.shut = len(t.living) == 0 && t.anyAlive() && !t.cut && len(t.fears) == 0
}

// A judged reading is one with a verdict.
type judged struct {
	*reading
	ci.Verdict
	open bool // the tenant is
}

// key is the same for verdicts of which one token shows all.
func (j *judged) key() string { return fmt.Sprint(j.Rule.ID, "\x00", j.Detail, "\x00", j.chosen) }

// verdicts has the system judge the readings of one choice. Where the tenant is open nothing else is said of it.
func (t *trial) verdicts(readings []*reading, said map[string]bool) {
	var verdicts []judged
	for _, r := range readings {
		open := !r.NamesTenant()
		for _, v := range t.issuer.judge(r.Reading) {
			verdicts = append(verdicts, judged{r, v, open})
		}
	}
	slices.SortStableFunc(verdicts, func(a, b judged) int {
		switch {
		case a.open == b.open:
			return 0
		case a.open:
			return -1
		}
		return 1
	})
	stranger := false
	failed := map[string]judged{}
	for _, v := range verdicts {
		if said[v.key()] || stranger && !v.open {
			continue
		}
		token, shut := t.token(v.reading, v.Verdict)
		if token == nil {
			if !shut {
				failed[v.key()] = v
			}
			continue
		}
		stranger, said[v.key()] = stranger || v.open, true
		delete(failed, v.key())
		f := t.where(v.reading, v.Verdict)
		f.Witness = t.witness(v.reading, v.Verdict, token)
		t.found = append(t.found, f)
	}
	if stranger {
		return
	}
	for _, key := range sorted(failed) {
		if v := failed[key]; !said[key] {
			t.doubt(v.chosen, t.reason(v.reading, v.Rule))
		}
	}
}

// reason says why a verdict could not be shown by a token.
func (t *trial) reason(r *reading, rule ci.Rule) string {
	for i, s := range t.slots {
		if t.statement.HasVariable(s.clause.Number, r.chosen[i]) {
			return "the value has a policy variable, which stands for something of the token"
		}
	}
	for _, c := range t.clauses {
		if c.Claim == "sub" && !c.Text && !c.Null {
			return c.Operator + " on sub is not worked out"
		}
	}
	for i := range t.policy.Statements {
		s := &t.policy.Statements[i]
		if !s.AboutWebIdentity() || !s.Names(t.issuer.arn) {
			continue
		}
		for _, c := range s.Clauses(t.issuer.arn) {
			for v := range c.Condition.Values {
				if s.HasVariable(c.Number, v) {
					return fmt.Sprintf("statement %d has a policy variable, which stands for "+
						"something of the token", i+1)
				}
			}
			if c.Claim == "sub" && !c.Text && !c.Null {
				return fmt.Sprintf("%s on sub in statement %d is not worked out", c.Operator, i+1)
			}
		}
	}
	return fmt.Sprintf("it looks like %s, and no token that shows it was found", rule.ID)
}

// where is the finding of a verdict, where it belongs.
func (t *trial) where(r *reading, v ci.Verdict) ci.Finding {
	detail := v.Detail
	for i, s := range t.slots {
		if s.clause.Claim != "sub" {
			continue
		}
		text := fmt.Sprintf("sub %q", s.clause.Condition.Values[r.chosen[i]])
		if detail != "" {
			text += ", " + detail
		}
		return t.atValue(t.at, s.clause, r.chosen[i], v.Rule, text)
	}
	if detail == "" {
		detail = t.issuer.host
	}
	return t.at.finding(v.Rule, detail)
}

func (t *trial) anyAlive() bool {
	return !slices.ContainsFunc(t.slots, func(s slot) bool { return !slices.Contains(s.alive, true) })
}

// finish merges what has one cause and reports it.
func (t *trial) finish() {
	t.reportDead()
	t.reportFears()
	for _, f := range merge(t.found) {
		t.add(f)
	}
}

// merge makes one finding of those of one rule: the first, with the values of all.
func merge(found []ci.Finding) []ci.Finding {
	var merged []ci.Finding
	details := map[string][]string{}
	for _, f := range found {
		detail := strings.TrimPrefix(strings.TrimPrefix(f.Detail, f.Path), ", ")
		if !slices.Contains(details[f.ID], detail) && detail != "" {
			details[f.ID] = append(details[f.ID], detail)
		}
		if !slices.ContainsFunc(merged, func(m ci.Finding) bool { return m.ID == f.ID }) {
			merged = append(merged, f)
		}
	}
	for i := range merged {
		if list := details[merged[i].ID]; len(list) > 1 {
			more := ""
			if len(list) > 5 {
				more = fmt.Sprintf(" and %d more", len(list)-5)
				list = list[:5]
			}
			merged[i].Detail = merged[i].Path + ", " + strings.Join(list, "; ") + more
		}
	}
	return merged
}
