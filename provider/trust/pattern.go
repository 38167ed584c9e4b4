package trust

import (
	"strings"
	"unicode/utf8"
)

// A pattern is a compiled value of StringLike: literal text, "?" for exactly one UTF-16 unit, "*" for any number of
// units, none included. Both cross every separator; that is why a generator must be sparing with them.
//
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
type pattern []part

// A part is one literal, or one wildcard.
type part struct {
	wildcard byte // 0 for a literal, '?' or '*'
	literal  string
}

// wildcardPattern compiles text in which "*" and "?" are wildcards. In a run of both the "?" come first and one "*" is
// enough: "*?*?" is "??*", which needs no looking back.
func wildcardPattern(text string) pattern {
	var p pattern
	star := false
	for text != "" {
		at := strings.IndexAny(text, "*?")
		switch {
		case at != 0 && star:
			p, star = append(p, part{wildcard: '*'}), false
			continue
		case at < 0:
			return append(p, part{literal: text})
		case at > 0:
			p = append(p, part{literal: text[:at]})
			text = text[at:]
			continue
		case text[0] == '*':
			star = true
		default:
			p = append(p, part{wildcard: '?'})
		}
		text = text[1:]
	}
	if star {
		p = append(p, part{wildcard: '*'})
	}
	return p
}

// A place in a value: a byte, or the middle of the character that begins there, because IAM's "?" is one UTF-16 unit
// and characters beyond U+FFFF are two.
type place struct {
	at   int
	half bool
}

// next is the place one UTF-16 unit on.
//
// Recorded: condition_strings.json, rows 84 to 147 ("?" does not match U+10400 and "??" does).
func (p place) next(value string) (place, bool) {
	if p.half {
		return place{at: p.at + utf8.UTFMax}, true
	}
	switch _, size := utf8.DecodeRuneInString(value[p.at:]); size {
	case 0:
		return p, false
	case utf8.UTFMax:
		return place{p.at, true}, true
	default:
		return place{at: p.at + size}, true
	}
}

// match reports whether the whole value fits the pattern. It looks back only to the last "*", and from there to where
// the literal behind it stands next, so that its cost is at most the product of the two lengths and mostly their sum.
func (p pattern) match(value string) bool {
	i, here := 0, place{}
	star, again := -1, place{}
	for {
		if i < len(p) {
			switch p[i].wildcard {
			case '*':
				star, again = i, here
				i++
				continue
			case '?':
				if next, more := here.next(value); more {
					i, here = i+1, next
					continue
				}
			default:
				if p[i].literal == "" || !here.half && strings.HasPrefix(value[here.at:], p[i].literal) {
					i, here.at = i+1, here.at+len(p[i].literal)
					continue
				}
			}
		} else if here.at == len(value) {
			return true
		}
		if star < 0 {
			return false
		}
		var more bool
		if again, more = again.next(value); !more {
			return false
		}
		if star+1 < len(p) && p[star+1].wildcard == 0 && !again.half {
			next := strings.Index(value[again.at:], p[star+1].literal)
			if next < 0 {
				return false
			}
			again.at += next
		}
		i, here = star+1, again
	}
}

// Match reports whether value fits a StringLike pattern.
func Match(text, value string) bool { return wildcardPattern(text).match(value) }

// HasWildcard reports whether StringLike would treat the text as more than a literal.
func HasWildcard(text string) bool { return strings.ContainsAny(text, "*?") }

// covers reports that whatever fits narrow also fits wide. It answers true only where that is certain: both are the
// same text, or wide is narrow's beginning followed by "*".
func covers(wide, narrow string) bool {
	return wide == narrow || strings.HasSuffix(wide, "*") && strings.HasPrefix(narrow, wide[:len(wide)-1])
}

// coverAll reports that every text fits one of the patterns. A text of characters that stand in none of them fits only
// patterns without literals, so that these must cover every length.
func coverAll(operands []operand) bool {
	exact := map[int]bool{}
	least := -1
	for i := range operands {
		length, star, literal := 0, false, false
		for _, piece := range operands[i].pattern {
			switch piece.wildcard {
			case '*':
				star = true
			case '?':
				length++
			default:
				literal = literal || piece.literal != ""
			}
		}
		switch {
		case literal:
		case !star:
			exact[length] = true
		case least < 0 || length < least:
			least = length
		}
	}
	for length := range max(least, 0) {
		if !exact[length] {
			return false
		}
	}
	return least >= 0
}
