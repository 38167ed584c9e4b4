package awsplugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// validDocument says, in the words of pulumi-aws, why a text is no policy document.
func validDocument(value resource.PropertyValue) string {
	written := value.StringValue()
	if strings.TrimSpace(written) == "" {
		return "contains an invalid JSON policy: policy is empty"
	}
	parsed, err := parseDocument(written)
	if err != nil {
		return "contains an invalid JSON policy: " + err.Error()
	}
	if _, ok := parsed.(map[string]any); !ok {
		return "contains an invalid JSON policy: contains a JSON value that is not an object"
	}
	return ""
}

func parseDocument(written string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(written))
	decoder.UseNumber()
	var parsed any
	if err := decoder.Decode(&parsed); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("text after the end of the document, at offset %d", decoder.InputOffset())
	}
	return parsed, nil
}

// sameDocument tells whether two policy documents mean the same to IAM: spacing and the order of keys do not count,
// every list is a set, and a list of one is its element. As in https://github.com/hashicorp/awspolicyequivalence.
func sameDocument(old, new string) bool {
	left, errLeft := parseDocument(old)
	right, errRight := parseDocument(new)
	return errLeft == nil && errRight == nil && canonical(left) == canonical(right)
}

func canonical(parsed any) string {
	switch value := parsed.(type) {
	case map[string]any:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		var out strings.Builder
		out.WriteByte('{')
		for _, key := range keys {
			fmt.Fprintf(&out, "%q:%s,", key, canonical(value[key]))
		}
		out.WriteByte('}')
		return out.String()
	case []any:
		if len(value) == 1 {
			return canonical(value[0])
		}
		items := make([]string, 0, len(value))
		for _, item := range value {
			items = append(items, canonical(item))
		}
		sort.Strings(items)
		return "[" + strings.Join(items, ",") + "]"
	case string:
		return fmt.Sprintf("%q", value)
	default:
		return fmt.Sprint(value)
	}
}

// documentText turns a document written as an object into text, as pulumi-aws does.
func documentText(value resource.PropertyValue) (string, error) {
	written, err := json.Marshal(value.Mappable())
	return string(written), err
}

// reportedDocument decodes a document as the IAM API reports it, and keeps the text that is already known when both
// mean the same.
func reportedDocument(reported *string, known string) (string, error) {
	if reported == nil {
		return "", nil
	}
	decoded, err := url.QueryUnescape(*reported)
	if err != nil {
		return "", fmt.Errorf("decoding the policy document reported by IAM: %w", err)
	}
	if known != "" && sameDocument(known, decoded) {
		return known, nil
	}
	return decoded, nil
}
