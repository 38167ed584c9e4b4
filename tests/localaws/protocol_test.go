package localaws_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnUnknownActionIsNamedInTheAnswer(t *testing.T) {
	w := newWorld(t)
	code, body := w.post(url.Values{"Action": {"CreateUser"}, "Version": {"2010-05-08"}}, nil)
	assert.Equal(t, 400, code)
	assert.Contains(t, body,
		"<Code>InvalidAction</Code><Message>Could not find operation CreateUser for version 2010-05-08</Message>")
	code, body = w.post(url.Values{"Action": {"CreateRole"}, "Version": {"2011-06-15"}}, nil)
	assert.Equal(t, 400, code)
	assert.Contains(t, body, "Could not find operation CreateRole for version 2011-06-15")
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/MakingQueryRequests.html
func TestTheParametersOfAGETAreInItsQuery(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	form := url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role},
		"RoleSessionName": {"job"}, "WebIdentityToken": {sign(t, issuer.Sign, nil)},
	}
	code, body := w.get("GET", form)
	assert.Equal(t, 200, code)
	assert.Contains(t, body, "<SubjectFromWebIdentityToken>"+subject+"</SubjectFromWebIdentityToken>")
	form.Set("WebIdentityToken", sign(t, issuer.Sign, map[string]any{"sub": "repo:mallory/web:ref:refs/heads/main"}))
	code, body = w.get("GET", form)
	assert.Equal(t, 403, code)
	assert.Contains(t, body, denied)
	code, body = w.get("PUT", form)
	assert.Equal(t, 400, code)
	assert.Contains(t, body, "MalformedQueryString")
}

func TestAChangedQueryBreaksTheSignatureOfAGET(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	id, secret := w.aws.Credentials()
	signed, err := http.NewRequestWithContext(ctx(t), http.MethodGet,
		w.aws.URL()+"/?Action=GetRole&RoleName=deploy&Version=2010-05-08", nil)
	require.NoError(t, err)
	nothing := sha256.Sum256(nil)
	require.NoError(t,
		v4.NewSigner().SignHTTP(ctx(t), aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, signed,
			hex.EncodeToString(nothing[:]), "iam", "us-east-1", time.Now()))
	code, body := w.send(signed.Clone(ctx(t)))
	assert.Equal(t, 200, code, body)
	assert.Contains(t, body, "<RoleName>deploy</RoleName>")

	signed.URL.RawQuery = strings.Replace(signed.URL.RawQuery, "GetRole", "DeleteRole", 1)
	code, body = w.send(signed)
	assert.Equal(t, 403, code)
	assert.Contains(t, body, "SignatureDoesNotMatch")
	assert.Equal(t, []string{"deploy"}, w.aws.Inventory().Roles)
}

func TestAGETNeedsASignatureWhereAPOSTNeedsOne(t *testing.T) {
	w := newWorld(t)
	code, body := w.get("GET", listRolesForm())
	assert.Equal(t, 403, code)
	assert.Contains(t, body, "MissingAuthenticationToken")
}

func TestErrorsHaveTheShapeOfTheService(t *testing.T) {
	w := newWorld(t)
	_, body := w.post(listRolesForm(), nil)
	assert.Regexp(t,
		`^<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>\w+</Code>`+
			`<Message>[^<]+</Message></Error><RequestId>[0-9a-f-]{36}</RequestId></ErrorResponse>$`, body)
	_, body = w.post(url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, nil)
	assert.Contains(t, body, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`)
}

func TestAnEndlessBodyIsCutOff(t *testing.T) {
	w := newWorld(t)
	form := listRolesForm()
	form.Set("PathPrefix", strings.Repeat("a", 2<<20))
	code, _ := w.post(form, nil)
	assert.Equal(t, 413, code)
}

func TestTheServerListensOnLoopbackOnly(t *testing.T) {
	w := newWorld(t)
	assert.True(t, strings.HasPrefix(w.aws.URL(), "https://127.0.0.1:"))
	w.issuer(github)
	for _, address := range w.issuers.Hosts() {
		assert.True(t, strings.HasPrefix(address, "127.0.0.1:"))
	}
}

func TestTheJournalTellsWhatWasAskedAndHowItEnded(t *testing.T) {
	w := newWorld(t)
	_, err := w.iam.ListRoles(ctx(t), nil)
	require.NoError(t, err)
	name := "absent"
	_, err = w.iam.GetRole(ctx(t), &iam.GetRoleInput{RoleName: &name})
	require.Error(t, err)
	assert.Equal(t, []string{"ListRoles", "GetRole"}, w.aws.Calls())
	requests := w.aws.Requests()
	assert.Equal(t, 200, requests[0].Status)
	assert.Equal(t, "arn:aws:iam::123456789012:user/admin", requests[0].Caller)
	assert.Equal(t, 404, requests[1].Status)
	assert.Equal(t, "NoSuchEntity", requests[1].Error)
}
