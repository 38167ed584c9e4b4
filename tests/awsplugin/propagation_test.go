package awsplugin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A trust policy may name a principal that was created a moment ago, and that IAM cannot see everywhere yet.
func TestATrustPolicyWithAPrincipalThatIsNotVisibleYetIsTriedAgain(t *testing.T) {
	isolate(t)
	refusals := 2
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") == "CreateRole" && refusals > 0 {
			refusals--
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>MalformedPolicyDocument</Code>`+
				`<Message>Invalid principal in policy: `+
				`"AWS":"arn:aws:iam::123456789012:role/new"</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Role><RoleName>deploy</RoleName><Path>/</Path>`+
			`<Arn>arn:aws:iam::123456789012:role/deploy</Arn></Role></%[1]sResult></%[1]sResponse>`,
			r.FormValue("Action"))
	}))
	t.Cleanup(endpoint.Close)
	plugin, err := New(nil)
	require.NoError(t, err)
	c := &cloud{plugin: plugin}
	require.NoError(t, c.tryConfigure(t, props{
		"region": "eu-west-1", "accessKey": "a", "secretKey": "b", "skipCredentialsValidation": true,
		"endpoints": []any{props{"iam": endpoint.URL}},
	}))
	c.thing(roleType.token, "deploy").create(t, props{"assumeRolePolicy": trust, "name": "deploy"})
	assert.Zero(t, refusals)
}

func TestWaitingForPropagationStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := untilPropagated(ctx, func(error) bool { return true }, func() error { return errNotVisible })
	require.ErrorIs(t, err, errNotVisible)
	require.ErrorIs(t, err, context.Canceled)
}
