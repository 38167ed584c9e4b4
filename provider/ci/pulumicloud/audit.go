package pulumicloud

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

var (
	// anyEnvironment is the environment in the subjects of an audit: what somebody else wrote may have other letters.
	anyEnvironment = ci.Field{
		Name: "environment", Texts: `[^:]+`, Sample: "aws/production", Other: "mallory/web", Decides: ci.Project,
	}

	// chosenForm stands for all that a login block may list in subjectAttributes. Which attributes there are is
	// documented, and that each of them follows with its value; in an audit any name may be one.
	// Source: esc
	chosenForm = ci.NewForm("pulumi:environments:pulumi.organization.login:{organization}{attributes}",
		organizationField, ci.Field{
			Name: "attributes", Texts: `(?::[A-Za-z.]+:[^:]+)*`, Sample: ":rootEnvironment.name:aws/production",
			Other: ":rootEnvironment.name:mallory/web", Decides: ci.Project,
		})
	// anyDeployment has every operation and scope; the documentation names those of deploymentForm.
	anyDeployment = ci.NewForm(
		"pulumi:deploy:org:{organization}:project:{project}:stack:{stack}:operation:{operation}:scope:{scope}",
		organizationField, ci.Field{Name: "project", Sample: "web", Decides: ci.Project},
		ci.Field{Name: "stack", Sample: "production", Decides: ci.Project},
		ci.Field{Name: "operation", Texts: `[a-z-]+`, Sample: "update", Other: "preview", Decides: ci.Event},
		ci.Field{Name: "scope", Texts: `[a-z]+`, Sample: "write", Other: "read", Decides: ci.Event})
	// openForm is the subject of fn::open::oidc, whose audience the customer chooses.
	// Source: https://www.pulumi.com/docs/esc/guides/configuring-oidc/custom-audience/
	openForm = ci.NewForm("pulumi:org:{organization}:env:{environment}", organizationField, anyEnvironment)

	audited = []*ci.Form{
		ci.NewForm(openedForm.Template, organizationField, anyEnvironment), namedForm, userLastForm, userFirstForm,
		chosenForm, anyDeployment,
	}

	// organizationAudience is the audience, which names the organization behind the platform that the token is for.
	organizationAudience = ci.Field{
		Name: "aud", Texts: `(?:[a-z]+:)?[^:/\s]+`, Sample: "aws:acme", Other: "aws:mallory", Decides: ci.Tenant,
	}
)

// reads judges a reading: whose tokens get in, of how much of the organization, and whether previews are among them.
func reads(r *ci.Reading) []ci.Verdict {
	if r.Form == anyDeployment && forEnvironments(r) || r.Form == chosenForm && r.ReadAs(audited[:4]...) {
		return nil
	}
	verdicts := r.Strangers()
	if verdicts == nil {
		verdicts = r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
	}
	switch {
	case verdicts != nil && !r.NamesTenant():
		return verdicts
	case verdicts != nil && r.OneCause():
		return ci.OfOneCause(verdicts, within(r))
	}
	return append(verdicts, within(r)...)
}

// within judges what else gets in of what is named: any environment, previews.
func within(r *ci.Reading) []ci.Verdict {
	if r.Form == chosenForm {
		return inEveryEnvironment(r)
	}
	preview := map[string]string{"operation": "preview"}
	if r.Form != anyDeployment || !r.Admits(preview) {
		return nil
	}
	rule := previewRole
	if r.Shares(admitsOthers) {
		rule = previews
	}
	return []ci.Verdict{{Rule: rule, Detail: "previews", Fields: preview}}
}

// forEnvironments reports that the audience is that of an environment's login block, which no deployment has.
func forEnvironments(r *ci.Reading) bool {
	audience := r.Span("aud")
	return audience.Kind == ci.Exact && strings.Contains(audience.Text, ":")
}

// inEveryEnvironment judges attributes among which no environment is: each environment of the organization can have
// them in its subject.
func inEveryEnvironment(r *ci.Reading) []ci.Verdict {
	attributes := r.Span("attributes")
	if attributes.Kind != ci.Exact || strings.Contains(attributes.Text, "nvironment.name:") {
		return nil
	}
	return []ci.Verdict{{Rule: ci.OrganizationWide, Detail: "a subject without an environment"}}
}

// admitsOthers reports that something other than previews gets in.
func admitsOthers(r *ci.Reading) bool {
	if r.Form != anyDeployment {
		return r.NamesTenant()
	}
	if forEnvironments(r) {
		return false
	}
	if operation := r.Span("operation"); operation.Kind == ci.Exact {
		return operation.Text != "preview"
	}
	for _, operation := range operations {
		if operation != "preview" && r.Admits(map[string]string{"operation": operation}) {
			return true
		}
	}
	return false
}
