package advice

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A value is one that a condition on sub names, as it was meant: with wildcards where the operator takes them
// literally.
type value struct{ trust.Value }

// A reading is one way to fit a statement's conditions on sub, held against the token.
type reading struct {
	values      []string // as they are written
	form        *ci.Form // nil where no subject of the issuer fits
	mended      string   // what may have been meant, where no subject fits what stands there
	differences []ci.Difference
	pins        []pin
}

// mostReadings bounds the ways through the conditions on sub, and mostMet those that are met by an automaton: a policy
// has a few. What lies beyond is not looked at, and so never comes closest.
const (
	mostReadings = 2000
	mostMet      = 200
	mostSubjects = 20 // that tell the system of an issuer on a host of the user's own
)

// hostile reports that a value is more than somebody writes to name jobs: with a policy's largest size in mind, and
// with what it costs to meet it.
func (v value) hostile() bool {
	const longest, mostStars = 1024, 16
	return len(v.Pattern) > longest || strings.Count(v.Pattern, "*") > mostStars
}

// lists are the values of each condition of a statement that demands a subject.
func (a *adviser) lists(number int) [][]value {
	var lists [][]value
	s := &a.policy.Statements[number]
	for _, c := range s.Clauses(a.request.Provider) {
		if c.About != trust.AboutToken || c.Claim != "sub" || !c.Text || c.Negated || s.Effect != "Allow" {
			continue
		}
		list := make([]value, len(c.Values))
		for i, v := range c.Values {
			v.Like = v.Like || trust.HasWildcard(v.Pattern)
			list[i] = value{Value: v}
		}
		lists = append(lists, list)
	}
	return lists
}

// read holds every way through a statement's conditions on sub against the token.
func (a *adviser) read(number int) []reading {
	keyed, keyPins := a.keyed(number)
	ways := [][]value{nil}
	for _, list := range a.lists(number) {
		var longer [][]value
		for _, way := range ways {
			for _, v := range list {
				if len(longer) < mostReadings {
					longer = append(longer, append(slices.Clip(way), v))
				}
			}
		}
		ways = longer
	}
	var readings []reading
	met := 0
	for _, way := range ways {
		found := a.against(way, &met)
		if len(found) == 0 {
			found = a.mend(way, &met)
		}
		if len(found) == 0 {
			found = []reading{{values: written(way)}}
		}
		for _, r := range found {
			r.differences = withKeyed(r.differences, keyed)
			r.pins = append(r.pins, keyPins...)
			readings = append(readings, r)
		}
	}
	return readings
}

// withKeyed adds the differences in fields that keys repeat. A key says more of its field than a subject in which the
// field is open, or not there.
func withKeyed(differences, keyed []ci.Difference) []ci.Difference {
	for _, d := range keyed {
		at := slices.IndexFunc(differences, func(other ci.Difference) bool { return other.Field == d.Field })
		switch {
		case at < 0:
			differences = append(differences, d)
		case !slices.ContainsFunc(differences[at].Wanted, func(s ci.Span) bool { return s.Kind == ci.Exact }):
			differences[at] = d
		}
	}
	return differences
}

func written(way []value) []string {
	texts := make([]string, len(way))
	for i, v := range way {
		texts[i] = v.Text
	}
	return texts
}

// against compares the token with the subjects of each form that fit a way.
func (a *adviser) against(way []value, met *int) []reading {
	var readings []reading
	for _, form := range a.forms {
		if r, ok := a.compare(way, form, met); ok {
			r.values = written(way)
			readings = append(readings, r)
		}
	}
	return readings
}

// mend tries what may have been meant by a value that no subject fits. Each is held against the forms before it is
// said.
func (a *adviser) mend(way []value, met *int) []reading {
	if len(way) != 1 {
		return nil
	}
	v := way[0]
	if v.hostile() {
		return nil
	}
	tries := []string{strings.TrimSpace(v.Pattern), strings.Trim(v.Pattern, `"'`)}
	if mender, ok := a.system.(ci.Mender); ok {
		tries = append(tries, mender.Mend(v.Pattern)...)
	}
	for _, text := range append(tries, v.Pattern+":*", v.Pattern+"*", strings.ToLower(v.Pattern)) {
		if text == v.Pattern {
			continue
		}
		meant := value{trust.Value{Text: v.Text, Pattern: text, Like: true}}
		if found := a.against([]value{meant}, met); len(found) > 0 {
			for i := range found {
				found[i].mended = text
			}
			return found
		}
	}
	return nil
}
