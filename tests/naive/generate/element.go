package generate

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

func kindOf(base string) kind {
	for prefix, k := range map[string]kind{
		"Numeric": kNumber,
		"Date":    kDate,
		"Bool":    kBool,
		"Binary":  kBinary,
		"Ip":      kIP,
		"NotIp":   kIP,
		"Arn":     kARN,
	} {
		if strings.HasPrefix(base, prefix) {
			return k
		}
	}
	return kString
}

func isNegated(base string) bool { return strings.Contains(base, "Not") }

// element adds an operator with a key to a condition.
func (d *draft) element(condition map[string]map[string]any, variables bool) {
	base := pick(d, Operators)
	qualifier, suffix := "", ""
	k := kindOf(base)
	if base == "Null" {
		k = kind(d.Intn(int(kinds)))
	} else {
		if d.chance(0.3) {
			qualifier = pick(d, []string{"ForAnyValue:", "ForAllValues:"})
		}
		if d.chance(0.15) {
			suffix = "IfExists"
		}
	}
	keys := d.keys
	names := d.single[k]
	if qualifier != "" && d.chance(0.8) {
		names = d.several[k]
	}
	key := pick(d, names)
	switch {
	case base == "Null" && d.chance(0.45), d.chance(0.06):
		key = d.absent()
	case qualifier == "" && d.chance(0.1): // a set under an operator for one value
		key = pick(d, d.several[k])
	}
	have := keys[strings.ToLower(key)]
	if d.clash(condition, key) {
		return // one element is there already
	}
	if !d.silent && qualifier == "ForAnyValue:" && suffix != "" && len(have) == 0 {
		suffix = ""
	}

	var v any
	if base == "Null" {
		v = pick(d, []any{"true", "false", true, false})
	} else {
		v = d.values(base, qualifier, suffix, have, k, variables)
	}
	operator := qualifier + base + suffix
	if condition[operator] == nil {
		condition[operator] = map[string]any{}
	}
	condition[operator][d.recase(key)] = v
}

// clash says whether the key is in the condition already.
func (d *draft) clash(condition map[string]map[string]any, key string) bool {
	for _, byKey := range condition {
		for have := range byKey {
			if strings.EqualFold(have, key) {
				return true
			}
		}
	}
	return false
}

// absent is the name of a key the request does not have.
func (d *draft) absent() string {
	other := pick(d, []string{"gitlab.example.org:sub", "aws:Nothing", d.req.Issuer + "x:sub", d.req.Issuer + ":subs"})
	return pick(d, append([]string{other}, d.claims...))
}

// recase changes the case of a key's name now and then: names are case-insensitive.
func (d *draft) recase(key string) string {
	switch {
	case d.chance(0.1):
		return strings.ToUpper(key)
	case d.chance(0.1):
		return strings.ToLower(key)
	}
	return key
}

func (d *draft) values(base, qualifier, suffix string, have []string, k kind, variables bool) any {
	hit := d.chance(0.6) != isNegated(base)
	absent := len(have) == 0
	if absent {
		have = []string{d.value(k)}
	}
	positive := strings.Replace(base, "Not", "", 1)
	var out []any
	aims := have[:1]
	if qualifier == "ForAllValues:" || isNegated(base) {
		aims = have // a match needs all of them
	} else if d.chance(0.5) {
		aims = []string{pick(d, have)}
	}
	extra := 0
	for d.chance(0.25) {
		extra++
	}
	// A variable without a value: clear only as the one value of a present key.
	alone := len(aims)+extra == 1 && !absent
	for _, h := range aims {
		out = append(out, d.one(positive, h, hit || d.chance(0.1), suffix, alone, variables))
	}
	for range extra {
		out = append(out, d.one(positive, pick(d, have), false, suffix, false, variables))
	}
	d.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	if len(out) == 1 && d.chance(0.6) {
		return out[0]
	}
	if d.silent && d.chance(0.02) {
		return []any{}
	}
	return out
}

// one makes one value of a condition, a variable where the operator takes them.
func (d *draft) one(positive, have string, hit bool, suffix string, alone, variables bool) any {
	withVariables := strings.HasPrefix(positive, "String") || strings.HasPrefix(positive, "Arn")
	if withVariables && d.chance(0.15) {
		return d.variable(positive, have, hit, suffix, alone)
	}
	v := d.wanted(positive, have, hit)
	if s, ok := v.(string); ok && withVariables && variables && strings.Contains(s, "${") && !wellFormed(s) {
		return "a" // a random word that reads as a broken variable
	}
	return v
}

func wellFormed(s string) bool {
	for _, v := range []string{"${*}", "${?}", "${$}"} {
		s = strings.ReplaceAll(s, v, "")
	}
	return !strings.Contains(s, "${")
}

// variable writes a value with ${...} for a part of it.
func (d *draft) variable(positive, have string, hit bool, suffix string, alone bool) any {
	if strings.ContainsAny(have, "*?$") || strings.HasPrefix(positive, "Arn") && strings.Count(have, ":") < 5 {
		return "${*}"
	}
	if !hit {
		have = strings.ReplaceAll(d.spoil(have), "*", "d")
	}
	cut := 0
	if strings.HasPrefix(positive, "Arn") { // within the last component
		cut = len(have) - len(strings.SplitN(have, ":", 6)[min(5, strings.Count(have, ":"))])
	}
	from := boundary(have, cut+d.Intn(len(have)-cut+1))
	to := boundary(have, from+d.Intn(len(have)-from+1))
	part := have[from:to]

	if d.chance(0.05) { // of a set, which has no value and takes no default
		set := pick(d, []string{"aws:TagKeys", d.req.Issuer + ":amr"})
		if d.chance(0.5) {
			set += ", '" + part + "'"
		}
		return have[:from] + "${" + set + "}" + have[to:]
	}
	name, found := d.keyWith(part)
	switch {
	case found && d.chance(0.7):
		return have[:from] + "${" + d.recase(name) + "}" + have[to:]
	case d.chance(0.6) || !d.silent && (suffix != "" || !alone):
		return fmt.Sprintf("%s${%s, '%s'}%s", have[:from], d.absent(), part, have[to:])
	case d.chance(0.4):
		return have[:from] + "${" + d.absent() + "}" + have[to:]
	}
	// Some present key, whatever its value.
	name = pick(d, []string{d.req.Issuer + ":sub", "sts:RoleSessionName"})
	if v := d.keys[strings.ToLower(name)]; !d.silent && strings.ContainsAny(strings.Join(v, ""), "*?") {
		return have
	}
	return have[:from] + "${" + name + "}"
}

// boundary is where the character at an index of a text begins.
func boundary(s string, i int) int {
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// keyWith finds a key whose only value is s.
func (d *draft) keyWith(s string) (string, bool) {
	keys := d.keys
	for _, name := range append(append([]string{}, d.single[kString]...), d.single[kNumber]...) {
		if v := keys[strings.ToLower(name)]; len(v) == 1 && v[0] == s {
			return name, true
		}
	}
	return "", false
}
