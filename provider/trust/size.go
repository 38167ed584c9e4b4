package trust

import "unicode"

// DefaultMaxLength is the IAM quota "Role trust policy length" of an account for which nothing was raised.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const DefaultMaxLength = 2048

// Size is the length of a policy document in characters as IAM counts it: white space is free.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func Size(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// Size is what a statement adds to the policy, in characters as IAM counts them.
func (s *Statement) Size() int { return Size(s.JSON()) }
