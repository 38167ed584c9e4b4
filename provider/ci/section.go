package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var (
	thumbprint = NewExpression(`^[0-9A-Fa-f]{40}$`)
)

// NewTrust reads the properties that every section has: which provider of the issuer, and for which audiences; those of
// the system where none are written. The issuer is "" while it is not known.
func NewTrust(
	issuer string, section input.Value, account Account, problems *input.Problems, audiences ...string,
) Trust {
	t := Trust{issuer: issuer, audiences: readAudiences(section.Field("audiences"), problems, audiences...)}
	for _, v := range section.Field("thumbprints").Texts() {
		if !thumbprint.MatchString(v.Text()) {
			problems.Add(v, "must be the SHA-1 thumbprint of a certificate: 40 hex digits without colons", input.Got(v))
		}
		t.thumbprints = append(t.thumbprints, strings.ToLower(v.Text()))
	}
	t.sessionTags = section.Field("sessionTags").Bool()
	retain := section.Field("retainProvider")
	if !retain.Known {
		problems.Add(retain, "must be known at preview: it decides what happens to the provider when the stack goes; "+
			"write true or false")
	}
	t.retain = retain.Bool()

	t.readExistingProvider(section, account, problems)
	return t
}

// NewBuiltInTrust is the trust of an issuer that AWS knows without an IAM OIDC provider.
func NewBuiltInTrust(issuer string, section input.Value, problems *input.Problems, audience string) Trust {
	return Trust{
		issuer:    issuer,
		builtIn:   true,
		audiences: readAudiences(section.Field("audiences"), problems, audience),
	}
}

func readAudiences(list input.Value, problems *input.Problems, defaults ...string) []string {
	var audiences []string
	for _, v := range list.Texts() {
		text := v.Text()
		switch {
		case text == "" || len(text) > 255:
			problems.Add(v, "must have 1 to 255 characters", input.Got(v))
		case strings.ContainsAny(text, "*?") || strings.Contains(text, "${") || !Printable(text) ||
			strings.Contains(text, " "):
			problems.Add(v, "must be one exact audience, without *, ?, ${, white space and control characters",
				input.Got(v))
		case !slices.Contains(audiences, text):
			audiences = append(audiences, text)
		}
	}
	if !list.Present {
		audiences = slices.DeleteFunc(slices.Clone(defaults), func(audience string) bool { return audience == "" })
	}
	slices.Sort(audiences)
	return audiences
}

// RequireAudience reports an audiences list that omits the one audience every token has; such a role admits nobody.
// whose says which tokens; the audience is "" while it is not known.
func RequireAudience(section input.Value, whose, audience string, problems *input.Problems) {
	list := section.Field("audiences")
	if audience == "" || !list.Present || !list.FullyKnown() {
		return
	}
	for _, v := range list.List {
		if v.Text() == audience {
			return
		}
	}
	list.Secret = section.HasSecret() // the audience may be made of what stands elsewhere in the section
	problems.Add(list, "lacks the audience of "+whose+
		", which no setting changes: the role would let none of them in. Leave audiences out",
		fmt.Sprintf("(missing %q)", audience))
}

// Printable reports that IAM can store the text in a policy: Latin-1 without control characters.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (AssumeRolePolicyDocument)
func Printable(text string) bool {
	for _, r := range text {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r > 0xff {
			return false
		}
	}
	return true
}

// QuoteYAML writes a text as a YAML double-quoted scalar, where it is not plain anyway. The words that YAML 1.1 reads
// as booleans or null are not plain: a branch may be called "on".
// Source: https://yaml.org/type/bool.html
func QuoteYAML(text string) string {
	if plainYAML.MatchString(text) && !WordYAML.MatchString(text) {
		return text
	}
	return fmt.Sprintf("%q", text)
}

// What YAML reads as plain text, and the words of YAML 1.1 that it does not: WordYAML.
var (
	plainYAML = NewExpression(`^[A-Za-z/][A-Za-z0-9/._-]*$`)
	WordYAML  = NewExpression(`^(?i:y|n|yes|no|on|off|true|false|null)$`)
)

// FlowYAML writes texts as a YAML flow sequence.
func FlowYAML(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = QuoteYAML(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// AnyPresent reports whether one of the words is written. A plain false, as of pullRequests, counts as not written.
func AnyPresent(v input.Value, words []string) bool {
	for _, word := range words {
		if f := v.Field(word); f.Present && !(f.Known && f.Scalar == false) {
			return true
		}
	}
	return false
}
