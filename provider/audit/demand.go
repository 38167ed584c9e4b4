package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// demands are what one way through the conditions wants of a token. They are never changed in place.
type demands struct {
	sub    ci.Demand
	claims map[string]want
	tagged []probe // what is wanted of the session tags
}

// A want is what is wanted of a claim other than sub.
type want struct {
	ci.Demand
	present, absent bool
	probes          []probe // conditions whose operators do not compare texts
}

// A probe is a condition that must hold, or must not.
type probe struct {
	statement *trust.Statement
	number    int
	holds     bool
}

// fit wants one more value in a claim.
func (d demands) fit(claim string, value trust.Value) demands {
	if claim == "sub" {
		d.sub.Fit = add(d.sub.Fit, value)
		return d
	}
	return d.change(claim, func(w *want) {
		w.Fit = add(w.Fit, value)
		w.present = true
	})
}

// refuse wants values not to fit; present says that a token without the claim does not do.
//
// Values that are too involved are left out: what is demanded then is less than the policy does, and the whole policy
// decides on the token.
func (d demands) refuse(claim string, values []trust.Value, present bool) demands {
	values = slices.DeleteFunc(slices.Clone(values), involved)
	if claim == "sub" {
		d.sub.Refuse = add(d.sub.Refuse, values...)
		return d
	}
	return d.change(claim, func(w *want) {
		w.Refuse = add(w.Refuse, values...)
		w.present = w.present || present
	})
}

func (d demands) change(claim string, change func(*want)) demands {
	changed := maps.Clone(d.claims)
	if changed == nil {
		changed = map[string]want{}
	}
	w := changed[claim]
	change(&w)
	changed[claim], d.claims = w, changed
	return d
}

// with are both demands.
func (d demands) with(more demands) demands {
	d.sub.Fit = add(d.sub.Fit, more.sub.Fit...)
	d.sub.Refuse = add(d.sub.Refuse, more.sub.Refuse...)
	d.tagged = add(d.tagged, more.tagged...)
	for claim, other := range more.claims {
		d = d.change(claim, func(w *want) {
			w.Fit, w.Refuse = add(w.Fit, other.Fit...), add(w.Refuse, other.Refuse...)
			w.present, w.absent = w.present || other.present, w.absent || other.absent
			w.probes = add(w.probes, other.probes...)
		})
	}
	return d
}

// contradictory reports that a claim would have to be there and not to be there.
func (d demands) contradictory() bool {
	for claim, w := range d.claims {
		if w.absent && (w.present || claim == "aud") {
			return true
		}
	}
	return false
}

// involved reports that what does not fit a value takes too many states to say: behind a "*" each "?" doubles them.
// People write three or four "*".
func involved(v trust.Value) bool {
	return v.Like && (hostile(v) || strings.Count(v.Pattern, "*") > 24 || runBehindStar(v) > 8)
}

// longRun is how many "?" between a "*" and a text are looked at, and longValue how long a value with a "*" may be. An
// id has 36 characters, and a whole policy has 8,192 at most.
const (
	longRun   = 40
	longValue = 8192
)

// hostile reports that a value is more than anybody writes who means well.
func hostile(v trust.Value) bool {
	return v.Like && (runBehindStar(v) > longRun || strings.Contains(v.Pattern, "*") && len(v.Pattern) > longValue)
}

// runBehindStar is how many "?" a part of a value has behind a "*", beside other text.
func runBehindStar(v trust.Value) int {
	longest := 0
	for _, part := range strings.Split(v.Pattern, "*")[1:] {
		if strings.Trim(part, "?") != "" {
			longest = max(longest, strings.Count(part, "?"))
		}
	}
	return longest
}

// add is append for a list that others have, too.
func add[T any](list []T, more ...T) []T { return append(slices.Clip(list), more...) }
