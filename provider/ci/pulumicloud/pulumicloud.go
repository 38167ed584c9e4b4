// Package pulumicloud is Pulumi Cloud: its issuer, its tokens, and the words in which its jobs are trusted.
package pulumicloud

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is Pulumi Cloud: environments of Pulumi ESC, and Pulumi Deployments.
//
// Issuer: one for all customers. Audience: the organization for Deployments and for environments of the project
// "default", "aws:" and the organization for all other environments; AWS wants it tested, and no setting changes it.
// Subject: organization and environment, or what the environment's subjectAttributes list instead; for Deployments
// organization, project, stack and operation. AWS fills no key of its own for this issuer.
//
// Sources: esc, escAWS, deployments, deploymentsAWS.
type System struct{}

const (
	issuer         = "https://api.pulumi.com/oidc"
	esc            = "https://www.pulumi.com/docs/esc/guides/configuring-oidc/"
	escAWS         = "https://www.pulumi.com/docs/esc/guides/configuring-oidc/aws/"
	deployments    = "https://www.pulumi.com/docs/deployments/guides/oidc/"
	deploymentsAWS = "https://www.pulumi.com/docs/deployments/guides/oidc/aws/"
)

// The attributes by which a login block may ask for another subject.
const (
	currentEnvironment = "currentEnvironment.name"
	userLogin          = "pulumi.user.login"
)

var (
	organizationField = ci.Field{Name: "organization", Sample: "acme", Decides: ci.Tenant}
	// An environment of the project "default" has no project in its subject.
	environmentField = ci.Field{
		Name:    "environment",
		Texts:   `[^:/]+(?:/[^:/]+)?`,
		Sample:  "aws/production",
		Other:   "mallory/web",
		Decides: ci.Project,
	}
	userField = ci.Field{Name: "user", Sample: "mona", Decides: ci.Event}

	// openedForm is the subject of an environment whose login block has no subjectAttributes. The others are those of
	// login blocks that name the environment, or the environment and the user in either order.
	openedForm = ci.NewForm("pulumi:environments:org:{organization}:env:{environment}", organizationField,
		environmentField)
	namedForm = ci.NewForm(
		"pulumi:environments:pulumi.organization.login:{organization}:currentEnvironment.name:{environment}",
		organizationField, environmentField)
	userLastForm = ci.NewForm("pulumi:environments:pulumi.organization.login:{organization}:currentEnvironment.name:"+
		"{environment}:pulumi.user.login:{user}",
		organizationField, environmentField, userField)
	userFirstForm = ci.NewForm("pulumi:environments:pulumi.organization.login:{organization}:pulumi.user.login:"+
		"{user}:currentEnvironment.name:{environment}",
		organizationField, userField, environmentField)

	operations     = []string{"preview", "update", "refresh", "destroy"}
	deploymentForm = ci.NewForm(
		"pulumi:deploy:org:{organization}:project:{project}:stack:{stack}:operation:{operation}:scope:write",
		organizationField, ci.Field{Name: "project", Sample: "web", Decides: ci.Project},
		ci.Field{Name: "stack", Sample: "production", Decides: ci.Project},
		ci.Field{Name: "operation", Choices: operations, Decides: ci.Event})
)

// Section is "pulumiCloud".
func (System) Section() string { return "pulumiCloud" }

// Title is "Pulumi Cloud".
func (System) Title() string { return "Pulumi Cloud" }

var previews = ci.Rule{
	ID: "pulumi-cloud-previews", Severity: ci.Medium, Unreviewed: true,
	Summary: "previews share the role with other operations or with environments, so the preview of a pull request, " +
		"which runs code that nobody has merged, can do whatever these can",
	Remediation: "Pulumi Deployments hands one role to all operations of a stack: turn off the previews of its pull " +
		"requests, and leave preview out of operations; preview them in a stack of their own with a " +
		"role that only reads.",
	Source: deployments,
}

var previewRole = ci.Rule{
	ID: "pulumi-cloud-preview-role", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary:     "previews get the role, and the preview of a pull request runs code that nobody has merged",
	Remediation: "Let the role's policies read alone, and nothing that must stay secret.",
	Source:      deployments,
}

// Rules are the findings of Pulumi Cloud.
func (System) Rules() []ci.Rule { return []ci.Rule{previews, previewRole} }

// Issuer is what signs the tokens of Pulumi Cloud.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true,
		Hosts: []ci.Host{
			{
				Host: "api.pulumi.com/oidc", Shared: true, Control: trust.Control{Claims: []string{"aud"}},
				Forms: audited, Claims: []ci.Field{organizationAudience}, Judge: reads,
			},
			// The audience of fn::open::oidc is whatever its customer writes.
			{Host: "api.pulumi.com/oidc/*", Shared: true, Forms: []*ci.Form{openForm}, Judge: reads},
		},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{openedForm, namedForm, userLastForm, userFirstForm, deploymentForm}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Variable: "PULUMI_DEPLOY_OIDC_CONFIG",
		Server:   true,
		Condition: "in Deployments, the AWS integration under Settings > Deploy of the stack; in ESC, " +
			"fn::open::aws-login, for which the server exchanges the token",
		Source: deployments,
	}
}

var (
	// Pulumi documents that the name is in lower case and no more; what would move the parts of a subject is refused.
	// Source: deploymentsAWS
	organization = ci.NameKind{Noun: "organization", Form: ci.NewExpression(`^[^:/\s]+$`),
		Rule: "must be the name of the organization, the first part of its pages' path: acme in " +
			"https://app.pulumi.com/acme",
		Not: []ci.Mistake{
			{
				Form:   ci.NewExpression(`^https?://`),
				Reason: "is a URL; write the organization's name alone: acme in https://app.pulumi.com/acme",
			},
			{
				Form:   ci.NewExpression(`^aws:`),
				Reason: "is an audience; write the organization's name alone, without aws:",
			},
			{Form: ci.NewExpression(`[A-Z]`), Reason: "has capital letters; tokens carry the name in lower case, as " +
				"the console's URL shows it: acme in https://app.pulumi.com/acme"},
		}}
	// Sources: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/tokens/project.go,
	// https://github.com/pulumi/pulumi/blob/master/sdk/go/common/tokens/stack_name.go,
	// https://www.pulumi.com/registry/packages/pulumiservice/api-docs/api/esc/environment/ (no length)
	project = ci.NameKind{
		Noun: "project",
		Form: nameForm,
		Rule: "must be the name of the project: letters, digits, -, _ and ., at most 100",
		Not:  pathInstead,
	}
	stack = ci.NameKind{
		Noun: "stack",
		Form: nameForm,
		Rule: "must be the name of the stack: letters, digits, -, _ and ., at most 100",
		Not:  pathInstead,
	}
	environment = ci.NameKind{
		Noun: "environment",
		Form: ci.NewExpression(`^[A-Za-z0-9_.-]+$`),
		Rule: "must be the name of the environment: letters, digits, -, _ and .",
		Not:  pathInstead,
	}
	user = ci.NameKind{Noun: "user", Form: ci.NewExpression(`^[^:/\s]+$`),
		Rule: "must be the login of a user of Pulumi Cloud, such as mona",
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`^[^@]+@.+\.`),
			Reason: "is an e-mail address; write the user's login, such as mona",
		}}}

	nameForm    = ci.NewExpression(`^[A-Za-z0-9_.-]{1,100}$`)
	pathInstead = []ci.Mistake{{
		Form:   ci.NewExpression(`/`),
		Reason: "is a path; write the name alone, the project in project and what is in it in name",
	}}
)

// Read understands the section pulumiCloud.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	organization := organization.Read(section.Field("organization"), problems)
	environments, stacks := section.Field("environments"), section.Field("stacks")
	if !environments.Present && !stacks.Present {
		problems.Add(environments,
			"is missing, and stacks too: name the ESC environments or the stacks that get the role")
	}
	var jobs []unit
	for _, v := range environments.List {
		if v.Known {
			jobs = append(jobs, readEnvironment(v, problems)...)
		}
	}
	for _, v := range stacks.List {
		if v.Known {
			jobs = append(jobs, readStack(v, problems)...)
		}
	}
	chosen := section.Field("audiences").Present
	var audiences []string
	if organization != "" && !chosen && section.FullyKnown() { // what is not known yet may need another
		for _, j := range jobs {
			audiences = ci.AddOnce(audiences, j.platform+organization)
		}
		if !environments.Present && !stacks.Present { // the provider alone: whatever its tokens may have
			audiences = []string{organization, "aws:" + organization}
		}
	}
	t := ci.NewTrust(issuer, section, account, problems, audiences...)
	t.Findings = findings(jobs)
	for _, j := range jobs {
		if organization != "" {
			ci.RequireAudience(section, "tokens of "+j.kind(), j.platform+organization, problems)
			j.trust(&t, organization, chosen)
		}
	}
	t.Pipeline = func(role ci.Role) string { return config(jobs, role) }
	return []ci.Trust{t}
}

// A unit is what a grant trusts: an environment, for one user or for all, or one operation of a stack.
type unit struct {
	path       string
	phrase     string // "ESC environment aws/production"
	how        string // what else a sentence says, behind the organization: ", opened by mona"
	platform   string // what the audience has before the organization: "aws:", or nothing
	form       *ci.Form
	texts      []string // of the form's fields behind the organization
	attributes []string // of an environment's login block
	project    string
	name       string
}

// readEnvironment reads an item of environments.
func readEnvironment(v input.Value, problems *input.Problems) []unit {
	job := unit{
		path: v.Path, platform: "aws:",
		project: project.Read(v.Field("project"), problems),
		name:    environment.Read(v.Field("name"), problems),
	}
	logins := user.ReadAll(v.Field("users"), problems)
	attributes, known := readAttributes(v, problems)
	if !known || job.project == "" || job.name == "" {
		return nil
	}
	job.attributes = attributes
	job.phrase = "ESC environment " + job.project + "/" + job.name
	environment := job.project + "/" + job.name
	if job.project == "default" {
		environment, job.platform = job.name, ""
	}
	switch len(attributes) {
	case 0:
		return []unit{job.as(openedForm, environment)}
	case 1:
		job.how = ", whatever imports it"
		return []unit{job.as(namedForm, environment)}
	}
	var jobs []unit
	for _, login := range logins {
		job.how = ", whatever imports it, opened by " + login
		jobs = append(jobs, job.as(userLastForm, environment, login), job.as(userFirstForm, login, environment))
	}
	return jobs
}

// as returns the unit with a form of subject and the names in it.
func (j unit) as(f *ci.Form, texts ...string) unit {
	j.form, j.texts = f, texts
	return j
}

// readAttributes reads the subjectAttributes of an environment, sorted, and reports whether they are known and right.
func readAttributes(v input.Value, problems *input.Problems) ([]string, bool) {
	list, users := v.Field("subjectAttributes"), v.Field("users")
	attributes := ci.ReadChoices(list, []string{currentEnvironment, userLogin}, problems)
	for _, attribute := range list.Texts() {
		if !slices.Contains(attributes, attribute.Text()) {
			return nil, false
		}
	}
	if !list.FullyKnown() {
		return nil, false
	}
	byUser := slices.Contains(attributes, userLogin)
	switch {
	case byUser && !users.Present:
		problems.Add(users, "is missing: with pulumi.user.login the subject names the user who opens the "+
			"environment; list the logins of those who get the role")
	case !byUser && users.Present:
		problems.Add(users, "has no meaning without pulumi.user.login among subjectAttributes: only then does the "+
			"subject name the user")
	}
	if list.Present && (len(attributes) < len(list.List) || !slices.Contains(attributes, currentEnvironment)) {
		problems.Add(list, "must have currentEnvironment.name once, and may have pulumi.user.login once: without the "+
			"environment in it, the subject is the same in every environment of the organization")
		return nil, false
	}
	return attributes, true
}

// readStack reads an item of stacks. There is no default for operations: a preview also runs for changes that nobody
// has merged.
func readStack(v input.Value, problems *input.Problems) []unit {
	project, stack, list := project.Read(v.Field("project"), problems), stack.Read(v.Field("name"), problems),
		v.Field("operations")
	if !list.Present {
		problems.Add(list, "is missing: say which operations get the role, such as [update]. A preview also runs for "+
			"pull requests that nobody has merged")
	}
	operations := ci.ReadChoices(list, operations, problems)
	if project == "" || stack == "" {
		return nil
	}
	var jobs []unit
	for _, operation := range operations {
		jobs = append(jobs, unit{
			path: v.Path, phrase: operation + " of stack " + project + "/" + stack,
			form: deploymentForm, texts: []string{project, stack, operation}, project: project, name: stack,
		})
	}
	return jobs
}

// findings judge the previews among all that get the role, whatever stack or environment it belongs to.
func findings(jobs []unit) []ci.Finding {
	isPreview := func(j unit) bool { return j.form == deploymentForm && j.texts[2] == "preview" }
	rule := previewRole
	if slices.ContainsFunc(jobs, func(j unit) bool { return !isPreview(j) }) {
		rule = previews
	}
	var findings []ci.Finding
	for _, j := range jobs {
		if isPreview(j) {
			findings = append(findings,
				ci.Finding{Rule: rule, Path: j.path + ".operations", Detail: "stack " + j.project + "/" + j.name})
		}
	}
	return findings
}
