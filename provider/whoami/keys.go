package whoami

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// NewClient is an HTTP client that follows no redirect: a token request is answered by whoever was asked, and an
// issuer's keys come from the issuer.
func NewClient() *http.Client {
	return &http.Client{CheckRedirect: refuseRedirect, Timeout: 20 * time.Second}
}

func refuseRedirect(*http.Request, []*http.Request) error {
	return errors.New("it answers with a redirect, which is not followed")
}

// mostKeys bounds a discovery document and a set of keys.
const mostKeys = 1 << 20

// Keys fetches the keys of an issuer by its discovery document, over https alone. The issuer is what a token says, so
// the document may not lead to a private address on another host than the issuer's own.
//
// Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
func Keys(ctx context.Context, issuer string) ([]byte, error) {
	address, err := url.Parse(issuer)
	if err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil {
		return nil, errors.New("the token's iss is no https URL")
	}
	raw, err := get(ctx, NewClient(), strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, errors.New("its discovery document is no JSON object")
	}
	if document.Issuer != issuer {
		return nil, fmt.Errorf("its discovery document is of the issuer %q", document.Issuer)
	}
	keys, err := url.Parse(document.Keys)
	if err != nil || keys.Scheme != "https" || keys.Host == "" || keys.User != nil {
		return nil, errors.New("its discovery document names no https URL of keys")
	}
	client := NewClient()
	if keys.Host != address.Host {
		client.Transport = publicAlone()
	}
	return get(ctx, client, document.Keys)
}

// publicAlone connects to public addresses only, whatever a name resolves to.
func publicAlone() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		ip := to.Addr().Unmap()
		if !ip.IsGlobalUnicast() || ip.IsPrivate() {
			return errors.New("it leads to a private address on another host")
		}
		return nil
	}}
	return &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second}
}

func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("its address cannot be used")
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, errors.New(withoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, mostKeys+1))
	if err == nil && len(raw) > mostKeys {
		err = errors.New("its answer is too long")
	}
	return raw, err
}
