package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var errTooMuch = errors.New("the policy has too many values, or too many ways through its conditions, to look at each")

// literal reports that a value has wildcards which its operator takes literally. No issuer writes such a text.
func literal(v trust.Value) bool {
	return !v.Like && trust.HasWildcard(strings.NewReplacer("${*}", "", "${?}", "").Replace(v.Text))
}

// reportCauses says why nobody gets in by the statement, once.
func (t *trial) reportCauses() {
	first := t.causes[0]
	var details []string
	for _, c := range t.causes {
		if detail := c.clause.Key + ": " + c.text; !slices.Contains(details, detail) {
			details = append(details, detail)
		}
	}
	t.add(t.atKey(t.at, first.clause, neverMatches, strings.Join(details, "; ")))
}

// reportFears says what could not be judged, once for each text.
func (t *trial) reportFears() {
	if t.cut {
		t.fears = append(t.fears, fear{value: -1, text: errTooMuch.Error()})
	}
	var texts []string
	for _, f := range t.fears {
		if slices.Contains(texts, f.text) {
			continue
		}
		texts = append(texts, f.text)
	}
	for _, text := range texts {
		at := slices.IndexFunc(t.fears, func(f fear) bool { return f.text == text })
		f := t.fears[at]
		switch {
		case f.clause == nil:
			unread := t.at.finding(notJudged, text)
			unread.Value = text
			t.found = append(t.found, unread)
		case f.value < 0:
			t.found = append(t.found, t.atKey(t.at, f.clause, notJudged, text))
		default:
			t.found = append(t.found, t.atValue(t.at, f.clause, f.value, notJudged,
				f.clause.Claim+" "+input.Quote(f.clause.Condition.Values[f.value])+": "+text))
		}
	}
}

// reportDead says which values no token has, once for each reason.
func (t *trial) reportDead() {
	if t.work < 0 {
		return
	}
	type group struct {
		first  ci.Finding
		values []string
		reason string
		claim  string
	}
	var groups []group
	note := func(s slot, value int, reason string) {
		text := s.clause.Condition.Values[value]
		for i := range groups {
			if groups[i].reason == reason && groups[i].claim == s.clause.Claim {
				if !slices.Contains(groups[i].values, text) {
					groups[i].values = append(groups[i].values, text)
				}
				return
			}
		}
		groups = append(groups, group{t.atValue(t.at, s.clause, value, neverMatches, ""), []string{text}, reason,
			s.clause.Claim})
	}
	all := !t.anyAlive()
	for _, s := range t.slots {
		for value, alive := range s.alive {
			if alive {
				continue
			}
			reason, own := t.whyDead(s, value)
			if all && !own {
				continue // another condition is the cause
			}
			note(s, value, reason)
		}
		if all && len(groups) > 0 {
			break
		}
	}
	if all && len(groups) == 0 && len(t.slots) > 0 {
		note(t.slots[0], 0, "no token fits all conditions of the statement at once")
	}
	for _, g := range groups {
		g.first.Detail = fmt.Sprintf("%s, %s %s: %s", g.first.Path, g.claim, quoted(g.values), g.reason)
		t.found = append(t.found, g.first)
	}
	if all && len(groups) > 0 { // nobody gets in, which is all there is to say
		t.found = slices.DeleteFunc(t.found, func(f ci.Finding) bool { return f.ID != neverMatches.ID })
		t.fears = nil
	}
}

// whyDead says why no token has a value; own says that the reason is in the value itself.
func (t *trial) whyDead(s slot, value int) (reason string, own bool) {
	v := s.clause.Values[value]
	if literal(v) {
		return s.clause.Operator + " takes * and ? literally; where a wildcard is meant write StringLike", true
	}
	if t.lives(s.clause.Claim, v) {
		return "it contradicts the other conditions of the statement", false
	}
	if s.clause.Claim != "sub" {
		return t.issuer.title + " writes no such text there", true
	}
	text := v.Text
	switch {
	case strings.ContainsAny(text, "{}") &&
		t.lives("sub", with(v, strings.NewReplacer("{", "", "}", "").Replace(text))),
		strings.Contains(text, "{") && strings.Contains(text, ","):
		return "IAM knows no braces: write each value out", true
	case strings.Trim(text, ` "'`) != text && t.lives("sub", with(v, strings.Trim(text, ` "'`))):
		return "it has quotation marks or white space at its ends", true
	}
	for _, form := range t.issuer.forms {
		if begin := form.Beginning(); begin != "" && !strings.HasPrefix(text, begin) &&
			t.lives("sub", with(v, begin+text)) {
			return fmt.Sprintf("subjects of %s begin with %s", t.issuer.title, begin), true
		}
	}
	for _, mended := range t.mends(text) {
		if t.lives("sub", with(v, mended)) {
			return fmt.Sprintf("subjects of %s have another form there; meant may be %s", t.issuer.title,
					input.Quote(mended)),
				true
		}
	}
	return fmt.Sprintf("subjects of %s have another form, such as %q", t.issuer.title, t.sample()), true
}

// mends are what a mistaken subject may have been meant to be, as the system knows it and as any may be: each is tried
// before it is shown.
func (t *trial) mends(text string) []string {
	var mends []string
	if mender, ok := t.issuer.system.(ci.Mender); ok {
		mends = mender.Mend(text)
	}
	mends = append(mends, strings.ReplaceAll(text, " ", ""), text+":*", strings.ToLower(text))
	return slices.DeleteFunc(mends, func(mended string) bool { return mended == text })
}

func with(v trust.Value, text string) trust.Value {
	return trust.Value{Text: text, Pattern: text, Like: v.Like, Fold: v.Fold}
}

// lives reports that a value by itself is one that a token can have.
func (t *trial) lives(claim string, v trust.Value) bool {
	forms := t.issuer.forms
	demand := ci.Demand{Fit: []trust.Value{v}}
	if claim != "sub" {
		if m, err := t.meet(t.issuer.claimForm(claim), demand, nil); err != nil || !m.Dead() {
			return true
		}
		return slices.ContainsFunc(forms, func(f *ci.Form) bool {
			at := slices.IndexFunc(f.Fields, func(field ci.Field) bool { return field.Key == claim })
			if at < 0 {
				return false
			}
			m, err := t.meet(f, ci.Demand{}, map[string]ci.Demand{f.Fields[at].Name: demand})
			return err != nil || !m.Dead()
		})
	}
	return slices.ContainsFunc(forms, func(f *ci.Form) bool {
		fields, _, _ := t.split(f, demands{})
		m, err := t.meet(f, demand, fields)
		return err != nil || !m.Dead()
	})
}

// sample is a subject as the issuer writes it.
func (t *trial) sample() string {
	form := t.issuer.forms[0]
	texts := make([]string, len(form.Fields))
	for i, f := range form.Fields {
		texts[i] = f.Sample
	}
	return form.Build(texts...)
}
