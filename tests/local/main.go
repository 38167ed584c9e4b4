// Command local runs the tests' IAM and STS on a loopback address, so that the steps of a workflow, or a program of
// your own, can be tried without an AWS account. It also signs tokens as CI systems do. It is no AWS.
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// defaultAddress is where `make token` looks for the server, too.
const defaultAddress = "127.0.0.1:4570"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{Use: "local", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(serveCommand(), tokenCommand())
	return root
}

func serveCommand() *cobra.Command {
	var address, trust string
	var withTLS bool
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve a local IAM and STS until interrupted", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), cmd.OutOrStdout(), address, trust, withTLS)
		},
	}
	cmd.Flags().StringVar(&address, "address", defaultAddress, "the loopback `ADDRESS` to listen on")
	cmd.Flags().StringVar(&trust, "trust", "",
		"a `FILE` with sections, as ci-oidc-trust render reads them, or with a trust policy in JSON; "+
			"without one, the account is empty")
	cmd.Flags().BoolVar(&withTLS, "tls", false, "serve HTTPS, under an authority made for this run")
	return cmd
}

func serve(ctx context.Context, out io.Writer, address, file string, withTLS bool) (err error) {
	var document []byte
	if file != "" {
		if document, err = os.ReadFile(file); err != nil {
			return err
		}
	}
	isPolicy := bytes.HasPrefix(bytes.TrimSpace(document), []byte("{")) &&
		bytes.Contains(document, []byte(`"Statement"`))
	var trust sections
	if !isPolicy && document != nil {
		if trust, err = readSections(document); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	listener, err := listen(address)
	if err != nil {
		return err
	}
	l, err := newLocal(trust)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, l.close()) }()
	ca, err := l.writeCA(withTLS)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = os.RemoveAll(filepath.Dir(ca)) }()

	server := l.server()
	ended := make(chan error, 1)
	go func() {
		if withTLS {
			ended <- server.ServeTLS(listener, "", "")
		} else {
			ended <- server.Serve(listener)
		}
	}()
	defer func() { _ = server.Close() }()
	endpoint := harness.Endpoint{URL: "http://" + listener.Addr().String()}
	if withTLS {
		endpoint.URL, endpoint.CAPEM = "https://"+listener.Addr().String(), l.aws.CAPEM()
	}
	endpoint.AccessKeyID, endpoint.SecretAccessKey = l.aws.Credentials()
	var role made
	switch {
	case isPolicy:
		role, err = createFromPolicy(ctx, endpoint.IAM(), document)
	case trust != nil:
		role, err = createFrom(ctx, endpoint.IAM(), trust)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	fmt.Fprint(out, l.welcome(endpoint, role, ca))
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// writeCA writes the authority of the certificate into a folder of its own, for AWS_CA_BUNDLE.
func (l *local) writeCA(withTLS bool) (string, error) {
	if !withTLS {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "ci-oidc-trust-local-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "ca.pem")
	return file, os.WriteFile(file, l.aws.CAPEM(), 0o600)
}

// welcome says what runs, and what to export.
func (l *local) welcome(e harness.Endpoint, role made, ca string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# This is no AWS: it is the IAM and STS of this project's tests, at %s.\n# Nothing here is "+
		"worth protecting, nothing outlives it, and a real account may hold something else. Ctrl-C ends it.\n", e.URL)
	for _, g := range role.grants {
		fmt.Fprintf(&b, "# trusted: %s\n", g)
	}
	export := func(name, value string) { fmt.Fprintf(&b, "export %s='%s'\n", name, value) }
	export("AWS_ENDPOINT_URL", e.URL)
	if ca != "" {
		export("AWS_CA_BUNDLE", ca)
		export("NODE_EXTRA_CA_CERTS", ca)
	}
	export("AWS_REGION", account.Region)
	export("AWS_DEFAULT_REGION", account.Region)
	if role.arn != "" {
		export("AWS_ROLE_ARN", role.arn)
	}
	export("ACTIONS_ID_TOKEN_REQUEST_URL", e.URL+githubPath+"?api-version=2.0")
	export("ACTIONS_ID_TOKEN_REQUEST_TOKEN", l.secret)
	b.WriteString("# The account's administrator, to make providers and roles with (a job has no such keys):\n")
	fmt.Fprintf(&b, "#   export AWS_ACCESS_KEY_ID='%s' AWS_SECRET_ACCESS_KEY='%s'\n",
		e.AccessKeyID, e.SecretAccessKey)
	b.WriteString("# A token: make token SYSTEM=github BRANCH=main > token; a near miss: make token SYSTEM=github " +
		"NAME='pull request'\n")
	return b.String()
}

func tokenCommand() *cobra.Command {
	var base string
	q := map[string]*string{}
	cmd := &cobra.Command{
		Use: "token", Short: "Print a token as a CI system signs it, from the server that runs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{}
			for name, value := range q {
				if *value != "" {
					query.Set(name, *value)
				}
			}
			return askToken(cmd.Context(), cmd.OutOrStdout(), base, query)
		},
	}
	cmd.Flags().StringVar(&base, "url", cmp.Or(os.Getenv("AWS_ENDPOINT_URL"), "http://"+defaultAddress),
		"the `URL` of the server; under HTTPS, AWS_CA_BUNDLE names its authority")
	for name, usage := range map[string]string{
		"system": "the CI system's section, such as `github`", "audience": "an `AUDIENCE` other than the trust's",
		"name": "the `NAME` of a near miss, such as 'pull request'",
	} {
		q[name] = cmd.Flags().String(name, "", usage)
	}
	for _, word := range words {
		q[word.parameter] = cmd.Flags().String(word.parameter, "", "a job of this `"+word.parameter+"`")
	}
	return cmd
}

// clientOf believes the authority in the file as well, if there is one.
func clientOf(bundle string) (*http.Client, error) {
	if bundle == "" {
		return http.DefaultClient, nil
	}
	pem, err := os.ReadFile(bundle)
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}, nil
}

func askToken(ctx context.Context, out io.Writer, base string, query url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+tokenPath+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	if !isLoopback(request.URL.Host) {
		return fmt.Errorf("%s is no loopback address", base)
	}
	client, err := clientOf(os.Getenv("AWS_CA_BUNDLE"))
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("no local AWS answers at %s; start it with `make local`: %w", base, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(body)))
	}
	_, err = out.Write(body)
	return err
}
