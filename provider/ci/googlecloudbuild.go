package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// GoogleCloudBuild is Google Cloud Build, whose builds get the tokens of the service account that they run as.
//
// Issuer: that of every Google account. AWS has it built in: a trust policy names accounts.google.com, and there is no IAM
// OIDC provider. Audience: what the build asks for, which AWS tests as oaud; as aud it tests azp, which is the account's
// unique id, or its e-mail address where the token was made with that. Subject: the unique id.
//
// Sources: cloudBuildDocs, cloudBuildTokens, cloudBuildKeys.
type GoogleCloudBuild struct{}

const (
	googleIssuer       = "https://accounts.google.com"
	cloudBuildAudience = "sts.amazonaws.com"

	cloudBuildDocs      = "https://docs.cloud.google.com/build/docs/securing-builds/authorize-service-to-service-access"
	cloudBuildTokens    = "https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken"
	cloudBuildUniqueIDs = "https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts"
	cloudBuildAccounts  = "https://docs.cloud.google.com/iam/docs/service-account-types"
	cloudBuildKeys      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
)

// cloudBuildForm is the whole subject: a number, of a service account or of a person.
var cloudBuildForm = newForm("{service account}",
	field{name: "service account", texts: `[0-9]+`, sample: "100000000000000000001", other: "100000000000000000666"})

// Section is "googleCloudBuild".
func (GoogleCloudBuild) Section() string { return "googleCloudBuild" }

// Title is "Google Cloud Build".
func (GoogleCloudBuild) Title() string { return "Google Cloud Build" }

var (
	cloudBuildDefaultAccount = Rule{
		ID: "google-cloud-build-default-account", Severity: High,
		Summary: "the service account is one of the project's default ones: every virtual machine, service and build for which nobody chose another " +
			"account runs as it and gets the role",
		Remediation: "Make a service account for the builds that deploy, and name that one.",
		Source:      cloudBuildAccounts + "#default",
	}
	cloudBuildOddID = Rule{
		ID: "google-cloud-build-odd-id", Severity: Low,
		Summary:     "the unique id has not 21 digits, and every one that is documented has: with a digit too few or too many it is no account's, or another's",
		Remediation: "Compare it with what gcloud iam service-accounts describe EMAIL --format='value(uniqueId)' prints.",
		Source:      cloudBuildUniqueIDs,
	}
	cloudBuildAnyBuild = Rule{
		ID: "google-cloud-build-any-build", Severity: Low,
		Summary: "a token says which service account it is of and no more: every build of every branch that runs as the account gets the role, " +
			"and so does whoever may act as the account",
		Remediation: "Give each trigger that deploys a service account of its own, and few people the permissions iam.serviceAccounts.actAs and " +
			"iam.serviceAccounts.getOpenIdToken on it.",
		Source: cloudBuildDocs,
	}
)

// Rules are the findings of Google Cloud Build.
func (GoogleCloudBuild) Rules() []Rule {
	return []Rule{cloudBuildDefaultAccount, cloudBuildAnyBuild, cloudBuildOddID}
}

// Issuer is what signs the tokens of Google Cloud Build.
func (GoogleCloudBuild) Issuer() Issuer {
	return Issuer{
		URL: googleIssuer, Shared: true, BuiltIn: true,
		Hosts: []trust.Issuer{{Host: hostOf(googleIssuer), Title: "Google", Shared: true, Tenant: map[string]func(trust.Value) bool{
			"sub": trust.Value.Exact, "google/organization_number": trust.Value.Exact,
		}}},
	}
}

// Forms are the forms of their subjects.
func (GoogleCloudBuild) Forms() []*form { return []*form{cloudBuildForm} }

// Page is what people read about Google Cloud Build.
func (GoogleCloudBuild) Page() Page {
	return Page{
		Audience: "`sts.amazonaws.com`; the build chooses it. AWS tests it as `oaud`, and the claim `azp` as `aud`",
		Names:    "service accounts",
		Subjects: []string{"UNIQUE_ID of the service account that the build runs as, whatever started it"},
		Pitfalls: []string{
			"A condition on `accounts.google.com:aud` with the audience never holds: AWS puts `azp` there, the account's unique id. The audience is in `accounts.google.com:oaud`.",
			"A condition on `accounts.google.com:oaud` alone lets in every service account in the world: each may ask for any audience. This package pins `sub`, `aud` and `oaud`.",
			"The token names no repository, branch or trigger. Let the service account say it: one for each trigger that deploys.",
			"Write `email`, too: `azp` is the unique id or the e-mail address, and which of them a way to ask for a token gives is not documented. With `email` both get in, and it loosens nothing, because `sub` is the unique id either way.",
			"An account that is deleted and made again under the same e-mail address has another unique id: the role has to be told.",
			"Cloud Build makes no ID tokens for its own default service account. The account must lie in the project of the build, and needs the role Service Account OpenID Connect Identity Token Creator on itself.",
			"Whatever else runs as the account gets the role, too: a virtual machine, a service of Cloud Run, whoever may impersonate it.",
			"AWS could also test `google/organization_number`, but a token has it only where it was asked for.",
		},
		Sources: []string{
			cloudBuildDocs, cloudBuildTokens, cloudBuildKeys, cloudBuildUniqueIDs, cloudBuildAccounts,
			"https://aws.amazon.com/blogs/security/access-aws-using-a-google-cloud-platform-native-workload-identity/",
			"https://docs.cloud.google.com/build/docs/build-config-file-schema",
		},
		Example: `googleCloudBuild:
  serviceAccounts:
    - uniqueId: "100000000000000000001"
      email: deploy@acme-prod.iam.gserviceaccount.com
`,
	}
}

// No rule for the number is documented but that it is one; all that Google shows have 21 digits.
var cloudBuildUniqueID = nameKind{"service account", newExpression(`^[1-9][0-9]{14,29}$`),
	"must be the account's unique id, a number of 21 digits: IAM > Service Accounts shows it, and gcloud iam service-accounts describe EMAIL --format='value(uniqueId)' prints it",
	[]mistaken{
		{newExpression(`@`), "is an e-mail address, which a new account can have one day; write the unique id, which gcloud iam service-accounts describe EMAIL --format='value(uniqueId)' prints, and the address as email"},
		{newExpression(`^[0-9]{1,14}$`), "is too short for the unique id of a service account, which has 21 digits; is it the number of the project?"},
		{newExpression(`^[0-9a-f]{40}$`), "is the id of a key; write the unique id of the account, a number of 21 digits"},
	}}

// The default account of App Engine in a project of a domain, example.com:web, is web.example.com@appspot.
var cloudBuildEmail = nameKind{"e-mail address", newExpression(`^([a-z0-9-]+@[a-z0-9.-]+|[a-z0-9.-]+@appspot)\.gserviceaccount\.com$`),
	"must be the service account's e-mail address in lower case, such as deploy@acme-prod.iam.gserviceaccount.com",
	[]mistaken{
		{newExpression(`@cloudbuild\.gserviceaccount\.com$`), "is Cloud Build's own default service account, for which it makes no ID tokens; name an account of yours, and let the trigger run as it"},
		{newExpression(`@(cloudservices|(compute-system|gcp-sa-[a-z0-9-]+)\.iam)\.gserviceaccount\.com$`), "is an agent of Google's, as which no build runs; name an account of yours, and let the trigger run as it"},
	}}

var cloudBuildDefaults = newExpression(`(-compute@developer|@appspot)\.gserviceaccount\.com$`)

// Read understands the section googleCloudBuild.
func (GoogleCloudBuild) Read(section input.Value, _ Account, problems *input.Problems) []Trust {
	t := newBuiltInTrust(googleIssuer, section, problems, cloudBuildAudience)
	words := cloudBuildWords{}
	for _, v := range section.Field("serviceAccounts").List {
		if !v.Known {
			continue
		}
		email := v.Field("email")
		a := cloudBuildAccount{id: cloudBuildUniqueID.read(v.Field("uniqueId"), problems), email: cloudBuildEmail.read(email, problems)}
		if cloudBuildDefaults.MatchString(a.email) {
			t.Findings = append(t.Findings, Finding{Rule: cloudBuildDefaultAccount, Path: email.Path, Detail: a.email})
		}
		if a.id == "" || email.Present && a.email == "" {
			continue
		}
		t.Findings = append(t.Findings, Finding{Rule: cloudBuildAnyBuild, Path: v.Path, Detail: a.String()})
		if len(a.id) != 21 {
			t.Findings = append(t.Findings, Finding{Rule: cloudBuildOddID, Path: v.Field("uniqueId").Path, Detail: a.id})
		}
		a.trust(&t, v.Path)
		words.accounts = append(words.accounts, a)
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

// A cloudBuildAccount is a service account.
type cloudBuildAccount struct{ id, email string }

func (a cloudBuildAccount) String() string {
	if a.email == "" {
		return "service account " + a.id
	}
	return "service account " + a.id + " (" + a.email + ")"
}

// trust adds the grant of whatever runs as the account.
func (a cloudBuildAccount) trust(t *Trust, path string) {
	parties := []string{a.id}
	if a.email != "" {
		parties = append(parties, a.email)
	}
	t.trust(path, "Google Cloud Build: whatever runs as "+a.String(), subject{
		form: cloudBuildForm, terms: exactlyAll(a.id), parties: parties,
		others: map[string]string{"a subject that is an e-mail address": "deploy@acme-prod.iam.gserviceaccount.com"},
	})
}

// cloudBuildWords is what a trust names, for the build to paste.
type cloudBuildWords struct{ accounts []cloudBuildAccount }

// config is the build to paste: one step writes the token into the folder that all steps share, and the AWS CLI exchanges it.
// Sources: cloudBuildDocs, https://docs.cloud.google.com/build/docs/build-config-file-schema
func (w *cloudBuildWords) config(roleArn, region string, audiences []string) string {
	audience := cloudBuildAudience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	accounts := []string{}
	for _, a := range w.accounts {
		accounts = addOnce(accounts, a.id)
	}
	slices.Sort(accounts)
	var b strings.Builder
	fmt.Fprintf(&b, "# cloudbuild.yaml\nsteps:\n  - id: token\n    name: gcr.io/cloud-builders/gcloud\n    script: |\n"+
		"      gcloud auth print-identity-token --audiences='%s' > /workspace/web-identity-token\n", strings.ReplaceAll(audience, "'", `'\''`))
	fmt.Fprintf(&b, "  - id: deploy\n    name: amazon/aws-cli\n    env:\n      - AWS_ROLE_ARN=%s\n      - AWS_REGION=%s\n"+
		"      - AWS_WEB_IDENTITY_TOKEN_FILE=/workspace/web-identity-token\n    args: [sts, get-caller-identity]\n",
		strings.ReplaceAll(roleArn, "$", "$$"), region)
	b.WriteString("options:\n  logging: CLOUD_LOGGING_ONLY # or a bucket of yours: a build with a service account of its own needs one of them\n")
	if len(accounts) > 1 {
		fmt.Fprintf(&b, "# Or that of %s. The account of a trigger goes before this one.\n", orList(accounts[1:]))
	}
	if len(accounts) > 0 {
		fmt.Fprintf(&b, "serviceAccount: projects/$PROJECT_ID/serviceAccounts/%s\n", accounts[0])
	}
	return b.String()
}
