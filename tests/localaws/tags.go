package localaws

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type tag struct {
	Key   string
	Value string
}

// maxTags is a quota: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxTags = 50

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// tags reads Tags.member.N.Key and Tags.member.N.Value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func (p parameters) tags() ([]tag, error) {
	var tags []tag
	for i := 1; p.given("Tags.member." + strconv.Itoa(i) + ".Key"); i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		t := tag{Key: p.text(prefix + ".Key"), Value: p.text(prefix + ".Value")}
		at := "tags." + strconv.Itoa(i) + ".member"
		switch {
		case t.Key == "":
			return nil, constraint(at+".key", "Member must have length greater than or equal to 1")
		case utf8.RuneCountInString(t.Key) > 128:
			return nil, tooLong(at+".key", 128)
		case !tagText.MatchString(t.Key):
			return nil, constraint(at+".key",
				`Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
		case utf8.RuneCountInString(t.Value) > 256:
			return nil, tooLong(at+".value", 256)
		case !tagText.MatchString(t.Value):
			return nil, constraint(at+".value",
				`Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, invalidInput("Tag keys beginning with aws: are reserved for system use.")
		}
		if slices.ContainsFunc(tags, sameKey(t.Key)) {
			return nil, invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		tags = append(tags, t)
	}
	if len(tags) > maxTags {
		return nil, tooLong("tags", maxTags)
	}
	return tags, nil
}

func sameKey(key string) func(tag) bool {
	return func(t tag) bool { return strings.EqualFold(t.Key, key) }
}

// tagged is anything that carries tags.
type tagged struct{ tags []tag }

func (t *tagged) tag(more []tag) error {
	merged := slices.Clone(t.tags)
	for _, m := range more {
		merged = append(slices.DeleteFunc(merged, sameKey(m.Key)), m)
	}
	if len(merged) > maxTags {
		return limitExceeded("The number of tags has reached the maximum limit.")
	}
	slices.SortFunc(merged, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	t.tags = merged
	return nil
}

func (t *tagged) untag(keys []string) {
	for _, key := range keys {
		t.tags = slices.DeleteFunc(t.tags, sameKey(key))
	}
}

type tagPage struct {
	Tags []tag `xml:"Tags>member"`
	page
}

func (t *tagged) list(c *call) (any, error) {
	tags, p, err := cut(c, t.tags)
	if err != nil {
		return nil, err
	}
	return tagPage{tags, p}, nil
}
