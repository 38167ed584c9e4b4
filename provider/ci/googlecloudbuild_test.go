package ci

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	cloudBuildID      = "100000000000000000001"
	cloudBuildOtherID = "100000000000000000002"
	cloudBuildAddress = "deploy@acme-prod.iam.gserviceaccount.com"
)

// cloudBuild is a section with the accounts.
func cloudBuild(accounts ...any) object {
	return object{"googleCloudBuild": object{"serviceAccounts": list(accounts)}}
}

var googlecloudbuildSuite = suite{system: GoogleCloudBuild{}, matrix: []object{
	cloudBuild(object{"uniqueId": cloudBuildID}),
	cloudBuild(object{"uniqueId": cloudBuildID, "email": cloudBuildAddress}),
	cloudBuild(object{"uniqueId": cloudBuildID}, object{"uniqueId": cloudBuildOtherID, "email": cloudBuildAddress}),
	{"googleCloudBuild": object{"audiences": list{"a", "https://b.example"}, "serviceAccounts": list{object{"uniqueId": cloudBuildID, "email": cloudBuildAddress}}}},
}, harmless: map[string]string{
	"IgnoreCase sub":    "the subject is a number",
	"IgnoreCase aud":    "so is the party where no e-mail address is written",
	"IfExists aud":      "without azp the key is filled from aud, and without that oaud is missing, too, which the same statement demands",
	"ForAllValues: aud": "the same",
}}

// The documentation has no token: the claims are those that it names, with the unique id as subject and party.
// Sources: https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken,
// https://gist.github.com/wvanderdeijl/c6a9a9f26149cea86039b3608e3556c1
func cloudBuildToken() map[string]any {
	return map[string]any{"iss": "https://accounts.google.com", "aud": "sts.amazonaws.com", "azp": cloudBuildID, "sub": cloudBuildID}
}

func TestATokenOfTheServiceAccountGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := googlecloudbuildSuite.mustRead(t, cloudBuild(object{"uniqueId": cloudBuildID}), inAWS)
	if !admitted(trusts, inAWS, cloudBuildToken()) {
		t.Error("the token does not get in")
	}
	if made := trusts[0].Grants[0].Tokens()[0].Claims; !maps.Equal(made, cloudBuildToken()) {
		t.Errorf("the made-up token is %v", made)
	}
	for name, changes := range map[string]map[string]any{
		"another account":                 {"sub": cloudBuildOtherID, "azp": cloudBuildOtherID},
		"another subject":                 {"sub": cloudBuildOtherID},
		"a longer subject":                {"sub": cloudBuildID + "0"},
		"an application of the account":   {"azp": "1234-abc.apps.googleusercontent.com"},
		"the e-mail address, not written": {"azp": cloudBuildAddress},
		"no party":                        {"azp": nil},
		"an empty party":                  {"azp": ""},
		"another audience":                {"aud": "https://web.example"},
		"the account as audience":         {"aud": cloudBuildID},
		"audience and party exchanged":    {"aud": cloudBuildID, "azp": "sts.amazonaws.com"},
		"no audience":                     {"aud": nil},
		"no subject":                      {"sub": nil},
	} {
		if admitted(trusts, inAWS, with(cloudBuildToken(), changes)) {
			t.Errorf("%s gets in", name)
		}
	}
}

// Any service account may ask for any audience: a policy that pinned nothing but the audience would let in everybody's.
func TestAServiceAccountOfAStrangerCannotGetInByAskingForTheAudience(t *testing.T) {
	for _, written := range googlecloudbuildSuite.matrix {
		trusts := googlecloudbuildSuite.mustRead(t, written, inAWS)
		for _, audience := range trusts[0].Audiences() {
			stranger := map[string]any{"iss": googleIssuer, "aud": audience, "azp": "100000000000000000666", "sub": "100000000000000000666"}
			for name, changes := range map[string]map[string]any{
				"as itself": {}, "with our address": {"azp": cloudBuildAddress, "email": cloudBuildAddress}, "with our party": {"azp": cloudBuildID},
			} {
				if admitted(trusts, inAWS, with(stranger, changes)) {
					t.Errorf("%v: a stranger %s gets in", written, name)
				}
			}
		}
	}
}

func TestTheAddressIsAPartyOfItsOwnAccountAlone(t *testing.T) {
	trusts := googlecloudbuildSuite.mustRead(t, cloudBuild(object{"uniqueId": cloudBuildID}, object{"uniqueId": cloudBuildOtherID, "email": cloudBuildAddress}), inAWS)
	for sub, want := range map[string]bool{cloudBuildID: false, cloudBuildOtherID: true} {
		if got := admitted(trusts, inAWS, with(cloudBuildToken(), map[string]any{"sub": sub, "azp": cloudBuildAddress})); got != want {
			t.Errorf("the address as party of %s: %v", sub, got)
		}
	}
}

func TestThePolicyOfABuiltInIssuerNamesItsHostAndNoProvider(t *testing.T) {
	for _, account := range []Account{inAWS, inGov, {}} {
		trusts := googlecloudbuildSuite.mustRead(t, cloudBuild(object{"uniqueId": cloudBuildID, "email": cloudBuildAddress}), account)
		want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity",` +
			`"Condition":{"StringEquals":{"accounts.google.com:aud":["` + cloudBuildID + `","` + cloudBuildAddress + `"],"accounts.google.com:oaud":"sts.amazonaws.com",` +
			`"accounts.google.com:sub":"` + cloudBuildID + `"}}}]}`
		got := Compile(trusts, account, nil).JSON()
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if findings, err := AllSystems().Audit([]byte(got), trust.Role{}); err != nil || len(findings) != 0 {
			t.Errorf("the audit finds %v %v", findings, err)
		}
		if !trusts[0].BuiltIn() || trusts[0].UsesProvider() {
			t.Error("a provider is used")
		}
		var problems input.Problems
		if err := Check(trusts, account, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
	}
}

func TestCloudBuildFindings(t *testing.T) {
	for email, want := range map[string]string{
		"": "google-cloud-build-any-build", cloudBuildAddress: "google-cloud-build-any-build",
		"123456789012-compute@developer.gserviceaccount.com": "google-cloud-build-any-build google-cloud-build-default-account",
		"acme-prod@appspot.gserviceaccount.com":              "google-cloud-build-any-build google-cloud-build-default-account",
		"web.example.com@appspot.gserviceaccount.com":        "google-cloud-build-any-build google-cloud-build-default-account",
		"x-compute@acme-prod.iam.gserviceaccount.com":        "google-cloud-build-any-build",
	} {
		written := object{"uniqueId": cloudBuildID}
		if email != "" {
			written["email"] = email
		}
		if got := strings.Join(findingIDs(googlecloudbuildSuite.mustRead(t, cloudBuild(written), inAWS)), " "); got != want {
			t.Errorf("%s: %q, want %q", email, got, want)
		}
	}
}

// No rule says how long it is, so a number of another length may be right; most likely a digit was lost.
func TestAUniqueIDThatLostADigitIsSaid(t *testing.T) {
	for id, want := range map[string]bool{cloudBuildID: false, cloudBuildID[:20]: true, cloudBuildID + "0": true} {
		if got := slices.Contains(findingIDs(googlecloudbuildSuite.mustRead(t, cloudBuild(object{"uniqueId": id}), inAWS)), "google-cloud-build-odd-id"); got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func TestNoAgentOfGooglesIsTaken(t *testing.T) {
	for _, email := range []string{
		"123456789012@cloudservices.gserviceaccount.com", "service-123456789012@compute-system.iam.gserviceaccount.com",
		"service-123456789012@gcp-sa-cloudbuild.iam.gserviceaccount.com", "service-123456789012@gcp-sa-v1-remover.iam.gserviceaccount.com",
	} {
		_, lines := googlecloudbuildSuite.read(cloudBuild(object{"uniqueId": cloudBuildID, "email": email}), inAWS)
		if len(lines) != 1 || !strings.Contains(lines[0], "email: is an agent of Google's, as which no build runs") {
			t.Errorf("%s: %q", email, lines)
		}
	}
}

func TestWhatIsWrongWithAServiceAccountIsSaidInGooglesWords(t *testing.T) {
	const account = "googleCloudBuild.serviceAccounts[0]."
	for _, c := range []struct {
		id, email any
		want      string
	}{
		{cloudBuildAddress, nil, account + "uniqueId: " + cloudBuildUniqueID.not[0].reason + ` (found "` + cloudBuildAddress + `")`},
		{"123456789012", nil, account + `uniqueId: is too short for the unique id of a service account, which has 21 digits; is it the number of the project? (found "123456789012")`},
		{strings.Repeat("0a", 20), nil, account + `uniqueId: is the id of a key; write the unique id of the account, a number of 21 digits (found "` + strings.Repeat("0a", 20) + `")`},
		{"1000000000000000000*", nil, account + `uniqueId: must be one exact service account, without *, ? and ${; list each service account that is meant (found "1000000000000000000*")`},
		{"deploy", nil, account + "uniqueId: " + cloudBuildUniqueID.rule + ` (found "deploy")`},
		{"", nil, account + "uniqueId: " + cloudBuildUniqueID.rule + ` (found "")`},
		{cloudBuildID, "deploy", account + "email: " + cloudBuildEmail.rule + ` (found "deploy")`},
		{cloudBuildID, "deploy@example.com", account + "email: " + cloudBuildEmail.rule + ` (found "deploy@example.com")`},
		{cloudBuildID, "123456789012@cloudbuild.gserviceaccount.com", account + "email: is Cloud Build's own default service account, for which it makes no ID tokens; " +
			`name an account of yours, and let the trigger run as it (found "123456789012@cloudbuild.gserviceaccount.com")`},
		{cloudBuildID, "service-1@gcp-sa-cloudbuild.iam.gserviceaccount.com", account + "email: is an agent of Google's, as which no build runs; " +
			`name an account of yours, and let the trigger run as it (found "service-1@gcp-sa-cloudbuild.iam.gserviceaccount.com")`},
	} {
		written := object{"uniqueId": c.id}
		if c.email != nil {
			written["email"] = c.email
		}
		trusts, lines := googlecloudbuildSuite.read(cloudBuild(written), inAWS)
		sameStrings(t, c.want, lines, []string{c.want})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", c.want)
		}
	}
	for _, written := range []object{
		cloudBuild(unknown{}), cloudBuild(object{"uniqueId": unknown{}}), cloudBuild(object{"uniqueId": cloudBuildID, "email": unknown{}}),
		{"googleCloudBuild": object{"serviceAccounts": unknown{}}},
	} {
		if trusts := googlecloudbuildSuite.mustRead(t, written, inAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v is granted before it is known", written)
		}
	}
}

func TestTheBuildAsksForAnAudienceOfTheRoleAndRunsAsTheAccount(t *testing.T) {
	text, build := googlecloudbuildSuite.pipeline(t, cloudBuild(object{"uniqueId": cloudBuildID, "email": cloudBuildAddress}), inAWS)
	if at(build, "steps", 0, "script") != "gcloud auth print-identity-token --audiences='sts.amazonaws.com' > /workspace/web-identity-token\n" ||
		at(build, "serviceAccount") != "projects/$PROJECT_ID/serviceAccounts/"+cloudBuildID || at(build, "options", "logging") != "CLOUD_LOGGING_ONLY" {
		t.Error(text)
	}
	sameStrings(t, "environment", texts(at(build, "steps", 1, "env")), []string{
		"AWS_ROLE_ARN=" + roleArn, "AWS_REGION=eu-west-1", "AWS_WEB_IDENTITY_TOKEN_FILE=/workspace/web-identity-token"})

	written := cloudBuild(object{"uniqueId": cloudBuildOtherID}, object{"uniqueId": cloudBuildID}, object{"uniqueId": cloudBuildID})
	written["googleCloudBuild"].(object)["audiences"] = list{"it's"}
	text, build = googlecloudbuildSuite.pipeline(t, written, inAWS)
	if at(build, "steps", 0, "script") != `gcloud auth print-identity-token --audiences='it'\''s' > /workspace/web-identity-token`+"\n" ||
		at(build, "serviceAccount") != "projects/$PROJECT_ID/serviceAccounts/"+cloudBuildID || !strings.Contains(text, "# Or that of "+cloudBuildOtherID+".") {
		t.Error(text)
	}
	// A "$" begins a variable of the build.
	if got := googlecloudbuildSuite.mustRead(t, written, inAWS)[0].Pipeline("arn:aws:iam::123456789012:role/a$b/c", "eu-west-1"); !strings.Contains(got, "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/a$$b/c\n") {
		t.Error(got)
	}
}

func TestConformanceOfGoogleCloudBuild(t *testing.T) { googlecloudbuildSuite.conformance(t) }
