// Package spelling says which of some known names a misspelt one means. Whatever refuses a name that is none of a list
// asks it, so that every message ends in the same way.
package spelling

import (
	"strings"

	"github.com/agext/levenshtein"
)

// longestSlip is by how many bytes a misspelt word may be longer or shorter: more than a third of any word.
const longestSlip = 64

// Nearest returns the one of some words that a misspelt one is most like, "" if it is like none of them: a slip of the
// hand changes a letter or two, and no more than a third of the word.
func Nearest(misspelt string, words []string) string {
	nearest, fewest := "", 0
	for _, word := range words {
		if difference := len(misspelt) - len(word); difference > longestSlip || -difference > longestSlip {
			continue // a text of megabytes is nobody's slip
		}
		changes := levenshtein.Distance(strings.ToLower(misspelt), strings.ToLower(word), nil)
		if changes <= max(1, len(word)/3) && (nearest == "" || changes < fewest) {
			nearest, fewest = word, changes
		}
	}
	return nearest
}

// Slip reports that two names differ in a letter at most.
func Slip(name, other string) bool {
	difference := len(name) - len(other)
	return difference*difference <= 1 && levenshtein.Distance(strings.ToLower(name), strings.ToLower(other), nil) <= 1
}

// Guess ends a message that refuses a name: "; did you mean plan?", "" if the name is like none of the words.
func Guess(misspelt string, words []string) string {
	if nearest := Nearest(misspelt, words); nearest != "" {
		return "; did you mean " + nearest + "?"
	}
	return ""
}
