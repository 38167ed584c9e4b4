// Package account finds the roles in what people have of an AWS account.
//
// It reads a single trust policy, the answers of IAM (get-role, list-roles, get-account-authorization-details), what
// `terraform show -json` prints of a plan or a state, CloudFormation templates, lists and lines of all these, and
// folders of such files. It judges nothing: package audit does.
package account

// MaxDocument bounds one document, in bytes: an account's authorization details are the largest input there is, and
// 30,000 roles have less.
const MaxDocument = 64 << 20
