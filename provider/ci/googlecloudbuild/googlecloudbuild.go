// Package googlecloudbuild is Google Cloud Build: its issuer, its tokens, and the words in which its jobs are trusted.
package googlecloudbuild

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is Google Cloud Build, whose builds get the tokens of the service account that they run as.
//
// Issuer: the one of all Google accounts. AWS has it built in: a trust policy names accounts.google.com, and there is
// no IAM OIDC provider. Audience: what the build asks for, which AWS tests as oaud; as aud it tests azp, which is the
// account's unique id, or its e-mail address if the token was made with that. Subject: the unique id.
//
// Sources: docs, tokens, keys.
type System struct{}

const (
	issuer   = "https://accounts.google.com"
	audience = "sts.amazonaws.com"

	docs      = "https://docs.cloud.google.com/build/docs/securing-builds/authorize-service-to-service-access"
	tokens    = "https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken"
	uniqueIDs = "https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts"
	accounts  = "https://docs.cloud.google.com/iam/docs/service-account-types"
	keys      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
)

// form is the whole subject: a number, of a service account or of a person.
var form = ci.NewForm("{service account}",
	ci.Field{
		Name:    "service account",
		Texts:   `[0-9]+`,
		Sample:  "100000000000000000001",
		Other:   "100000000000000000666",
		Decides: ci.Tenant,
	})

// Section is "googleCloudBuild".
func (System) Section() string { return "googleCloudBuild" }

// Title is "Google Cloud Build".
func (System) Title() string { return "Google Cloud Build" }

var (
	defaultAccount = ci.Rule{
		ID: "google-cloud-build-default-account", Severity: ci.High,
		Summary: "the service account is one of the project's default ones: every virtual machine, service and build " +
			"for which nobody chose another account runs as it and gets the role",
		Remediation: "Make a service account for the builds that deploy, and name that one.",
		Source:      accounts + "#default",
	}
	oddID = ci.Rule{
		ID: "google-cloud-build-odd-id", Severity: ci.Low,
		Summary: "the unique id has not 21 digits, and every one that is documented has: with a digit too few or too " +
			"many it is no account's, or another's",
		Remediation: "Compare it with what gcloud iam service-accounts describe EMAIL " +
			"--format='value(uniqueId)' prints.",
		Source: uniqueIDs,
	}
	anyBuild = ci.Rule{
		ID: "google-cloud-build-any-build", Severity: ci.Low,
		Summary: "a token says which service account it is of and no more: every build of every branch that runs as " +
			"the account gets the role, and so does whoever may act as the account",
		Remediation: "Give each trigger that deploys a service account of its own, and few people the permissions " +
			"iam.serviceAccounts.actAs and iam.serviceAccounts.getOpenIdToken on it.",
		Source: docs,
	}
)

// Rules are the findings of Google Cloud Build.
func (System) Rules() []ci.Rule {
	return []ci.Rule{defaultAccount, anyBuild, oddID}
}

// Issuer is what signs the tokens of Google Cloud Build.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true, BuiltIn: true,
		Hosts: []ci.Host{{
			Host: ci.HostOf(issuer), Title: "Google", Shared: true, Claims: audited, Judge: reads,
			Control: trust.Control{Claims: []string{"aud", "oaud", "sub"}, Form: trust.ByEquality},
		}},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:   []string{"BUILDER_OUTPUT"},
		Command: []string{"gcloud", "auth", "print-identity-token", "--audiences=" + ci.AudienceWord},
		Condition: "the build runs as a service account of yours, which has the role " +
			"roles/iam.serviceAccountOpenIdTokenCreator on itself",
		Source: docs,
	}
}

// No rule for the number is documented but that it is one; all that Google shows have 21 digits.
var uniqueID = ci.NameKind{Noun: "service account", Form: ci.NewExpression(`^[1-9][0-9]{14,29}$`),
	Rule: "must be the account's unique id, a number of 21 digits: IAM > Service Accounts shows it, and gcloud iam " +
		"service-accounts describe EMAIL --format='value(uniqueId)' prints it",
	Not: []ci.Mistake{
		{
			Form: ci.NewExpression(`@`),
			Reason: "is an e-mail address, which a new account can have one day; write the unique id, which gcloud " +
				"iam service-accounts describe EMAIL --format='value(uniqueId)' prints, and the address as email",
		},
		{Form: ci.NewExpression(`^[0-9]{1,14}$`), Reason: "is too short for the unique id of a service account, " +
			"which has 21 digits; is it the number of the project?"},
		{
			Form:   ci.NewExpression(`^[0-9a-f]{40}$`),
			Reason: "is the id of a key; write the unique id of the account, a number of 21 digits",
		},
	}}

// The default account of App Engine in a project of a domain, example.com:web, is web.example.com@appspot.
var emailAddress = ci.NameKind{Noun: "e-mail address",
	Form: ci.NewExpression(`^([a-z0-9-]+@[a-z0-9.-]+|[a-z0-9.-]+@appspot)\.gserviceaccount\.com$`),
	Rule: "must be the service account's e-mail address in lower case, such as " +
		"deploy@acme-prod.iam.gserviceaccount.com",
	Not: []ci.Mistake{
		{Form: ci.NewExpression(`@cloudbuild\.gserviceaccount\.com$`), Reason: "is Cloud Build's own default service " +
			"account, for which it makes no ID tokens; name an account of yours, and let the trigger run as it"},
		{
			Form: ci.NewExpression(`@(cloudservices|(compute-system|gcp-sa-[a-z0-9-]+)\.iam)\.gserviceaccount\.com$`),
			Reason: "is an agent of Google's, as which no build runs; name an account of yours, and let " +
				"the trigger run as it",
		},
	}}

var defaults = ci.NewExpression(`(-compute@developer|@appspot)\.gserviceaccount\.com$`)

// Read understands the section googleCloudBuild.
func (System) Read(section input.Value, _ ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewBuiltInTrust(issuer, section, problems, audience)
	var w words
	for _, v := range section.Field("serviceAccounts").List {
		if !v.Known {
			continue
		}
		email := v.Field("email")
		a := account{id: uniqueID.Read(v.Field("uniqueId"), problems), email: emailAddress.Read(email, problems)}
		if defaults.MatchString(a.email) {
			t.Findings = append(t.Findings, ci.Finding{Rule: defaultAccount, Path: email.Path, Detail: a.email})
		}
		if a.id == "" || email.Present && a.email == "" {
			continue
		}
		t.Findings = append(t.Findings, ci.Finding{Rule: anyBuild, Path: v.Path, Detail: a.String()})
		if len(a.id) != 21 {
			t.Findings = append(t.Findings, ci.Finding{Rule: oddID, Path: v.Field("uniqueId").Path, Detail: a.id})
		}
		a.trust(&t, v.Path)
		w.accounts = append(w.accounts, a)
	}
	t.Pipeline = func(role ci.Role) string { return w.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// An account is a service account.
type account struct{ id, email string }

func (a account) String() string {
	if a.email == "" {
		return "service account " + a.id
	}
	return "service account " + a.id + " (" + a.email + ")"
}

// trust adds the grant of whatever runs as the account.
func (a account) trust(t *ci.Trust, path string) {
	parties := []string{a.id}
	if a.email != "" {
		parties = append(parties, a.email)
	}
	t.Allow(path, "Google Cloud Build: whatever runs as "+a.String(), ci.Subject{
		Form: form, Terms: ci.ExactlyAll(a.id), Parties: parties,
		Others: map[string]string{"a subject that is an e-mail address": "deploy@acme-prod.iam.gserviceaccount.com"},
	})
}

// words is what a trust names, for the build to paste.
type words struct{ accounts []account }

// config is the build to paste: one step writes the token into a volume that the two steps share and no other step
// sees, and the next exchanges it. The folder /workspace, which all steps share, is the checkout.
// Sources: docs, https://docs.cloud.google.com/build/docs/build-config-file-schema
func (w *words) config(role ci.Role, audiences []string) string {
	audience := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	accounts := []string{}
	for _, a := range w.accounts {
		accounts = ci.AddOnce(accounts, a.id)
	}
	slices.Sort(accounts)
	exchange := ci.Exchange{
		Role: role, Token: "cat /identity/token", Missing: "The step before this one asks for it.",
		Session: "cloudbuild-$BUILD_ID",
	}
	const volume = "    volumes:\n      - name: identity\n        path: /identity\n"
	var b strings.Builder
	fmt.Fprintf(&b, "# cloudbuild.yaml\nsteps:\n  - id: token\n    name: gcr.io/cloud-builders/gcloud\n%s"+
		"    script: |\n"+
		"      set -e\n      umask 077\n      gcloud auth print-identity-token --audiences=%s > /identity/token\n",
		volume, ci.QuoteShell(audience))
	fmt.Fprintf(&b, "  - id: deploy\n    name: amazon/aws-cli\n    env:\n      - BUILD_ID=$BUILD_ID\n%s"+
		"    script: |\n%s",
		volume, exchange.Script("      "))
	b.WriteString("options:\n  logging: CLOUD_LOGGING_ONLY # or a bucket of yours: a build with a service account of " +
		"its own needs one of them\n")
	if len(accounts) > 1 {
		fmt.Fprintf(&b, "# Or that of %s. The account of a trigger goes before this one.\n", ci.OrList(accounts[1:]))
	}
	if len(accounts) > 0 {
		fmt.Fprintf(&b, "serviceAccount: projects/$PROJECT_ID/serviceAccounts/%s\n", accounts[0])
	}
	return b.String()
}
