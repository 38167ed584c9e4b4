package permission

import (
	"slices"
	"strings"
	"testing"
)

// FuzzJudge judges a policy that a stranger wrote: it never panics, what cannot be read counts as writing, and nothing
// that a statement plainly allows is overlooked.
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		document(allow(`"*"`, `"*"`)), document(allow(`["s3:Put*","s3:?et*"]`, `"arn:aws:s3:::a${aws:userid}/*"`)),
		document(allow(`"s3:*"`, `"*"`), deny(`"s3:*"`, `["*a","*b","arn:aws:s3:::?*"]`)),
		document(`{"Effect":"Allow","NotAction":["iam:*"],"NotResource":["arn:aws:s3:::*"],` +
			`"Condition":{"Bool":{"a":true}}}`),
		document(`{"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}`, allow(`"iam:passrole"`, `"?"`)),
		`{"Statement":[{"Effect":"Allow","Action":"*","Action":"*","Resource":"*"}]}`, "", "null", "{",
		`{"Statement":1}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		j := Judge(Role{Policies: []Policy{{Name: "p", Document: text}}, Boundary: &Policy{
			Name: "b", Document: document(allow(`"*"`, `"*"`)),
		}})
		statements, err := parse(text)
		if err != nil || text == "" {
			if len(j.Writes) == 0 || len(j.Unread) == 0 {
				t.Errorf("it cannot be read (%v), and counts as reading", err)
			}
			return
		}
		for _, action := range []string{"iam:passrole", "s3:putobject", "madeup:frobnicate"} {
			for _, resource := range []string{"*", "arn:aws:s3:::a/b", "arn:aws:iam::123456789012:role/A", "~"} {
				if allows(statements, action, resource) && len(j.Writes) == 0 {
					t.Errorf("%s on %s is allowed, and no writing was found", action, resource)
				}
			}
		}
	})
}

// allows reports that statements allow one action on one resource.
func allows(statements []*statement, action, resource string) bool {
	covers := func(allow bool) bool {
		return slices.ContainsFunc(statements, func(s *statement) bool {
			return s.allow == allow && (allow || !s.conditional) && s.actions.covers(action) &&
				s.resources.covers(resource) && !s.excused(action, set{patterns: []string{resource}})
		})
	}
	return covers(true) && !covers(false)
}

func TestAHostilePatternOfFortyThousandBytesIsNoPanic(t *testing.T) {
	long := strings.Repeat("a", 40_000)
	for name, statements := range map[string][]string{
		"a resource": {allow(`"s3:*"`, `"arn:aws:s3:::`+long+`*"`), deny(`"s3:put*"`, `"arn:aws:s3:::`+long+`*b*"`)},
		"an action":  {allow(`"s3:`+long+`*"`, `"*"`), deny(`"s3:`+long+`*b*"`, `"*"`)},
	} {
		j := Judge(inline(statements...))
		if len(j.Unread) == 0 || len(j.Writes) == 0 {
			t.Errorf("%s of %d bytes is read: %+v", name, len(long), j)
		}
	}
}

func TestADenyOfEachLetterLeavesTheOtherLetters(t *testing.T) {
	var ends []string
	for _, letter := range "abcdefghijklmnopqrstuvwxyz0123456789-_/" {
		ends = append(ends, `"*`+string(letter)+`"`)
	}
	j := Judge(inline(allow(`"s3:PutObject"`, `"arn:aws:s3:::acme/*"`),
		deny(`"s3:PutObject"`, "["+strings.Join(ends, ",")+"]")))
	if len(j.Writes) == 0 {
		t.Error("an object whose name ends in a capital letter can be written, and nothing says so")
	}
}
