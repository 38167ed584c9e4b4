// Package trust is the trust engine: it compiles grants into an IAM role trust policy, evaluates trust policies as AWS
// STS does for AssumeRoleWithWebIdentity, and proves that a policy admits the tokens it must and no near miss.
//
// It is plain Go. It knows neither Pulumi nor any CI system: a CI system hands it grants and tokens, the component
// hands it provider ARNs.
//
// What STS does is recorded, where somebody recorded it: a comment names the fixture and its rows ("Recorded: ..."),
// and the corpus has them as vectors. The rest is documented at
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif.
package trust
