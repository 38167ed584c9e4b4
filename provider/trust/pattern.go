package trust

import (
	"strings"
	"unicode/utf8"
)

// A pattern is a compiled value of StringLike: literal text, "?" for exactly one character, "*" for any number of
// characters, none included. Both cross every separator; that is why a generator must be sparing with them.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
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

// match reports whether the whole value fits the pattern. It looks back only to the last "*", and from there to where the
// literal behind it stands next, so that its cost is at most the product of the two lengths and mostly their sum.
func (p pattern) match(value string) bool {
	i, at := 0, 0
	star, starAt := -1, 0
	for {
		if i < len(p) {
			switch p[i].wildcard {
			case '*':
				star, starAt = i, at
				i++
				continue
			case '?':
				if _, size := utf8.DecodeRuneInString(value[at:]); size > 0 {
					i, at = i+1, at+size
					continue
				}
			default:
				if strings.HasPrefix(value[at:], p[i].literal) {
					i, at = i+1, at+len(p[i].literal)
					continue
				}
			}
		} else if at == len(value) {
			return true
		}
		if star < 0 || starAt >= len(value) {
			return false
		}
		_, size := utf8.DecodeRuneInString(value[starAt:])
		starAt += size
		if star+1 < len(p) && p[star+1].wildcard == 0 {
			next := strings.Index(value[starAt:], p[star+1].literal)
			if next < 0 {
				return false
			}
			starAt += next
		}
		i, at = star+1, starAt
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
