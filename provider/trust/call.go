package trust

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Tries are texts of the condition's key that differ in what the condition says of them. Addresses, dates and numbers
// lie on a line, which the values cut into pieces, so that a text at each cut and on both sides of it is one of every
// piece: then complete says that any other text is judged like one of these. Of texts that are matched it gives some.
func (s *Statement) Tries(condition int) (texts []string, complete bool) {
	t := &s.tests[condition]
	complete = !t.variables && !t.key.set // a set has any number of values
	for i, value := range s.Conditions[condition].Values {
		o := &t.operands[i]
		switch t.operator.family {
		case address:
			if !o.invalid {
				texts = append(texts, addressesAround(o.prefix)...)
			}
		case date:
			if !o.invalid {
				for _, millis := range []int64{-1000, 0, 1000} {
					at := time.Unix(o.instant.seconds, int64(o.instant.millis)*int64(time.Millisecond))
					texts = append(texts,
						at.Add(time.Duration(millis)*time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z"))
				}
			}
		case numeric:
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				texts = append(texts, strconv.FormatInt(n-1, 10), value, strconv.FormatInt(n+1, 10))
			} else {
				complete = false
			}
		case boolean:
			texts = append(texts, "true", "false")
		case stringEquals:
			texts = append(texts, value)
		case stringEqualsIgnoreCase:
			texts = append(texts, value, strings.ToUpper(value), lower(value), swapped(value))
		default:
			complete = false
			texts = append(texts, strings.NewReplacer("*", "x", "?", "x").Replace(value),
				strings.NewReplacer("*", "", "?", "x").Replace(value))
		}
	}
	return texts, complete
}

// swapped is a text with every other letter in the other case: another text to an operator that regards case.
func swapped(text string) string {
	var b strings.Builder
	for i, c := range []rune(lower(text)) {
		if i%2 == 0 {
			c = unicode.ToUpper(c)
		}
		b.WriteRune(c)
	}
	return b.String()
}

// mostTried bounds how many texts are tried for one policy variable.
const mostTried = 2_000

// HasCallVariable reports that a value of the condition has a policy variable that stands for something of the call.
func (s *Statement) HasCallVariable(condition int) bool {
	return slices.ContainsFunc(s.tests[condition].operands, func(o operand) bool {
		return slices.ContainsFunc(o.variable, func(part segment) bool {
			return part.key != nil && (part.key.kind == requestKey || part.key.kind == sessionNameKey)
		})
	})
}

// CallVariables are the keys of the call, in lower case, that stand in the condition as policy variables and of which
// the request says nothing, each with the texts that make a value of the condition fit the request. complete says that
// any other text makes none fit.
func (s *Statement) CallVariables(condition int, r *Request) (keys map[string][]string, complete bool) {
	if !s.HasCallVariable(condition) {
		return nil, true
	}
	t := &s.tests[condition]
	keys, complete = map[string][]string{}, true
	value := r.lookup(&t.key)
	for i := range t.operands {
		var open []string
		for _, part := range t.operands[i].variable {
			if part.key != nil && r.lookup(part.key).state == unknown {
				open = append(open, part.key.lower)
			}
		}
		for _, key := range open {
			keys[key] = append(keys[key], "")
		}
		if len(open) == 0 {
			continue
		}
		// Of two variables, or of a key that is not known itself, no single text tells.
		complete = complete && len(open) == 1 && value.state != unknown && t.operator.family != stringEqualsIgnoreCase
		for _, text := range value.texts() {
			fitting, all := t.fitting(i, open[0], text, r)
			keys[open[0]], complete = append(keys[open[0]], fitting...), complete && all
		}
	}
	return keys, complete
}

// fitting are the texts of one variable with which an operand fits a text: what it stands for is a part of that, behind
// what the operand begins with and before what it ends in.
func (t *test) fitting(operand int, key, text string, r *Request) (fitting []string, complete bool) {
	o := &t.operands[operand]
	begin, end := o.fixed(0, 1), o.fixed(len(o.variable)-1, -1)
	with := *r
	with.Context = maps.Clone(r.Context)
	if with.Context == nil {
		with.Context = map[string][]string{}
	}
	var places []int
	for at := range text {
		places = append(places, at)
	}
	places = append(places, len(text))
	tried := 0
	for i, from := range places {
		if begin >= 0 && from != begin {
			continue
		}
		for _, to := range places[i:] {
			if end >= 0 && to != len(text)-end {
				continue
			}
			if tried++; tried > mostTried {
				return fitting, false
			}
			with.Context[key] = []string{text[from:to]}
			filled, found, _ := o.resolve(t.operator.family, &with, noText)
			if found && filled.matches(t.operator, text) {
				fitting = append(fitting, text[from:to])
			}
		}
	}
	return fitting, true
}

// fixed is the length of what stands before the first variable, or behind the last one, where it is the same in every
// text that fits; -1 where it is not.
func (o *operand) fixed(from, step int) int {
	length := 0
	for i := from; o.variable[i].key == nil; i += step {
		if !o.variable[i].literal && HasWildcard(o.variable[i].text) {
			return -1
		}
		length += len(o.variable[i].text)
	}
	return length
}

// Concerns reports that the statement's action covers what the request needs: sts:AssumeRoleWithWebIdentity, and what a
// token with session tags or a source identity needs besides.
func (s *Statement) Concerns(r *Request) bool {
	return s.applies || s.tags && r.carriesTags() || s.source && r.carriesSourceIdentity()
}

// addressesAround are the first and the last address of a network, and those before and behind it.
func addressesAround(prefix netip.Prefix) []string {
	first := prefix.Masked().Addr()
	bytes := first.AsSlice()
	for bit := prefix.Bits(); bit < first.BitLen(); bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	texts := []string{first.String(), last.String()}
	for _, beside := range []netip.Addr{first.Prev(), last.Next()} {
		if beside.IsValid() {
			texts = append(texts, beside.String())
		}
	}
	return texts
}
