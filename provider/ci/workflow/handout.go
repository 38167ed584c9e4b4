package workflow

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"

// HandOutRequest is how a job of a workflow asks for its token.
//
// Source: https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
func HandOutRequest() *ci.HandOutRequest {
	return &ci.HandOutRequest{
		Method: "GET", URL: "$ACTIONS_ID_TOKEN_REQUEST_URL", Queried: true, Audience: "audience", Member: "value",
		Headers: map[string]string{"Authorization": "bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN"},
	}
}
