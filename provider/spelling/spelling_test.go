package spelling

import "testing"

func TestAMisspeltWordIsTakenForTheOneItIsMostLikeAndForNoneIfItIsLikeNone(t *testing.T) {
	words := []string{"plan", "apply", "github-any-ref", "gitlab-any-ref", "TRACKED", "no"}
	for misspelt, want := range map[string]string{
		"aply":            "apply",
		"Plan":            "plan",
		"tracked":         "TRACKED",
		"github-any-refs": "github-any-ref",
		"gitlab_any_ref":  "gitlab-any-ref",
		"n":               "no",
		"destroy":         "",
		"*":               "",
		"":                "",
	} {
		if got := Nearest(misspelt, words); got != want {
			t.Errorf("%q is taken for %q, want %q", misspelt, got, want)
		}
	}
	if got := Nearest("plan", nil); got != "" {
		t.Errorf("of no words %q is the nearest", got)
	}
}

// The region of Europe was once told that it may mean China.
func TestAPartitionIsTakenForNoneThatOnlyBeginsAlike(t *testing.T) {
	partitions := []string{
		"aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov",
	}
	for misspelt, want := range map[string]string{
		"aws-eu": "aws-eusc", "aws-gov": "aws-us-gov", "aws_cn": "aws-cn", "AWS": "aws", "awss": "aws",
		"aws-us": "", "aws-de": "", "aws-xx": "", "aws-china": "", "aws-iso-g": "", "aws-": "aws", "eusc": "",
		"aws-eucs": "aws-eusc", "aws-nc": "", "aws-uss-gov": "", "aws-us-goov": "aws-us-gov",
	} {
		if got := Nearest(misspelt, partitions); got != want {
			t.Errorf("%q is taken for %q, want %q", misspelt, got, want)
		}
	}
}

func TestALongNameIsNoLooserThanAShortOne(t *testing.T) {
	words := []string{"github-organization", "github-merge-queue", "permissionsBoundary", "trust-policy"}
	for misspelt, want := range map[string]string{
		"github-pull-request": "", "github-organizations": "github-organization", "github-merge": "github-merge-queue",
		"permissionBoundary": "permissionsBoundary", "permissionsSecondary": "", "trust-policies": "",
		"trust-polcy": "trust-policy", "github-merge-queu": "github-merge-queue",
		"github-organiz": "github-organization",
	} {
		if got := Nearest(misspelt, words); got != want {
			t.Errorf("%q is taken for %q, want %q", misspelt, got, want)
		}
	}
}

func TestAMessageEndsInTheNearestNameOrAsItIs(t *testing.T) {
	words := []string{"plan", "apply"}
	for misspelt, want := range map[string]string{"aply": "; did you mean apply?", "destroy": "", "": ""} {
		if got := Guess(misspelt, words); got != want {
			t.Errorf("of %q the message ends in %q, want %q", misspelt, got, want)
		}
	}
}
