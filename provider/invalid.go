package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
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
	for _, p := range shown {
		err = err.WithDetails(pulumierrors.InputPropertyErrorDetails{
			PropertyPath: c.quotable(p.Path), Reason: p.Reason,
		})
	}
	return err
}

// quotable is a problem's path. The engine prints the value that stands there, however long it is, so the path of a
// long one gets a suffix, with which it leads nowhere.
func (c *component) quotable(path string) string {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return path
	}
	value, found := parsed.Get(resource.NewProperty(c.given))
	if !found || length(value, longestValue) <= longestValue {
		return path
	}
	return path + " (too long to show)"
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
