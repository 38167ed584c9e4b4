// Package localaws is enough of IAM and STS to run the product against: it keeps roles, policies and OIDC providers,
// and it refuses as AWS refuses. Requests are signed and checked as on AWS, tokens are verified against the issuer's
// published keys over TLS, and errors carry AWS's own codes and texts. What a token gets, the second evaluator says
// (package naive), so that it is not the product that judges itself here. It listens on loopback only.
package localaws

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Options say which account the server pretends to be, and where the issuers of tokens really are.
type Options struct {
	AccountID string           // 123456789012 when empty
	Partition string           // aws when empty
	Region    string           // us-east-1 when empty
	Now       func() time.Time // time.Now when nil

	// IssuerHosts maps the host of an issuer's URL to the loopback address to dial instead.
	IssuerHosts map[string]string
	// IssuerRoots stands for the public authorities AWS trusts. Issuers under another authority need a thumbprint.
	IssuerRoots *x509.CertPool
}

// Server is one account's IAM and STS behind one TLS port; the Action of a request tells the two apart.
type Server struct {
	options   Options
	authority []byte
	tls       *tls.Config
	listener  net.Listener
	http      *http.Server

	account *account
	keys    *keyring
	issuers *issuerDialer
	faults  *faults
	journal *journal
	trail   *trail
}

// Start listens on a free loopback port, under a certificate authority made for this server.
func Start(o Options) (*Server, error) {
	if o.AccountID == "" {
		o.AccountID = "123456789012"
	}
	if o.Partition == "" {
		o.Partition = "aws"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	certificate, authority, err := serverCertificate()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{"http/1.1"},
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		return nil, fmt.Errorf("listening for the local AWS: %w", err)
	}
	s := &Server{
		options:   o,
		authority: authority,
		tls:       config,
		listener:  listener,
		account:   newAccount(o),
		keys:      newKeyring(o),
		issuers:   &issuerDialer{},
		faults:    &faults{},
		journal:   &journal{},
		trail:     &trail{},
	}
	s.SetIssuerHosts(o.IssuerHosts, o.IssuerRoots)
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// Close stops the server and drops its connections.
func (s *Server) Close() error {
	if err := s.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// URL is the endpoint of both services.
func (s *Server) URL() string { return "https://" + s.listener.Addr().String() }

// CAPEM is the authority to trust, as AWS_CA_BUNDLE wants it in a file.
func (s *Server) CAPEM() []byte { return append([]byte(nil), s.authority...) }

// TLSConfig is what the server listens with, for another listener on a loopback address that hands requests on to it.
func (s *Server) TLSConfig() *tls.Config { return s.tls.Clone() }

// Credentials are those of the account's administrator, made anew for every server.
func (s *Server) Credentials() (accessKeyID, secret string) {
	return s.keys.admin.id, s.keys.admin.secret
}

// SetIssuerHosts replaces the table of issuer hosts and the authorities their certificates must come from.
func (s *Server) SetIssuerHosts(hosts map[string]string, roots *x509.CertPool) {
	s.issuers.set(hosts, roots)
}

// Inventory lists what the account holds now.
func (s *Server) Inventory() Inventory { return s.account.inventory() }

// Calls names the actions received so far, in order, whether they succeeded or not.
func (s *Server) Calls() []string { return s.journal.actions() }

// Requests tells how each call so far ended. It never holds a token or a secret.
func (s *Server) Requests() []Request { return s.journal.all() }

// Misbehave replaces the faults to show from now on.
func (s *Server) Misbehave(m Misbehaviour) { s.faults.set(m) }
