package googlecloudbuild

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForGoogleAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "oaud alone", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:oaud": "sts.amazonaws.com"}}`,
		Want:      "high no-subject", Witness: "service account 100000000000000000666",
	},
	{
		Name: "the unique id in aud and sub, as blogs have it", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "100000000000000000001", "ISSUER:sub": "100000000000000000001"}}`,
		Want:      "low google-cloud-build-any-build, medium google-cloud-build-any-audience",
		Witness:   "https://mallory.example",
	},
	{
		Name: "all three", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "100000000000000000001", "ISSUER:oaud": "sts.amazonaws.com",
			"ISSUER:sub": "100000000000000000001"}}`,
		Want: "low google-cloud-build-any-build",
	},
	{
		Name: "the account by its address alone", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "deploy@acme-prod.iam.gserviceaccount.com",
			"ISSUER:oaud": "sts.amazonaws.com"}}`,
		Want: "low google-cloud-build-any-build",
	},
	{
		Name: "the default account of Compute Engine", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": ["100000000000000000001",
			"123456789012-compute@developer.gserviceaccount.com"], "ISSUER:oaud": "sts.amazonaws.com",
			"ISSUER:sub": "100000000000000000001"}}`,
		Want:    "high google-cloud-build-default-account, low google-cloud-build-any-build",
		Witness: "123456789012-compute@developer.gserviceaccount.com",
	},
	{
		Name: "the default account of App Engine by its address alone", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme-prod@appspot.gserviceaccount.com",
			"ISSUER:oaud": "sts.amazonaws.com"}}`,
		Want:    "high google-cloud-build-default-account, low google-cloud-build-any-build",
		Witness: "acme-prod@appspot.gserviceaccount.com",
	},
	{
		Name: "a digit is missing", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "10000000000000000001", "ISSUER:oaud": "sts.amazonaws.com",
			"ISSUER:sub": "10000000000000000001"}}`,
		Want: "low google-cloud-build-any-build, low google-cloud-build-odd-id",
	},
	{
		Name: "an application that people sign in to", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "123-abc.apps.googleusercontent.com"}}`,
		Want:      "medium google-app-users", Witness: "service account 100000000000000000666",
	},
	{
		Name: "a person who signed in to an application", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "123-abc.apps.googleusercontent.com",
			"ISSUER:sub": "100000000000000000001"}}`,
		Want: "low google-cloud-build-any-build, medium google-cloud-build-any-audience",
	},
	{
		Name: "ids that begin alike", Host: "accounts.google.com",
		Condition: `{"StringLike": {"ISSUER:sub": "1000*"}, "StringEquals": {"ISSUER:oaud": "sts.amazonaws.com"}}`,
		Want:      "high tenant-not-pinned", Witness: "service account 100",
	},
	{
		Name: "the address for the subject", Host: "accounts.google.com",
		Condition: `{"StringEquals": {"ISSUER:sub": "deploy@acme-prod.iam.gserviceaccount.com",
			"ISSUER:oaud": "sts.amazonaws.com"}}`,
		Want: "medium never-matches",
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
