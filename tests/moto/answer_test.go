package moto

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// answer is what a call returned, as a flat list: "Role.Tags[0].Key" is a field.
type answer map[string]string

// done is the outcome of a call that was not refused.
const done = "done"

// flatten keeps of an answer what two accounts can have in common. Of an error that is code and status: AWS documents
// these and no texts.
func flatten(output any, err error) answer {
	if err != nil {
		var refusal smithy.APIError
		var response *awshttp.ResponseError
		switch {
		case !errors.As(err, &response):
			return answer{"outcome": err.Error()}
		case !errors.As(err, &refusal):
			return answer{"outcome": fmt.Sprint(response.HTTPStatusCode())}
		}
		return answer{"outcome": fmt.Sprintf("%s %d", refusal.ErrorCode(), response.HTTPStatusCode())}
	}
	raw, err := json.Marshal(output)
	if err != nil {
		return answer{"outcome": err.Error()}
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return answer{"outcome": err.Error()}
	}
	fields := answer{"outcome": done}
	fields.add("", tree)
	return fields
}

func (a answer) add(path string, node any) {
	switch v := node.(type) {
	case nil:
	case map[string]any:
		for key, value := range v {
			if key == "ResultMetadata" { // the SDK's own
				continue
			}
			a.add(strings.TrimPrefix(path+"."+key, "."), value)
		}
	case []any:
		inCanonicalOrder(v)
		for i, value := range v {
			a.add(fmt.Sprintf("%s[%d]", path, i), value)
		}
	case string:
		a[path] = comparable(path, v)
	default:
		a[path] = fmt.Sprint(v)
	}
}

// inCanonicalOrder sorts a list of objects. IAM promises no order for any of them.
func inCanonicalOrder(list []any) {
	slices.SortFunc(list, func(x, y any) int {
		a, isObject := x.(map[string]any)
		b, areObjects := y.(map[string]any)
		if !isObject || !areObjects {
			return 0
		}
		return strings.Compare(canonical(a), canonical(b))
	})
}

// canonical tells one member of a list from the others, whatever its other fields say.
func canonical(object map[string]any) string {
	return fmt.Sprint(object["Arn"], object["PolicyArn"], object["Key"])
}

var uniqueID = regexp.MustCompile(`^(AROA|ANPA)[A-Z0-9]{17}$`)

// comparable replaces what no two accounts have in common by what its form is.
func comparable(path, text string) string {
	switch {
	case strings.HasSuffix(path, "Date"):
		return "a time"
	case uniqueID.MatchString(text):
		return text[:4] + " and 17 characters"
	case strings.HasSuffix(path, "Document"):
		// IAM returns documents URL-encoded: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
		if decoded, err := url.QueryUnescape(text); err == nil && decoded != text {
			return "URL-encoded " + decoded
		}
	}
	return text
}

// fieldsOf are the fields to compare: all, or the outcome alone unless both have done what they were asked.
func fieldsOf(a, b answer) (fields []string) {
	if a["outcome"] != done || b["outcome"] != done {
		return []string{"outcome"}
	}
	for _, one := range []answer{a, b} {
		for field := range one {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
