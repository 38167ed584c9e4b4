// Package doctor runs `ci-oidc-trust doctor` as people do, against the local AWS.
package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/github"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/doctor"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

const (
	issuerURL = "https://token.actions.githubusercontent.com"
	provider  = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	roleArn   = "arn:aws:iam::123456789012:role/ci/deploy"
	audience  = "sts.amazonaws.com"
)

// A desk is an account, an issuer, and the command line beside it.
type desk struct {
	aws      *localaws.Server
	endpoint harness.Endpoint
	issuers  *issuers.Set
	issuer   *issuers.Issuer
	ca       string
}

var program string

func TestMain(m *testing.M) { os.Exit(toolchain.WithCommandLine(m.Run, &program)) }

func open(t *testing.T) *desk {
	t.Helper()
	set, err := issuers.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close()) })
	issuer, err := set.Add(issuerURL)
	require.NoError(t, err)
	server, err := localaws.Start(localaws.Options{
		Region: harness.Region, IssuerHosts: set.Hosts(), IssuerRoots: set.Roots(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	d := &desk{aws: server, issuers: set, issuer: issuer, ca: filepath.Join(t.TempDir(), "ca.pem")}
	require.NoError(t, os.WriteFile(d.ca, server.CAPEM(), 0o600))
	d.endpoint = harness.Endpoint{URL: server.URL(), CAPEM: server.CAPEM()}
	d.endpoint.AccessKeyID, d.endpoint.SecretAccessKey = server.Credentials()
	return d
}

// provide makes a provider with the client ids.
func (d *desk) provide(t *testing.T, url string, clientIDs ...string) {
	t.Helper()
	_, err := d.endpoint.IAM().CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(url), ClientIDList: clientIDs,
	})
	require.NoError(t, err)
}

// role makes the role deploy with one statement.
func (d *desk) role(t *testing.T, statement string) {
	t.Helper()
	_, err := d.endpoint.IAM().CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("deploy"), Path: aws.String("/ci/"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + statement + `]}`),
	})
	require.NoError(t, err)
}

// trusting is a statement that trusts a branch of acme/web.
func trusting(federated, branch, more string) string {
	_, host, _ := strings.Cut(federated, "oidc-provider/")
	return fmt.Sprintf(`{"Effect":"Allow","Principal":{"Federated":"%s"},"Action":"sts:AssumeRoleWithWebIdentity",
"Condition":{"StringEquals":{"%s:aud":"%s","%[2]s:sub":"repo:acme/web:ref:refs/heads/%[4]s"%s}}}`,
		federated, host, audience, branch, more)
}

// job hands STS the token of a job on a branch, and returns STS's answer.
func (d *desk) job(t *testing.T, branch string, seconds int32) error {
	t.Helper()
	token, err := d.issuer.Sign(github.Job{
		Owner: "acme", OwnerID: "1234567", Repository: "web", RepositoryID: "89012345", Event: "push",
		Ref: "refs/heads/" + branch, Audience: audience,
	}.Claims())
	require.NoError(t, err)
	_, err = d.endpoint.STS(nil).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(roleArn), RoleSessionName: aws.String("job"),
		WebIdentityToken: aws.String(token), DurationSeconds: aws.Int32(seconds),
	})
	return err
}

// ask runs the command with the administrator's keys, or with others.
func (d *desk) ask(t *testing.T, more []string, args ...string) (said, failed string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"doctor"}, args...)...)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + d.endpoint.URL,
		"AWS_CA_BUNDLE=" + d.ca, "AWS_ACCESS_KEY_ID=" + d.endpoint.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + d.endpoint.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=" + harness.Region,
	}, more...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	require.NotContains(t, errs.String(), "panic")
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func TestARefusedJobLearnsWhichFieldDiffers(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", ""))
	require.NoError(t, d.job(t, "main", 3600))
	require.ErrorContains(t, d.job(t, "develop", 3600), "AccessDenied")
	require.ErrorContains(t, d.job(t, "develop", 3600), "AccessDenied")
	said, failed, code := d.ask(t, nil, "--role", "deploy")
	require.Equal(t, 1, code, failed)
	require.Contains(t, said, roleArn)
	require.Contains(t, said,
		"the last of 2 such calls: AWS answered AccessDenied; with the policy as it is now the token is denied")
	require.Contains(t, said, `branch: wants "main", the token has "develop"`)
	require.Contains(t, said, "nothing is wrong with what was looked at")
}

func TestACallThatTheMendedPolicyAdmitsIsSaidToBeAdmittedNow(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", ""))
	require.Error(t, d.job(t, "develop", 3600))
	_, err := d.endpoint.IAM().UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String("deploy"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + trusting(provider, "develop", "") +
			`]}`),
	})
	require.NoError(t, err)
	said, _, code := d.ask(t, nil, "--role", "deploy", "--json")
	require.Zero(t, code, said)
	var report struct {
		Refused []struct {
			Evaluation struct{ Allowed bool }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(said), &report))
	require.Len(t, report.Refused, 1)
	require.True(t, report.Refused[0].Evaluation.Allowed)
}

func TestAClaimThatCloudTrailDoesNotShowIsUnknown(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", `,"token.actions.githubusercontent.com:repository_owner_id":"7654321"`))
	require.Error(t, d.job(t, "main", 3600))
	said, _, code := d.ask(t, nil, "--role", "deploy")
	require.Equal(t, 3, code, said)
	require.Contains(t, said, "the token is undecided")
}

func TestWhatNoTokenShows(t *testing.T) {
	regionDisabled := `{"eventName":"AssumeRoleWithWebIdentity","eventID":"e1","eventTime":"2026-11-01T10:00:00Z",
"errorCode":"RegionDisabledException","awsRegion":"ap-east-1","userIdentity":{"principalId":"` + provider +
		`:sts.amazonaws.com:repo:acme/web:ref:refs/heads/main","identityProvider":"` + provider + `",
"userName":"repo:acme/web:ref:refs/heads/main"},"requestParameters":{"roleArn":"` + roleArn + `"}}`
	for _, c := range []struct {
		name, url, clientID, federated string
		then                           func(t *testing.T, d *desk)
		said                           []string
	}{
		{"the provider is missing", "", "", provider, nil,
			[]string{"provider-missing: the account has no provider " + provider, "--url " + issuerURL}},
		{"the provider's URL ends in a slash", issuerURL + "/", audience, provider, nil,
			[]string{"provider-spelling: the account has no provider " + provider + "; it has " + provider + "/"}},
		{"the policy names a provider with a slash", issuerURL + "/", audience, provider + "/", nil,
			[]string{"issuer-slash: ", "the tokens of GitHub Actions name their issuer without one"}},
		{"the client id is missing", issuerURL, "https://github.com/acme", provider, nil, []string{
			`client-id-missing: the policy wants the audience "sts.amazonaws.com"`,
			"aws iam add-client-id-to-open-id-connect-provider",
		}},
		{"the provider is of another account", "", "",
			"arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com", nil,
			[]string{"provider-elsewhere: ", "to mend it: write " + provider}},
		{"the session is longer than the role allows", issuerURL, audience, provider,
			func(t *testing.T, d *desk) { require.ErrorContains(t, d.job(t, "main", 7200), "MaxSessionDuration") },
			[]string{"session-too-long: a job asked for a session of 7200 seconds, and the role allows 3600"}},
		{"STS is not activated in the job's region", issuerURL, audience, provider,
			func(_ *testing.T, d *desk) { d.aws.RecordEvent("AssumeRoleWithWebIdentity", regionDisabled) },
			[]string{"sts-region-disabled: a job called STS in the region ap-east-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			if c.url != "" {
				d.provide(t, c.url, c.clientID)
			}
			d.role(t, trusting(c.federated, "main", ""))
			if c.then != nil {
				c.then(t, d)
			}
			said, failed, code := d.ask(t, nil, "--role", "deploy")
			require.Equal(t, 1, code, failed)
			for _, text := range c.said {
				require.Contains(t, said, text)
			}
		})
	}
}

func TestAThumbprintOfAPrivateAuthorityThatTheProviderLacks(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", ""))
	account := doctor.Account{
		IAM: d.endpoint.IAM(),
		STS: d.endpoint.STS(credentials.NewStaticCredentialsProvider(
			d.endpoint.AccessKeyID, d.endpoint.SecretAccessKey, "")),
		Certificates: func(ctx context.Context, host string) ([]*x509.Certificate, bool, error) {
			dialer := tls.Dialer{Config: &tls.Config{
				RootCAs: d.issuers.Roots(), ServerName: host, MinVersion: tls.VersionTLS12,
			}}
			connection, err := dialer.DialContext(ctx, "tcp", d.issuers.Hosts()[host])
			if err != nil {
				return nil, false, err
			}
			secured, is := connection.(*tls.Conn)
			require.True(t, is)
			return secured.ConnectionState().PeerCertificates, false, connection.Close()
		},
	}
	request := doctor.Request{Role: "deploy", Since: time.Hour, Events: 1}
	report, err := doctor.Examine(t.Context(), account, request)
	require.NoError(t, err)
	require.Len(t, report.Problems, 1)
	require.Equal(t, "thumbprint", report.Problems[0].Check)
	require.Contains(t, report.Problems[0].Remediation, d.issuers.Thumbprint())

	_, err = d.endpoint.IAM().UpdateOpenIDConnectProviderThumbprint(t.Context(),
		&iam.UpdateOpenIDConnectProviderThumbprintInput{
			OpenIDConnectProviderArn: aws.String(provider), ThumbprintList: []string{d.issuers.Thumbprint()},
		})
	require.NoError(t, err)
	report, err = doctor.Examine(t.Context(), account, request)
	require.NoError(t, err)
	require.Empty(t, report.Problems)
}

func TestBadInputIsOneClearSentence(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", ""))
	for _, c := range []struct {
		name string
		args []string
		more []string
		said string
	}{
		{"a role that is not there", []string{"--role", "deplay"}, nil,
			`there is no role "deplay" in account 123456789012 of partition aws`},
		{"a role of another account", []string{"--role", "arn:aws:iam::210987654321:role/deploy"}, nil,
			"is in account 210987654321 of partition aws, and these credentials are of account 123456789012"},
		{"a role of another partition", []string{"--role", "arn:aws-cn:iam::123456789012:role/deploy"}, nil,
			"of partition aws-cn"},
		{"an ARN that is no role", []string{"--role", "arn:aws:iam::123456789012:user/deploy"}, nil, "is no role"},
		{"no name", []string{"--role", ""}, nil, "--role is empty"},
		{"no role", nil, nil, "doctor wants --role NAME (the role's NAME or ARN)"},
		{"no credentials", []string{"--role", "deploy"},
			[]string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="}, "AWS does not say whose credentials these are"},
		{"a profile that is not there", []string{"--role", "deploy", "--profile", "none"}, nil, "none"},
		{"a time that CloudTrail does not keep", []string{"--role", "deploy", "--since", "9000h"}, nil,
			"at most 2160 h"},
		{"no events", []string{"--role", "deploy", "--events", "0"}, nil, "--events must be between 1 and 1000"},
	} {
		said, failed, code := d.ask(t, c.more, c.args...)
		require.Equal(t, 2, code, "%s: %s", c.name, failed)
		require.Contains(t, failed, c.said, c.name)
		require.Empty(t, said, c.name)
		require.NotContains(t, failed, d.endpoint.SecretAccessKey, c.name)
	}
}

func TestAnEmptyHistorySaysThatEventsTakeTime(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", ""))
	said, _, code := d.ask(t, nil, "--role", "deploy")
	require.Zero(t, code, said)
	require.Contains(t, said,
		"has no refused call of this role in eu-central-1 and us-east-1; a call takes up to 15 minutes")
}

func TestWithoutTheRightToReadEventsTheRestIsSaid(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, "other")
	d.role(t, trusting(provider, "main", ""))
	d.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"LookupEvents"}})
	said, _, code := d.ask(t, nil, "--role", "deploy")
	require.Equal(t, 1, code)
	require.Contains(t, said, "that takes cloudtrail:LookupEvents")
	require.Contains(t, said, "client-id-missing")

	d.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"LookupEvents", "GetOpenIDConnectProvider"}})
	said, _, code = d.ask(t, nil, "--role", "deploy")
	require.Equal(t, 3, code)
	require.Contains(t, said, "that takes iam:GetOpenIDConnectProvider")

	d.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"GetRole"}})
	_, failed, code := d.ask(t, nil, "--role", "deploy")
	require.Equal(t, 2, code)
	require.Contains(t, failed, "that takes iam:GetRole")
}

func TestATrustThatIsNotForWebIdentity(t *testing.T) {
	d := open(t)
	d.role(t, `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)
	_, failed, code := d.ask(t, nil, "--role", "deploy")
	require.Equal(t, 2, code)
	require.Contains(t, failed, "is not for CI jobs")
}

func TestWhoMadeAnEventCannotDriveTheTerminal(t *testing.T) {
	d := open(t)
	d.provide(t, issuerURL, audience)
	d.role(t, trusting(provider, "main", ""))
	d.aws.RecordEvent("AssumeRoleWithWebIdentity", `{"eventName":"AssumeRoleWithWebIdentity","eventID":"\u001b[2Je",
"eventTime":"2026-11-01T10:00:00Z","errorCode":"\u001b]0;owned\u0007","userIdentity":{"principalId":"`+provider+
		`:a:s\u001b[31m","identityProvider":"`+provider+`","userName":"s\u001b[31m"},
"requestParameters":{"roleArn":"`+roleArn+`"}}`)
	said, failed, _ := d.ask(t, nil, "--role", "deploy")
	require.Contains(t, said, "AWS answered")
	require.NotContains(t, said+failed, "\x1b")
	require.NotContains(t, said+failed, "\a")
}

func TestNothingIsChangedAndOnlyTheListedPermissionsAreUsed(t *testing.T) {
	d := open(t)
	d.role(t, trusting(provider, "main", ""))
	before := len(d.aws.Requests())
	_, _, _ = d.ask(t, nil, "--role", "deploy")
	listed, _, _ := d.ask(t, nil, "--help")
	requests := d.aws.Requests()[before:]
	require.NotEmpty(t, requests)
	for _, r := range requests {
		switch r.Action {
		case "GetCallerIdentity": // needs no permission
		case "LookupEvents":
			require.Contains(t, listed, "cloudtrail:LookupEvents")
		default:
			require.Contains(t, listed, "iam:"+r.Action)
		}
	}
}
