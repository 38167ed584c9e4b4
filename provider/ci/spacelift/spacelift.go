// Package spacelift is Spacelift: its issuer, its tokens, and the words in which its jobs are trusted.
package spacelift

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Spacelift, in its regions and self-hosted.
//
// Issuer: the URL of the account. Audience: the account's host, which no setting changes. Subject: space, stack or
// module, run type and scope, unless an admin gave the account a template of its own. AWS fills no key of its own for
// this issuer.
//
// Sources: docs, aws, template.
type System struct{}

const (
	docs     = "https://docs.spacelift.io/integrations/cloud-providers/oidc"
	aws      = "https://docs.spacelift.io/integrations/cloud-providers/oidc/aws-oidc"
	template = "https://docs.spacelift.io/integrations/cloud-providers/oidc/subject-template"
)

// form is the subject if the account has no template.
var form = ci.NewForm("space:{space}:{caller type}:{caller}:run_type:{run type}:scope:{scope}",
	ci.Field{
		Name:    "space",
		Sample:  "production-01J0000000000000000000WEB1",
		Other:   "mallory-01J0000000000000000000BAD1",
		Decides: ci.Project,
	},
	ci.Field{Name: "caller type", Choices: []string{"stack", "module"}, Decides: ci.Project},
	ci.Field{Name: "caller", Sample: "web", Decides: ci.Project},
	ci.Field{
		Name:    "run type",
		Choices: []string{"PROPOSED", "TRACKED", "TASK", "TESTING", "DESTROY"},
		Decides: ci.Event,
	},
	ci.Field{Name: "scope", Choices: []string{"read", "write"}, Decides: ci.Event})

// knownScopes are the scopes of the tokens of each type of run of a stack. A tracked run plans with the scope read and
// applies with write, unless the stack deploys by itself.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc#about-scopes
var knownScopes = map[string][]string{
	"PROPOSED": {"read"}, "TRACKED": {"read", "write"}, "TASK": {"write"}, "DESTROY": {"write"},
}

// Section is "spacelift".
func (System) Section() string { return "spacelift" }

// Title is "Spacelift".
func (System) Title() string { return "Spacelift" }

var proposedRuns = ci.Rule{
	ID: "spacelift-proposed-runs", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary: "proposed runs share the role with runs that change something, so a proposed run, which runs the code " +
		"of a pull request that nobody has merged, can change whatever a tracked run can",
	Remediation: "Give the run type PROPOSED a role of its own, one that only reads.",
	Source:      docs,
}

var proposedRole = ci.Rule{
	ID: "spacelift-proposed-role", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary:     "proposed runs get the role, and they run the code of pull requests that nobody has merged",
	Remediation: "Let the role's policies read alone, and nothing that must stay secret.",
	Source:      docs,
}

var spaceForm = ci.Rule{
	ID: "spacelift-space-form", Severity: ci.Low,
	Summary: "the documented ids of spaces are root, or end in - and 26 capital letters and digits: by a space's " +
		"name alone no run would get the role, unless Spacelift shows that as the id",
	Remediation: "Write the id as the page of the space shows it, such as production-01HND497T9JKR76MR3KA2CDJHP.",
	Source:      docs,
}

var moduleTests = ci.Rule{
	ID: "spacelift-module-tests", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary:     "the tests of a module get the role, and they also run for pull requests that nobody has merged",
	Remediation: "Give the tests of modules a role of their own, for an account in which nothing matters.",
	Source:      docs,
}

// Rules are the findings of Spacelift.
func (System) Rules() []ci.Rule {
	return []ci.Rule{proposedRuns, moduleTests, proposedRole, spaceForm}
}

// Issuer is what signs the tokens of Spacelift.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://ACCOUNT.app.spacelift.io",
		Hosts: []ci.Host{
			{Host: "*.app.spacelift.io", Forms: audited, Judge: reads},
			{Host: "*.app.us.spacelift.io", Forms: audited, Judge: reads},
		},
		Installed: &ci.Host{Forms: []*ci.Form{form}, Judge: reads},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:     []string{"TF_VAR_spacelift_run_id"},
		Variable:  "SPACELIFT_OIDC_TOKEN",
		File:      tokenFile,
		Condition: "a paid account, or self-hosted",
		Source:    docs,
	}
}

var (
	space = ci.NameKind{Noun: "space", Form: ci.NewExpression(`^[A-Za-z0-9][A-Za-z0-9_-]*$`),
		Rule: "must be the id of the space, as its page shows it and TF_VAR_spacelift_space_id has it in a run, such " +
			"as production-01HND497T9JKR76MR3KA2CDJHP, or root",
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`^/`),
			Reason: "is a path; write the id of the space, such as production-01HND497T9JKR76MR3KA2CDJHP",
		}}}
	stackID = ci.NameKind{Noun: "stack", Form: ci.NewExpression(`^[A-Za-z0-9_.-]+$`),
		Rule: "must be the stack's slug: the last part of its URL, " +
			"https://ACCOUNT.app.spacelift.io/stack/SLUG, such as web", Not: nil}
	moduleID = ci.NameKind{Noun: "module", Form: ci.NewExpression(`^[A-Za-z0-9_.-]+$`),
		Rule: "must be the module's slug: the last part of its URL, https://ACCOUNT.app.spacelift.io/module/SLUG, " +
			"such as terraform-aws-web", Not: nil}
)

// Read understands the section spacelift.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	host := ci.ReadHost(section.Field("hostname"), "that of the account, such as acme.app.spacelift.io or "+
		"acme.app.us.spacelift.io", "acme.app.spacelift.io", problems)
	if host != "" {
		issuer = "https://" + host
	}
	t := ci.NewTrust(issuer, section, account, problems, host)
	if strings.HasSuffix(host, ".spacelift.io") { // elsewhere the issuer may have another host than the account
		ci.RequireAudience(section, "every token of the account", host, problems)
	}
	stacks, modules := section.Field("stacks"), section.Field("modules")
	if !stacks.Present && !modules.Present {
		problems.Add(stacks, "is missing, and modules too: name the stacks or the modules whose runs get the role")
	}
	var w words
	// the paths of stacks with proposed runs; whether other runs share the role
	proposed, others := map[string]string{}, modules.Present
	for _, v := range stacks.List {
		if v.Known {
			stack := caller{"stack", readSpace(&t, v.Field("space"), problems), stackID.Read(v.Field("id"), problems)}
			for _, run := range readRuns(v, problems) {
				stack.trust(&t, v.Path, run, &w)
				if run.runType == "PROPOSED" {
					proposed[v.Path] = stack.String()
				} else {
					others = true
				}
			}
		}
	}
	rule := proposedRole
	if others {
		rule = proposedRuns
	}
	for _, path := range slices.Sorted(maps.Keys(proposed)) {
		t.Findings = append(t.Findings, ci.Finding{Rule: rule, Path: path, Detail: proposed[path]})
	}
	for _, v := range modules.List {
		if v.Known {
			module := caller{"module", readSpace(&t, v.Field("space"), problems),
				moduleID.Read(v.Field("id"), problems)}
			t.Findings = append(t.Findings, ci.Finding{Rule: moduleTests, Path: v.Path, Detail: module.String()})
			module.trust(&t, v.Path, run{"TESTING", "write"}, &w)
		}
	}
	t.Pipeline, t.Variables = w.config, variables
	return []ci.Trust{t}
}

// spaceID is the form of the ids of spaces: a slug and a ULID, but for the first space.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc/aws-oidc
var spaceID = ci.NewExpression(`^(root|.+-[0-9A-Z]{26})$`)

// readSpace reads the id of a space. One of another form is allowed: old accounts may have some.
func readSpace(t *ci.Trust, v input.Value, problems *input.Problems) string {
	id := space.Read(v, problems)
	if id != "" && !spaceID.MatchString(id) {
		t.Findings = append(t.Findings, ci.Finding{Rule: spaceForm, Path: v.Path, Detail: "space " + id})
	}
	return id
}

// A caller is a stack or a module.
type caller struct{ kind, space, id string }

func (c caller) String() string {
	return fmt.Sprintf("%s %s in space %s", c.kind, c.id, c.space)
}

// A run is a type of run with one of its scopes.
type run struct{ runType, scope string }

// readRuns reads which runs of a stack are trusted. There is no default: a proposed run also runs for changes that
// nobody has merged.
func readRuns(v input.Value, problems *input.Problems) []run {
	list, scopes := v.Field("runTypes"), v.Field("scopes")
	if !list.Present {
		problems.Add(list, "is missing: say which runs get the role, such as [TRACKED]. PROPOSED ones run the code "+
			"of pull requests, and are better off with a role of their own")
	}
	wanted := ci.ReadChoices(scopes, []string{"read", "write"}, problems)
	var runs []run
	for _, runType := range list.Texts() {
		having, known := knownScopes[runType.Text()]
		if !known {
			problems.Add(runType, "must be PROPOSED, TRACKED, TASK or DESTROY, in capitals as Spacelift writes it",
				input.Got(runType))
			continue
		}
		before := len(runs)
		for _, scope := range having {
			if !scopes.Present || slices.Contains(wanted, scope) {
				runs = append(runs, run{runType.Text(), scope})
			}
		}
		if scopes.FullyKnown() && len(wanted) > 0 && len(runs) == before {
			problems.Add(scopes, "leaves out every "+runType.Text()+" run: their tokens have the scope "+
				ci.OrList(having), input.Got(runType))
		}
	}
	return runs
}

// trust adds the grant of one kind of run, once all of it is known.
func (c caller) trust(t *ci.Trust, path string, r run, w *words) {
	if t.Issuer() == "" || c.space == "" || c.id == "" {
		return
	}
	w.callers = ci.AddOnce(w.callers, c.kind+"s\x00"+c.space+"\x00"+c.id)
	t.Allow(path, fmt.Sprintf("Spacelift: %s runs of %s with scope %s on %s", r.runType, c, r.scope, t.Host()),
		ci.Subject{
			Form: form, Terms: ci.ExactlyAll(c.space, c.kind, c.id, r.runType, r.scope),
			Job: func(texts []string) map[string]any {
				return map[string]any{"spaceId": texts[0], "callerType": texts[1], "callerId": texts[2],
					"runType": texts[3], "scope": texts[4],
					"runId": "01J0000000000000000000RUN1"}
			},
			Others: map[string]string{
				"a subject of a template that names " +
					"the path of the space": fmt.Sprintf("space:%s:space_path:/root/%[1]s:%s:%s:run_type:%s:scope:%s",
					c.space, c.kind, c.id, r.runType, r.scope),
			},
		})
}

// words is what a trust names, for the settings to paste.
type words struct{ callers []string }

// tokenFile is the file with the token of a run.
const tokenFile = "/mnt/workspace/spacelift.oidc"

// session is the end of a session's name, which leads back to the stack or the module. STS takes 64 characters.
func session(id string) string { return id[max(0, len(id)-len("spacelift-")-44):] }

// variables are those of every stack and module.
func variables(role ci.Role) map[string]string {
	variables := ci.RoleVariables(role)
	variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = tokenFile
	return variables
}

// config is what to set: Spacelift has no pipeline file that could hold it.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc/aws-oidc
func (w *words) config(role ci.Role) string {
	var b strings.Builder
	b.WriteString("# Add these under Environment to each stack or module, or to a context attached to it. " +
		"Terraform's provider takes the role from them.\n")
	kind := ""
	for _, caller := range slices.Sorted(slices.Values(w.callers)) {
		parts := strings.Split(caller, "\x00")
		if parts[0] != kind {
			kind = parts[0]
			b.WriteString(kind + ":\n")
		}
		fmt.Fprintf(&b, "  - space: %s\n    id: %s\n    environment:\n%s", ci.QuoteYAML(parts[1]),
			ci.QuoteYAML(parts[2]),
			fmt.Sprintf("      AWS_ROLE_ARN: %s\n      AWS_WEB_IDENTITY_TOKEN_FILE: %s\n      AWS_ROLE_SESSION_NAME: "+
				"spacelift-%s\n      AWS_EC2_METADATA_DISABLED: \"true\"\n", role.ARN, tokenFile, session(parts[2]))+
				ci.RegionEnvironment("      ", role.Region))
	}
	return b.String()
}
