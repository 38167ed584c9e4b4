package localaws

import (
	"net/http"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// trusts asks the trust engine whether a trust policy lets a verified token in. It is the only judgement this package
// shares with the product; everything before it is code of its own.
//
// A policy that IAM took and the engine cannot read is an internal failure, not a denial: the two must not disagree in
// silence.
func trusts(document string, r trust.Request) (bool, error) {
	policy, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		return false, refuse(http.StatusInternalServerError, "InternalFailure", "reading the trust policy: %v", err)
	}
	return policy.Evaluate(r).Allowed, nil
}

// trustsFor tells whether a trust policy allows a provider a further action, such as sts:TagSession.
func trustsFor(document, provider, action string) bool {
	_, statements, err := parsePolicy(document)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(statements, func(s statement) bool {
		return s.effect == "Allow" && s.allows(action) && slices.Contains(s.principals["Federated"], provider)
	})
}
