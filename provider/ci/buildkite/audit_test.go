package buildkite

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const (
	web = "organization:acme-inc:pipeline:web:ref:"
	// said is what an audit says of every trusted branch of a pipeline without an id.
	said = "buildkite-slugs-alone medium, buildkite-any-commit low, buildkite-fork-branches low"
	lows = "buildkite-any-commit low, buildkite-fork-branches low"
	deny = `{"StringLike":{"KEY:build_branch":"*:*"}}`
)

// aud is the condition on the audience, beside others.
func aud(others string) string {
	return `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},` + others + `}`
}

// like trusts subjects that match.
func like(sub string, keys ...string) string {
	conditions := `"StringLike":{"KEY:sub":"` + sub + `"`
	for i := 0; i < len(keys); i += 2 {
		conditions += `,"KEY:` + keys[i] + `":"` + keys[i+1] + `"`
	}
	return aud(conditions + "}")
}

func TestWhatAnAuditSaysOfTrustsOfBuildkiteThatPeopleWrite(t *testing.T) {
	policies := []citest.Policy{
		{Name: "aud alone", Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"}}`,
			Want: "no-subject high", Shows: "mallory"},
		{Name: "any subject", Allow: like("*"),
			Want: "tenant-not-pinned high", Shows: "organization mallory"},
		{Name: "an organization without the separator", Allow: like("organization:acme-inc*"),
			Want: "prefix-collision high", Shows: "organization acme-incmallory"},
		{Name: "any organization with a pipeline of that name", Allow: like("organization:*:pipeline:web:*"),
			Want: "tenant-not-pinned high", Shows: "organization mallory"},
		{Name: "a whole organization", Allow: like("organization:acme-inc:*"),
			Want:  "buildkite-any-ref high, buildkite-slugs-alone medium, organization-wide medium, " + lows,
			Shows: "pipeline mallory"},
		{Name: "any pipeline on main, where a step of another branch has the rest as its key", Allow: like("organization:acme-inc:pipeline:*:ref:refs/heads/main:commit:????????????????????????????????????????:step:*"),
			Want:  "buildkite-any-ref high, buildkite-slugs-alone medium, organization-wide medium, " + lows,
			Shows: "branch mallory, step"},
		{Name: "pipelines that begin alike", Allow: like("organization:acme-inc:pipeline:web*:ref:refs/heads/release/*"),
			Want:  "buildkite-any-ref high, buildkite-slugs-alone medium, project-prefix medium, " + lows,
			Shows: "pipeline webmallory"},
		{Name: "every build of a pipeline", Allow: like("organization:acme-inc:pipeline:web:*"),
			Want: "buildkite-any-ref high, " + said, Shows: "branch mallory"},
		{Name: "the example of many guides: a branch, then anything", Allow: like(web + "refs/heads/main:*"),
			Want: "buildkite-fork-admitted high, " + said, Shows: "branch main:"},
		{Name: "a branch, any commit and a step", Allow: like(web + "refs/heads/main:commit:*:step:deploy"),
			Want: "buildkite-fork-admitted high, " + said, Shows: "branch main:"},
		{Name: "any branch, with a step's key, which any branch writes", Allow: like(web + "refs/heads/*:commit:*:step:deploy"),
			Want: "buildkite-any-ref high, " + said, Shows: "branch mallory, step deploy"},
		{Name: "any branch that ends alike", Allow: like(web + "refs/heads/*-prod:commit:*"),
			Want: "buildkite-any-ref high, " + said, Shows: "-prod"},
		{Name: "the branch at the end, where a step's key stands", Allow: like(web + "*refs/heads/main*"),
			Want: "buildkite-any-ref high, " + said},
		{Name: "any tag", Allow: like(web + "refs/tags/*"),
			Want: "buildkite-any-ref high, buildkite-slugs-alone medium", Shows: "tag mallory"},
		{Name: "tags that begin alike", Allow: like(web + "refs/tags/release-*"),
			Want: "buildkite-slugs-alone medium, ref-prefix low", Shows: "tag release-mallory"},
		{Name: "branches behind a separator", Allow: like(web + "refs/heads/release/*"),
			Want: said + ", ref-prefix low", Shows: "branch release/mallory"},
		{Name: "main* with nothing beside it", Allow: like(web + "refs/heads/main*"),
			Want: "buildkite-fork-admitted high, " + said, Shows: "branch mainhacker:evil"},
		{Name: "main* with the key and no Deny", Allow: like(web+"refs/heads/main*", "build_branch", "main*"),
			Want: "buildkite-fork-admitted high, " + said, Shows: `"build_branch":"mainhacker:evil"`},
		{Name: "main* with the key and the Deny", Allow: like(web+"refs/heads/main*", "build_branch", "main*"), Deny: deny,
			Want: "buildkite-slugs-alone medium, ref-name-prefix medium, " + lows, Shows: "branch mainmallory"},
		{Name: "main* with a Deny that another key walks around", Allow: like(web+"refs/heads/main*", "build_branch", "main*"),
			Deny:  `{"StringLike":{"KEY:build_branch":"*:*","KEY:pipeline_id":"x"}}`,
			Want:  "buildkite-fork-admitted high, buildkite-slugs-alone medium, ref-name-prefix medium, " + lows,
			Shows: "branch mainhacker:evil"},
		{Name: "main* with a Deny of one fork", Allow: like(web + "refs/heads/main*"),
			Deny: `{"StringLike":{"KEY:build_branch":"mallory:*"}}`,
			Want: "buildkite-fork-admitted high, " + said},
		{Name: "the branches of one fork", Allow: like(web + "refs/heads/mona:*"),
			Want: "buildkite-fork-admitted high, " + said, Shows: "branch mona:"},
		{Name: "one branch, by its key too", Allow: like(web+"refs/heads/main:*", "build_branch", "main"), Want: said},
		{Name: "one branch and the pipeline's id",
			Allow: like(web+"refs/heads/main:commit:*", "build_branch", "main", "pipeline_id", pipelineID), Want: lows},
		{Name: "the organization's id and any branch",
			Allow: like("organization:*", "organization_id", pipelineID),
			Want:  "buildkite-any-ref high, organization-wide medium, " + lows, Shows: "pipeline mallory"},
		{Name: "the pipeline's id and any branch", Allow: like("organization:*", "pipeline_id", pipelineID),
			Want: "buildkite-any-ref high, " + lows},
		{Name: "the organization's slug as a key", Allow: like("organization:*:ref:refs/heads/main:commit:*", "organization_slug", "acme-inc", "build_branch", "main"),
			Want: "buildkite-slugs-alone medium, organization-wide medium, " + lows},
		{Name: "a cluster's name pins nobody", Allow: like("organization:*", "cluster_name", "production"),
			Want: "tenant-not-pinned high", Shows: "organization mallory"},
		{Name: "a subject that is a bare id", Allow: aud(`"StringLike":{"KEY:sub":"` + pipelineID + `"}`),
			Want: "buildkite-any-ref high, " + lows, Shows: `"build_branch":"mallory/patch-1"`},
		{Name: "a subject that is a bare id, and a branch",
			Allow: like(pipelineID, "build_branch", "main"), Want: lows},
		{Name: "a ref without its namespace", Allow: like(web + "main:*"), Want: "never-matches medium"},
		{Name: "a branch in the place of the ref", Allow: like("organization:acme-inc:pipeline:web:branch:main:*"),
			Want: "never-matches medium"},
		{Name: "slashes for colons", Allow: like("organization/acme-inc/pipeline/web/*"), Want: "never-matches medium"},
		{Name: "no word organization", Allow: like("acme-inc:pipeline:web:*"), Want: "never-matches medium"},
		{Name: "braces", Allow: like("organization:{acme-inc,acme}:*"), Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally",
			Allow: `{"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"organization:acme-inc:*"}}`,
			Want:  "never-matches medium"},
		{Name: "a claim that AWS does not fill", Allow: like(web+"refs/heads/main:*", "step_key", "deploy"),
			Want: "never-matches medium"},
		{Name: "one dead value beside a living one",
			Allow: aud(`"StringLike":{"KEY:sub":["` + web + `refs/heads/release/*","` + web + `release:*"]}`),
			Want:  "buildkite-slugs-alone medium, never-matches medium, " + lows + ", ref-prefix low"},
		{Name: "two organizations, one of them open",
			Allow: aud(`"StringLike":{"KEY:sub":["` + web + `refs/heads/release/*","organization:acme*"]}`),
			Want:  "prefix-collision high, buildkite-slugs-alone medium, " + lows + ", ref-prefix low",
			Shows: "organization acmemallory"},
		{Name: "any subject that a Deny holds to the organization", Allow: like("organization*"),
			Deny:  `{"StringNotLike":{"KEY:sub":"organization:acme-inc:*"}}`,
			Want:  "buildkite-any-ref high, buildkite-slugs-alone medium, organization-wide medium, " + lows,
			Shows: "organization acme-inc"},
		{Name: "letter case that is passed over, and a branch maiN",
			Allow: aud(`"StringEqualsIgnoreCase":{"KEY:sub":"` + web + `refs/heads/main:commit:` + someCommit + `:step:deploy"}`),
			Want:  "buildkite-slugs-alone medium, ref-name-prefix medium, " + lows, Shows: "branch maiN"},
		{Name: "ForAllValues, which demands a claim that is always there all the same",
			Allow: aud(`"ForAllValues:StringLike":{"KEY:sub":"organization:acme-inc:*"}`),
			Want:  "buildkite-any-ref high, buildkite-slugs-alone medium, organization-wide medium, " + lows},
		{Name: "the key of a pipeline that a token may lack",
			Allow: aud(`"StringLike":{"KEY:sub":"` + web + `refs/heads/main:commit:*","KEY:build_branch":"main"},` +
				`"StringEqualsIfExists":{"KEY:pipeline_id":"` + pipelineID + `"}`),
			Want: "buildkite-slugs-alone medium, vacuous-condition medium, " + lows},
		{Partition: "aws-cn", Name: "main* where AWS fills no key", Allow: like(web + "refs/heads/main*"), Deny: deny,
			Want: "buildkite-fork-admitted high, unfilled-key medium, " + lows},
		{Partition: "aws-cn", Name: "a key where AWS fills none", Allow: like(web+"refs/heads/main*", "build_branch", "main*"),
			Want: "never-matches medium"},
		{Partition: "aws-cn", Name: "the commit written out as question marks",
			Allow: like(web + "refs/heads/main:commit:" + anyCommit + ":step:*"), Want: lows},
		{Partition: "aws-cn", Name: "the commit of schedules",
			Allow: like(web + "refs/heads/main:commit:HEAD:step:*"), Want: lows},
	}
	audited(t, policies)
}

func audited(t *testing.T, policies []citest.Policy) {
	t.Helper()
	for i := range policies {
		policies[i].Host = host
	}
	suite.Policies(t, policies)
}

// A branch evil of the fork of mainhacker is mainhacker:evil, if the pipeline prefixes forks.
func TestAForkOfSomebodyCalledLikeTheTrustedBranchIsFoundByAnAudit(t *testing.T) {
	const admitted = "buildkite-fork-admitted high, " + said
	main := like(web+"refs/heads/main*", "build_branch", "main*")
	audited(t, []citest.Policy{
		{Name: "main and at least one more character", Allow: like(web + "refs/heads/main?*"), Want: admitted,
			Shows: "branch mainhacker:evil"},
		{Name: "main*, then a commit", Allow: like(web + "refs/heads/main*:commit:*"), Want: admitted,
			Shows: "branch mainhacker:evil"},
		{Name: "main*, of fewer than the characters of a commit", Allow: like(web + "refs/heads/main*:commit:????????*"),
			Want: admitted},
		{Name: "a Deny of the other branches", Allow: main, Deny: `{"StringNotLike":{"KEY:build_branch":"*:*"}}`,
			Want: admitted, Shows: "branch mainhacker:evil"},
		{Name: "a Deny of another organization's forks", Allow: main,
			Deny: `{"StringLike":{"KEY:sub":"organization:acme:*:*"}}`, Want: admitted},
		{Name: "a Deny on the subject, which is as good", Allow: main,
			Deny:  `{"StringLike":{"KEY:sub":"` + web + `refs/heads/*:*:commit:*"}}`,
			Want:  "buildkite-slugs-alone medium, ref-name-prefix medium, " + lows,
			Shows: "branch mainmallory"},
		{Name: "release/*, which no account is called", Allow: like(web + "refs/heads/release/*:commit:*"),
			Want: said + ", ref-prefix low"},
	})
}
