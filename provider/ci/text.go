package ci

import "slices"

// textOf is a claim that is text, "" of any other.
func textOf(claim any) string {
	text, _ := claim.(string)
	return text
}

// addOnce adds a text to a sorted list that does not have it.
func addOnce(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	list = append(list, text)
	slices.Sort(list)
	return list
}

// swapCase is a text with the case of its ASCII letters swapped; one without letters gets one.
func swapCase(text string) string {
	swapped := []byte(text)
	for i, b := range swapped {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' {
			swapped[i] = b ^ 0x20
		}
	}
	if string(swapped) == text {
		return text + "a"
	}
	return string(swapped)
}

// count is 1 of true, 0 of false.
func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
