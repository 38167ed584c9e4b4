package provider

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const permissionsToken = "ci-oidc-trust:index:permissions"

func TestPermissionsAnswersAsTheSchemaSays(t *testing.T) {
	site := resource.NewObjectProperty(args{"bucket": text("acme-site")})
	result, failures, err := invoke(t, permissionsToken, args{"accountId": text("123456789012"), "s3Site": site})
	if err != nil || len(failures) > 0 {
		t.Fatal(err, failures)
	}
	if policy := result["policy"].StringValue(); !strings.Contains(policy, `"arn:aws:s3:::acme-site/*"`) {
		t.Errorf("got %s", policy)
	}
	_, failures, err = invoke(t, permissionsToken, args{"accountId": text("1"), "s3Site": site})
	if err != nil || len(failures) != 1 || failures[0].GetProperty() != "accountId" {
		t.Errorf("%v %v", err, failures)
	}
	result, _, err = invoke(t, permissionsToken, args{
		"accountId": resource.MakeSecret(text("123456789012")), "s3Site": site})
	if err != nil || !result["policy"].IsSecret() {
		t.Errorf("a policy of secret arguments is not secret: %v %v", err, result)
	}
}
