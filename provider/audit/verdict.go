package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

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
			return "the value has a policy variable, which stands for something of the token or the call"
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
						"something of the token or the call", i+1)
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
		text := "sub " + input.Quote(s.clause.Condition.Values[r.chosen[i]])
		if detail != "" {
			text += ", " + detail
		}
		return t.atValue(t.at, s.clause, r.chosen[i], v.Rule, text)
	}
	if detail == "" {
		detail = t.issuer.host
	}
	return t.about("sub", v.Rule, detail)
}

// about is the finding about a claim of the issuer that no condition of the statement tests as it should.
func (t *trial) about(claim string, rule ci.Rule, detail string) ci.Finding {
	f := t.at.finding(rule, detail)
	f.Key = t.issuer.host + ":" + claim
	return f
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
		at := slices.IndexFunc(merged, func(m ci.Finding) bool { return m.ID == f.ID })
		if at < 0 {
			merged = append(merged, f)
			continue
		}
		first := &merged[at]
		first.Unreviewed = first.Unreviewed || f.Unreviewed
		if len(first.Values) == 0 {
			first.Values = append(first.Values, first.Value)
		}
		if !slices.Contains(merged[at].Values, f.Value) {
			merged[at].Values = append(merged[at].Values, f.Value)
		}
	}
	for i := range merged {
		if len(merged[i].Values) == 1 {
			merged[i].Values = nil
		}
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
