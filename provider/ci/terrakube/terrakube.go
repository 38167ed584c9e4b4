// Package terrakube is Terrakube: its issuer, its tokens, and the words in which its jobs are trusted.
package terrakube

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Terrakube, which everybody installs for themselves, with dynamic provider credentials for AWS.
//
// Issuer: https:// and the host of the API, or the host of DynamicCredentialHostname. Audience: what a variable of the
// workspace asks for; there is no default. Subject: the names of organization and workspace. Their ids are claims that
// AWS fills no keys with. Session tags come only if a variable of the workspace asks for them.
//
// Sources: token, https://docs.terrakube.io/user-guide/workspaces/dynamic-provider-credentials,
// https://github.com/terrakube-io/terrakube/blob/main/api/src/main/resources/application.properties,
// https://github.com/terrakube-io/terrakube/tree/main/dynamic-credential-setup/aws
type System struct{}

const (
	api   = "https://github.com/terrakube-io/terrakube/blob/main/api/src/main/java/io/terrakube/api/"
	token = api + "plugin/token/dynamic/DynamicCredentialsService.java"
	jobs  = api + "rs/job/Job.java"

	audience = "aws.workload.identity" // of the example that Terrakube publishes
)

// form is the subject of every job of a workspace.
// Source: token
var form = ci.NewForm("organization:{organization}:workspace:{workspace}",
	ci.Field{Name: "organization", Sample: "acme", Decides: ci.Tenant},
	ci.Field{Name: "workspace", Sample: "web", Decides: ci.Project})

// Section is "terrakube".
func (System) Section() string { return "terrakube" }

// Title is "Terrakube".
func (System) Title() string { return "Terrakube" }

// Whoever may queue a plan starts a job, and the token is made before it is known what the job does.
// Sources: jobs, token
var plans = ci.Rule{
	ID: "terrakube-plans", Severity: ci.Medium, Unreviewed: true,
	Summary: "plans share the role with jobs that apply, because the subject of all jobs is the same, so a plan, " +
		"which runs code of a pull request that nobody has merged, or that somebody uploads from the command line, " +
		"can change whatever an apply can",
	Remediation: "Let few people queue plans in the workspace, and let its webhook start none for pull requests; or " +
		"give the workspace a role whose permissions every plan may have.",
	Source: jobs,
}

// Rules are the findings of Terrakube.
func (System) Rules() []ci.Rule { return []ci.Rule{plans} }

// Issuer is what signs the tokens of Terrakube.
func (System) Issuer() ci.Issuer {
	// The organizations of an installation have nothing to do with each other.
	return ci.Issuer{URL: "https://TERRAKUBE_API", Installed: &ci.Host{Shared: true, Judge: judge}}
}

// judge judges what a policy says of an installation's tokens. The subject does not tell a plan from an apply, so
// whatever gets in gets in by plans, too.
func judge(r *ci.Reading) []ci.Verdict {
	verdicts := ci.Judgement{}.Judge(r)
	if !r.NamesTenant() {
		return verdicts
	}
	return append(verdicts, ci.Verdict{Rule: plans})
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		// AWS_WEB_IDENTITY_TOKEN_FILE names a file with the same token.
		Variable:  "TERRAKUBE_AWS_CREDENTIALS_FILE",
		Condition: "the workspace has the environment variable ENABLE_DYNAMIC_CREDENTIALS_AWS, whatever its value",
		Source:    token,
	}
}

// The pages of Terrakube take letters and digits for an organization, and those, "_" and "-" for a workspace. Its API
// takes any name, so only what would move the parts of the subject is refused here.
// Sources: https://github.com/terrakube-io/terrakube/blob/main/ui/src/domain/Organizations/Create.tsx,
// https://github.com/terrakube-io/terrakube/blob/main/ui/src/domain/Workspaces/Create.tsx
var (
	organization = ci.NameKind{Noun: "organization", Form: name,
		Rule: "must be the name of the organization, such as acme, without : and spaces around it",
		Not:  []ci.Mistake{subjectItself, ci.IsAnID("organization", `^`+ci.UUIDTexts+`$`)}}
	workspace = ci.NameKind{Noun: "workspace", Form: name,
		Rule: "must be the name of the workspace, such as web, without : and spaces around it",
		Not:  []ci.Mistake{subjectItself, ci.IsAnID("workspace", `^`+ci.UUIDTexts+`$`)}}
	name          = ci.NewExpression(`^[^:\s]([^:]*[^:\s])?$`)
	subjectItself = ci.Mistake{Form: ci.NewExpression(`^organization:`),
		Reason: "is a subject; write the names of organization and workspace apart"}
)

// Read understands the section terrakube.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	host := ci.ReadHost(section.Field("hostname"), "that of Terrakube's API, or DynamicCredentialHostname if that is "+
		"set, such as terrakube-api.example.com", "terrakube-api.example.com", problems)
	issuer := ""
	if host != "" {
		issuer = "https://" + host
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	var workspaces [][2]string
	for _, v := range section.Field("workspaces").List {
		if !v.Known {
			continue
		}
		organization := organization.Read(v.Field("organization"), problems)
		workspace := workspace.Read(v.Field("name"), problems)
		if organization == "" || workspace == "" {
			continue
		}
		workspaces = append(workspaces, [2]string{organization, workspace})
		if issuer == "" {
			continue
		}
		phrase := fmt.Sprintf("workspace %s of organization %s on %s", workspace, organization, host)
		t.Findings = append(t.Findings, ci.Finding{Rule: plans, Path: v.Path, Detail: phrase})
		t.Allow(v.Path, "Terrakube: any job of "+phrase, subjectOf(organization, workspace))
	}
	t.Pipeline = func(role ci.Role) string { return config(workspaces, &t, role) }
	t.Variables = func(role ci.Role) map[string]string { return variables(&t, role) }
	return []ci.Trust{t}
}

// subjectOf is the subject of a workspace.
func subjectOf(organization, workspace string) ci.Subject {
	return ci.Subject{
		Form: form, Terms: ci.ExactlyAll(organization, workspace),
		Job: func(texts []string) map[string]any {
			return map[string]any{
				"terrakube_organization_id": "8abe206b-29a8-4ed8-8a3b-30237e295659", "terrakube_job_id": "1",
				"terrakube_workspace_id":      "d9b58bd3-f3fc-4056-a026-1163297e80a8",
				"terrakube_organization_name": texts[0], "terrakube_workspace_name": texts[1],
			}
		},
		Others: map[string]string{
			"a subject of the organization alone": "organization:" + organization,
			"a workspace that bears the organization's name": "organization:mallory:workspace:" + organization +
				":workspace:" + workspace,
			"an organization that bears the names": "organization:" + organization + ":workspace:" + workspace +
				":workspace:mallory",
			"workspace and organization in the other order": "workspace:" + workspace + ":organization:" + organization,
			"the same names in HCP Terraform": "organization:" + organization + ":project:Default Project:workspace:" +
				workspace + ":run_phase:apply",
		},
	}
}

// variables are those of every workspace.
// Source: token
func variables(t *ci.Trust, role ci.Role) map[string]string {
	audience := audience
	if audiences := t.Audiences(); len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	variables := map[string]string{
		"ENABLE_DYNAMIC_CREDENTIALS_AWS": "true", "WORKLOAD_IDENTITY_AUDIENCE_AWS": audience,
		"WORKLOAD_IDENTITY_ROLE_AWS": role.ARN, "AWS_REGION": role.Region, "AWS_DEFAULT_REGION": role.Region,
	}
	if t.SessionTags() {
		variables["ENABLE_AWS_SESSION_TAGS"] = "true"
	}
	return variables
}

// config is what to set: Terrakube has no pipeline file that could hold it.
// Sources: token, https://github.com/terrakube-io/terrakube/tree/main/dynamic-credential-setup/aws
func config(workspaces [][2]string, t *ci.Trust, role ci.Role) string {
	variables := variables(t, role)
	var b strings.Builder
	b.WriteString("# Set these environment variables (category ENV) in each of the workspaces below.\nvariables:\n")
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		fmt.Fprintf(&b, "  %s: %s\n", name, ci.QuoteYAML(variables[name]))
	}
	slices.SortFunc(workspaces, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for i, w := range slices.Compact(workspaces) {
		if i == 0 {
			b.WriteString("workspaces:\n")
		}
		fmt.Fprintf(&b, "  - organization: %s\n    name: %s\n", ci.QuoteYAML(w[0]), ci.QuoteYAML(w[1]))
	}
	return b.String()
}
