package verb

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

// A Document is a trust policy as it was found, with what was told of its role.
type Document struct {
	Policy   []byte
	RoleName string
	RoleArn  string
}

// TrustPolicy takes a trust policy out of what people have: the document itself, the answer of `aws iam get-role`, or a
// role of it, what render prints as JSON, and each of them URL-encoded, as IAM's API returns documents, as a JSON
// string, or in UTF-16.
func TrustPolicy(raw []byte) (Document, error) {
	text, err := account.UTF8(raw)
	if err != nil {
		return Document{}, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return Document{}, errors.New("the trust policy is empty; expected a JSON object")
	}
	if found, err := account.Read(text); err == nil && !found.Several && len(found.Roles) == 1 {
		return documentOf(&found.Roles[0])
	}
	text, err = account.Unquote(text)
	return Document{Policy: text}, err
}

// documentOf is the trust policy of a role. One of which something is not known has no answer but that.
func documentOf(r *account.Role) (Document, error) {
	err := r.Err
	if err == nil && len(r.Unknown) > 0 {
		err = fmt.Errorf("the document does not say %s; give the trust policy of the role that is deployed, the "+
			"answer of aws iam get-role", strings.Join(r.Unknown, ", "))
	}
	return Document{Policy: r.Trust, RoleName: r.Name, RoleArn: r.Arn}, err
}
