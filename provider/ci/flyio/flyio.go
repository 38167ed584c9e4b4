// Package flyio is Fly.io: its issuer, its tokens, and the words in which its jobs are trusted.
package flyio

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Fly.io, whose machines get tokens of their own.
//
// Issuer: one for each organization. Audience: what the machine asks for; sts.amazonaws.com if AWS_ROLE_ARN is set.
// Subject: organization, app and the machine's name. AWS fills no key of its own for this issuer.
//
// Sources: docs, api.
type System struct{}

const (
	docs = "https://fly.io/docs/security/openid-connect/"
	api  = "https://fly.io/docs/machines/api/tokens-resource/"
	blog = "https://fly.io/blog/oidc-cloud-roles/"

	host     = "oidc.fly.io/"
	audience = "sts.amazonaws.com"
)

// form is the subject. Fly.io documents no rule for the names of machines, so a name may be any text. It is the last
// field, so nothing stands behind it that a crafted name could reach.
var form = ci.NewForm("{organization}:{app}:{machine}",
	ci.Field{Name: "organization", Sample: "acme", Decides: ci.Tenant},
	ci.Field{Name: "app", Sample: "web", Decides: ci.Project},
	ci.Field{Name: "machine", Texts: `(?s:.+)`, Sample: "red-bush-1234", Decides: ci.Event})

// Section is "flyio".
func (System) Section() string { return "flyio" }

// Title is "Fly.io".
func (System) Title() string { return "Fly.io" }

var (
	anyMachine = ci.Rule{
		ID: "flyio-any-machine", Severity: ci.Low,
		Summary: "every machine of the app gets the role: those that serve, those of release commands and consoles, " +
			"and whatever somebody runs in the app by hand",
		Remediation: "Put what needs the role into an app of its own, and let few people deploy to that.",
		Source:      docs,
	}
	machineNames = ci.Rule{
		ID: "flyio-machine-names", Severity: ci.Medium,
		Summary: "whoever may create a machine in the app chooses its name, so the name keeps nobody out who can " +
			"deploy to the app; and a machine that is made again without the name is refused",
		Remediation: "Put the machines into an app of their own and trust all of it.",
		Source:      docs,
	}
)

// Rules are the findings of Fly.io.
func (System) Rules() []ci.Rule { return []ci.Rule{anyMachine, machineNames} }

// Issuer is what signs the tokens of Fly.io.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL:   "https://oidc.fly.io/ORGANIZATION",
		Hosts: []ci.Host{{Host: host + "*", Judge: reads}},
	}
}

// reads judges a reading. The issuer is one organization's alone; its URL is not taken for the organization in the
// subject, because the documentation's own token spells the two otherwise.
func reads(r *ci.Reading) []ci.Verdict {
	verdicts := r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
	switch {
	case verdicts != nil && r.OneCause():
		return verdicts
	case r.Admits(map[string]string{"machine": form.Fields[2].Other}) && r.Field("machine").Kind == ci.Open:
		return append(verdicts, ci.Verdict{Rule: anyMachine, Detail: "any machine", Other: []string{"machine"}})
	}
	return append(verdicts, ci.Verdict{Rule: machineNames, Detail: "machines by name"})
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"FLY_MACHINE_ID"},
		Request: &ci.HandOutRequest{
			Method: "POST", URL: "http://localhost/v1/tokens/oidc", Audience: "aud", Socket: "/.fly/api",
		},
		File:      "/.fly/oidc_token", // AWS_WEB_IDENTITY_TOKEN_FILE names it
		Condition: "for the file, AWS_ROLE_ARN in the machine's environment; the request needs nothing",
		Source:    blog,
	}
}

// The slugs that Fly.io shows have lower-case letters, digits and hyphens; no rule of their length is documented.
var (
	organization = ci.NameKind{Noun: "organization", Form: ci.NewExpression(`^[a-z0-9][a-z0-9-]*$`),
		Rule: "must be the organization's slug, in lower case as the dashboard's URL has it, " +
			"https://fly.io/dashboard/SLUG, such as acme; not the name it is displayed by",
		Not: []ci.Mistake{
			{Form: ci.NewExpression(`^personal$`), Reason: "is an alias that stands in no token; write the slug, " +
				"which the dashboard's URL has: https://fly.io/dashboard/SLUG"},
			{
				Form:   ci.NewExpression(`[:/]`),
				Reason: "is a URL or more than an organization; write the slug alone, such as acme",
			},
		}}
	appName = ci.NameKind{Noun: "app", Form: ci.NewExpression(`^[a-z0-9][a-z0-9-]*$`),
		Rule: "must be the app's name, in lower case as fly apps list prints it, such as web",
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`\.fly\.dev$`),
			Reason: "is the app's host; write its name alone, such as web for web.fly.dev",
		}}}
	machine = ci.NameKind{Noun: "machine", Form: ci.NewExpression(`^.+$`),
		Rule: "must be the machine's name, as fly machine list prints it, such as red-bush-1234",
		Not:  []ci.Mistake{ci.IsAnID("machine", `^[0-9a-f]{14}$`)}}
)

// Read understands the section flyio.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	organization := organization.Read(section.Field("organization"), problems)
	if organization != "" {
		issuer = "https://" + host + organization
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	var apps []string
	for _, v := range section.Field("apps").List {
		if !v.Known {
			continue
		}
		app, machines := appName.Read(v.Field("name"), problems), v.Field("machines")
		names := machine.ReadAll(machines, problems)
		if app == "" || organization == "" {
			continue
		}
		apps = ci.AddOnce(apps, app)
		if !machines.Present {
			t.Findings = append(t.Findings, ci.Finding{Rule: anyMachine, Path: v.Path, Detail: app})
			trustMachines(&t, v.Path, organization, app, ci.Name{Prefix: true})
			continue
		}
		t.Findings = append(t.Findings, ci.Finding{Rule: machineNames, Path: machines.Path, Detail: app})
		for _, machine := range names {
			trustMachines(&t, v.Path, organization, app, ci.Name{Text: machine})
		}
	}
	t.Pipeline = func(role ci.Role) string { return config(apps, role, t.Audiences()) }
	t.Variables = func(role ci.Role) map[string]string {
		variables := ci.RoleVariables(role)
		if !own(t.Audiences()) {
			delete(variables, "AWS_ROLE_ARN") // with it a machine has a token that the role refuses
		}
		return variables
	}
	return []ci.Trust{t}
}

// trustMachines adds the grant of one machine of an app, or of all.
func trustMachines(t *ci.Trust, path, organization, app string, machine ci.Name) {
	which, one := "any machine", form.Fields[2].Sample
	if !machine.Prefix {
		which, one = "machine "+machine.Text, machine.Text
	}
	t.Allow(path, fmt.Sprintf("Fly.io: %s of app %s in organization %s", which, app, organization), ci.Subject{
		Form: form, Terms: []ci.Term{ci.Exactly(organization), ci.Exactly(app), {Name: machine}},
		Job: func(texts []string) map[string]any {
			return map[string]any{"org_id": "11111111", "org_name": texts[0], "app_id": "11111111",
				"app_name":   texts[1],
				"machine_id": "148e21ea7e46e8", "machine_name": texts[2], "region": "sea"}
		},
		Others: map[string]string{
			"an app whose name goes on":          fmt.Sprintf("%s:%s-evil:%s", organization, app, one),
			"a machine named like a trusted one": fmt.Sprintf("%s:mallory:%s:%[3]s", organization, app, one),
			"a subject without a machine":        organization + ":" + app,
		},
	})
}

// own reports that a machine asks by itself for an audience that the role wants.
func own(audiences []string) bool { return len(audiences) == 0 || slices.Contains(audiences, audience) }

// config is what the app's configuration needs. Fly.io reads it as TOML, JSON or YAML. A machine is one app's alone, so
// that the chain of the SDKs, which asks again when a session ends, meets no session of another.
// Sources: docs, api, https://fly.io/docs/reference/configuration/
func config(apps []string, role ci.Role, audiences []string) string {
	var b strings.Builder
	b.WriteString("# fly.yaml; in fly.toml the lines under env stand as NAME = \"VALUE\" under [env].\n")
	own := own(audiences)
	if !own {
		b.WriteString("# The role wants another audience than the one that a machine asks for by itself. Have it run " +
			"this in the shell that uses AWS:\n#\n")
		b.WriteString(ci.Exchange{
			Role:    role,
			Token:   System{}.HandOut().Request.Command(audiences[0]),
			Missing: "Only a machine of Fly.io has one.", Session: "fly-$FLY_APP_NAME-$FLY_MACHINE_ID",
		}.Script("#   "))
		b.WriteString("#\n")
	}
	if len(apps) > 1 {
		fmt.Fprintf(&b, "# The same for %s.\n", strings.Join(apps[1:], ", "))
	}
	if len(apps) > 0 {
		fmt.Fprintf(&b, "app: %s\n", ci.QuoteYAML(apps[0]))
	}
	b.WriteString("env:\n")
	if own {
		fmt.Fprintf(&b, "  AWS_ROLE_ARN: %s # with it a machine has a token, and "+
			"AWS_WEB_IDENTITY_TOKEN_FILE names its file\n  AWS_EC2_METADATA_DISABLED: \"true\"\n", role.ARN)
		if len(apps) > 0 {
			fmt.Fprintf(&b, "  AWS_ROLE_SESSION_NAME: %s\n", ci.QuoteYAML(apps[0]))
		}
	}
	b.WriteString(ci.RegionEnvironment("  ", role.Region))
	return b.String()
}
