package citest

import (
	"math/rand/v2"
	"strings"
)

// Distort makes a pattern out of a subject: wildcards in the place of pieces of it.
func Distort(rng *rand.Rand, text string) string {
	for range 1 + rng.IntN(3) {
		if len(text) == 0 {
			return "*"
		}
		from := rng.IntN(len(text))
		to := min(len(text), from+rng.IntN(16))
		switch rng.IntN(9) {
		case 8:
			text = text[:from] + strings.Repeat("?", 1+rng.IntN(90)) + text[to:]
		case 0, 1, 2:
			text = text[:from] + "*" + text[to:]
		case 3:
			text = text[:from] + "*"
		case 4:
			text = text[:from] + strings.Repeat("?", to-from) + text[to:]
		case 5:
			text = "*" + text[from:]
		case 6:
			text = text[:from] + "?*" + text[to:]
		case 7:
			text = text[:from] + []string{"${token.actions.githubusercontent.com:repository}", "${*}",
				"${token.actions.githubusercontent.com:actor, '*'}", ":", "/"}[rng.IntN(5)] + text[to:]
		}
	}
	return text
}
