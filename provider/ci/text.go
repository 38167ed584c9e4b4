package ci

import "slices"

// TextOf is a claim that is text, "" of any other.
func TextOf(claim any) string {
	text, _ := claim.(string)
	return text
}

// AddOnce adds a text to a sorted list that does not have it.
func AddOnce(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	list = append(list, text)
	slices.Sort(list)
	return list
}

// SwapCase is a text with the case of its ASCII letters swapped; one without letters gets one.
func SwapCase(text string) string {
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

// Count is 1 of true, 0 of false.
func Count(b bool) int {
	if b {
		return 1
	}
	return 0
}
