package adopt

import (
	"maps"
	"reflect"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// combine is a section that says what two say; false where they contradict each other: a hostname, an organization.
func (a *adopter) combine(p *adopted, x, y map[string]any) (map[string]any, bool) {
	whole := maps.Clone(x)
	for name, value := range y {
		have, there := x[name]
		items, isList := value.([]map[string]any)
		others, both := have.([]map[string]any)
		switch {
		case !there:
			whole[name] = value
		case isList && both:
			whole[name] = a.fold(p, whole, name, slices.Clone(others), items)
		case isTexts(value) && isTexts(have):
			whole[name] = union(have.([]string), value.([]string))
		case p.system.Issuer().Any:
			fields, _ := value.(map[string]any)
			have, _ := have.(map[string]any)
			item, same := join(have, fields)
			if !same {
				return nil, false
			}
			whole[name] = item
		case !reflect.DeepEqual(have, value):
			return nil, false
		}
	}
	return whole, true
}

// alike reports that two sections differ in the items of their lists alone: then each trusts what it trusts alone,
// together as well.
func alike(x, y map[string]any) bool {
	common := func(of, other map[string]any) bool {
		for name, value := range of {
			if !isItems(value) && !reflect.DeepEqual(value, other[name]) {
				return false
			}
		}
		return true
	}
	return common(x, y) && common(y, x)
}

// keeps reports that what was made of several words admits what was made of some of them, and nothing that the policy
// refuses: of the tokens that the proof makes up, which have every claim, and of those of each way through, which have
// no claim but those demanded.
func (a *adopter) keeps(p *adopted, together *made, parts ...*made) bool {
	for _, part := range parts {
		for _, g := range part.trusts[0].Grants {
			for _, token := range g.Tokens() {
				if token.Admit && a.decide(together.policy, p, token.Claims) == trust.Denied {
					return false
				}
			}
		}
		for _, w := range p.waysOf(part) {
			if slices.ContainsFunc(w.tokens(), func(claims map[string]any) bool {
				return a.decide(part.policy, p, claims) != trust.Denied &&
					a.decide(together.policy, p, claims) == trust.Denied
			}) {
				return false
			}
		}
	}
	for range a.beyond(p, together, parts...) {
		return false
	}
	return true
}

// fold adds items to a list: to one that says the same of the same thing, as far as that trusts nothing more.
func (a *adopter) fold(
	p *adopted, section map[string]any, name string, list, more []map[string]any,
) []map[string]any {
	for _, item := range more {
		at := -1
		for i, have := range list {
			joined, fits := join(have, item)
			if !fits {
				continue
			}
			trial := slices.Clone(list)
			trial[i] = joined
			if a.exact(p, section, name, have, item, joined) {
				list, at = trial, i
				break
			}
		}
		if at < 0 {
			list = append(list, item)
		}
	}
	return list
}

// exact reports that an item trusts what two trust, and that the policy admits all of that.
func (a *adopter) exact(p *adopted, section map[string]any, name string, x, y, joined map[string]any) bool {
	alone := func(items ...map[string]any) *made {
		words := map[string]any{}
		for other, value := range section {
			if !isItems(value) && !isTexts(value) {
				words[other] = value
			}
		}
		words[name] = items
		made, _ := a.make(p, words)
		return made
	}
	apart, together := alone(x, y), alone(joined)
	return apart != nil && together != nil && a.keeps(p, together, apart)
}

// join is an item with the lists of two, and with what only one of them says; false where they contradict each other.
// That it trusts no more than they do, exact and keeps find out.
func join(x, y map[string]any) (map[string]any, bool) {
	item := maps.Clone(x)
	for name, value := range y {
		have, there := x[name]
		fields, isMap := value.(map[string]any)
		others, both := have.(map[string]any)
		switch texts, isList := value.([]string); {
		case !there:
			item[name] = value
		case isList && isTexts(have):
			item[name] = union(have.([]string), texts)
		case isItems(value) && isItems(have):
			item[name] = unite(have.([]map[string]any), value.([]map[string]any))
		case isMap && both:
			joined, same := join(others, fields)
			if !same {
				return nil, false
			}
			item[name] = joined
		case isUnknown(have) && isText(value):
			item[name] = value
		case isText(have) && isUnknown(value):
		case !reflect.DeepEqual(have, value):
			return nil, false
		}
	}
	return item, true
}

// unite are the items of both lists, joined where they differ in one list alone.
func unite(x, y []map[string]any) []map[string]any {
	all := slices.Clone(x)
	for _, item := range y {
		at := slices.IndexFunc(all, func(have map[string]any) bool { return differences(have, item) <= 1 })
		joined, fits := map[string]any(nil), false
		if at >= 0 {
			joined, fits = join(all[at], item)
		}
		if fits {
			all[at] = joined
		} else {
			all = append(all, item)
		}
	}
	return all
}

// differences counts in how many properties two items differ.
func differences(x, y map[string]any) int {
	count := 0
	for name, value := range x {
		if !reflect.DeepEqual(value, y[name]) {
			count++
		}
	}
	for name := range y {
		if _, there := x[name]; !there {
			count++
		}
	}
	return count
}

func union(x, y []string) []string {
	all := slices.Clone(x)
	for _, text := range y {
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

func isTexts(v any) bool { _, is := v.([]string); return is }

func isText(v any) bool { _, is := v.(string); return is }

// isUnknown reports a text that the policy does not hold: where another statement has it, it is that one.
func isUnknown(v any) bool { _, is := v.(ci.Placeholder); return is }

func isItems(v any) bool { _, is := v.([]map[string]any); return is }
