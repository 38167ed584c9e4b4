package localaws

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// The second evaluator, package naive, judges tokens and trust policies here: the product's own engine has no say in
// what this STS answers.

const (
	assumption          = "sts:AssumeRoleWithWebIdentity"
	claimTags           = "https://aws.amazon.com/tags"
	claimSourceIdentity = "https://aws.amazon.com/source_identity"
)

// trusts tells whether a trust policy lets a verified token perform an action.
//
// A policy that IAM took and the evaluator cannot read is an internal failure, not a denial: the two must not disagree
// in silence.
func trusts(document string, r naive.Request, action string) (bool, error) {
	allowed, err := naive.DecideAction([]byte(document), r, action)
	if err != nil {
		return false, refuse(http.StatusInternalServerError, "InternalFailure", "reading the trust policy: %v", err)
	}
	return allowed, nil
}

// refusal is the answer for what the evaluator says of a token.
func refusal(err error) error {
	var refused *naive.Refusal
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		return err
	case refused.Code == "InternalFailure":
		return refuse(http.StatusInternalServerError, refused.Code, "%s", refused.Message)
	}
	return refuse(http.StatusBadRequest, refused.Code, "%s", refused.Message)
}

// neededActions are those a trust policy must allow because of what the token carries, the assumption itself last.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
func neededActions(claims map[string]any) []string {
	var actions []string
	isTag := func(name string) bool { return strings.HasPrefix(name, claimTags+"/principal_tags/") }
	if claims[claimTags] != nil || slices.ContainsFunc(slices.Collect(maps.Keys(claims)), isTag) {
		actions = append(actions, "sts:TagSession")
	}
	if claims[claimSourceIdentity] != nil {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	return append(actions, assumption)
}
