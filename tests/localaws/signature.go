package localaws

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	algorithm   = "AWS4-HMAC-SHA256"
	amzTime     = "20060102T150405Z"
	allowedSkew = 15 * time.Minute
)

// authorization is a parsed Authorization header:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
type authorization struct {
	keyID, date, region, service string
	signedHeaders                []string
	signature                    string
}

func parseAuthorization(header string) (authorization, error) {
	if header == "" {
		return authorization{}, refuse(http.StatusForbidden, "MissingAuthenticationToken",
			"Request is missing Authentication Token")
	}
	rest, ok := strings.CutPrefix(header, algorithm)
	if !ok {
		return authorization{}, incompleteSignature("Unsupported AWS 'algorithm'.")
	}
	fields := map[string]string{}
	for _, field := range strings.Split(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if fields[name] == "" {
			return authorization{}, incompleteSignature("Authorization header requires '%s' parameter.", name)
		}
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return authorization{}, incompleteSignature("Credential must have exactly 5 slash-delimited elements, "+
			"e.g. keyid/date/region/service/term, got '%s'", fields["Credential"])
	}
	return authorization{
		keyID: scope[0], date: scope[1], region: scope[2], service: scope[3],
		signedHeaders: strings.Split(fields["SignedHeaders"], ";"),
		signature:     fields["Signature"],
	}, nil
}

func incompleteSignature(format string, args ...any) *failure {
	return refuse(http.StatusBadRequest, "IncompleteSignature", format, args...)
}

func wrongSignature(format string, args ...any) *failure {
	return refuse(http.StatusForbidden, "SignatureDoesNotMatch", format, args...)
}

// authenticate verifies the request's signature and returns its caller.
func (s *Server) authenticate(r *http.Request, body []byte, svc service) (principal, error) {
	claimed, err := parseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return principal{}, err
	}
	signed, err := time.Parse(amzTime, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return principal{}, incompleteSignature("Date must be in ISO-8601 'basic format'. Got '%s'. "+
			"See http://en.wikipedia.org/wiki/ISO_8601", r.Header.Get("X-Amz-Date"))
	}
	key, err := s.keys.find(claimed.keyID, r.Header.Get("X-Amz-Security-Token"))
	if err != nil {
		return principal{}, err
	}
	now := s.options.Now()
	if err := checkScope(claimed, signed, now, svc); err != nil {
		return principal{}, err
	}
	expected, err := resign(r, body, claimed, key, signed)
	if err != nil {
		return principal{}, err
	}
	if subtle.ConstantTimeCompare([]byte(expected.signature), []byte(claimed.signature)) != 1 {
		return principal{},
			wrongSignature("The request signature we calculated does not match the signature you provided. " +
				"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if err := key.checkExpiry(now); err != nil {
		return principal{}, err
	}
	return key.owner, nil
}

func checkScope(claimed authorization, signed, now time.Time, svc service) error {
	switch {
	case claimed.service != svc.name:
		return wrongSignature("Credential should be scoped to correct service: '%s'. ", svc.name)
	case claimed.region == "":
		return wrongSignature("Credential should be scoped to a valid region. ")
	case claimed.date != signed.Format("20060102"):
		return wrongSignature("Date in Credential scope does not match YYYYMMDD from ISO-8601 " +
			"version of date from HTTP.")
	case !slices.Contains(claimed.signedHeaders, "host"):
		return wrongSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	case signed.Before(now.Add(-allowedSkew)):
		return wrongSignature("Signature expired: %s is now earlier than %s (%s - 15 min.)",
			signed.Format(amzTime), now.Add(-allowedSkew).UTC().Format(amzTime), now.UTC().Format(amzTime))
	case signed.After(now.Add(allowedSkew)):
		return wrongSignature("Signature not yet current: %s is still later than %s (%s + 15 min.)",
			signed.Format(amzTime), now.Add(allowedSkew).UTC().Format(amzTime), now.UTC().Format(amzTime))
	}
	return nil
}

// resign makes the signature the caller should have made: the SDK's own signer, over the headers the caller signed.
func resign(
	r *http.Request, body []byte, claimed authorization, key accessKey, signed time.Time,
) (authorization, error) {
	copied := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}}
	for _, name := range claimed.signedHeaders {
		switch name {
		case "host":
		case "content-length":
			copied.ContentLength = int64(len(body))
		default:
			if values := r.Header.Values(name); len(values) > 0 {
				copied.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
			}
		}
	}
	digest := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: key.id, SecretAccessKey: key.secret}
	// The session token, when there is one, is among the headers already.
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableSessionToken = true })
	if err := signer.SignHTTP(r.Context(), credentials, copied, hex.EncodeToString(digest[:]),
		claimed.service, claimed.region, signed); err != nil {
		return authorization{}, incompleteSignature("The request signature does not conform to AWS standards.")
	}
	return parseAuthorization(copied.Header.Get("Authorization"))
}
