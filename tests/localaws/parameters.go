package localaws

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parameters are those of a query request.
type parameters url.Values

func (p parameters) text(name string) string { return url.Values(p).Get(name) }

func (p parameters) given(name string) bool { return url.Values(p).Has(name) }

func (p parameters) required(name string) (string, error) {
	if value := p.text(name); value != "" {
		return value, nil
	}
	return "", constraint(wireName(name), "Member must not be null")
}

// list reads Name.member.1, Name.member.2 and so on.
func (p parameters) list(name string) []string {
	var values []string
	for i := 1; p.given(name + ".member." + strconv.Itoa(i)); i++ {
		values = append(values, p.text(name+".member."+strconv.Itoa(i)))
	}
	return values
}

// number reads an integer between two bounds, both included.
func (p parameters) number(name string, absent, lowest, highest int) (int, error) {
	if !p.given(name) {
		return absent, nil
	}
	n, err := strconv.Atoi(p.text(name))
	if err != nil {
		return 0, validation("1 validation error detected: Value '%s' at '%s' is not an integer", p.text(name),
			wireName(name))
	}
	if n < lowest {
		return 0, outOfRange(n, name, "greater", lowest)
	}
	if n > highest {
		return 0, outOfRange(n, name, "less", highest)
	}
	return n, nil
}

func outOfRange(n int, name, side string, bound int) error {
	return validation("1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: "+
		"Member must have value %s than or equal to %d", n, wireName(name), side, bound)
}

// name reads an entity name: at most longest characters of [\w+=,.@-].
func (p parameters) name(parameter string, longest int) (string, error) {
	value, err := p.required(parameter)
	if err != nil {
		return "", err
	}
	if utf8.RuneCountInString(value) > longest {
		return "", tooLong(wireName(parameter), longest)
	}
	if !entityName.MatchString(value) {
		return "", validation("The specified value for %s is invalid. "+
			"It must contain only alphanumeric characters and/or the following: +=,.@_-", wireName(parameter))
	}
	return value, nil
}

var (
	entityName = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]+$`)
	entityPath = regexp.MustCompile(`^/([\x21-\x7E\x7F]+/)?$`)
)

// path reads an entity path: "/" or something that starts and ends with a slash.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names
func (p parameters) path() (string, error) {
	value := p.text("Path")
	switch {
	case value == "":
		return "/", nil
	case len(value) > 512:
		return "", tooLong("path", 512)
	case !entityPath.MatchString(value):
		return "", validation("The specified value for path is invalid. " +
			"It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return value, nil
}

var descriptionText = regexp.MustCompile(`^[\x09\x0A\x0D\x20-\x7E\x{A1}-\x{FF}]*$`)

func (p parameters) description() (string, error) {
	value := p.text("Description")
	if utf8.RuneCountInString(value) > 1000 {
		return "", tooLong("description", 1000)
	}
	if !descriptionText.MatchString(value) {
		return "", constraint("description",
			`Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`)
	}
	return value, nil
}

func tooLong(parameter string, longest int) error {
	return constraint(parameter, "Member must have length less than or equal to "+strconv.Itoa(longest))
}

// wireName is a parameter's name as validation errors write it: roleName for RoleName.
func wireName(parameter string) string { return strings.ToLower(parameter[:1]) + parameter[1:] }

// sized reads a text with bounds on its length, both included.
func (p parameters) sized(name string, shortest, longest int) (string, error) {
	value, err := p.required(name)
	if err != nil {
		return "", err
	}
	switch n := utf8.RuneCountInString(value); {
	case n < shortest:
		return "", constraint(wireName(name),
			"Member must have length greater than or equal to "+strconv.Itoa(shortest))
	case n > longest:
		return "", tooLong(wireName(name), longest)
	}
	return value, nil
}
