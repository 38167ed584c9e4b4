package trust

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// lower is a text as IAM lower-cases it before it compares: by Unicode's rules for a language that has none of its own,
// the final sigma included, save that a character beyond U+FFFF stays as it is. It does not fold: "ſ" is not "s".
//
// Recorded: condition_strings.json, rows 0 to 83.
func lower(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	// A Caser has a state, so that each call makes its own.
	lowered := cases.Lower(language.Und).String(text)
	var b strings.Builder
	for _, c := range text {
		l, size := utf8.DecodeRuneInString(lowered)
		lowered = lowered[size:]
		if c > 0xFFFF {
			l = c
		}
		b.WriteRune(l)
		if c == '\u0130' { // the one character that becomes two: "i" and a dot above
			dot, size := utf8.DecodeRuneInString(lowered)
			lowered = lowered[size:]
			b.WriteRune(dot)
		}
	}
	return b.String()
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// equalsLower reports whether a text lower-cased is another, without allocating for the text that nearly all claims
// have.
func equalsLower(text, lowered string) bool {
	if !ascii(text) {
		return lower(text) == lowered
	}
	if len(text) != len(lowered) {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lowered[i] {
			return false
		}
	}
	return true
}

// Lower is a text as IAM lower-cases it before it compares.
func Lower(text string) string { return lower(text) }
