package buildkite

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const (
	web = "organization:acme-inc:pipeline:web:ref:"
	// said is what an audit says of every trusted branch of a pipeline without an id.
	said = "medium buildkite-slugs-alone, low buildkite-any-commit, low buildkite-fork-branches"
	lows = "low buildkite-any-commit, low buildkite-fork-branches"
	deny = `{"StringLike":{"ISSUER:build_branch":"*:*"}}`
)

// aud is the condition on the audience, beside others.
func aud(others string) string {
	return `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com"},` + others + `}`
}

// like trusts subjects that match.
func like(sub string, keys ...string) string {
	conditions := `"StringLike":{"ISSUER:sub":"` + sub + `"`
	for i := 0; i < len(keys); i += 2 {
		conditions += `,"ISSUER:` + keys[i] + `":"` + keys[i+1] + `"`
	}
	return aud(conditions + "}")
}

func TestWhatAnAuditSaysOfTrustsOfBuildkiteThatPeopleWrite(t *testing.T) {
	policies := []citest.Audited{
		{Name: "aud alone", Condition: `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}}`,
			Want: "high no-subject", Witness: "mallory"},
		{Name: "any subject", Condition: like("*"),
			Want: "high tenant-not-pinned", Witness: "organization mallory"},
		{Name: "an organization without the separator", Condition: like("organization:acme-inc*"),
			Want: "high prefix-collision", Witness: "organization acme-inc-mallory"},
		{Name: "any organization with a pipeline of that name", Condition: like("organization:*:pipeline:web:*"),
			Want: "high tenant-not-pinned", Witness: "organization mallory"},
		{Name: "a whole organization", Condition: like("organization:acme-inc:*"),
			Want:    "high buildkite-any-ref, medium buildkite-slugs-alone, medium organization-wide, " + lows,
			Witness: "pipeline mallory"},
		{Name: "any pipeline on main, where a step of another branch has the rest as its key",
			Condition: like(
				"organization:acme-inc:pipeline:*:ref:refs/heads/main:commit:" +
					"????????????????????????????????????????:step:*",
			),
			Want:    "high buildkite-any-ref, medium buildkite-slugs-alone, medium organization-wide, " + lows,
			Witness: "branch mallory, step"},
		{Name: "pipelines that begin alike",
			Condition: like("organization:acme-inc:pipeline:web*:ref:refs/heads/release/*"),
			Want:      "high buildkite-any-ref, medium buildkite-slugs-alone, medium project-prefix, " + lows,
			Witness:   "pipeline web-mallory"},
		{Name: "every build of a pipeline", Condition: like("organization:acme-inc:pipeline:web:*"),
			Want: "high buildkite-any-ref, " + said, Witness: "branch mallory"},
		{Name: "the example of many guides: a branch, then anything", Condition: like(web + "refs/heads/main:*"),
			Want: "high buildkite-fork-admitted, " + said, Witness: "branch main:"},
		{Name: "a branch, any commit and a step", Condition: like(web + "refs/heads/main:commit:*:step:deploy"),
			Want: "high buildkite-fork-admitted, " + said, Witness: "branch main:"},
		{Name: "any branch, with a step's key, which any branch writes",
			Condition: like(web + "refs/heads/*:commit:*:step:deploy"),
			Want:      "high buildkite-any-ref, " + said, Witness: "branch mallory, step deploy"},
		{Name: "any branch that ends alike", Condition: like(web + "refs/heads/*-prod:commit:*"),
			Want: "high buildkite-any-ref, " + said, Witness: "-prod"},
		{Name: "the branch at the end, where a step's key stands", Condition: like(web + "*refs/heads/main*"),
			Want: "high buildkite-any-ref, " + said},
		{Name: "any tag", Condition: like(web + "refs/tags/*"),
			Want: "high buildkite-any-ref, medium buildkite-slugs-alone", Witness: "tag mallory"},
		{Name: "tags that begin alike", Condition: like(web + "refs/tags/release-*"),
			Want: "medium buildkite-slugs-alone, low ref-prefix", Witness: "tag release-mallory"},
		{Name: "branches behind a separator", Condition: like(web + "refs/heads/release/*"),
			Want: said + ", low ref-prefix", Witness: "branch release/mallory"},
		{Name: "main* with nothing beside it", Condition: like(web + "refs/heads/main*"),
			Want: "high buildkite-fork-admitted, " + said, Witness: "branch mainhacker:evil"},
		{Name: "main* with the key and no Deny", Condition: like(web+"refs/heads/main*", "build_branch", "main*"),
			Want: "high buildkite-fork-admitted, " + said, Witness: "build_branch:mainhacker:evil"},
		{Name: "main* with the key and the Deny", Condition: like(web+"refs/heads/main*", "build_branch", "main*"),
			Deny: deny,
			Want: "medium buildkite-slugs-alone, medium ref-name-prefix, " + lows, Witness: "branch main-mallory"},
		{Name: "main* with a Deny that another key walks around",
			Condition: like(web+"refs/heads/main*", "build_branch", "main*"),
			Deny: `{"StringLike":{"ISSUER:build_branch":"*:*",` +
				`"ISSUER:pipeline_id":"0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"}}`,
			Want:    "high buildkite-fork-admitted, medium buildkite-slugs-alone, medium ref-name-prefix, " + lows,
			Witness: "branch mainhacker:evil"},
		{Name: "main* with a Deny of one fork", Condition: like(web + "refs/heads/main*"),
			Deny: `{"StringLike":{"ISSUER:build_branch":"mallory:*"}}`,
			Want: "high buildkite-fork-admitted, " + said},
		{Name: "the branches of one fork", Condition: like(web + "refs/heads/mona:*"),
			Want: "high buildkite-fork-admitted, " + said, Witness: "branch mona:"},
		{
			Name:      "one branch, by its key too",
			Condition: like(web+"refs/heads/main:*", "build_branch", "main"),
			Want:      said,
		},
		{Name: "one branch and the pipeline's id",
			Condition: like(web+"refs/heads/main:commit:*", "build_branch", "main", "pipeline_id", pipelineID),
			Want:      lows},
		{Name: "the organization's id and any branch",
			Condition: like("organization:*", "organization_id", pipelineID),
			Want:      "high buildkite-any-ref, medium organization-wide, " + lows, Witness: "pipeline mallory"},
		{Name: "the pipeline's id and any branch", Condition: like("organization:*", "pipeline_id", pipelineID),
			Want: "high buildkite-any-ref, " + lows},
		{Name: "the organization's slug as a key", Condition: like("organization:*:ref:refs/heads/main:commit:*",
			"organization_slug", "acme-inc", "build_branch", "main"),
			Want: "medium buildkite-slugs-alone, medium organization-wide, " + lows},
		{Name: "a cluster's name pins nobody", Condition: like("organization:*", "cluster_name", "production"),
			Want: "high tenant-not-pinned", Witness: "organization mallory"},
		{Name: "a subject that is a bare id", Condition: aud(`"StringLike":{"ISSUER:sub":"` + pipelineID + `"}`),
			Want: "high buildkite-any-ref, " + lows, Witness: "build_branch:mallory/patch-1"},
		{Name: "a subject that is a bare id, and a branch",
			Condition: like(pipelineID, "build_branch", "main"), Want: lows},
		{Name: "a ref without its namespace", Condition: like(web + "main:*"), Want: "medium never-matches"},
		{Name: "a branch in the place of the ref", Condition: like("organization:acme-inc:pipeline:web:branch:main:*"),
			Want: "medium never-matches"},
		{
			Name:      "slashes for colons",
			Condition: like("organization/acme-inc/pipeline/web/*"),
			Want:      "medium never-matches",
		},
		{Name: "no word organization", Condition: like("acme-inc:pipeline:web:*"), Want: "medium never-matches"},
		{Name: "braces", Condition: like("organization:{acme-inc,acme}:*"), Want: "medium never-matches"},
		{Name: "a wildcard that StringEquals takes literally",
			Condition: `{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com","ISSUER:sub":"organization:acme-inc:*"}}`,
			Want:      "medium never-matches"},
		{Name: "a claim that AWS does not fill", Condition: like(web+"refs/heads/main:*", "step_key", "deploy"),
			Want: "medium never-matches"},
		{Name: "one dead value beside a living one",
			Condition: aud(`"StringLike":{"ISSUER:sub":["` + web + `refs/heads/release/*","` + web + `release:*"]}`),
			Want:      "medium buildkite-slugs-alone, medium never-matches, " + lows + ", low ref-prefix"},
		{Name: "two organizations, one of them open",
			Condition: aud(`"StringLike":{"ISSUER:sub":["` + web + `refs/heads/release/*","organization:acme*"]}`),
			Want:      "high prefix-collision, medium buildkite-slugs-alone, " + lows + ", low ref-prefix",
			Witness:   "organization acme-mallory"},
		{Name: "any subject that a Deny holds to the organization", Condition: like("organization*"),
			Deny:    `{"StringNotLike":{"ISSUER:sub":"organization:acme-inc:*"}}`,
			Want:    "high buildkite-any-ref, medium buildkite-slugs-alone, medium organization-wide, " + lows,
			Witness: "organization acme-inc"},
		{Name: "letter case that is passed over, and a branch maIN",
			Condition: aud(`"StringEqualsIgnoreCase":{"ISSUER:sub":"` + web + `refs/heads/main:commit:` + someCommit +
				`:step:deploy"}`),
			Want: "medium buildkite-slugs-alone, medium ref-name-prefix, " + lows, Witness: "branch maIN"},
		{Name: "ForAllValues, which demands a claim that is always there all the same",
			Condition: aud(`"ForAllValues:StringLike":{"ISSUER:sub":"organization:acme-inc:*"}`),
			Want:      "high buildkite-any-ref, medium buildkite-slugs-alone, medium organization-wide, " + lows},
		{Name: "the key of a pipeline that a token may lack",
			Condition: aud(`"StringLike":{"ISSUER:sub":"` + web +
				`refs/heads/main:commit:*","ISSUER:build_branch":"main"},` +
				`"StringEqualsIfExists":{"ISSUER:pipeline_id":"` + pipelineID + `"}`),
			Want: "medium buildkite-slugs-alone, medium vacuous-condition, " + lows},
		{Partition: "aws-cn", Name: "main* where AWS fills no key", Condition: like(web + "refs/heads/main*"),
			Deny: deny,
			Want: "high buildkite-fork-admitted, medium unfilled-key, " + lows},
		{Partition: "aws-cn", Name: "a key where AWS fills none",
			Condition: like(web+"refs/heads/main*", "build_branch", "main*"),
			Want:      "medium never-matches"},
		{Partition: "aws-cn", Name: "the commit written out as question marks",
			Condition: like(web + "refs/heads/main:commit:" + anyCommit + ":step:*"), Want: lows},
		{Partition: "aws-cn", Name: "the commit of schedules",
			Condition: like(web + "refs/heads/main:commit:HEAD:step:*"), Want: lows},
	}
	audited(t, policies)
}

func audited(t *testing.T, policies []citest.Audited) {
	t.Helper()
	for i := range policies {
		policies[i].Host = host
	}
	suite.Audited(t, policies)
}

// A branch evil of the fork of mainhacker is mainhacker:evil, if the pipeline prefixes forks.
func TestAForkOfSomebodyCalledLikeTheTrustedBranchIsFoundByAnAudit(t *testing.T) {
	const admitted = "high buildkite-fork-admitted, " + said
	main := like(web+"refs/heads/main*", "build_branch", "main*")
	audited(t, []citest.Audited{
		{Name: "main and at least one more character", Condition: like(web + "refs/heads/main?*"), Want: admitted,
			Witness: "branch mainhacker:evil"},
		{Name: "main*, then a commit", Condition: like(web + "refs/heads/main*:commit:*"), Want: admitted,
			Witness: "branch mainhacker:evil"},
		{Name: "main*, of fewer than the characters of a commit",
			Condition: like(web + "refs/heads/main*:commit:????????*"),
			Want:      admitted},
		{Name: "a Deny of the other branches", Condition: main, Deny: `{"StringNotLike":{"ISSUER:build_branch":"*:*"}}`,
			Want: admitted, Witness: "branch mainhacker:evil"},
		{Name: "a Deny of another organization's forks", Condition: main,
			Deny: `{"StringLike":{"ISSUER:sub":"organization:acme:*:*"}}`, Want: admitted},
		{Name: "a Deny on the subject, which is as good", Condition: main,
			Deny:    `{"StringLike":{"ISSUER:sub":"` + web + `refs/heads/*:*:commit:*"}}`,
			Want:    "medium buildkite-slugs-alone, medium ref-name-prefix, " + lows,
			Witness: "branch main-mallory"},
		{Name: "release/*, which no account is called", Condition: like(web + "refs/heads/release/*:commit:*"),
			Want: said + ", low ref-prefix"},
	})
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
