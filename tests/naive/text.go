package naive

import (
	"errors"
	"fmt"
	"strings"
)

// letter is one character of a value in the policy. Special characters are those the
// policy's author wrote as * or ?, not those that came out of a variable.
type letter struct {
	char    rune
	special bool
}

type text []letter

func (t text) String() string {
	var b strings.Builder
	for _, l := range t {
		b.WriteRune(l.char)
	}
	return b.String()
}

// plain is a value as written: its * and ? are special (where the operator has wildcards).
func plain(s string) text {
	var t text
	for _, c := range s {
		t = append(t, letter{c, c == '*' || c == '?'})
	}
	return t
}

// literal is a value none of whose characters is special.
func literal(s string) text {
	var t text
	for _, c := range s {
		t = append(t, letter{c, false})
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
		values := keys[strings.ToLower(name)]
		switch {
		case name == "" || strings.Contains(name, " "):
			return nil, false, fmt.Errorf("a variable is called %q", name)
		case !hasFallback && (name == "*" || name == "?" || name == "$"):
			t = append(t, literal(name)...)
		case len(values) == 1:
			t = append(t, literal(values[0])...)
		case hasFallback:
			t = append(t, literal(fallback)...)
		default:
			ok = false
		}
	}
}

// like matches a whole string against a text with wildcards.
func like(pattern text, s string) bool {
	if len(pattern) == 0 {
		return s == ""
	}
	first, rest := pattern[0], pattern[1:]
	if first.special && first.char == '*' {
		if like(rest, s) {
			return true
		}
		for i := range s {
			if i > 0 && like(rest, s[i:]) {
				return true
			}
		}
		return len(s) > 0 && like(rest, "")
	}
	for i, c := range s {
		if i > 0 {
			return like(rest, s[i:])
		}
		if !(first.special && first.char == '?') && first.char != c {
			return false
		}
	}
	return s != "" && like(rest, "")
}
