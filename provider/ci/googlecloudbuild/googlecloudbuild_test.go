package googlecloudbuild

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const (
	id      = "100000000000000000001"
	otherID = "100000000000000000002"
	address = "deploy@acme-prod.iam.gserviceaccount.com"
)

// cloudBuild is a section with the accounts.
func cloudBuild(accounts ...any) object {
	return object{"googleCloudBuild": object{"serviceAccounts": list(accounts)}}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	cloudBuild(object{"uniqueId": id}),
	cloudBuild(object{"uniqueId": id, "email": address}),
	cloudBuild(object{"uniqueId": id}, object{"uniqueId": otherID, "email": address}),
	cloudBuild(object{"uniqueId": id, "email": "123456789012-compute@developer.gserviceaccount.com"}),
	cloudBuild(object{"uniqueId": id[:20], "email": "acme-prod@appspot.gserviceaccount.com"}),
	{"googleCloudBuild": object{
		"audiences":       list{"a", "https://b.example"},
		"serviceAccounts": list{object{"uniqueId": id, "email": address}},
	}},
}, Harmless: map[string]string{
	"IgnoreCase sub": "the subject is a number",
	"IgnoreCase aud": "so is the party where no e-mail address is written",
	"IfExists aud": "without azp the key is filled from aud, and without that oaud is missing, too, which the " +
		"same statement demands",
	"ForAllValues: aud": "the same",
}}

// The documentation has no token: the claims are those that it names, with the unique id as subject and party.
// Sources:
// https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken,
// https://gist.github.com/wvanderdeijl/c6a9a9f26149cea86039b3608e3556c1
func token() map[string]any {
	return map[string]any{"iss": "https://accounts.google.com", "aud": "sts.amazonaws.com", "azp": id, "sub": id}
}

func TestATokenOfTheServiceAccountGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, cloudBuild(object{"uniqueId": id}), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, token()) {
		t.Error("the token does not get in")
	}
	if made := trusts[0].Grants[0].Tokens()[0].Claims; !maps.Equal(made, token()) {
		t.Errorf("the made-up token is %v", made)
	}
	for name, changes := range map[string]map[string]any{
		"another account":                 {"sub": otherID, "azp": otherID},
		"another subject":                 {"sub": otherID},
		"a longer subject":                {"sub": id + "0"},
		"an application of the account":   {"azp": "1234-abc.apps.googleusercontent.com"},
		"the e-mail address, not written": {"azp": address},
		"no party":                        {"azp": nil},
		"an empty party":                  {"azp": ""},
		"another audience":                {"aud": "https://web.example"},
		"the account as audience":         {"aud": id},
		"audience and party exchanged":    {"aud": id, "azp": "sts.amazonaws.com"},
		"no audience":                     {"aud": nil},
		"no subject":                      {"sub": nil},
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(token(), changes)) {
			t.Errorf("%s gets in", name)
		}
	}
}

// Any service account may ask for any audience: a policy that pinned nothing but the audience would let in everybody's.
func TestAServiceAccountOfAStrangerCannotGetInByAskingForTheAudience(t *testing.T) {
	for _, written := range suite.Matrix {
		trusts := suite.MustRead(t, written, citest.InAWS)
		for _, audience := range trusts[0].Audiences() {
			stranger := map[string]any{
				"iss": issuer,
				"aud": audience,
				"azp": "100000000000000000666",
				"sub": "100000000000000000666",
			}
			for name, changes := range map[string]map[string]any{
				"as itself": {}, "with our address": {"azp": address, "email": address}, "with our party": {"azp": id},
			} {
				if citest.Admitted(trusts, citest.InAWS, ci.With(stranger, changes)) {
					t.Errorf("%v: a stranger %s gets in", written, name)
				}
			}
		}
	}
}

func TestTheAddressIsAPartyOfItsOwnAccountAlone(t *testing.T) {
	trusts := suite.MustRead(t, cloudBuild(object{"uniqueId": id}, object{"uniqueId": otherID, "email": address}),
		citest.InAWS)
	for sub, want := range map[string]bool{id: false, otherID: true} {
		if got := citest.Admitted(trusts, citest.InAWS,
			ci.With(token(), map[string]any{"sub": sub, "azp": address})); got != want {
			t.Errorf("the address as party of %s: %v", sub, got)
		}
	}
}

func TestThePolicyOfABuiltInIssuerNamesItsHostAndNoProvider(t *testing.T) {
	for _, account := range []ci.Account{citest.InAWS, citest.InGov, {}} {
		trusts := suite.MustRead(t, cloudBuild(object{"uniqueId": id, "email": address}), account)
		want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
			`"Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity",` +
			`"Condition":{"StringEquals":{"accounts.google.com:aud":["` + id + `","` + address +
			`"],"accounts.google.com:oaud":"sts.amazonaws.com",` +
			`"accounts.google.com:sub":"` + id + `"}}}]}`
		got := ci.Compile(trusts, account, nil).JSON()
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		citest.SameStrings(t, "audit", citest.Ids(suite.Audit(t, got)), []string{"google-cloud-build-any-build"})
		if !trusts[0].BuiltIn() || trusts[0].UsesProvider() {
			t.Error("a provider is used")
		}
		var problems input.Problems
		if err := ci.Check(trusts, account, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
	}
}

func TestCloudBuildFindings(t *testing.T) {
	for email, want := range map[string]string{
		"": "google-cloud-build-any-build", address: "google-cloud-build-any-build",
		"123456789012-compute@developer.gserviceaccount.com": "google-cloud-build-any-build " +
			"google-cloud-build-default-account",
		"acme-prod@appspot.gserviceaccount.com": "google-cloud-build-any-build " +
			"google-cloud-build-default-account",
		"web.example.com@appspot.gserviceaccount.com": "google-cloud-build-any-build " +
			"google-cloud-build-default-account",
		"x-compute@acme-prod.iam.gserviceaccount.com": "google-cloud-build-any-build",
	} {
		written := object{"uniqueId": id}
		if email != "" {
			written["email"] = email
		}
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, cloudBuild(written), citest.InAWS)),
			" "); got != want {
			t.Errorf("%s: %q, want %q", email, got, want)
		}
	}
}

// No rule says how long it is, so a number of another length may be right; most likely a digit was lost.
func TestAUniqueIDThatLostADigitIsSaid(t *testing.T) {
	for id, want := range map[string]bool{id: false, id[:20]: true, id + "0": true} {
		if got := slices.Contains(citest.FindingIDs(suite.MustRead(t, cloudBuild(object{"uniqueId": id}),
			citest.InAWS)), "google-cloud-build-odd-id"); got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func TestNoAgentOfGooglesIsTaken(t *testing.T) {
	for _, email := range []string{
		"123456789012@cloudservices.gserviceaccount.com", "service-123456789012@compute-system.iam.gserviceaccount.com",
		"service-123456789012@gcp-sa-cloudbuild.iam.gserviceaccount.com",
		"service-123456789012@gcp-sa-v1-remover.iam.gserviceaccount.com",
	} {
		_, lines := suite.Read(cloudBuild(object{"uniqueId": id, "email": email}), citest.InAWS)
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
		{address, nil, account + "uniqueId: " + uniqueID.Not[0].Reason + ` (found "` + address + `")`},
		{"123456789012", nil, account + `uniqueId: is too short for the unique id of a service account, which has 21 ` +
			`digits; is it the number of the project? (found "123456789012")`},
		{strings.Repeat("0a", 20), nil, account + `uniqueId: is the id of a key; write the unique id of the account, ` +
			`a number of 21 digits (found "` + strings.Repeat("0a", 20) + `")`},
		{"1000000000000000000*", nil, account + `uniqueId: must be one exact service account, without *, ? and ${; ` +
			`list each service account that is meant (found "1000000000000000000*")`},
		{"deploy", nil, account + "uniqueId: " + uniqueID.Rule + ` (found "deploy")`},
		{"", nil, account + "uniqueId: " + uniqueID.Rule + ` (found "")`},
		{id, "deploy", account + "email: " + emailAddress.Rule + ` (found "deploy")`},
		{id, "deploy@example.com", account + "email: " + emailAddress.Rule + ` (found "deploy@example.com")`},
		{id, "123456789012@cloudbuild.gserviceaccount.com",
			account + "email: is Cloud Build's own default service account, for which it makes no ID tokens; " +
				`name an account of yours, and let the trigger run as it (found ` +
				`"123456789012@cloudbuild.gserviceaccount.com")`},
		{id, "service-1@gcp-sa-cloudbuild.iam.gserviceaccount.com",
			account + "email: is an agent of Google's, as which no build runs; " +
				`name an account of yours, and let the trigger run as it (found ` +
				`"service-1@gcp-sa-cloudbuild.iam.gserviceaccount.com")`},
	} {
		written := object{"uniqueId": c.id}
		if c.email != nil {
			written["email"] = c.email
		}
		trusts, lines := suite.Read(cloudBuild(written), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", c.want)
		}
	}
	for _, written := range []object{
		cloudBuild(citest.Unknown{}), cloudBuild(object{"uniqueId": citest.Unknown{}}),
		cloudBuild(object{"uniqueId": id, "email": citest.Unknown{}}),
		{"googleCloudBuild": object{"serviceAccounts": citest.Unknown{}}},
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v is granted before it is known", written)
		}
	}
}

func TestTheBuildAsksForAnAudienceOfTheRoleAndRunsAsTheAccount(t *testing.T) {
	text, build := suite.Pipeline(t, cloudBuild(object{"uniqueId": id, "email": address}), citest.InAWS)
	const ask = "set -e\numask 077\ngcloud auth print-identity-token --audiences="
	if citest.At(build, "steps", 0, "script") != ask+"'sts.amazonaws.com' > /identity/token\n" ||
		citest.At(build, "serviceAccount") != "projects/$PROJECT_ID/serviceAccounts/"+id ||
		citest.At(build, "options", "logging") != "CLOUD_LOGGING_ONLY" ||
		citest.At(build, "steps", 0, "volumes", 0, "path") != "/identity" ||
		citest.At(build, "steps", 1, "volumes", 0, "path") != "/identity" {
		t.Error(text)
	}
	citest.SameStrings(t, "environment", citest.Texts(citest.At(build, "steps", 1, "env")),
		[]string{"BUILD_ID=$BUILD_ID"})
	citest.Exchanges(t, citest.At(build, "steps", 1, "script"), "cat /identity/token", "cloudbuild-$BUILD_ID",
		"eu-west-1")

	written := cloudBuild(object{"uniqueId": otherID}, object{"uniqueId": id}, object{"uniqueId": id})
	written["googleCloudBuild"].(object)["audiences"] = list{"it's"}
	text, build = suite.Pipeline(t, written, citest.InAWS)
	if citest.At(build, "steps", 0, "script") !=
		ask+`'it'\''s' > /identity/token`+"\n" ||
		citest.At(build, "serviceAccount") != "projects/$PROJECT_ID/serviceAccounts/"+id ||
		!strings.Contains(text, "# Or that of "+otherID+".") {
		t.Error(text)
	}
	// A quote in the role's path ends no text of the shell.
	if got := suite.MustRead(t, written, citest.InAWS)[0].Pipeline(ci.Role{
		ARN: "arn:aws:iam::123456789012:role/a$b'/c", Region: "eu-west-1",
	}); !strings.Contains(got, `--role-arn 'arn:aws:iam::123456789012:role/a$b'\''/c'`) {
		t.Error(got)
	}
}

func TestAServiceAccountCannotBeNamedLikeATrustedOne(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
