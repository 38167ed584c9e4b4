// Package gitlab is GitLab CI/CD: its issuer, its tokens, and the words in which its jobs are trusted.
package gitlab

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is GitLab CI/CD on gitlab.com, on GitLab Dedicated and on a self-managed instance.
//
// Issuer: the instance's URL. Audience: what the job asks for; the documentation's convention is the instance's URL.
// Subject: project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF, or project_id:ID:ref_type:TYPE:ref:REF where the project's
// setting ci_id_token_sub_claim_components begins with project_id. A project whose path belonged to another one before
// gets tokens in the second form only. In merge request pipelines the project is the source project.
//
// AWS fills project_id, namespace_id, pipeline_source and ref_protected for gitlab.com alone, and in the aws partition
// alone: elsewhere the subject decides by itself.
//
// Sources:
// https://docs.gitlab.com/ci/secrets/id_token_authentication/
// https://docs.gitlab.com/ci/cloud_services/aws/
type System struct{}

const (
	issuer         = "https://gitlab.com"
	docs           = "https://docs.gitlab.com/ci/secrets/id_token_authentication/"
	idClaim        = "project_id"
	groupClaim     = "namespace_id"
	sourceClaim    = "pipeline_source"
	protectedClaim = "ref_protected"
)

// Section is "gitlab".
func (System) Section() string { return "gitlab" }

// Title is "GitLab CI/CD".
func (System) Title() string { return "GitLab CI/CD" }

var (
	anyRef = ci.Rule{
		ID: "gitlab-any-ref", Severity: ci.High, Unreviewed: true,
		Summary:     "whoever may push any branch or tag to the project gets the role, without a review",
		Remediation: "Name the branches or tags that deploy, and protect them.",
		Source:      docs,
	}
	// Not high: GitLab gives a project whose path belonged to another one no tokens with the path in the subject. It is
	// refused on gitlab.com, where everybody may have a group and writing the id avoids it.
	pathSubject = ci.Rule{
		ID: "gitlab-path-subject", Severity: ci.Medium, Refused: true,
		Summary: "the project is known by its path alone, and a path can be given up and taken by somebody else's " +
			"project; current GitLab refuses such a project tokens with the path in sub, older instances do not",
		Remediation: "On gitlab.com with a role in the aws partition, add the project's id. Elsewhere AWS cannot see " +
			"the id beside a path: let the project's ci_id_token_sub_claim_components begin with project_id, and " +
			"give id without path.",
		Source: docs,
	}
	idsAlone = ci.Rule{
		ID: "gitlab-ids-alone", Severity: ci.Low,
		Summary: "the trust policy names projects and groups by their ids alone and not by path, because by path it " +
			"would not fit the quota. They stay trusted after they are renamed or moved, whatever group they " +
			"are in then",
		Remediation: "Write identify: ids if that is meant. Fewer projects on one role, or a higher quota, bring the " +
			"paths back.",
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
	}
	mergeRequests = ci.Rule{
		ID: "gitlab-merge-requests", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
		Summary: "jobs of merge requests run code that nobody has reviewed: whoever may push a branch to the project " +
			"and open a merge request gets the role, and so does whoever runs a pipeline of one, whatever branch it " +
			"is to be merged into",
		Remediation: "Give this role read access at most, and deploy with another role.",
		Source:      "https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/",
	}
	wholeGroup = ci.Rule{
		ID: "gitlab-group", Severity: ci.Medium,
		Summary: "every project of the group is trusted, also one that is made tomorrow: whoever may create a " +
			"project in the group, or move one there, gets the role on a branch of that name of their own. Protected " +
			"refs do not help, because whoever makes a project says what is protected in it",
		Remediation: "Name the projects that deploy; or let only those create and transfer projects in the group who " +
			"may deploy.",
		Source: "https://docs.gitlab.com/user/project/settings/migrate_projects/",
	}
	// High: nothing says whose group it is but a name.
	groupPathAlone = ci.Rule{
		ID: "gitlab-group-path", Severity: ci.High,
		Summary: "the group is known by its path alone: every project below it is trusted, in its subgroups too and " +
			"also one that is made tomorrow, and so are the projects of whoever takes the path when it is given up",
		Remediation: "Name the projects that deploy. A group's id can be tested on gitlab.com alone, with a role in " +
			"the aws partition.",
		Source: docs,
	}
)

// Rules are the findings of GitLab.
func (System) Rules() []ci.Rule {
	return []ci.Rule{
		anyRef, ci.RefPrefix("main"), ci.RefPrefix("release/"), pathSubject, idsAlone, mergeRequests, wholeGroup,
		groupPathAlone,
	}
}

// Issuer is what signs the tokens of GitLab CI/CD.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true,
		Hosts: []ci.Host{{
			Host: "gitlab.com", Shared: true, Control: trust.Control{Claims: []string{"sub"}}, Forms: audited,
			Claims: keys, Judge: reads,
		}},
		Installed: &ci.Host{Title: "GitLab CI/CD on an instance", Forms: audited, Judge: reads},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{byPath, byID} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:  []string{"GITLAB_CI"},
		Chosen: true, Condition: "a variable that the job names under id_tokens", Source: docs,
	}
}

// Read understands the section gitlab.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := issuer
	if url := section.Field("url"); url.Present {
		issuer = readURL(url, problems)
	}
	t := ci.NewTrust(issuer, section, account, problems, issuer)
	r := reading{
		trust: &t, problems: problems, words: pasted{issuer: issuer}, named: map[unit]string{},
		keyed: issuer == System{}.Issuer().URL && (account.Partition == "aws" || account.Partition == ""),
	}
	r.readIdentify(section.Field("identify"))
	projects, groups := section.Field("projects"), section.Field("groups")
	if !projects.Present && !groups.Present {
		problems.Add(projects, "is missing, and so is groups; name the projects whose jobs get the role")
	}
	for _, v := range projects.List {
		if v.Known {
			r.readProject(v)
		}
	}
	for _, v := range groups.List {
		if v.Known {
			r.readGroup(v)
		}
	}
	t.Grants = append(r.projects.grants(), r.groups.grants()...)
	t.Pipeline = func(role ci.Role) string { return r.words.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

var issuerURL = ci.IssuerURL{System: "GitLab",
	Help: "write the instance's URL as its tokens have it in iss, such as https://gitlab.example.com, or leave " +
		"url out for gitlab.com"}

// readURL reads the instance's URL.
func readURL(v input.Value, problems *input.Problems) string {
	url := issuerURL.Read(v, problems)
	host := ci.UpTo(strings.ToLower(ci.HostOf(url)), "/")
	if url != issuer && (host == "gitlab.com" || host == "www.gitlab.com") {
		problems.Add(v, "is not the issuer of gitlab.com, which is https://gitlab.com; "+issuerURL.Help, input.Got(v))
		return ""
	}
	return url
}

const pathHelp = "write the path as GitLab shows it in the project's URL behind the host, such as acme/platform/web"

// readPath reads a project's path. Which characters a path may have is not checked beyond what would change the
// subject's meaning: older instances have paths that newer ones would not create.
func readPath(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "git@"), strings.HasSuffix(text, ".git"):
		problems.Add(v, "is a URL; "+pathHelp, input.Got(v))
	case strings.ContainsAny(text, "*?"):
		problems.Add(v, "has a wildcard; a trust names each project, because a wildcard takes in those that "+
			"anybody may create later: "+pathHelp, input.Got(v))
	case strings.Contains(text, "${"):
		problems.Add(v, "must not contain ${, which IAM would read as a policy variable; "+pathHelp, input.Got(v))
	case strings.Contains(text, ":"):
		problems.Add(v, "names more than a project: which refs are trusted is said by branches and tags; "+pathHelp,
			input.Got(v))
	case !strings.Contains(text, "/"):
		problems.Add(v, "names no project of a group or user; "+pathHelp, input.Got(v))
	case !path.MatchString(text) || !ci.Printable(text):
		problems.Add(v, "is not the path of a project; "+pathHelp, input.Got(v))
	default:
		return text
	}
	return ""
}

const groupHelp = "write the path as GitLab shows it in the group's URL behind the host, such as acme/platform"

// readGroupPath reads a group's path, which may be one name.
func readGroupPath(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "git@"):
		problems.Add(v, "is a URL; "+groupHelp, input.Got(v))
	case strings.ContainsAny(text, "*?"):
		problems.Add(v, "has a wildcard; a group stands for every project in it without one: "+groupHelp, input.Got(v))
	case strings.Contains(text, "${"):
		problems.Add(v, "must not contain ${, which IAM would read as a policy variable; "+groupHelp, input.Got(v))
	case !groupPath.MatchString(text) || !ci.Printable(text):
		problems.Add(v, "is not the path of a group; "+groupHelp, input.Got(v))
	default:
		return text
	}
	return ""
}

const (
	projectIDHelp = `must be the number that the project's page shows as Project ID, such as "46573356"`
	groupIDHelp   = `must be the number that the group's page shows as Group ID, such as "68413579"`
)

// readID reads the id of a project or group.
func readID(v input.Value, help string, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	if !id.MatchString(v.Text()) {
		problems.Add(v, help, input.Got(v))
		return ""
	}
	return v.Text()
}
