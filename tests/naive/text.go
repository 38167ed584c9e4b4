package naive

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// letter is one UTF-16 unit of a value in the policy: that is what ? stands for. Special units are those the policy's
// author wrote as * or ?, not those that came out of a variable.
type letter struct {
	unit    uint16
	special bool
}

type text []letter

func (t text) String() string {
	all := make([]uint16, len(t))
	for i, l := range t {
		all[i] = l.unit
	}
	return string(utf16.Decode(all))
}

func units(s string) []uint16 { return utf16.Encode([]rune(s)) }

// plain is a value as written: its * and ? are special (where the operator has wildcards).
func plain(s string) text {
	var t text
	for _, u := range units(s) {
		t = append(t, letter{u, u == '*' || u == '?'})
	}
	return t
}

// literal is a value none of whose characters is special.
func literal(s string) text {
	var t text
	for _, u := range units(s) {
		t = append(t, letter{u, false})
	}
	return t
}

// expand replaces the policy variables of a value. ok is false when a variable has no value.
func expand(s string, keys map[string][]string) (t text, ok bool, err error) {
	ok = true
	for {
		before, rest, found := strings.Cut(s, "${")
		t = append(t, plain(before)...)
		if !found {
			return t, ok, nil
		}
		var name, fallback string
		hasFallback := false
		end := strings.IndexAny(rest, ",}")
		if end < 0 {
			return nil, false, errors.New("a variable lacks its closing brace")
		}
		name, s = rest[:end], rest[end+1:]
		if rest[end] == ',' {
			hasFallback = true
			if s, found = strings.CutPrefix(s, " '"); !found {
				return nil, false, errors.New("a variable's default does not begin with a quote")
			}
			if fallback, s, found = strings.Cut(s, "'}"); !found {
				return nil, false, errors.New("a variable's default does not end with a quote and a brace")
			}
		}
		key := strings.ToLower(name)
		values, present := keys[key]
		switch {
		case name == "" || strings.Contains(name, " "):
			return nil, false, fmt.Errorf("a variable is called %q", name)
		case !hasFallback && (name == "*" || name == "?" || name == "$"):
			t = append(t, literal(name)...)
		case isSet(key) || present && len(values) != 1:
			ok = false // with a default as well
		case present:
			t = append(t, literal(values[0])...)
		case hasFallback:
			t = append(t, literal(fallback)...)
		default:
			ok = false
		}
	}
}

// like matches a whole string against a text with wildcards, unit by unit.
func like(pattern text, s string) bool {
	have := units(s)
	p, h := 0, 0
	star, again := -1, 0 // the last * met, and where its share of the string ends so far
	for h < len(have) {
		switch {
		case p < len(pattern) && pattern[p].special && pattern[p].unit == '*':
			star, again = p, h
			p++
		case p < len(pattern) && (pattern[p].special || pattern[p].unit == have[h]):
			p, h = p+1, h+1
		case star >= 0:
			again++
			p, h = star+1, again
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].special && pattern[p].unit == '*' {
		p++
	}
	return p == len(pattern)
}

// lower is a text in lower case as the IgnoreCase operators compare it: by the full mapping of Unicode, with the sigma
// that ends a word, but only within the Basic Multilingual Plane (𐐀 and 𐐨 were seen to differ).
func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var beyond []rune
	for _, r := range s {
		if r > 0xFFFF {
			beyond = append(beyond, r)
		}
	}
	var b strings.Builder
	for _, r := range cases.Lower(language.Und).String(s) { // a caser has state: one a call
		if r > 0xFFFF {
			r, beyond = beyond[0], beyond[1:]
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
