// Package spelling says which of some known names a misspelt one means. Whatever refuses a name that is none of a list
// asks it, so that every message ends in the same way.
package spelling

import (
	"strings"

	"github.com/agext/levenshtein"
)

// longestSlip is by how many bytes a misspelt word may be longer or shorter: more than a third of any word.
const longestSlip = 64

// mostSlips is how many letters a slip of the hand changes at most, of however long a word.
const mostSlips = 3

// Nearest returns the one of some words that a misspelt one is most like, "" if it is like none of them: a slip of the
// hand changes a letter or two, and no more than a third of the word, nor of any of its parts. What all the words have
// in common says nothing of which is meant: aws-xx is as far from aws-cn as xx from cn. A word that breaks off near its
// end is meant, too, if only one goes on like that. Of several that are as near, the one is meant that begins alike.
func Nearest(misspelt string, words []string) string {
	lower := strings.ToLower(misspelt)
	nearest, fewest, alike := "", 0, 0
	var goOn []string
	for _, word := range words {
		if difference := len(misspelt) - len(word); difference > longestSlip || -difference > longestSlip {
			continue // a text of megabytes is nobody's slip
		}
		known := strings.ToLower(word)
		if strings.HasPrefix(known, lower) && 3*len(lower) >= 2*len(known) {
			goOn = append(goOn, word)
		}
		if !near(lower, known) {
			continue
		}
		changes, same := slips(lower, known), beginning(lower, known)
		if nearest == "" || changes < fewest || changes == fewest && same > alike {
			nearest, fewest, alike = word, changes, same
		}
	}
	if nearest == "" && len(goOn) == 1 {
		return goOn[0]
	}
	return nearest
}

// Slip reports that two names are one but for a slip of one letter.
func Slip(name, other string) bool {
	difference := len(name) - len(other)
	return difference*difference <= 1 && slips(strings.ToLower(name), strings.ToLower(other)) <= 1
}

// near reports that a word may be a slip of another: in all, and in each of its parts if they have as many. A part of
// a letter or two has no room for a slip.
func near(misspelt, word string) bool {
	if slips(misspelt, word) > min(mostSlips, max(1, len(word)/3)) {
		return false
	}
	written, known := strings.FieldsFunc(misspelt, separates), strings.FieldsFunc(word, separates)
	if len(known) < 2 || len(written) != len(known) {
		return len(known) < 2 || len(written) < len(known) // a part more is meant, and one less may be forgotten
	}
	for i := range known {
		if slips(written[i], known[i]) > len(known[i])/3 {
			return false
		}
	}
	return true
}

// slips counts the letters that are changed, left out or added; two that stand the wrong way round are one slip.
func slips(misspelt, word string) int {
	changes := levenshtein.Distance(misspelt, word, nil)
	if at := beginning(misspelt, word); changes == 2 && len(misspelt) == len(word) && at+2 <= len(word) &&
		misspelt[at] == word[at+1] && misspelt[at+1] == word[at] {
		return 1
	}
	return changes
}

// separates reports that a letter stands between the parts of a name.
func separates(r rune) bool { return strings.ContainsRune("-_.:/", r) }

// beginning is how many bytes two words have in common at their beginning.
func beginning(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Guess ends a message that refuses a name: "; did you mean plan?", "" if the name is like none of the words.
func Guess(misspelt string, words []string) string {
	if nearest := Nearest(misspelt, words); nearest != "" {
		return "; did you mean " + nearest + "?"
	}
	return ""
}
