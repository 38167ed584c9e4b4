// Package issuers signs the tokens CI jobs would get. An issuer keeps its real URL, such as
// https://token.actions.githubusercontent.com, and answers on loopback: whoever wants its keys dials the address that
// Hosts names for the URL's host and trusts the authority in Roots.
package issuers

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Set is one loopback listener that speaks for any number of issuers, each under a certificate for its own host.
type Set struct {
	authority *authority
	listener  net.Listener
	server    *http.Server

	mu      sync.RWMutex
	issuers map[string]*Issuer // by host and path of the discovery document
	hosts   map[string]bool
}

// Start listens on a free loopback port. The set has no issuers yet.
func Start() (*Set, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	s := &Set{authority: ca, issuers: map[string]*Issuer{}, hosts: map[string]bool{}}
	s.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: s.certificate,
	})
	if err != nil {
		return nil, fmt.Errorf("listening for the local issuers: %w", err)
	}
	s.server = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() { _ = s.server.Serve(s.listener) }()
	return s, nil
}

// Close stops every issuer of the set.
func (s *Set) Close() error {
	if err := s.server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Add makes the set speak for an issuer. Adding a URL again returns the issuer that is already there.
func (s *Set) Add(issuerURL string) (*Issuer, error) {
	u, err := url.Parse(issuerURL)
	if err != nil {
		return nil, fmt.Errorf("issuer URL %q: %w", issuerURL, err)
	}
	if u.Scheme != "https" || u.Host == "" || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("issuer URL %q: want https://host/path, without port, query or fragment", issuerURL)
	}
	// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest: a terminating slash is
	// removed before the well-known path is appended, so "https://host" and "https://host/" publish at one place.
	location := strings.ToLower(u.Host) + strings.TrimSuffix(u.Path, "/")

	s.mu.Lock()
	defer s.mu.Unlock()
	if there, ok := s.issuers[location]; ok {
		if there.url != issuerURL {
			return nil, fmt.Errorf("issuer %q would publish where %q does", issuerURL, there.url)
		}
		return there, nil
	}
	issuer, err := newIssuer(issuerURL)
	if err != nil {
		return nil, err
	}
	s.issuers[location] = issuer
	s.hosts[strings.ToLower(u.Host)] = true
	return issuer, nil
}

// Hosts maps the host of every issuer to the loopback address that answers for it.
func (s *Set) Hosts() map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	hosts := make(map[string]string, len(s.hosts))
	for host := range s.hosts {
		hosts[host] = s.listener.Addr().String()
	}
	return hosts
}

// Roots holds the authority that signed the certificates of every issuer.
func (s *Set) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.authority.certificate)
	return pool
}

// CAPEM is the same authority, as a program wants it in a file.
func (s *Set) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.authority.certificate.Raw})
}

// Thumbprint is the hex SHA-1 of the last certificate the listener presents, which is what IAM wants for an issuer
// behind a private authority:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
func (s *Set) Thumbprint() string { return s.authority.thumbprint() }

// ServeHTTP finds the issuer by host and path and lets it answer.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, document := range []string{discoveryPath, jwksPath} {
		prefix, ok := strings.CutSuffix(r.URL.Path, document)
		if !ok {
			continue
		}
		s.mu.RLock()
		issuer := s.issuers[strings.ToLower(host)+prefix]
		s.mu.RUnlock()
		if issuer != nil {
			issuer.serve(w, document)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *Set) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(hello.ServerName)
	s.mu.RLock()
	known := s.hosts[host]
	s.mu.RUnlock()
	if !known {
		return nil, fmt.Errorf("no issuer of this set has the host %q", hello.ServerName)
	}
	return s.authority.leaf(host)
}
