package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// longestValue is how many characters of a value a message may hold.
const longestValue = 1000

// invalid turns the problems into the error that the engine prints with a line for each; nil if there is none. What is
// made of a look-up that was cut off is no problem.
func (c *component) invalid() error {
	if c.aws.stopped != nil && c.aws.stopped.Load() {
		return errStopped
	}
	if c.problems.Len() == 0 {
		return nil
	}
	shown, all := c.problems.Shown()
	message := c.kind + " has invalid inputs; nothing was created or changed"
	if all > len(shown) {
		message += fmt.Sprintf(". The first %d of %d problems", len(shown), all)
	}
	err := pulumierrors.NewInputPropertiesError(message)
	by, printed := callerOf(c.project), property.New(resource.FromResourcePropertyMap(c.given))
	for _, p := range shown {
		said := by.says(Name+":index:"+c.kind, p)
		path := c.quotable(p.Path, printed)
		if said.Path != p.Path {
			said.Reason += c.found(p)
			path = said.Path
		}
		err = err.WithDetails(pulumierrors.InputPropertyErrorDetails{PropertyPath: path, Reason: said.Reason})
	}
	return err
}

// found ends a reason with the value that stands at a problem's path, where the engine cannot find it by the path that
// is shown. It is silent where the reason has the value, and where there is none, or none that is short and plain.
func (c *component) found(p input.Problem) string {
	path, err := resource.ParsePropertyPath(p.Path)
	if err != nil || strings.Contains(p.Reason, "(found ") {
		return ""
	}
	value, ok := path.Get(resource.NewProperty(c.given))
	if !ok || length(value, longestValue) > longestValue || !value.IsString() && !value.IsNumber() && !value.IsBool() {
		return ""
	}
	if value.IsString() {
		return " (value " + input.Quote(value.StringValue()) + ")"
	}
	return fmt.Sprintf(" (value %v)", value.V)
}

// quotable is a problem's path. The engine prints the value that stands there, however long it is, so the path of a
// long one gets a suffix, with which it leads nowhere. So does that of a value which Pulumi 3.274 to 3.276 cannot
// print: the whole command would end in a panic. printed are the inputs as these engines have them: there, a path leads
// through secrets and outputs, as it does not in older ones.
// Source: https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/propertyprint/print.go
func (c *component) quotable(path string, printed property.Value) string {
	const tooLong = " (too long to show)"
	var through property.Path
	if err := through.UnmarshalText([]byte(path)); err == nil {
		value, err := through.Get(printed)
		switch {
		case err != nil:
		case length(resource.ToResourcePropertyValue(value), longestValue) > longestValue:
			return path + tooLong
		case !printable(value):
			return path + " (value not shown)"
		}
	}
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return path
	}
	value, found := parsed.Get(resource.NewProperty(c.given))
	if !found || length(value, longestValue) <= longestValue {
		return path
	}
	return path + tooLong
}

// printable reports whether there is no unknown in a value, and no resource.
func printable(value property.Value) bool {
	switch {
	case value.IsComputed(), value.IsResourceReference():
		return false
	case value.IsArray():
		for _, item := range value.AsArray().All {
			if !printable(item) {
				return false
			}
		}
	case value.IsMap():
		for _, field := range value.AsMap().All {
			if !printable(field) {
				return false
			}
		}
	}
	return true
}

// length is about how many characters a value has in a message; counting ends where it exceeds a limit.
func length(value resource.PropertyValue, limit int) int {
	n := 8
	switch {
	case value.IsString():
		n += len(value.StringValue())
	case value.IsSecret():
		n += length(value.SecretValue().Element, limit)
	case value.IsOutput():
		n += length(value.OutputValue().Element, limit)
	case value.IsArray():
		for _, item := range value.ArrayValue() {
			if n += length(item, limit-n); n > limit {
				break
			}
		}
	case value.IsObject():
		for key, field := range value.ObjectValue() {
			if n += len(key) + length(field, limit-n); n > limit {
				break
			}
		}
	}
	return n
}
