// Package azuredevops is Azure DevOps: its issuer, its tokens, and the words in which its jobs are trusted.
package azuredevops

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Azure DevOps Services.
//
// Issuer: one per organization, by its id. Audience: one for all customers, which no setting changes. Subject:
// organization, project and service connection by name; or, for a token that a script asks for without service
// connection, the pipeline in its place. It names no branch. No document says how a space is written; subjects that
// people copied into credentials for Azure have spaces as they are. AWS fills no key of its own for this issuer.
//
// Sources: tokens, names,
// https://aws.amazon.com/blogs/modernizing-with-aws/how-to-federate-into-aws-from-azure-devops-using-openid-connect,
// https://github.com/aws/aws-toolkit-azure-devops
type System struct{}

const (
	host     = "vstoken.dev.azure.com/"
	audience = "api://AzureADTokenExchange"

	// tokens prints a token of each kind.
	tokens = "https://github.com/gravitational/teleport/blob/master/rfd/0211-azure-devops-joining.md"
	names  = "https://learn.microsoft.com/en-us/azure/devops/organizations/settings/naming-restrictions"
	retire = "https://learn.microsoft.com/en-us/azure/devops/pipelines/release/convert-service-connections"
	checks = "https://learn.microsoft.com/en-us/azure/devops/pipelines/process/approvals"
	pull   = "https://learn.microsoft.com/en-us/azure/devops/pipelines/yaml-schema/pr"
)

// Neither organization nor project has a "/" in its name (names), so the last field begins where it seems to.
// What the names of service connections and pipelines may hold is not documented.
var (
	connectionForm = ci.NewForm("sc://{organization}/{project}/{service connection}",
		organizationField, projectField,
		ci.Field{Name: "service connection", Texts: `.+`, Sample: "deploy to aws", Decides: ci.Project})
	pipelineForm = ci.NewForm("p://{organization}/{project}/{pipeline}",
		organizationField, projectField,
		ci.Field{Name: "pipeline", Texts: `.+`, Sample: "acme.web", Decides: ci.Project})

	organizationField = ci.Field{Name: "organization", Texts: `[^/]+`, Sample: "acme", Decides: ci.Tenant}
	projectField      = ci.Field{Name: "project", Texts: `[^/]+`, Sample: "Web Shop", Decides: ci.Project}
)

// Section is "azureDevOps".
func (System) Section() string { return "azureDevOps" }

// Title is "Azure DevOps".
func (System) Title() string { return "Azure DevOps" }

var (
	anyRef = ci.Rule{
		ID: "azure-devops-any-ref", Severity: ci.High, Unreviewed: true,
		Summary: "every run of the pipeline gets the role, whatever its branch: whoever may push a branch and run " +
			"the pipeline on it decides what the run does. Nor need it be one pipeline: names are unique within a " +
			"folder only, and whether the subject names the folder is not documented",
		Remediation: "Trust a service connection instead, and give it the checks Branch control and " +
			"Approvals in Azure DevOps.",
		Source: tokens,
	}
	anyBranch = ci.Rule{
		ID: "azure-devops-any-branch", Severity: ci.Low,
		Summary: "the subject names the service connection and no branch: a run of any branch gets the role, of " +
			"every pipeline that may use the connection, unless a check of the connection refuses it",
		Remediation: "Give the service connection the checks Branch control and Approvals, and let only the " +
			"pipelines use it that deploy: Project settings > Service connections, under Approvals and checks, " +
			"and under Security.",
		Source: checks,
	}
	issuerRisk = ci.Rule{
		ID: "azure-devops-issuer-retires", Severity: ci.Low,
		Summary: "Microsoft retires the issuer vstoken.dev.azure.com on 2027-07-01 for service connections to the " +
			"public Azure cloud, those of extensions among them. Whether those to AWS go on getting " +
			"its tokens is not said",
		Remediation: "Before that day, look at what Microsoft and the AWS Toolkit say of connections to AWS, and run " +
			"a pipeline that assumes the role.",
		Source: retire,
	}
)

// Rules are the findings of Azure DevOps.
func (System) Rules() []ci.Rule {
	return []ci.Rule{anyRef, anyBranch, issuerRisk}
}

// Issuer is what signs the tokens of Azure DevOps.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host + "ORGANIZATION_ID",
		Hosts: []ci.Host{
			{Host: strings.TrimSuffix(host, "/"), Judge: judge},
			{Host: host + "*", Judge: judge},
		},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{connectionForm, pipelineForm}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"TF_BUILD"},
		Request: &ci.HandOutRequest{
			Method: "POST", URL: "$SYSTEM_OIDCREQUESTURI?api-version=7.1",
			Headers: map[string]string{"Authorization": "Bearer $SYSTEM_ACCESSTOKEN"}, Member: "oidcToken",
			Connection: "serviceConnectionId",
		},
		Condition: "the step maps System.AccessToken into its environment as SYSTEM_ACCESSTOKEN; tasks of the AWS " +
			"Toolkit ask by themselves if their service connection says Use OIDC",
		Source: "https://learn.microsoft.com/en-us/rest/api/azure/devops/distributedtask/oidctoken/create",
	}
}

// Microsoft documents the names of organizations and projects. Of service connections and pipelines it documents none:
// there only what would be ambiguous in a subject is refused.
// Source: names
var (
	whole = ci.Mistake{
		Form:   ci.NewExpression(`^(sc|p)://`),
		Reason: "is a whole subject; write the name at its end alone",
	}
	guid = `^` + ci.UUIDTexts + `$`

	organization = ci.NameKind{Noun: "organization",
		Form: ci.NewExpression(`^[A-Za-z0-9]([A-Za-z0-9-]{0,48}[A-Za-z0-9])?$`),
		Rule: "must be the organization's name, 1 to 50 letters, digits and - without - at either end: acme for " +
			"https://dev.azure.com/acme",
		Not: []ci.Mistake{
			{Form: ci.NewExpression(`[/.]`), Reason: "is a URL; write the organization's name alone: acme for " +
				"https://dev.azure.com/acme and https://acme.visualstudio.com"},
			{Form: ci.NewExpression(guid), Reason: "is an id, and stands in organizationId; write the organization's " +
				"name here: acme for https://dev.azure.com/acme"},
		}}
	organizationID = ci.UUIDKind("Azure DevOps", "organization", "must be the organization's id, the instanceId at "+
		"https://dev.azure.com/ORGANIZATION/_apis/connectionData, such as 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11; not "+
		"that of the Entra tenant")
	project = ci.NameKind{Noun: "project", Form: ci.NewExpression(`^[^\s_./:\\~&%;@'"?<>|#$*}{,` +
		`+=\[\]]([^/:\\~&%;@'"?<>|#$*}{,+=\[\]]{0,62}[^\s./:\\~&%;@'"?<>|#$*}{,+=\[\]])?$`),
		Rule: `must be the project's name as Azure DevOps shows it: up to 64 characters without / : \ ~ & % ; @ ' " ` +
			`? < > | # $ * { } , + = [ ], not beginning with _ and not beginning or ending with . or a space`,
		Not: []ci.Mistake{
			whole, ci.IsAnID("project", guid),
			{Form: ci.NewExpression(`%20`), Reason: "is encoded as in a URL; write the project's name with its spaces"},
		}}
	connectionName = ci.NameKind{Noun: "service connection", Form: last,
		Rule: "must be the service connection's name as Project settings > Service connections " +
			"shows it, without / and without a space at either end",
		Not: []ci.Mistake{whole, ci.IsAnID("service connection", guid)}}
	pipeline = ci.NameKind{Noun: "pipeline", Form: last,
		Rule: "must be the pipeline's name, which a run has in $(Build.DefinitionName), without / and without " +
			"a space at either end", Not: []ci.Mistake{whole,
			{
				Form: ci.NewExpression(`\\`),
				Reason: `is a path of folders; write the pipeline's name alone, which a run has in ` +
					`$(Build.DefinitionName)`,
			}}}
	last = ci.NewExpression(`^[^\s/]([^/]*[^\s/])?$`)
)

// Read understands the section azureDevOps.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	words := words{
		organization: organization.Read(section.Field("organization"), problems),
		id:           organizationID.Read(section.Field("organizationId"), problems),
	}
	if words.id != "" {
		issuer = "https://" + host + words.id
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	ci.RequireAudience(section, "every token of Azure DevOps", audience, problems)
	connections, pipelines := section.Field("serviceConnections"), section.Field("pipelines")
	if !connections.Present && !pipelines.Present {
		problems.Add(connections, "is missing, and pipelines too: name the service connections whose runs get the "+
			"role. pipelines trusts the runs of every branch")
	}
	for _, v := range connections.List {
		if v.Known {
			words.trust(&t, v, connectionForm, connectionName, problems)
			t.Findings = append(t.Findings, ci.Finding{
				Rule:   anyBranch,
				Path:   v.Path,
				Detail: strings.TrimSpace("service connection " + v.Field("name").Text()),
			})
		}
	}
	for _, v := range pipelines.List {
		if v.Known {
			words.trust(&t, v, pipelineForm, pipeline, problems)
			t.Findings = append(t.Findings,
				ci.Finding{Rule: anyRef, Path: v.Path, Detail: strings.TrimSpace("pipeline " + v.Field("name").Text())})
		}
	}
	t.Findings = append(t.Findings, ci.Finding{
		Rule:   issuerRisk,
		Path:   section.Path,
		Detail: strings.TrimSpace("organization " + words.organization),
	})
	t.Pipeline = words.config
	return []ci.Trust{t}
}

// words is what a trust names, for its grants and for the pipeline to paste.
type words struct {
	organization, id string
	connections      []string // project and name, joined by a NUL
	pipelines        []string
}

// trust adds the grant of one service connection or pipeline, as far as it is known.
func (w *words) trust(t *ci.Trust, v input.Value, f *ci.Form, kind ci.NameKind, problems *input.Problems) {
	project, name := project.Read(v.Field("project"), problems), kind.Read(v.Field("name"), problems)
	if t.Issuer() == "" || w.organization == "" || project == "" || name == "" {
		return
	}
	other, id, runs := pipelineForm, w.id, "service connection "
	job := func([]string) map[string]any { return map[string]any{} }
	if f == pipelineForm {
		other, runs = connectionForm, "every run of pipeline "
		w.pipelines = ci.AddOnce(w.pipelines, project+"\x00"+name)
		job = func([]string) map[string]any {
			return map[string]any{
				"org_id":  id,
				"prj_id":  "271ef6f7-5a4b-4c3d-8e2f-4b54d9129991",
				"def_id":  "7",
				"run_id":  "41",
				"rpo_ref": "refs/heads/main",
			}
		}
	} else {
		w.connections = ci.AddOnce(w.connections, project+"\x00"+name)
	}
	t.Allow(v.Path, fmt.Sprintf("Azure DevOps: %s%s of project %s in %s", runs, name, project, w.organization),
		ci.Subject{
			Form: f, Terms: ci.ExactlyAll(w.organization, project, name), Job: job,
			Others: map[string]string{
				"a subject of the other kind with the same names": other.Build(w.organization, project, name),
				"a subject with an encoded space": f.Build(w.organization,
					strings.ReplaceAll(project, " ", "%20")+"%20", name),
				"a subject of the Entra issuer": "/eid1/c/pub/t/made-up/a/made-up/sc/" + id +
					"/8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80",
			},
		})
}

// config is the azure-pipelines.yml to paste, with what to write into the service connections.
// Sources: toolkit (src/tasks/AWSShellScript/task.json, src/lib/awsConnectionParameters.ts),
// tokens (SYSTEM_OIDCREQUESTURI), pull
func (w *words) config(role ci.Role) string {
	var b strings.Builder
	b.WriteString("# azure-pipelines.yml\n")
	if len(w.connections) > 0 {
		fmt.Fprintf(&b, "# A service connection is of the type AWS, which the AWS Toolkit for Azure DevOps adds: no "+
			"keys, with Use OIDC, and\n# Role to Assume: %s\n# Role Session Name: one that leads back to the project\n",
			role.ARN)
	}
	b.WriteString("trigger:\n  - main # the branch that deploys\npr: none # without it every pull request on GitHub " +
		"or Bitbucket Cloud starts a run\npool:\n  vmImage: ubuntu-latest\n")
	if len(w.connections) > 0 {
		fmt.Fprintf(&b, "variables:\n  aws.rolecredential.maxduration: %d # seconds; "+
			"the task asks for 900 without it\n", role.Seconds())
	}
	b.WriteString("steps:\n")
	if len(w.connections)+len(w.pipelines) == 0 {
		b.WriteString("  []\n") // names that are not known yet
	}
	for _, connection := range w.connections {
		project, name, _ := strings.Cut(connection, "\x00")
		fmt.Fprintf(&b, "  - task: AWSShellScript@1 # in project %s\n    inputs:\n      awsCredentials: "+
			"%s\n      regionName: %s\n", project, ci.QuoteYAML(name), role.Region)
		b.WriteString("      scriptType: inline\n      inlineScript: |\n" + ci.Indent(checked(role), "        ") +
			"    env: # the task falls back to what the agent has when it is refused\n      AWS_ACCESS_KEY_ID: \"\"\n" +
			"      AWS_SECRET_ACCESS_KEY: \"\"\n      AWS_SESSION_TOKEN: \"\"\n" +
			"      AWS_EC2_METADATA_DISABLED: \"true\"\n" + ci.RegionEnvironment("      ", role.Region))
	}
	exchange := ci.Exchange{
		Role:    role,
		Token:   System{}.HandOut().Request.Command(""),
		Missing: "The step maps System.AccessToken to SYSTEM_ACCESSTOKEN.",
		Session: "azure-$SYSTEM_DEFINITIONID-$BUILD_BUILDID-$SYSTEM_JOBID",
	}
	for _, pipeline := range w.pipelines {
		project, name, _ := strings.Cut(pipeline, "\x00")
		fmt.Fprintf(&b, "  # in the pipeline %s of project %s\n", name, project)
		b.WriteString("  - bash: |\n" + exchange.Script("      ") +
			"    env:\n      SYSTEM_ACCESSTOKEN: $(System.AccessToken)\n")
	}
	return b.String()
}

// checked are the commands of a task of the AWS Toolkit. A task whose token is refused goes on with the credentials
// that the agent has, and would stay green.
// Source: toolkit (src/lib/awsConnectionParameters.ts, getCredentials)
func checked(role ci.Role) string {
	return "set -e\nunset AWS_PROFILE AWS_DEFAULT_PROFILE\n" +
		"caller=$(aws sts get-caller-identity --query Arn --output text)\n" +
		fmt.Sprintf("case \"$caller\" in %s*) ;; *) echo \"This task is $caller, and not the role.\" >&2; exit 1 ;; "+
			"esac\n", role.Sessions()) + "echo \"This task is $caller\"\n" + ci.Deployment + "\n"
}
