package localaws

import (
	"context"
	"crypto/sha1" //nolint:gosec // IAM thumbprints are SHA-1 by definition
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// issuerPatience is how long STS waits for an issuer's keys.
const issuerPatience = 5 * time.Second

// issuerDialer reaches issuers at loopback addresses, under their real names.
type issuerDialer struct {
	mu    sync.RWMutex
	hosts map[string]string
	roots *x509.CertPool
}

func (d *issuerDialer) set(hosts map[string]string, roots *x509.CertPool) {
	if roots == nil {
		roots = x509.NewCertPool() // trusts nobody; nil would trust the system's authorities
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hosts, d.roots = maps.Clone(hosts), roots
}

var (
	errUnknownHost = errors.New("no local issuer has this host")
	errThumbprint  = errors.New("certificate matches no thumbprint")
)

// client makes HTTPS requests to local issuers. A host that is not in the table is unreachable: nothing leaves
// loopback.
//
// "AWS secures communication with OIDC identity providers using our library of trusted root CAs [...] If your IdP
// relies on a certificate not signed by one of these trusted CAs, only then do we secure communication using the
// thumbprints":
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
func (d *issuerDialer) client(thumbprints []string) *http.Client {
	d.mu.RLock()
	hosts, roots := d.hosts, d.roots
	d.mu.RUnlock()
	return &http.Client{
		Timeout: issuerPatience,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				host, port, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				local, ok := hosts[host]
				if !ok || port != "443" {
					return nil, fmt.Errorf("%w: %s", errUnknownHost, address)
				}
				return new(net.Dialer).DialContext(ctx, network, local)
			},
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS12,
				// VerifyConnection verifies, with thumbprints as the second way.
				InsecureSkipVerify: true, //nolint:gosec // see above
				VerifyConnection: func(state tls.ConnectionState) error {
					return verifyIssuer(state, roots, thumbprints)
				},
			},
		},
	}
}

func verifyIssuer(state tls.ConnectionState, roots *x509.CertPool, thumbprints []string) error {
	leaf := state.PeerCertificates[0]
	intermediates := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		intermediates.AddCert(certificate)
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: intermediates, DNSName: state.ServerName}
	if _, err := leaf.Verify(options); err == nil {
		return nil
	}
	if err := leaf.VerifyHostname(state.ServerName); err != nil {
		return err
	}
	top := sha1.Sum(state.PeerCertificates[len(state.PeerCertificates)-1].Raw) //nolint:gosec // as above
	if slices.Contains(thumbprints, hex.EncodeToString(top[:])) {
		return nil
	}
	return errThumbprint
}
