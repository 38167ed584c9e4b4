package verb

import (
	"errors"
	"regexp"
)

// tokenInText is a JWT, or the beginning of one: its header is a JSON object, and `{"` is "eyJ" in base64.
var tokenInText = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*){1,2}`)

// redact takes tokens out of a text. They do not belong into policies and claims, and whoever puts one there by mistake
// must not find it in a log.
func redact(text string) string { return tokenInText.ReplaceAllString(text, "(token)") }

// longestError is enough to find the place, and not a whole document that has one name.
const longestError = 600

// refuse is an error about a document as a person may see it.
func refuse(err error) error {
	if err == nil {
		return nil
	}
	text := []rune(redact(err.Error()))
	if len(text) > longestError {
		text = append(text[:longestError], []rune("...")...)
	}
	return errors.New(string(text))
}
