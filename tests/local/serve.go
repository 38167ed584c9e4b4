package main

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// Paths that no AWS API has. Everything else is IAM's and STS's.
const (
	tokenPath  = "/ci-oidc-trust/token"  // any system's token, for `make token`
	githubPath = "/ci-oidc-trust/github" // GitHub's own token request
)

// A local is the account, the issuers, and what is asked of them.
type local struct {
	aws     *localaws.Server
	issuers *issuers.Set
	trust   sections
	secret  string // what a job sends as ACTIONS_ID_TOKEN_REQUEST_TOKEN
}

func newLocal(trust sections) (*local, error) {
	set, err := issuers.Start()
	if err != nil {
		return nil, err
	}
	server, err := localaws.Start(localaws.Options{
		AccountID: account.ID, Partition: account.Partition, Region: account.Region,
		IssuerHosts: set.Hosts(), IssuerRoots: set.Roots(),
	})
	if err != nil {
		return nil, errors.Join(err, set.Close())
	}
	return &local{aws: server, issuers: set, trust: trust, secret: rand.Text()}, nil
}

func (l *local) close() error { return errors.Join(l.aws.Close(), l.issuers.Close()) }

// ServeHTTP hands tokens out, and leaves the rest to the local AWS. A page in a browser can reach a loopback address
// under a name of its own, so only requests that name a loopback host are answered.
func (l *local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isLoopback(r.Host) {
		http.Error(w, "this server answers requests to a loopback address only", http.StatusForbidden)
		return
	}
	switch r.URL.Path {
	case tokenPath:
		l.answerToken(w, r.URL.Query())
	case githubPath:
		l.answerGitHub(w, r)
	default:
		l.aws.ServeHTTP(w, r)
	}
}

// answerToken gives the token of any system as plain text.
func (l *local) answerToken(w http.ResponseWriter, q url.Values) {
	token, err := l.sign(q.Get("system"), q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintln(w, token)
}

// answerGitHub answers as GitHub's token service does:
// https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
func (l *local) answerGitHub(w http.ResponseWriter, r *http.Request) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || subtle.ConstantTimeCompare([]byte(secret), []byte(l.secret)) != 1 {
		http.Error(w, "send Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN", http.StatusUnauthorized)
		return
	}
	token, err := l.sign("github", r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"count": len(token), "value": token})
}

// sign makes the token that was asked for, by an issuer that the local AWS can reach from then on.
func (l *local) sign(system string, q url.Values) (string, error) {
	if system == "" {
		return "", fmt.Errorf("which CI system's token? There are %s", strings.Join(systemNames(), ", "))
	}
	w, err := readWish(system, q)
	if err != nil {
		return "", err
	}
	url, claims, err := l.trust.claims(w)
	if err != nil {
		return "", err
	}
	issuer, err := l.issuers.Add(url)
	if err != nil {
		return "", err
	}
	l.aws.SetIssuerHosts(l.issuers.Hosts(), l.issuers.Roots())
	return issuer.Sign(claims)
}

// listen opens a port of a loopback address and no other: what answers there has no protection worth the name.
func listen(address string) (net.Listener, error) {
	if !isLoopback(address) {
		return nil, fmt.Errorf("%s is no loopback address; this server only listens on one, such as %s",
			address, defaultAddress)
	}
	return net.Listen("tcp", address)
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func (l *local) server() *http.Server {
	return &http.Server{Handler: l, ReadHeaderTimeout: 5 * time.Second, TLSConfig: l.aws.TLSConfig()}
}
