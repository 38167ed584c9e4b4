package semaphore

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// What an audit reads subjects by: each type of ref has names of its own. That of a pull request may also be
// refs/semaphoreci/COMMIT.
// Sources:
// https://github.com/semaphoreio/semaphore/tree/main/hooks_processor/lib/hooks_processor/hooks/payload,
// https://github.com/semaphoreio/semaphore/blob/main/github_hooks/lib/semaphore/repo_host/hooks/handler.rb
var (
	branchForm = ofType("branch", "refs/heads/{branch}", ci.Field{Name: "branch", Sample: "main", Decides: ci.RefOf})
	tagForm    = ofType("tag", "refs/tags/{tag}", ci.Field{Name: "tag", Sample: "v1.0", Decides: ci.RefOf})
	pullForm   = ofType("pull-request", "{ref}", ci.Field{
		Name:    "ref",
		Sample:  "refs/pull/7/merge",
		Other:   "refs/pull/66/merge",
		Decides: ci.Event,
	})
)

// ofType is the form of the subjects of one type of ref.
func ofType(refType, ref string, field ci.Field) *ci.Form {
	return ci.NewForm("org:{organization}:project:{project}:repo:{repository}:ref_type:"+refType+":ref:"+ref,
		organizationField, projectField, repositoryField, field)
}

// tenant is an issuer, which is one organization's.
func tenant(host string) ci.Host {
	return ci.Host{
		Host:  host,
		Forms: []*ci.Form{branchForm, tagForm, pullForm, debugForm},
		Fixes: organizationOf,
		Judge: judge,
	}
}

// installed is Semaphore on a host of the user's own.
var installed = func() ci.Host {
	installed := tenant("")
	installed.Recognises = namesOrganization
	return installed
}()

// namesOrganization reports that a subject begins with the organization that the issuer names.
func namesOrganization(issuer string, subjects []trust.Value) bool {
	return slices.ContainsFunc(subjects, func(v trust.Value) bool {
		return strings.HasPrefix(v.Pattern, "org:"+organizationOf(issuer)["organization"]+":")
	})
}

// organizationOf is what an issuer says of the subjects of its tokens: its host begins with the organization.
func organizationOf(host string) map[string]string {
	return map[string]string{"organization": ci.UpTo(host, ".")}
}

// judge judges what a policy says of Semaphore's tokens. A project has one repository, so its id names that, too.
func judge(r *ci.Reading) []ci.Verdict {
	var verdicts []ci.Verdict
	switch project := r.Span("project"); {
	case project.Kind == ci.Exact:
	case project.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"project"}})
	case r.Exactly("repository"):
		verdicts = append(verdicts, ci.Verdict{
			Rule:   ci.OrganizationWide,
			Detail: "any project whose repository is called so",
			Other:  []string{"project"},
		})
	default:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"project", "repository"}})
	}
	switch r.Form {
	case pullForm:
		if ref := r.Span("ref").Text; strings.HasPrefix(ref, ci.Branches.Namespace) ||
			strings.HasPrefix(ref, ci.Tags.Namespace) {
			return nil // no pull request has it
		}
		return append(verdicts, ci.Verdict{Rule: pullRequests})
	case debugForm:
		return append(verdicts,
			ci.Verdict{Rule: anyRef, Detail: "a session that debugs the project, whose subject names no ref"})
	}
	return append(verdicts, r.Refs(anyRef)...)
}
