package ci

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// PulumiCloud is Pulumi Cloud: environments of Pulumi ESC, and Pulumi Deployments.
//
// Issuer: one for all customers. Audience: the organization for Deployments and for environments of the project "default",
// "aws:" and the organization for all other environments; AWS wants it tested, and no setting changes it. Subject:
// organization and environment, or what the environment's subjectAttributes list instead; for Deployments organization,
// project, stack and operation. AWS fills no key of its own for this issuer.
//
// Sources: pulumiESC, pulumiESCAWS, pulumiDeployments, pulumiDeploymentsAWS.
type PulumiCloud struct{}

const (
	pulumiIssuer         = "https://api.pulumi.com/oidc"
	pulumiESC            = "https://www.pulumi.com/docs/esc/guides/configuring-oidc/"
	pulumiESCAWS         = "https://www.pulumi.com/docs/esc/guides/configuring-oidc/aws/"
	pulumiDeployments    = "https://www.pulumi.com/docs/deployments/guides/oidc/"
	pulumiDeploymentsAWS = "https://www.pulumi.com/docs/deployments/guides/oidc/aws/"
	pulumiYAMLSubject    = "https://github.com/pulumi/pulumi/issues/14509"
)

// The attributes by which a login block may ask for another subject.
const (
	pulumiCurrentEnvironment = "currentEnvironment.name"
	pulumiUserLogin          = "pulumi.user.login"
)

var (
	pulumiOrganizationField = field{name: "organization", sample: "acme"}
	// An environment of the project "default" has no project in its subject.
	pulumiEnvironmentField = field{name: "environment", texts: `[^:/]+(?:/[^:/]+)?`, sample: "aws/production", other: "mallory/web"}
	pulumiUserField        = field{name: "user", sample: "mona"}

	// pulumiOpenedForm is the subject of an environment whose login block has no subjectAttributes. The others are those of
	// login blocks that name the environment, or the environment and the user in either order.
	pulumiOpenedForm = newForm("pulumi:environments:org:{organization}:env:{environment}", pulumiOrganizationField, pulumiEnvironmentField)
	pulumiNamedForm  = newForm("pulumi:environments:pulumi.organization.login:{organization}:currentEnvironment.name:{environment}",
		pulumiOrganizationField, pulumiEnvironmentField)
	pulumiUserLastForm = newForm("pulumi:environments:pulumi.organization.login:{organization}:currentEnvironment.name:{environment}:pulumi.user.login:{user}",
		pulumiOrganizationField, pulumiEnvironmentField, pulumiUserField)
	pulumiUserFirstForm = newForm("pulumi:environments:pulumi.organization.login:{organization}:pulumi.user.login:{user}:currentEnvironment.name:{environment}",
		pulumiOrganizationField, pulumiUserField, pulumiEnvironmentField)

	pulumiOperations     = []string{"preview", "update", "refresh", "destroy"}
	pulumiDeploymentForm = newForm("pulumi:deploy:org:{organization}:project:{project}:stack:{stack}:operation:{operation}:scope:write",
		pulumiOrganizationField, field{name: "project", sample: "web"}, field{name: "stack", sample: "production"},
		field{name: "operation", choices: pulumiOperations})
)

// Section is "pulumiCloud".
func (PulumiCloud) Section() string { return "pulumiCloud" }

// Title is "Pulumi Cloud".
func (PulumiCloud) Title() string { return "Pulumi Cloud" }

var pulumiPreviews = Rule{
	ID: "pulumi-cloud-previews", Severity: Medium,
	Summary: "previews share the role with other operations or with environments, so the preview of a pull request, which runs code that nobody has " +
		"merged, can do whatever these can",
	Remediation: "Pulumi Deployments hands one role to all operations of a stack: turn off the previews of its pull requests, and leave preview out of " +
		"operations; preview them in a stack of their own with a role that only reads.",
	Source: pulumiDeployments,
}

var pulumiPreviewRole = Rule{
	ID: "pulumi-cloud-preview-role", Severity: Medium,
	Summary:     "previews get the role, and the preview of a pull request runs code that nobody has merged",
	Remediation: "Let the role's policies read alone, and nothing that must stay secret.",
	Source:      pulumiDeployments,
}

// Rules are the findings of Pulumi Cloud.
func (PulumiCloud) Rules() []Rule { return []Rule{pulumiPreviews, pulumiPreviewRole} }

// Issuer is what signs the tokens of Pulumi Cloud.
func (PulumiCloud) Issuer() Issuer {
	return Issuer{
		URL: pulumiIssuer, Shared: true,
		Hosts: []trust.Issuer{byAudience("api.pulumi.com/oidc", `^pulumi:(environments|deploy):(org|pulumi\.organization\.login):[^*?:]+:`), byAudience("api.pulumi.com/oidc/*", `^pulumi:(environments|deploy):(org|pulumi\.organization\.login):[^*?:]+:`)},
	}
}

// Forms are the forms of their subjects.
func (PulumiCloud) Forms() []*form {
	return []*form{pulumiOpenedForm, pulumiNamedForm, pulumiUserLastForm, pulumiUserFirstForm, pulumiDeploymentForm}
}

// Page is what people read about Pulumi Cloud.
func (PulumiCloud) Page() Page {
	return Page{
		Beyond: "ESC and Deployments",
		Names:  "ESC environments, also by user; stacks by operation",
		Audience: "`aws:ORGANIZATION` of an ESC environment, `ORGANIZATION` of one in the project `default` and of Deployments; no setting changes it. " +
			"Each grant requires that of its tokens, and the provider gets those that are needed",
		Subjects: []string{
			"pulumi:environments:org:ORGANIZATION:env:PROJECT/ENVIRONMENT of an ESC environment; without PROJECT/ in the project `default`",
			"pulumi:environments:pulumi.organization.login:ORGANIZATION:ATTRIBUTE:VALUE:... where its login block has `subjectAttributes`, in their order",
			"pulumi:deploy:org:ORGANIZATION:project:PROJECT:stack:STACK:operation:OPERATION:scope:write of Deployments; OPERATION is `preview`, `update`, `refresh` or `destroy`",
		},
		Pitfalls: []string{
			"When Pulumi IaC opens an environment that a stack's configuration lists, the default subject ends in the literal `env:<yaml>`, the same for " +
				"every environment of the organization: no word trusts it. Give the login block `subjectAttributes: [currentEnvironment.name]`, and write the same here.",
			"`currentEnvironment.name` is the environment that holds the login block, whatever imports it. Who may open or import that environment gets the role.",
			"The order of `subjectAttributes` in the login block is that of the subject. Both orders are trusted here, since both say the same.",
			"`rootEnvironment.name` and `pulumi.organization.login` among the `subjectAttributes` are not trusted: how a subject " +
				"spells them is not documented in every case.",
			"Keep the login block in the environment that is opened, or both in one project: which of two projects decides the audience is not documented.",
			"A pattern such as `pulumi:environments:org:acme:env:*` admits whoever may create an environment, and an audience such as `aws:acme*` the organization `acme-evil`.",
			"The issuer `https://api.pulumi.com/oidc/v2` of `fn::open::oidc` is left out: there the author of an environment chooses the audience, and the subject " +
				"holds ids whose form is not documented. `fn::open::aws-login`, which Pulumi advises for AWS, does not use it.",
			"A review stack deploys the code of a pull request, under a stack name of its own, which has to be named to be trusted.",
			"ESC and Deployments share the issuer, so an account has one provider for both: a second role names it by `providerArn`, and the provider must have each audience.",
			"Names of organizations are in lower case in tokens, whatever a page shows.",
			"The issuer of a self-hosted Pulumi Cloud is not documented; this section is for api.pulumi.com.",
		},
		Sources: []string{pulumiESC, pulumiESCAWS, pulumiDeployments, pulumiDeploymentsAWS, pulumiYAMLSubject,
			"https://www.pulumi.com/docs/esc/guides/configuring-oidc/custom-audience/", "https://www.pulumi.com/docs/deployments/concepts/review-stacks/"},
		Example: `pulumiCloud:
  organization: acme
  environments:
    - project: aws
      name: production
      subjectAttributes: [currentEnvironment.name]
  stacks:
    - project: web
      name: production
      operations: [update, refresh]
`,
	}
}

var (
	// Pulumi documents that the name is in lower case and no more; what would move the parts of a subject is refused.
	// Source: pulumiDeploymentsAWS
	pulumiOrganization = nameKind{"organization", newExpression(`^[^:/\s]+$`),
		"must be the name of the organization, the first part of its pages' path: acme in https://app.pulumi.com/acme",
		[]mistaken{
			{newExpression(`^https?://`), "is a URL; write the organization's name alone: acme in https://app.pulumi.com/acme"},
			{newExpression(`^aws:`), "is an audience; write the organization's name alone, without aws:"},
			{newExpression(`[A-Z]`), "has capital letters; tokens carry the name in lower case, as the console's URL shows it: acme in https://app.pulumi.com/acme"},
		}}
	// Sources: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/tokens/project.go,
	// https://github.com/pulumi/pulumi/blob/master/sdk/go/common/tokens/stack_name.go,
	// https://www.pulumi.com/registry/packages/pulumiservice/api-docs/api/esc/environment/ (no length)
	pulumiProject     = nameKind{"project", pulumiNameForm, "must be the name of the project: letters, digits, -, _ and ., at most 100", pulumiPathInstead}
	pulumiStack       = nameKind{"stack", pulumiNameForm, "must be the name of the stack: letters, digits, -, _ and ., at most 100", pulumiPathInstead}
	pulumiEnvironment = nameKind{"environment", newExpression(`^[A-Za-z0-9_.-]+$`), "must be the name of the environment: letters, digits, -, _ and .", pulumiPathInstead}
	pulumiUser        = nameKind{"user", newExpression(`^[^:/\s]+$`), "must be the login of a user of Pulumi Cloud, such as mona",
		[]mistaken{{newExpression(`^[^@]+@.+\.`), "is an e-mail address; write the user's login, such as mona"}}}

	pulumiNameForm    = newExpression(`^[A-Za-z0-9_.-]{1,100}$`)
	pulumiPathInstead = []mistaken{{newExpression(`/`), "is a path; write the name alone, the project in project and what is in it in name"}}
)

// Read understands the section pulumiCloud.
func (PulumiCloud) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	organization := pulumiOrganization.read(section.Field("organization"), problems)
	environments, stacks := section.Field("environments"), section.Field("stacks")
	if !environments.Present && !stacks.Present {
		problems.Add(environments, "is missing, and stacks too: name the ESC environments or the stacks that get the role")
	}
	var jobs []pulumiJob
	for _, v := range environments.List {
		if v.Known {
			jobs = append(jobs, readPulumiEnvironment(v, problems)...)
		}
	}
	for _, v := range stacks.List {
		if v.Known {
			jobs = append(jobs, readPulumiStack(v, problems)...)
		}
	}
	chosen := section.Field("audiences").Present
	var audiences []string
	if organization != "" && !chosen && section.FullyKnown() { // what is not known yet may need another
		for _, j := range jobs {
			audiences = addOnce(audiences, j.platform+organization)
		}
	}
	t := newTrust(pulumiIssuer, section, account, problems, audiences...)
	t.Findings = pulumiFindings(jobs)
	for _, j := range jobs {
		if organization != "" {
			requireAudience(section, "tokens of "+j.kind(), j.platform+organization, problems)
			j.trust(&t, organization, chosen)
		}
	}
	t.Pipeline = func(roleArn, region string) string { return pulumiConfig(jobs, roleArn, region) }
	return []Trust{t}
}

// A pulumiJob is what a grant trusts: an environment, for one user or for all, or one operation of a stack.
type pulumiJob struct {
	path       string
	phrase     string // "ESC environment aws/production"
	how        string // what else a sentence says, behind the organization: ", opened by mona"
	platform   string // what the audience has before the organization: "aws:", or nothing
	form       *form
	texts      []string // of the form's fields behind the organization
	attributes []string // of an environment's login block
	project    string
	name       string
}

// readPulumiEnvironment reads an item of environments.
func readPulumiEnvironment(v input.Value, problems *input.Problems) []pulumiJob {
	job := pulumiJob{
		path: v.Path, platform: "aws:",
		project: pulumiProject.read(v.Field("project"), problems),
		name:    pulumiEnvironment.read(v.Field("name"), problems),
	}
	logins := pulumiUser.readAll(v.Field("users"), problems)
	attributes, known := readPulumiAttributes(v, problems)
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
		return []pulumiJob{job.as(pulumiOpenedForm, environment)}
	case 1:
		job.how = ", whatever imports it"
		return []pulumiJob{job.as(pulumiNamedForm, environment)}
	}
	var jobs []pulumiJob
	for _, login := range logins {
		job.how = ", whatever imports it, opened by " + login
		jobs = append(jobs, job.as(pulumiUserLastForm, environment, login), job.as(pulumiUserFirstForm, login, environment))
	}
	return jobs
}

// as is the job with a subject of its own.
func (j pulumiJob) as(f *form, texts ...string) pulumiJob {
	j.form, j.texts = f, texts
	return j
}

// readPulumiAttributes reads the subjectAttributes of an environment, sorted, and reports whether they are known and right.
func readPulumiAttributes(v input.Value, problems *input.Problems) ([]string, bool) {
	list, users := v.Field("subjectAttributes"), v.Field("users")
	attributes := readChoices(list, []string{pulumiCurrentEnvironment, pulumiUserLogin}, problems)
	for _, attribute := range list.Texts() {
		if !slices.Contains(attributes, attribute.Text()) {
			return nil, false
		}
	}
	if !list.FullyKnown() {
		return nil, false
	}
	byUser := slices.Contains(attributes, pulumiUserLogin)
	switch {
	case byUser && !users.Present:
		problems.Add(users, "is missing: with pulumi.user.login the subject names the user who opens the environment; list the logins of those who get the role")
	case !byUser && users.Present:
		problems.Add(users, "has no meaning without pulumi.user.login among subjectAttributes: only then does the subject name the user")
	}
	if list.Present && (len(attributes) < len(list.List) || !slices.Contains(attributes, pulumiCurrentEnvironment)) {
		problems.Add(list, "must have currentEnvironment.name once, and may have pulumi.user.login once: without the environment in it, the subject "+
			"is the same in every environment of the organization")
		return nil, false
	}
	return attributes, true
}

// readPulumiStack reads an item of stacks. There is no default for operations: a preview also runs for changes that nobody has merged.
func readPulumiStack(v input.Value, problems *input.Problems) []pulumiJob {
	project, stack, list := pulumiProject.read(v.Field("project"), problems), pulumiStack.read(v.Field("name"), problems), v.Field("operations")
	if !list.Present {
		problems.Add(list, "is missing: say which operations get the role, such as [update]. A preview also runs for pull requests that nobody has merged")
	}
	operations := readChoices(list, pulumiOperations, problems)
	if project == "" || stack == "" {
		return nil
	}
	var jobs []pulumiJob
	for _, operation := range operations {
		jobs = append(jobs, pulumiJob{
			path: v.Path, phrase: operation + " of stack " + project + "/" + stack,
			form: pulumiDeploymentForm, texts: []string{project, stack, operation}, project: project, name: stack,
		})
	}
	return jobs
}

// pulumiFindings judge the previews among all that get the role, whatever stack or environment it belongs to.
func pulumiFindings(jobs []pulumiJob) []Finding {
	isPreview := func(j pulumiJob) bool { return j.form == pulumiDeploymentForm && j.texts[2] == "preview" }
	rule := pulumiPreviewRole
	if slices.ContainsFunc(jobs, func(j pulumiJob) bool { return !isPreview(j) }) {
		rule = pulumiPreviews
	}
	var findings []Finding
	for _, j := range jobs {
		if isPreview(j) {
			findings = append(findings, Finding{Rule: rule, Path: j.path + ".operations", Detail: "stack " + j.project + "/" + j.name})
		}
	}
	return findings
}
