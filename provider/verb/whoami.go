package verb

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/advice"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Identity is the job that carries a token, as AWS and as its CI system see it, as --json prints it. It has nothing
// of the token but what is named here, and no e-mail address.
type Identity struct {
	System   string `json:"system"` // the section of CiOidcTrust; "" where nothing is known of the issuer
	Title    string `json:"title"`
	Issuer   string `json:"issuer"`
	Audience string `json:"audience"` // as STS compares it
	Subject  string `json:"subject"`
	Form     string `json:"form,omitempty"` // that of the subject: "repo:{owner}/{repository}:ref:{ref}"
	Verified bool   `json:"verified"`       // the issuer's keys verify the signature
	// Keys are the condition keys that AWS fills from the token, and their values.
	Keys map[string]string `json:"keys"`
	// Unseen are claims that no condition can test, sorted: AWS fills no key for them.
	Unseen []string `json:"unseen"`
	// Inputs are those of the CiOidcTrust that trusts exactly this job; none where no section says it.
	Inputs map[string]any `json:"inputs,omitempty"`
	// Risks are the findings that these inputs accept, by their ids, each with what it says.
	Risks map[string]string `json:"risks,omitempty"`
	// Refusal is why STS refuses the token whatever a policy says, such as that it has expired; "" where it does not.
	Refusal string `json:"refusal,omitempty"`
}

// mail is an e-mail address, which a report in a log does not need.
var mail = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)

func withoutMail(text string) string { return mail.ReplaceAllString(text, "(an e-mail address)") }

// Identify reads a token. With the issuer's keys its signature is checked. No error quotes the token.
func Identify(token string, jwks []byte) (*Identity, error) {
	claims, _, err := Question{Token: token, JWKS: jwks}.claims()
	if err != nil {
		return nil, refuse(err)
	}
	issuer, _ := claims["iss"].(string)
	if issuer == "" {
		return nil, errors.New("the token has no iss, so nobody can know its issuer; STS refuses it")
	}
	host := strings.TrimPrefix(issuer, "https://")
	r := trust.Request{
		Provider: "arn:aws:iam::" + ci.PlaceholderAccount + ":oidc-provider/" + host, Issuer: host, Partition: "aws",
		Claims: claims,
	}
	if system, _ := all.Registry().Owner(host); system != nil && system.Issuer().BuiltIn {
		r.Provider = host
	}
	id := &Identity{
		Title: "an issuer that is not known", Issuer: issuer, Verified: len(jwks) > 0, Keys: map[string]string{},
		Unseen: []string{},
	}
	if refusal := r.Refused(time.Now(), nil); refusal != nil {
		id.Refusal = fmt.Sprintf("%s (%s)", refusal.Reason, refusal.Code)
	}
	id.see(claims, host)
	job := advice.ForJob(all.Registry(), &r)
	if job.System != nil {
		id.System, id.Title = job.System.Section(), job.System.Title()
	}
	if job.Form != nil {
		id.Form = job.Form.Template
	}
	if job.Section != "" {
		id.Inputs, id.Risks = map[string]any{job.Section: job.Words}, job.Risks
		if len(job.Risks) > 0 {
			accepted := []any{}
			for _, risk := range slices.Sorted(maps.Keys(job.Risks)) {
				accepted = append(accepted, risk)
			}
			id.Inputs["acceptRisks"] = accepted
		}
	}
	return id, nil
}

// see says which condition keys the token fills, and which of its claims fill none.
func (id *Identity) see(claims map[string]any, host string) {
	tested := trust.ClaimKeys(host, "aws")
	for name, value := range claims {
		text := ci.TextOf(value)
		switch {
		case name == "aud":
			text = audienceOf(claims)
			id.Audience = redact(text)
		case name == "sub":
			id.Subject = redact(withoutMail(text))
		}
		if slices.Contains(tested, name) && text != "" {
			id.Keys[host+":"+name] = redact(withoutMail(text))
		} else if !slices.Contains([]string{"iss", "iat", "nbf", "exp", "jti"}, name) {
			id.Unseen = append(id.Unseen, redact(withoutMail(name)))
		}
	}
	slices.Sort(id.Unseen)
}

// audienceOf is the audience as STS compares it: azp where the token has it.
func audienceOf(claims map[string]any) string {
	if azp := ci.TextOf(claims["azp"]); azp != "" {
		return azp
	}
	if list, is := claims["aud"].([]any); is {
		var texts []string
		for _, item := range list {
			texts = append(texts, ci.TextOf(item))
		}
		return strings.Join(texts, ", ")
	}
	return ci.TextOf(claims["aud"])
}

// Program prints the stack that trusts exactly this job; "" where no section says it.
func (id *Identity) Program(language program.Language) (string, error) {
	if len(id.Inputs) == 0 {
		return "", nil
	}
	return program.Program(language, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: id.Inputs})
}
