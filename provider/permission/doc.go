// Package permission says what the policies of a role allow: whether they allow more than reading, and whether secrets
// can be read with them.
//
// It evaluates actions and resources and looks at no policy's name, but for a few that AWS itself keeps. Doubt counts
// against the role: conditions of an Allow are taken to hold, those of a Deny not to, and what cannot be read is taken
// to allow everything. Policies of the organization, of resources and of sessions are not seen.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
package permission
