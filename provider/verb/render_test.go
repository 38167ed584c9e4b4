package verb

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

func TestWhatIsNotKnownYetIsNotRendered(t *testing.T) {
	known := func(path, text string) input.Value {
		return input.Value{Path: path, Present: true, Known: true, Scalar: text}
	}
	root := input.Value{Present: true, Known: true, Fields: map[string]input.Value{
		"accountId": known("accountId", "123456789012"), "partition": known("partition", "aws"),
		"region": known("region", "eu-west-1"),
		"vercel": {Path: "vercel", Present: true, Known: true, Fields: map[string]input.Value{
			"team":     known("vercel.team", "acme"),
			"projects": {Path: "vercel.projects", Present: true},
		}},
	}}
	var problems input.Problems
	rendering, err := Render(root, &problems)
	if rendering != nil || err != nil || problems.Len() != 1 || problems.Sorted()[0].Path != "vercel.projects" {
		t.Errorf("%v %v %v", rendering, err, problems.Sorted())
	}
}
