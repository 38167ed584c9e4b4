package localaws

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// maxTrust is the default quota of a role's trust policy:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
const maxTrust = 2048

// trustActions are all a trust policy may speak of:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
var trustActions = []string{
	"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
	"sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext",
}

// trustDocument reads a role's trust policy and refuses what IAM refuses.
func (c *call) trustDocument(parameter string) (string, error) {
	document, err := c.form.document(parameter)
	if err != nil {
		return "", err
	}
	if !json.Valid([]byte(document)) {
		return "", malformedPolicy("This policy contains invalid Json")
	}
	version, statements, err := parsePolicy(document)
	if err != nil || len(statements) == 0 || !slices.Contains([]string{"", "2008-10-17", "2012-10-17"}, version) {
		return "", malformedPolicy("Syntax error in policy.")
	}
	for _, s := range statements {
		if err := c.account.checkTrust(s); err != nil {
			return "", err
		}
	}
	if err := checkSids(statements); err != nil {
		return "", err
	}
	if countedLength(document) > maxTrust {
		return "", limitExceeded("Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	return document, nil
}

func (a *account) checkTrust(s statement) error {
	switch {
	case s.effect != "Allow" && s.effect != "Deny":
		return malformedPolicy("Syntax error in policy.")
	case s.hasNot:
		return malformedPolicy("AssumeRole policy must not contain NotPrincipal field.")
	case !s.hasPrincipal:
		return malformedPolicy("Missing required field Principal")
	case s.anyone:
		return malformedPolicy(`AssumeRolepolicy contained an invalid principal: "STAR":"*".`)
	case len(s.principals) == 0:
		return malformedPolicy("Missing required field Principal cannot be empty!")
	case s.hasResource:
		return malformedPolicy("Has prohibited field Resource")
	case len(s.actions) == 0 && len(s.notActions) == 0:
		return malformedPolicy("Missing required field Action")
	case len(s.actions) > 0 && len(s.notActions) > 0:
		return malformedPolicy("Syntax error in policy.")
	}
	for _, action := range append(slices.Clone(s.actions), s.notActions...) {
		if !namesTrustAction(action) {
			return malformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	if err := a.checkPrincipals(s.principals); err != nil {
		return err
	}
	return checkIdentityProviderControls(s)
}

// namesTrustAction: IAM was seen to refuse another letter case, and sts:* (see checkIdentityProviderControls).
func namesTrustAction(action string) bool {
	prefix, _, _ := strings.Cut(strings.ReplaceAll(action, "?", "*"), "*")
	return len(prefix) > len("sts:") && slices.ContainsFunc(trustActions, func(known string) bool {
		return strings.HasPrefix(known, prefix) && covers(action, known)
	})
}

// builtInProviders need no IAM provider:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
var builtInProviders = []string{
	"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com",
}

var (
	servicePrincipal = regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`)
	awsPrincipal     = regexp.MustCompile(`^(\*|\d{12}|AROA[A-Z0-9]{17}|AIDA[A-Z0-9]{17})$`)
	awsPrincipalARN  = regexp.MustCompile(
		`^arn:([a-z-]+):(iam|sts)::\d{12}:(root|user/.+|role/.+|assumed-role/.+|federated-user/.+)$`,
	)
	federatedPrincipal = regexp.MustCompile(`^arn:([a-z-]+):iam::\d{12}:(oidc-provider|saml-provider)/[^*?\s]+$`)
)

// checkPrincipals judges the form of principals only: AWS lets a role trust an OIDC provider that does not exist (yet).
func (a *account) checkPrincipals(principals map[string][]string) error {
	for kind, values := range principals {
		for _, value := range values {
			if !a.wellFormedPrincipal(kind, value) {
				return malformedPolicy(`Invalid principal in policy: "%s":"%s"`, strings.ToUpper(kind), value)
			}
		}
		if len(values) == 0 {
			return malformedPolicy("Missing required field Principal cannot be empty!")
		}
	}
	return nil
}

func (a *account) wellFormedPrincipal(kind, value string) bool {
	ofPartition := func(form *regexp.Regexp) bool {
		match := form.FindStringSubmatch(value)
		return match != nil && match[1] == a.partition
	}
	switch kind {
	case "Federated":
		return slices.Contains(builtInProviders, value) || ofPartition(federatedPrincipal)
	case "Service":
		return servicePrincipal.MatchString(value)
	case "AWS":
		return awsPrincipal.MatchString(value) || ofPartition(awsPrincipalARN)
	}
	return false
}
