// Package teamcity is TeamCity: its issuer, its tokens, and the words in which its jobs are trusted.
package teamcity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is TeamCity with the plugin OIDC Identity Token of Octopus Deploy.
//
// Issuer: the server's root URL, or what an admin set in its place; the plugin takes the slashes at its end off.
// Audience: what the build feature names. Subject: the internal ids of project and build configuration, then the branch
// and what triggered the build if the build feature asks for them. AWS fills no key of its own for this issuer.
//
// Sources: configuration, aws, subject, claims.
type System struct{}

const (
	plugin        = "https://github.com/OctopusDeploy/teamcity-oidc-plugin"
	configuration = plugin + "/blob/main/docs/configuration.md"
	aws           = plugin + "/blob/main/docs/aws.md"
	source        = plugin + "/blob/main/oidc-plugin-server/src/main/java/com/octopus/teamcity/oidc/"
	subject       = source + "JwtIssuanceService.java"
	claims        = source + "ClaimsResolver.java"
	branches      = "https://www.jetbrains.com/help/teamcity/working-with-feature-branches.html"
	requests      = "https://www.jetbrains.com/help/teamcity/pull-requests.html"
)

// The subjects by what the build feature's Subject scoping has ticked. Neither a branch of git nor a trigger's type has
// a ":". A branch that ends in "*" takes in a trigger type behind it. Only the plugin writes one there, so no build of
// another branch gets in by it.
// Source: subject.
var (
	plainForm   = ci.NewForm("project:{project}:build_type:{build type}", projectField, typeField)
	triggerForm = ci.NewForm("project:{project}:build_type:{build type}:trigger_type:{trigger type}",
		projectField, typeField, triggerField)
	branchForm = ci.NewForm("project:{project}:build_type:{build type}:branch:{branch}", projectField, typeField,
		ci.Field{Name: "branch", Sample: "refs/heads/main", Decides: ci.RefOf})
	fullForm = ci.NewForm("project:{project}:build_type:{build type}:branch:{branch}:trigger_type:{trigger type}",
		projectField, typeField, ci.Field{Name: "branch", Sample: "refs/heads/main", Decides: ci.RefOf}, triggerField)

	// openForm is that of a grant whose branch ends in "*", with what it takes in. No build has it: it is a branchForm
	// or a fullForm.
	openForm = ci.NewForm(branchForm.Template, projectField, typeField,
		ci.Field{Name: "branch", Texts: `[^:]+(?::trigger_type:[^:]+)?`, Sample: "refs/heads/main", Decides: ci.RefOf})

	projectField = ci.Field{
		Name:    "project",
		Texts:   idTexts,
		Sample:  "project7",
		Other:   "project66",
		Decides: ci.Project,
	}
	typeField    = ci.Field{Name: "build type", Texts: idTexts, Sample: "bt42", Other: "bt66", Decides: ci.Project}
	triggerField = ci.Field{Name: "trigger type", Sample: "user", Other: "unknown", Decides: ci.Event}
)

// Section is "teamcity".
func (System) Section() string { return "teamcity" }

// Title is "TeamCity".
func (System) Title() string { return "TeamCity" }

var (
	everyBranch = ci.Rule{
		ID: "teamcity-any-branch", Severity: ci.High, Unreviewed: true,
		Summary: "builds of every branch get the role, also those of pull requests that nobody has merged, where the " +
			"build configuration has such builds",
		Remediation: "Tick Branch under Subject scoping in the build feature, and list the branches that deploy.",
		Source:      configuration,
	}
	// High, although a trust cannot see whether the configuration builds pull requests: whoever may open one names its
	// branch.
	pullRequests = ci.Rule{
		ID: "teamcity-pull-requests", Severity: ci.High, Unreviewed: true,
		Summary: "TeamCity builds pull requests, those of forks too, as branches with names such as pull/12, " +
			"pull-requests/12, merge-requests/12 or 12: the trusted name is such a name, or takes some in, so code " +
			"that nobody has merged gets the role",
		Remediation: "List the branches that deploy, or write a longer beginning, such as production/* for p*.",
		Source:      requests,
	}
	// Not high: it depends on a branch specification that a trust cannot see.
	branchName = ci.Rule{
		ID: "teamcity-branch-name", Severity: ci.Medium,
		Summary: "where the branch specification takes in refs/heads/*, a branch pushed as " +
			"refs/heads/refs/heads/NAME is called refs/heads/NAME, and its builds have the subject " +
			"of the default branch",
		Remediation: "Add -:refs/heads/refs/* to the branch specification of the VCS root, or let the host of the " +
			"repository refuse such branches.",
		Source: branches,
	}
	idForm = ci.Rule{
		ID: "teamcity-id-form", Severity: ci.Low,
		Summary: "the internal ids of the plugin's documentation are of the forms project7 and bt42; an external id " +
			"in their place, which a page's URL may show, is in no subject, and by it no build would get the role",
		Remediation: "Compare the ids with those in sub under Preview sample token in the build feature.",
		Source:      configuration,
	}
)

// Rules are the findings of TeamCity.
func (System) Rules() []ci.Rule {
	return []ci.Rule{everyBranch, pullRequests, branchName, ci.RefPrefix("main"), ci.RefPrefix("release/"), idForm}
}

// Issuer is what signs the tokens of TeamCity.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://TEAMCITY", Installed: &installed,
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{plainForm, triggerForm, branchForm, fullForm}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:     []string{"TEAMCITY_VERSION"},
		Variable:  "%jwt.token%",
		Condition: "the build feature OIDC Identity Token of the plugin, and a server URL that begins with https://",
		Source:    configuration,
	}
}

// The documentation has samples of ids and no rule. An id is refused only if it would change what the subject means.
const (
	idTexts = `[A-Za-z0-9_-]+`
	preview = "; Preview sample token in the build feature shows it in sub"
)

var (
	id = ci.NewExpression(`^` + idTexts + `$`)
	// That the root project's is _Root is not documented.
	samples = ci.NewExpression(`^(project[0-9]+|_Root) bt[0-9]+$`)
	project = ci.NameKind{
		Noun: "project",
		Form: id,
		Rule: "must be the internal id of the project, such as project7" + preview,
		Not:  nil,
	}
	buildType = ci.NameKind{Noun: "build type", Form: id,
		Rule: "must be the internal id of the build configuration, such as bt42" + preview,
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`^[A-Za-z0-9]+_[A-Za-z0-9_]+$`),
			Reason: "is an external id; write the internal one, such as bt42" + preview,
		}}}
	trigger = ci.NameKind{Noun: "trigger type", Form: ci.NewExpression(`^[A-Za-z0-9_.-]+$`),
		Rule: "must be a type of trigger, such as user, vcsTrigger, schedulingTrigger or snapshotDependency",
		Not: []ci.Mistake{{
			Form:   ci.NewExpression(`^unknown$`),
			Reason: "is what the plugin writes where it knows no trigger, which says nothing of who started the build",
		}}}
	issuer = ci.IssuerURL{System: "TeamCity", Help: "write the server's root URL, or the one under Override issuer " +
		"URL if that is set, such as https://teamcity.example.com"}
)

// Read understands the section teamcity.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust(issuer.Read(section.Field("url"), problems), section, account, problems, usual)
	var w words
	for _, v := range section.Field("buildConfigurations").List {
		if v.Known {
			readBuild(&t, v, &w, problems)
		}
	}
	t.Pipeline = func(role ci.Role) string { return w.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readBuild turns an item of buildConfigurations into grants.
func readBuild(t *ci.Trust, v input.Value, w *words, problems *input.Problems) {
	b := build{project.Read(v.Field("project"), problems), buildType.Read(v.Field("buildType"), problems)}
	if b.project != "" && b.buildType != "" && !samples.MatchString(b.project+" "+b.buildType) {
		t.Findings = append(t.Findings, ci.Finding{Rule: idForm, Path: v.Path, Detail: b.String()})
	}
	list, anyBranch, triggerList := v.Field("branches"), v.Field("anyBranch"), v.Field("triggerTypes")
	triggers := trigger.ReadAll(triggerList, problems)
	branchNames := readBranches(list, triggerList.Present, problems)
	switch {
	case list.Present && anyBranch.Present && (!anyBranch.Known || anyBranch.Bool()):
		problems.Add(anyBranch, "stands beside branches; write one of them")
		return
	case !list.Present && anyBranch.Known && !anyBranch.Bool():
		problems.Add(list, "is missing: list the branches that get the role, and tick Branch under Subject scoping "+
			"in the build feature. anyBranch: true is for builds whose subject names no branch, and lets in "+
			"those of every branch")
		return
	case anyBranch.Bool():
		t.Findings = append(t.Findings, ci.Finding{Rule: everyBranch, Path: v.Path, Detail: b.String()})
		if !triggerList.Present {
			b.trust(t, v.Path, nil, "", w)
		}
		for _, trigger := range triggers {
			b.trust(t, v.Path, nil, trigger, w)
		}
	}
	for _, branch := range branchNames {
		for _, rule := range rulesOf(branch) {
			t.Findings = append(t.Findings,
				ci.Finding{
					Rule:   rule,
					Path:   list.Path,
					Detail: b.String() + branch.Phrase(" on", "branch", "branches"),
				})
		}
		if !triggerList.Present {
			b.trust(t, v.Path, &branch, "", w)
		}
		for _, trigger := range triggers {
			b.trust(t, v.Path, &branch, trigger, w)
		}
	}
}

// rulesOf are the findings about a branch, or about all that begin alike.
func rulesOf(branch ci.Name) []ci.Rule {
	switch {
	case branch.Prefix && takesInAll(branch.Text):
		return []ci.Rule{everyBranch}
	case meetsPullRequests(branch):
		return []ci.Rule{pullRequests}
	}
	var rules []ci.Rule
	if strings.HasPrefix(branch.Text, "refs/") {
		rules = append(rules, branchName)
	}
	if branch.Prefix {
		rules = append(rules, ci.RefPrefix(branch.Text))
	}
	return rules
}

// takesInAll reports that a prefix of logical names is one that those of all branches may have: parentheses in the
// branch specification can make refs/heads/, or the end of it, a part of them.
// Source: branches
func takesInAll(prefix string) bool {
	return strings.HasPrefix("refs/heads/", prefix) || prefix == "heads/"
}

// The names under which TeamCity builds pull requests: what its build feature Pull Requests and branch specifications
// such as refs/pull/*/head make of the refs of GitHub, Bitbucket and GitLab. Those that begin with refs/ are no
// branch's (RefProblem).
// Sources: requests, branches
var (
	pullRequestNames  = []string{"pull/", "pull-requests/", "merge-requests/"}
	pullRequestNumber = ci.NewExpression(`^[0-9]+(/[a-z]*)?$`)
)

// meetsPullRequests reports that builds of pull requests can have the name, or one that begins so.
func meetsPullRequests(branch ci.Name) bool {
	return slices.ContainsFunc(pullRequestNames, func(name string) bool {
		return strings.HasPrefix(branch.Text, name) || branch.Prefix && strings.HasPrefix(name, branch.Text)
	}) || branch.Prefix && pullRequestNumber.MatchString(branch.Text)
}

// readBranches reads branches as the subject has them: the default one as the VCS root has it, with refs/heads/ or
// without, and others by their logical names. A name may end in "*" if the grant names no trigger type behind it.
func readBranches(list input.Value, triggers bool, problems *input.Problems) []ci.Name {
	var names []ci.Name
	for _, v := range list.Texts() {
		text, prefix := strings.CutSuffix(v.Text(), "*")
		rule := ci.RefProblem(ci.Name{Text: strings.TrimPrefix(text, "refs/heads/"), Prefix: prefix}, ci.Branches)
		switch {
		case strings.ContainsAny(text, "<>"):
			rule = "is how TeamCity displays a branch; write the default branch as the VCS root has it, " +
				"such as refs/heads/main"
		case prefix && triggers:
			rule = "ends in *, which would leave open what stands behind the branch, and so " +
				"triggerTypes; list the branches"
		}
		if rule != "" {
			problems.Add(v, rule, input.Got(v))
			continue
		}
		names = append(names, ci.Name{Text: text, Prefix: prefix})
	}
	return names
}

// A build is a build configuration, by its internal ids.
type build struct{ project, buildType string }

func (b build) String() string {
	return fmt.Sprintf("build configuration %s of project %s", b.buildType, b.project)
}

// trust adds the grant of a branch and a trigger type, once all of it is known. branch is nil and trigger "" if the
// subject does not have them.
func (b build) trust(t *ci.Trust, path string, branch *ci.Name, trigger string, w *words) {
	if t.Issuer() == "" || b.project == "" || b.buildType == "" {
		return
	}
	form, terms, phrase := plainForm, ci.ExactlyAll(b.project, b.buildType), b.String()
	switch {
	case branch != nil && trigger != "":
		form = fullForm
	case branch != nil && branch.Prefix:
		form = openForm
	case branch != nil:
		form = branchForm
	case trigger != "":
		form = triggerForm
	}
	if branch != nil {
		terms, phrase = append(terms, ci.Term{Name: *branch}), phrase+branch.Phrase(" on", "branch", "branches")
	} else {
		phrase += " on any branch"
	}
	if trigger != "" {
		terms, phrase = append(terms, ci.Exactly(trigger)), phrase+", triggered by "+trigger+","
	}
	w.add(b, branch != nil, trigger != "")
	t.Allow(path, fmt.Sprintf("TeamCity: %s on %s", phrase, t.Host()),
		ci.Subject{Form: form, Terms: terms, Job: job(form), Others: b.others(form, terms)})
}

// job gives a build's claims other than its subject. Source: configuration.
func job(form *ci.Form) func(texts []string) map[string]any {
	return func(texts []string) map[string]any {
		claims := map[string]any{
			"project_internal_id": texts[0], "build_type_internal_id": texts[1], "project_external_id": "MyProject",
			"build_type_external_id": "MyProject_Build", "branch": "refs/heads/main", "trigger_type": "user",
			"jti": "1234-00000000-0000-4000-8000-000000000001",
		}
		for i, f := range form.Fields[2:] {
			claims[map[string]string{"branch": "branch", "trigger type": "trigger_type"}[f.Name]] = texts[2+i]
		}
		return claims
	}
}

// others are subjects that come near: those of other ticks under Subject scoping, and crafted ones.
func (b build) others(form *ci.Form, terms []ci.Term) map[string]string {
	texts := ci.Subject{Form: form, Terms: terms}.Sample()
	plain := plainForm.Build(b.project, b.buildType)
	near := map[string]string{
		"the subject of an older version of the plugin": "MyProject_Build",
		"a build of a branch of mallory's":              plain + ":branch:mallory",
		"a build of another project whose branch is the trusted build type": "project:project66:build_type:" +
			"bt66:branch:build_type/" + b.buildType,
		"a build of another trigger": plain + ":trigger_type:unknown",
		"a build of a branch that ends like the trusted one, and of no trigger": plain + ":branch:x/" +
			texts[len(texts)-1],
		"a build of no branch that says its trigger twice": plain +
			":trigger_type:user:trigger_type:user",
	}
	if form != plainForm {
		near["a build whose subject names no branch and no trigger"] = plain
	}
	return near
}
