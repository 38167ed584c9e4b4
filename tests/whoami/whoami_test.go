// Package whoami runs `ci-oidc-trust whoami` as a CI job does: in the environment of the job's system, with a token
// that a local issuer signs under the issuer's real URL, and with the issuer's keys behind a proxy.
package whoami

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/github"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

var program string

func TestMain(m *testing.M) { os.Exit(toolchain.WithCommandLine(m.Run, &program)) }

// A world is the issuers, and the proxy by which a job reaches them.
type world struct {
	issuers *issuers.Set
	proxy   string
	roots   string // a file with the authorities of the issuers and of the token request
}

func open(t *testing.T) *world {
	t.Helper()
	set, err := issuers.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close()) })
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connect(w, r, set.Hosts())
	}))
	t.Cleanup(proxy.Close)
	w := &world{issuers: set, proxy: proxy.URL, roots: filepath.Join(t.TempDir(), "roots.pem")}
	require.NoError(t, os.WriteFile(w.roots, set.CAPEM(), 0o600))
	return w
}

// connect is a proxy's CONNECT to the hosts that it knows.
func connect(w http.ResponseWriter, r *http.Request, hosts map[string]string) {
	name, _, _ := net.SplitHostPort(r.Host)
	address, known := hosts[name]
	hijacker, can := w.(http.Hijacker)
	if r.Method != http.MethodConnect || !known || !can {
		http.Error(w, "no such host", http.StatusBadGateway)
		return
	}
	there, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	here, _, err := hijacker.Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, here)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

// sign makes a token of an issuer.
func (w *world) sign(t *testing.T, issuer string, claims map[string]any) string {
	t.Helper()
	i, err := w.issuers.Add(issuer)
	require.NoError(t, err)
	token, err := i.Sign(claims)
	require.NoError(t, err)
	return token
}

// ask runs whoami in an environment that has nothing but what is given.
func (w *world) ask(t *testing.T, environment []string, args ...string) (said, failed string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"whoami"}, args...)...)
	cmd.Env = append([]string{
		"PATH=/nowhere", "HOME=" + t.TempDir(), "HTTPS_PROXY=" + w.proxy, "SSL_CERT_FILE=" + w.roots,
	}, environment...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	require.NotContains(t, errs.String(), "goroutine")
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// job is a token that a job of a system's own example would carry.
func job(t *testing.T, system ci.System) (issuer string, claims map[string]any) {
	t.Helper()
	told, err := page.Of("../../provider/ci", system.Section())
	require.NoError(t, err)
	sections := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(told.Example), &sections))
	trusts := read(t, sections)
	for _, token := range trusts[0].Grants[0].Tokens() {
		if token.Admit {
			return trusts[0].Issuer(), token.Claims
		}
	}
	t.Fatal("the example admits nobody")
	return "", nil
}

func read(t *testing.T, sections map[string]any) []ci.Trust {
	t.Helper()
	schema, err := check.Package()
	require.NoError(t, err)
	var problems input.Problems
	root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", sections, &problems)
	trusts := all.Registry().Read(root, ci.Account{Partition: "aws"}, &problems)
	require.Empty(t, problems.Sorted())
	return trusts
}

// serve answers a system's token request over https, if the job sends what authorizes it.
func (w *world) serve(t *testing.T, r *ci.HandOutRequest, token string) (environment []string) {
	t.Helper()
	const secret = "the-jobs-own-secret"
	server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, q *http.Request) {
		if !strings.HasSuffix(q.Header.Get("Authorization"), secret) || q.Method != r.Method {
			http.Error(out, "refused: "+q.Header.Get("Authorization"), http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(out).Encode(map[string]string{r.Member: token})
	}))
	t.Cleanup(server.Close)
	w.believe(t, server)
	for _, name := range r.Variables() {
		value := secret
		if strings.Contains(r.URL, "$"+name) {
			value = server.URL + "/token"
		}
		environment = append(environment, name+"="+value)
	}
	return environment
}

// believe puts the server's certificate among the authorities.
func (w *world) believe(t *testing.T, server *httptest.Server) {
	t.Helper()
	roots, err := os.ReadFile(w.roots)
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(w.roots, append(roots, certificate...), 0o600))
}

// hand gives the token to the job as its system does.
func (w *world) hand(t *testing.T, system ci.System, token string) (environment, args []string) {
	t.Helper()
	h := system.HandOut()
	switch {
	case h.Request != nil && h.Request.Socket == "":
		return w.serve(t, h.Request, token), []string{"--system", system.Section()}
	case len(h.Command) > 0 && h.Variable == "":
		bin := t.TempDir()
		script := "#!/bin/sh\ncase \"$*\" in *sts.amazonaws.com*) echo '" + token + "';; *) exit 1;; esac\n"
		file := filepath.Join(bin, h.Command[0])
		require.NoError(t, os.WriteFile(file, []byte(script), 0o700)) //nolint:gosec // it is run
		return []string{h.Marks[0] + "=true", "PATH=" + bin + ":/bin:/usr/bin"}, nil
	case regexp.MustCompile(`^\w+$`).MatchString(h.Variable) && !h.Server:
		return []string{h.Variable + "=" + token}, nil
	}
	return []string{"JOB_TOKEN=" + token}, []string{"--token-env", "JOB_TOKEN"}
}

// An identity is what --json prints.
type identity struct {
	System, Issuer, Audience, Subject, Form, Unverified string
	Verified                                            bool
	Keys                                                map[string]string
	Inputs                                              map[string]any
	Answer                                              *struct{ Allowed bool }
}

func TestEverySystemsJobLearnsWhoItIsAndTheSectionAdmitsExactlyIt(t *testing.T) {
	for _, system := range all.Registry().Systems() {
		t.Run(system.Section(), func(t *testing.T) {
			w := open(t)
			issuer, claims := job(t, system)
			token := w.sign(t, issuer, claims)
			environment, args := w.hand(t, system, token)
			said, failed, code := w.ask(t, environment, append(args, "--json")...)
			require.Zero(t, code, failed)
			require.NotContains(t, said, token)
			var id identity
			require.NoError(t, json.Unmarshal([]byte(said), &id))
			require.True(t, id.Verified, id.Unverified)
			require.Equal(t, issuer, id.Issuer)
			require.Equal(t, claims["sub"], id.Subject)
			require.NotEmpty(t, id.Keys)
			require.NotEmpty(t, id.Inputs, said)
			trusts := read(t, id.Inputs)
			require.True(t, trusts[0].Admits(claims), said)
			refused := 0
			for _, near := range trusts[0].Grants[0].Tokens() {
				if !near.Admit && !trusts[0].Admits(near.Claims) {
					refused++
				}
			}
			require.Greater(t, refused, 3, "the section trusts this job alone, and not its neighbours")
			text, _, code := w.ask(t, environment, args...)
			require.Zero(t, code)
			require.Contains(t, text, "verified with the issuer's keys")
			require.Contains(t, text, "type: ci-oidc-trust:CiOidcTrust")
			require.NotContains(t, text, token)
		})
	}
}

const issuerURL = "https://token.actions.githubusercontent.com"

func branch(name string) map[string]any {
	return github.Job{
		Owner: "acme", OwnerID: "1234567", Repository: "web", RepositoryID: "89012345", Event: "push",
		Ref: "refs/heads/" + name, Audience: "sts.amazonaws.com",
	}.Claims()
}

func policy(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{
"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{
"token.actions.githubusercontent.com:aud":"sts.amazonaws.com",
"token.actions.githubusercontent.com:sub":"repo:acme/web:ref:refs/heads/main"}}}]}`), 0o600))
	return file
}

func TestARefusedJobIsToldTheOneChangeThatLetsItIn(t *testing.T) {
	w := open(t)
	file := policy(t)
	environment := []string{"T=" + w.sign(t, issuerURL, branch("develop"))}
	said, failed, code := w.ask(t, environment, "--token-env", "T", "--trust-policy", file)
	require.Equal(t, 1, code, failed)
	require.Contains(t, said, `branch: wants "main", the token has "develop"`)
	require.Contains(t, said, "branches: [develop]")
	environment = []string{"T=" + w.sign(t, issuerURL, branch("main"))}
	said, _, code = w.ask(t, environment, "--token-env", "T", "--trust-policy", file)
	require.Zero(t, code)
	require.Contains(t, said, "The trust policy: allowed")
}

func TestTheSectionIsPrintedInEveryLanguage(t *testing.T) {
	w := open(t)
	environment := []string{"T=" + w.sign(t, issuerURL, branch("main"))}
	for language, text := range map[string]string{
		"yaml": "ci-oidc-trust:CiOidcTrust", "typescript": "new ", "python": "CiOidcTrust(", "go": "NewCiOidcTrust(",
		"java": "new CiOidcTrust(", "csharp": "new ",
	} {
		said, failed, code := w.ask(t, environment, "--token-env", "T", "--language", language)
		require.Zero(t, code, failed)
		require.Contains(t, said, text, language)
	}
	_, failed, code := w.ask(t, environment, "--token-env", "T", "--language", "cobol")
	require.Equal(t, 2, code)
	require.Contains(t, failed, "cobol")
}

func TestATokenSignedByAStrangerIsNotBelieved(t *testing.T) {
	w := open(t)
	i, err := w.issuers.Add(issuerURL)
	require.NoError(t, err)
	token, err := i.SignWithStrangersKey(branch("main"))
	require.NoError(t, err)
	said, failed, code := w.ask(t, []string{"T=" + token}, "--token-env", "T")
	require.Equal(t, 2, code)
	require.Contains(t, failed, "signature does not verify")
	require.NotContains(t, said+failed, token)
}

func TestAnIssuerThatCannotBeReachedLeavesTheSignatureUnverified(t *testing.T) {
	w := open(t)
	i, err := w.issuers.Add(issuerURL)
	require.NoError(t, err)
	token, err := i.Sign(branch("main"))
	require.NoError(t, err)
	i.Stop()
	said, _, code := w.ask(t, []string{"T=" + token}, "--token-env", "T")
	require.Zero(t, code)
	require.Contains(t, said, "not verified: the issuer's keys could not be had")
}

func TestATokenOfAnUnknownIssuerGetsTheSectionCustom(t *testing.T) {
	w := open(t)
	token := w.sign(t, "https://ci.example.com", map[string]any{"sub": "job:7", "aud": "sts.amazonaws.com"})
	said, failed, code := w.ask(t, []string{"T=" + token}, "--token-env", "T")
	require.Zero(t, code, failed)
	require.Contains(t, said, "an issuer that is not known")
	require.Contains(t, said, "https://ci.example.com")
	require.Contains(t, said, "custom:")
}

func TestBadInputIsOneClearSentence(t *testing.T) {
	w := open(t)
	token := w.sign(t, issuerURL, branch("main"))
	for _, c := range []struct {
		name        string
		environment []string
		args        []string
		said        string
	}{
		{"no token anywhere", nil, nil, "there is no token in this environment, and nothing shows a CI system"},
		{"a GitHub job without the permission", []string{"GITHUB_ACTIONS=true"}, nil, "permissions: id-token: write"},
		{"a GitLab job", []string{"GITLAB_CI=true"}, nil, "--token-env or --token-file"},
		{"a system whose server exchanges", nil, []string{"--system", "harness"}, "its server exchanges the token"},
		{"a system that is not there", nil, []string{"--system", "gitflow"}, `got "gitflow"`},
		{"an opaque token", []string{"T=glpat-0123456789"}, []string{"--token-env", "T"}, "what the environment " +
			"variable T has is opaque"},
		{"an empty variable", []string{"T="}, []string{"--token-env", "T"}, "T is empty or not set"},
		{"a token in the place of a name", nil, []string{"--token-env", token}, "takes the name of an environment " +
			"variable, not a token"},
		{"a file that is not there", nil, []string{"--token-file", "/no/such/file"}, "cannot be read"},
		{"two tokens", []string{"CIRCLE_OIDC_TOKEN_V2=" + token, "SEMAPHORE_OIDC_TOKEN=" + token}, nil,
			"there is more than one token here"},
		{"a token that is far too long", []string{"T=eyJ" + strings.Repeat("a", 20001) + ".e.e"},
			[]string{"--token-env", "T"}, "is longer than the 20000 characters"},
		{"a request that is not https", []string{
			"ACTIONS_ID_TOKEN_REQUEST_URL=http://127.0.0.1:1/x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=secret-of-the-job",
		}, nil, "is no https URL"},
		{"a request that nobody answers", []string{
			"ACTIONS_ID_TOKEN_REQUEST_URL=https://127.0.0.1:1/x?secret-of-the-job",
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN=secret-of-the-job",
		}, nil, "got no answer"},
	} {
		said, failed, code := w.ask(t, c.environment, c.args...)
		require.Equal(t, 2, code, "%s: %s%s", c.name, said, failed)
		require.Contains(t, failed, c.said, c.name)
		require.NotContains(t, said+failed, "secret-of-the-job", c.name)
		require.NotContains(t, said+failed, token, c.name)
		require.NotContains(t, said+failed, "glpat", c.name)
	}
}

// azureJob is a job of Azure DevOps: the pipeline's own token is p://..., that of its service connection sc://...
func (w *world) azureJob(t *testing.T) (environment []string) {
	t.Helper()
	const organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	token := func(subject string) string {
		return w.sign(t, "https://vstoken.dev.azure.com/"+organization,
			map[string]any{"sub": subject, "aud": "api://AzureADTokenExchange"})
	}
	tokens := map[string]string{
		"": token("p://acme/Web Shop/deploy"), serviceConnection: token("sc://acme/Web Shop/deploy to aws"),
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, q *http.Request) {
		asked := q.URL.Query()
		found, known := tokens[asked.Get("serviceConnectionId")]
		if q.Method != http.MethodPost || asked.Get("api-version") != "7.1" || !known {
			http.Error(out, "There is no explicit reference to secret-of-the-job", http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(out).Encode(map[string]string{"oidcToken": found})
	}))
	t.Cleanup(server.Close)
	w.believe(t, server)
	return []string{
		"TF_BUILD=True", "SYSTEM_OIDCREQUESTURI=" + server.URL + "/oidctoken", "SYSTEM_ACCESSTOKEN=secret-of-the-job",
	}
}

const serviceConnection = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"

func TestAnAzureJobLearnsWhoItsServiceConnectionIs(t *testing.T) {
	w := open(t)
	environment := w.azureJob(t)
	said, failed, code := w.ask(t, environment, "--service-connection-id", serviceConnection)
	require.Zero(t, code, failed)
	require.Contains(t, said, "for the service connection "+serviceConnection)
	require.Contains(t, said, "sc://acme/Web Shop/deploy to aws")
	require.Contains(t, said, "serviceConnections:")
	said, failed, code = w.ask(t, environment)
	require.Zero(t, code, failed)
	require.Contains(t, said, "for the pipeline itself (--service-connection-id asks for that of a service connection)")
	require.Contains(t, said, "p://acme/Web Shop/deploy")
	require.NotContains(t, said, "sc://")
}

func TestABadServiceConnectionIsOneClearSentence(t *testing.T) {
	w := open(t)
	azure := w.azureJob(t)
	other := []string{"CIRCLE_OIDC_TOKEN_V2=" + w.sign(t, issuerURL, branch("main"))}
	for _, c := range []struct {
		environment []string
		args        []string
		said        string
	}{
		{azure, []string{"--service-connection-id", "deploy to aws"}, "takes the id of a service connection, a UUID"},
		{azure, []string{"--service-connection-id", serviceConnection + "&x=y"}, "a UUID"},
		{azure, []string{"--service-connection-id", organizationsOther}, "a task of the same stage names it"},
		{other, []string{"--service-connection-id", serviceConnection}, "is for Azure DevOps"},
		{nil, []string{"--service-connection-id", serviceConnection}, "there is no token in this environment"},
		{azure, []string{"--service-connection-id", serviceConnection, "--token-env", "T"}, "not several"},
	} {
		said, failed, code := w.ask(t, c.environment, c.args...)
		require.Equal(t, 2, code, said)
		require.Contains(t, failed, c.said)
		require.NotContains(t, said+failed, "secret-of-the-job")
	}
}

const organizationsOther = "8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80"

func TestARefusedTokenRequestDoesNotPrintWhatTheServerSays(t *testing.T) {
	w := open(t)
	environment := w.serve(t, all.Registry().System("github").HandOut().Request, "unused")
	for i, variable := range environment {
		if strings.HasPrefix(variable, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=") {
			environment[i] = "ACTIONS_ID_TOKEN_REQUEST_TOKEN=expired-secret"
		}
	}
	said, failed, code := w.ask(t, environment)
	require.Equal(t, 2, code)
	require.Contains(t, failed, "was refused: HTTP status 403")
	require.NotContains(t, said+failed, "expired-secret")
}

func TestATokenRequestThatIsRedirectedIsNotFollowed(t *testing.T) {
	w := open(t)
	reached := false
	thief := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(thief.Close)
	server := httptest.NewTLSServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	w.believe(t, thief)
	w.believe(t, server)
	_, failed, code := w.ask(t, []string{
		"ACTIONS_ID_TOKEN_REQUEST_URL=" + server.URL, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=secret-of-the-job",
	})
	require.Equal(t, 2, code)
	require.Contains(t, failed, "redirect, which is not followed")
	require.False(t, reached)
}

// An issuer is what a token says. A token of a stranger's issuer must not make the job ask the cloud's metadata
// service, or another host inside its network.
func TestAnIssuersDiscoveryCannotLeadIntoThePrivateNetwork(t *testing.T) {
	w := open(t)
	reached := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(inside.Close)
	w.believe(t, inside)
	target, err := url.Parse(inside.URL)
	require.NoError(t, err)
	evil := httptest.NewUnstartedServer(nil)
	evil.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, q *http.Request) {
		_ = json.NewEncoder(out).Encode(map[string]string{
			"issuer": "https://" + q.Host, "jwks_uri": "https://127.0.0.1:" + target.Port() + "/keys",
		})
	})
	evil.StartTLS()
	t.Cleanup(evil.Close)
	w.believe(t, evil)
	token := w.sign(t, issuerURL, map[string]any{"iss": evil.URL, "sub": "job:7", "aud": "sts.amazonaws.com"})
	said, failed, _ := w.ask(t, []string{"T=" + token}, "--token-env", "T")
	require.Contains(t, said+failed, "private address on another host")
	require.False(t, reached)
}

func TestAnEMailAddressInATokenIsNotPrinted(t *testing.T) {
	w := open(t)
	token := w.sign(t, "https://gitlab.com", map[string]any{
		"sub": "project_path:acme/web:ref_type:branch:ref:main", "aud": "https://gitlab.com", "project_id": "46573356",
		"user_email": "mona@example.com", "namespace_id": "68413579",
	})
	said, failed, code := w.ask(t, []string{"T=" + token}, "--token-env", "T")
	require.Zero(t, code, failed)
	require.Contains(t, said, "gitlab.com:user_email = (an e-mail address)")
	require.NotContains(t, said, "mona@example.com")
}
