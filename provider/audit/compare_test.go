package audit_test

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

func parsed(t *testing.T, document string) *trust.Policy {
	t.Helper()
	p, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
