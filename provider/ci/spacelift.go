package ci

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Spacelift is Spacelift, in its regions and self-hosted.
//
// Issuer: the URL of the account. Audience: the account's host, which no setting changes. Subject: space, stack or module,
// run type and scope, unless an admin gave the account a template of its own. AWS fills no key of its own for this issuer.
//
// Sources: spaceliftDocs, spaceliftAWS, spaceliftTemplate.
type Spacelift struct{}

const (
	spaceliftDocs     = "https://docs.spacelift.io/integrations/cloud-providers/oidc"
	spaceliftAWS      = "https://docs.spacelift.io/integrations/cloud-providers/oidc/aws-oidc"
	spaceliftTemplate = "https://docs.spacelift.io/integrations/cloud-providers/oidc/subject-template"
)

// spaceliftForm is the subject where the account has no template.
var spaceliftForm = newForm("space:{space}:{caller type}:{caller}:run_type:{run type}:scope:{scope}",
	field{name: "space", sample: "production-01J0000000000000000000WEB1", other: "mallory-01J0000000000000000000BAD1"},
	field{name: "caller type", choices: []string{"stack", "module"}},
	field{name: "caller", sample: "web"},
	field{name: "run type", choices: []string{"PROPOSED", "TRACKED", "TASK", "TESTING", "DESTROY"}},
	field{name: "scope", choices: []string{"read", "write"}})

// spaceliftScopes are the scopes of the tokens of each type of run of a stack. A tracked run plans with the scope read and
// applies with write, unless the stack deploys by itself.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc#about-scopes
var spaceliftScopes = map[string][]string{
	"PROPOSED": {"read"}, "TRACKED": {"read", "write"}, "TASK": {"write"}, "DESTROY": {"write"},
}

// Section is "spacelift".
func (Spacelift) Section() string { return "spacelift" }

// Title is "Spacelift".
func (Spacelift) Title() string { return "Spacelift" }

var spaceliftProposedRuns = Rule{
	ID: "spacelift-proposed-runs", Severity: Medium,
	Summary: "proposed runs share the role with runs that change something, so a proposed run, which runs the code of a pull request that nobody " +
		"has merged, can change whatever a tracked run can",
	Remediation: "Give the run type PROPOSED a role of its own, one that only reads.",
	Source:      spaceliftDocs,
}

var spaceliftProposedRole = Rule{
	ID: "spacelift-proposed-role", Severity: Medium,
	Summary:     "proposed runs get the role, and they run the code of pull requests that nobody has merged",
	Remediation: "Let the role's policies read alone, and nothing that must stay secret.",
	Source:      spaceliftDocs,
}

var spaceliftSpaceForm = Rule{
	ID: "spacelift-space-form", Severity: Low,
	Summary: "the documented ids of spaces are root, or end in - and 26 capital letters and digits: by a space's name alone no run would get the role, " +
		"unless Spacelift shows that as the id",
	Remediation: "Write the id as the page of the space shows it, such as production-01HND497T9JKR76MR3KA2CDJHP.",
	Source:      spaceliftDocs,
}

var spaceliftModuleTests = Rule{
	ID: "spacelift-module-tests", Severity: Medium,
	Summary:     "the tests of a module get the role, and they also run for pull requests that nobody has merged",
	Remediation: "Give the tests of modules a role of their own, for an account in which nothing matters.",
	Source:      spaceliftDocs,
}

// Rules are the findings of Spacelift.
func (Spacelift) Rules() []Rule {
	return []Rule{spaceliftProposedRuns, spaceliftModuleTests, spaceliftProposedRole, spaceliftSpaceForm}
}

// Issuer is what signs the tokens of Spacelift.
func (Spacelift) Issuer() Issuer {
	return Issuer{
		URL:   "https://ACCOUNT.app.spacelift.io",
		Hosts: []trust.Issuer{{Host: "*.app.spacelift.io", Judge: judgeTenantIssuer}, {Host: "*.app.us.spacelift.io", Judge: judgeTenantIssuer}},
	}
}

// Forms are the forms of their subjects.
func (Spacelift) Forms() []*form { return []*form{spaceliftForm} }

// Page is what people read about Spacelift.
func (Spacelift) Page() Page {
	return Page{
		Audience: "`ACCOUNT.app.spacelift.io`, the account's host without `https://`; no setting changes it",
		Names:    "stacks by run type and scope; modules",
		Subjects: []string{
			"space:SPACE:stack:STACK:run_type:RUN_TYPE:scope:SCOPE of a stack's run; RUN_TYPE is `PROPOSED`, `TRACKED`, `TASK` or `DESTROY`, SCOPE `read` or `write`",
			"space:SPACE:module:MODULE:run_type:TESTING:scope:write of a module's test",
			"another one where an admin set a subject template for the account, which this package does not trust",
		},
		Pitfalls: []string{
			"The id of a space is more than its name: `production-01HND4...`, and `root` for the first. Patterns such as `space:production-*` also " +
				"fit a space called `production-evil`; this package writes whole ids.",
			"A tracked run of a stack that does not deploy by itself plans with the scope `read` and applies with `write`: `TRACKED` trusts both, unless `scopes` says otherwise.",
			"Proposed runs run the code of pull requests.",
			"The subject names no branch and no repository: which branch is tracked is a setting of the stack.",
			"Moving a stack to another space changes its subject. Renaming it does not.",
			"A stack with the label `feature:aws_oidc_session_tagging` sends session tags, and AWS refuses it unless `sessionTags` is `true`.",
			"A self-hosted Spacelift whose issuer was changed by `FEDERATION_CUSTOM_ISSUER` is written by that host. Its tokens still have the account's host " +
				"as audience: then write the account's host as `audiences`.",
		},
		Sources: []string{spaceliftDocs, spaceliftAWS, spaceliftTemplate, "https://docs.spacelift.io/concepts/spaces"},
		Example: `spacelift:
  hostname: acme.app.spacelift.io
  stacks:
    - space: production-01J0000000000000000000WEB1
      id: web
      runTypes: [TRACKED]
`,
	}
}

var (
	spaceliftSpace = nameKind{"space", newExpression(`^[A-Za-z0-9][A-Za-z0-9_-]*$`),
		"must be the id of the space, as its page shows it and TF_VAR_spacelift_space_id has it in a run, such as production-01HND497T9JKR76MR3KA2CDJHP, or root",
		[]mistaken{{newExpression(`^/`), "is a path; write the id of the space, such as production-01HND497T9JKR76MR3KA2CDJHP"}}}
	spaceliftStack = nameKind{"stack", newExpression(`^[A-Za-z0-9_.-]+$`),
		"must be the stack's slug: the last part of its URL, https://ACCOUNT.app.spacelift.io/stack/SLUG, such as web", nil}
	spaceliftModule = nameKind{"module", newExpression(`^[A-Za-z0-9_.-]+$`),
		"must be the module's slug: the last part of its URL, https://ACCOUNT.app.spacelift.io/module/SLUG, such as terraform-aws-web", nil}
)

// Read understands the section spacelift.
func (Spacelift) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	issuer := ""
	host := readHost(section.Field("hostname"), "that of the account, such as acme.app.spacelift.io or acme.app.us.spacelift.io", "acme.app.spacelift.io", problems)
	if host != "" {
		issuer = "https://" + host
	}
	t := newTrust(issuer, section, account, problems, host)
	if strings.HasSuffix(host, ".spacelift.io") { // elsewhere the issuer may have another host than the account
		requireAudience(section, "every token of the account", host, problems)
	}
	stacks, modules := section.Field("stacks"), section.Field("modules")
	if !stacks.Present && !modules.Present {
		problems.Add(stacks, "is missing, and modules too: name the stacks or the modules whose runs get the role")
	}
	words := spaceliftWords{}
	proposed, others := map[string]string{}, modules.Present // the paths of stacks with proposed runs; whether other runs share the role
	for _, v := range stacks.List {
		if v.Known {
			stack := spaceliftCaller{"stack", readSpaceliftSpace(&t, v.Field("space"), problems), spaceliftStack.read(v.Field("id"), problems)}
			for _, run := range readSpaceliftRuns(v, problems) {
				stack.trust(&t, v.Path, run, &words)
				if run.runType == "PROPOSED" {
					proposed[v.Path] = stack.String()
				} else {
					others = true
				}
			}
		}
	}
	rule := spaceliftProposedRole
	if others {
		rule = spaceliftProposedRuns
	}
	for _, path := range slices.Sorted(maps.Keys(proposed)) {
		t.Findings = append(t.Findings, Finding{Rule: rule, Path: path, Detail: proposed[path]})
	}
	for _, v := range modules.List {
		if v.Known {
			module := spaceliftCaller{"module", readSpaceliftSpace(&t, v.Field("space"), problems), spaceliftModule.read(v.Field("id"), problems)}
			t.Findings = append(t.Findings, Finding{Rule: spaceliftModuleTests, Path: v.Path, Detail: module.String()})
			module.trust(&t, v.Path, spaceliftRun{"TESTING", "write"}, &words)
		}
	}
	t.Pipeline = words.config
	return []Trust{t}
}

// spaceliftSpaceID is the form of the ids of spaces: a slug and a ULID, but for the first space.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc/aws-oidc
var spaceliftSpaceID = newExpression(`^(root|.+-[0-9A-Z]{26})$`)

// readSpaceliftSpace reads the id of a space. One of another form is allowed: old accounts may have some.
func readSpaceliftSpace(t *Trust, v input.Value, problems *input.Problems) string {
	id := spaceliftSpace.read(v, problems)
	if id != "" && !spaceliftSpaceID.MatchString(id) {
		t.Findings = append(t.Findings, Finding{Rule: spaceliftSpaceForm, Path: v.Path, Detail: "space " + id})
	}
	return id
}

// A spaceliftCaller is a stack or a module.
type spaceliftCaller struct{ kind, space, id string }

func (c spaceliftCaller) String() string {
	return fmt.Sprintf("%s %s in space %s", c.kind, c.id, c.space)
}

// A spaceliftRun is a type of run with one of its scopes.
type spaceliftRun struct{ runType, scope string }

// readSpaceliftRuns reads which runs of a stack are trusted. There is no default: a proposed run also runs for changes that
// nobody has merged.
func readSpaceliftRuns(v input.Value, problems *input.Problems) []spaceliftRun {
	list, scopes := v.Field("runTypes"), v.Field("scopes")
	if !list.Present {
		problems.Add(list, "is missing: say which runs get the role, such as [TRACKED]. PROPOSED ones run the code of pull requests, and are better off with a role of their own")
	}
	wanted := readChoices(scopes, []string{"read", "write"}, problems)
	var runs []spaceliftRun
	for _, runType := range list.Texts() {
		having, known := spaceliftScopes[runType.Text()]
		if !known {
			problems.Add(runType, "must be PROPOSED, TRACKED, TASK or DESTROY, in capitals as Spacelift writes it", input.Got(runType))
			continue
		}
		before := len(runs)
		for _, scope := range having {
			if !scopes.Present || slices.Contains(wanted, scope) {
				runs = append(runs, spaceliftRun{runType.Text(), scope})
			}
		}
		if scopes.FullyKnown() && len(wanted) > 0 && len(runs) == before {
			problems.Add(scopes, "leaves out every "+runType.Text()+" run: their tokens have the scope "+orList(having), input.Got(runType))
		}
	}
	return runs
}

// trust adds the grant of one kind of run, as far as it is known.
func (c spaceliftCaller) trust(t *Trust, path string, run spaceliftRun, words *spaceliftWords) {
	if t.Issuer() == "" || c.space == "" || c.id == "" {
		return
	}
	words.callers = addOnce(words.callers, c.kind+"s\x00"+c.space+"\x00"+c.id)
	t.trust(path, fmt.Sprintf("Spacelift: %s runs of %s with scope %s on %s", run.runType, c, run.scope, t.Host()), subject{
		form: spaceliftForm, terms: exactlyAll(c.space, c.kind, c.id, run.runType, run.scope),
		job: func(texts []string) map[string]any {
			return map[string]any{"spaceId": texts[0], "callerType": texts[1], "callerId": texts[2], "runType": texts[3], "scope": texts[4],
				"runId": "01J0000000000000000000RUN1"}
		},
		others: map[string]string{
			"a subject of a template that names the path of the space": fmt.Sprintf("space:%s:space_path:/root/%[1]s:%s:%s:run_type:%s:scope:%s",
				c.space, c.kind, c.id, run.runType, run.scope),
		},
	})
}

// spaceliftWords is what a trust names, for the settings to paste.
type spaceliftWords struct{ callers []string }

// config is what to set: Spacelift has no pipeline file that could hold it.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc/aws-oidc
func (w *spaceliftWords) config(roleArn, region string) string {
	var b strings.Builder
	b.WriteString("# Add these under Environment to each stack or module, or to a context attached to it. Terraform's provider takes the role from them.\n")
	kind := ""
	for _, caller := range slices.Sorted(slices.Values(w.callers)) {
		parts := strings.Split(caller, "\x00")
		if parts[0] != kind {
			kind = parts[0]
			b.WriteString(kind + ":\n")
		}
		fmt.Fprintf(&b, "  - space: %s\n    id: %s\n    environment:\n%s", quoteYAML(parts[1]), quoteYAML(parts[2]),
			roleEnvironment("      ", roleArn, region, "/mnt/workspace/spacelift.oidc"))
	}
	return b.String()
}
