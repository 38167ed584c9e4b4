// Package concourse is Concourse: its issuer, its tokens, and the words in which its jobs are trusted.
package concourse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Concourse with the var source idtoken.
//
// Issuer: the external URL of the web node, or its OIDC issuer URL; Concourse takes the slashes at its end off.
// Audience: what the var source names; there is no default. Subject: the names of team, pipeline, instance and job, as
// many as the var source asks for by subject_scope. A slash inside a name is written %2F, so the number of slashes
// tells the scope. AWS fills no key of its own for this issuer.
//
// Sources: docs, subject, instances, flag
type System struct{}

const (
	docs      = "https://concourse-ci.org/docs/operation/creds/id-token"
	subject   = "https://github.com/concourse/concourse/blob/master/atc/creds/idtoken/token_generator.go"
	instances = "https://github.com/concourse/concourse/blob/master/atc/pipeline.go"
	flag      = "https://github.com/concourse/concourse/blob/master/flag/url.go"
)

// The subjects of each scope. In the scope job a pipeline without instance vars leaves their place empty.
// Sources: docs, subject.
var (
	teamForm        = ci.NewForm("{team}", teamField)
	pipelineForm    = ci.NewForm("{team}/{pipeline}", teamField, pipelineField)
	instanceForm    = ci.NewForm("{team}/{pipeline}/{instance}", teamField, pipelineField, instanceField)
	jobForm         = ci.NewForm("{team}/{pipeline}//{job}", teamField, pipelineField, jobField)
	instanceJobForm = ci.NewForm("{team}/{pipeline}/{instance}/{job}", teamField, pipelineField, instanceField,
		jobField)

	teamField     = ci.Field{Name: "team", Texts: `[^/]+`, Sample: "main", Decides: ci.Tenant}
	pipelineField = ci.Field{Name: "pipeline", Texts: `[^/]+`, Sample: "web", Decides: ci.Project}
	instanceField = ci.Field{Name: "instance", Texts: `[^/]+`, Sample: `branch:"release%2F1"`, Decides: ci.Project}
	jobField      = ci.Field{Name: "job", Texts: `[^/]+`, Sample: "deploy", Decides: ci.Event}
)

// Section is "concourse".
func (System) Section() string { return "concourse" }

// Title is "Concourse".
func (System) Title() string { return "Concourse" }

var (
	anyPipeline = ci.Rule{
		ID: "concourse-any-pipeline", Severity: ci.High, Unreviewed: true,
		Summary: "every pipeline of the team gets the role, also those set later and those that " +
			"build pull requests",
		Remediation: "Name the pipelines, and the jobs that deploy.",
		Source:      docs,
	}
	everyJob = ci.Rule{
		ID: "concourse-every-job", Severity: ci.Medium, Unreviewed: true,
		Summary: "every job of the pipeline gets the role, also one that builds a pull request " +
			"which nobody has merged",
		Remediation: "Name the jobs that deploy, and give the var source subject_scope: job.",
		Source:      docs,
	}
)

// Rules are the findings of Concourse.
func (System) Rules() []ci.Rule { return []ci.Rule{anyPipeline, everyJob} }

// Issuer is what signs the tokens of Concourse.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://CONCOURSE", Installed: &installed,
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{teamForm, pipelineForm, instanceForm, jobForm, instanceJobForm}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Chosen: true, Condition: "the pipeline has a var source of type idtoken, and the job writes ((NAME:token)) " +
			"where it wants the token, NAME being the var source's",
		Source: docs,
	}
}

// name is the kind of name of one thing. Concourse warns of names that its rules do not know, and takes them; a "/"
// would end the name in the subject, and a "%" could be one that was written for a "/".
// Source: https://concourse-ci.org/docs/config-basics#identifier-schema
func name(noun, rule string) ci.NameKind {
	return ci.NameKind{Noun: noun, Form: ci.NewExpression(`^[^/%]+$`), Rule: rule, Not: []ci.Mistake{
		{
			Form:   ci.NewExpression(`^[^/]+(/[^/]*)+$`),
			Reason: "names more than a " + noun + "; write team, pipeline and jobs apart",
		}}}
}

var (
	teamName     = name("team", "must be the name of the team, as fly teams shows it, without / and %, such as main")
	pipelineName = name("pipeline",
		"must be the name of the pipeline, as fly pipelines shows it, without / and %, such as web")
	jobName = name("job", "must be the name of the job, as the pipeline has it, without / and %, such as deploy")
)

var issuerURL = ci.IssuerURL{System: "Concourse", Help: "write the external URL of the web node, or its OIDC issuer " +
	"URL if it has one, such as https://ci.example.com"}

// Read understands the section concourse.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust(issuerURL.Read(section.Field("url"), problems), section, account, problems, usual)
	words := words{}
	pipelines, teams := section.Field("pipelines"), section.Field("teams")
	if !pipelines.Present && !teams.Present {
		problems.Add(pipelines, "is missing, and teams too: name the pipelines whose jobs get the role")
	}
	for _, v := range pipelines.List {
		if v.Known {
			readPipeline(&t, v, words, problems)
		}
	}
	for _, v := range teams.List {
		team := teamName.Read(v, problems)
		if team != "" {
			t.Findings = append(t.Findings, ci.Finding{Rule: anyPipeline, Path: v.Path, Detail: team})
		}
		(&caller{team: team}).trust(&t, v.Path, teamForm, "every pipeline of team "+team, words, team)
	}
	t.Pipeline = func(role ci.Role) string { return words.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// A caller is whose tokens a grant lets in.
type caller struct {
	team, pipeline, job string
	vars                map[string]any
}

// readPipeline turns an item of pipelines into grants.
func readPipeline(t *ci.Trust, v input.Value, words words, problems *input.Problems) {
	c := caller{team: teamName.Read(v.Field("team"), problems), pipeline: pipelineName.Read(v.Field("name"), problems)}
	phrase := fmt.Sprintf("pipeline %s of team %s", c.pipeline, c.team)
	jobs, texts, form, jobForm := v.Field("jobs"), []string{c.team, c.pipeline}, pipelineForm, jobForm
	if vars := v.Field("instanceVars"); vars.Present {
		instance := ""
		instance, c.vars = readVars(vars, problems)
		texts, form, jobForm = append(texts, instance), instanceForm, instanceJobForm
		phrase = fmt.Sprintf("instance %s of %s", strings.NewReplacer(`"`, "", "%2F", "/").Replace(instance), phrase)
	}
	if !jobs.Present && !slices.Contains(texts, "") {
		t.Findings = append(t.Findings, ci.Finding{Rule: everyJob, Path: v.Path, Detail: phrase})
		c.trust(t, v.Path, form, phrase, words, texts...)
	}
	for _, job := range jobName.ReadAll(jobs, problems) {
		c.job = job
		c.trust(t, v.Path, jobForm, "job "+job+" of "+phrase, words, append(texts[:len(texts):len(texts)], job)...)
	}
}

// trust adds the grant of a form with some texts, as far as they are known.
func (c caller) trust(t *ci.Trust, path string, form *ci.Form, phrase string, words words, texts ...string) {
	if t.Issuer() == "" || slices.Contains(texts, "") {
		return
	}
	words.add(form, texts, c.job)
	pipeline, job := cmp.Or(c.pipeline, "web"), cmp.Or(c.job, "deploy")
	t.Allow(path, fmt.Sprintf("Concourse: %s on %s", phrase, t.Host()), ci.Subject{
		Form: form, Terms: ci.ExactlyAll(texts...),
		Job: func(texts []string) map[string]any {
			claims := map[string]any{"team": texts[0], "pipeline": pipeline, "job": job}
			if c.vars != nil {
				claims["instance_vars"] = c.vars
			}
			return claims
		},
		Others: map[string]string{
			"a pipeline of the team in the scope team":              c.team,
			"the pipeline in the scope pipeline":                    c.team + "/" + pipeline,
			"the pipeline in the scope instance, where it has none": c.team + "/" + pipeline + "/",
			"another instance of the pipeline": c.team + "/" + pipeline +
				"/mallory:mallory",
			"another job of the pipeline":                       c.team + "/" + pipeline + "//mallory",
			"a resource check of the pipeline in the scope job": c.team + "/" + pipeline + "//",
			"a job of another instance": c.team + "/" + pipeline +
				"/mallory:mallory/" + job,
			"a team whose name is the whole subject, in the scope team": strings.ReplaceAll(form.Build(texts...),
				"/", "%2F"),
			"a pipeline whose name goes on like the subject":               c.team + "/" + pipeline + "%2F%2F" + job,
			"a pipeline of a team whose name goes on like the trusted one": c.team + "%2F" + pipeline + "/mallory",
			"a job whose name is the whole subject, in a pipeline of mallory": "mallory/mallory//" +
				strings.ReplaceAll(form.Build(texts...), "/", "%2F"),
		},
	})
}

var (
	varName = ci.NewExpression(`^[A-Za-z0-9_-]+$`)
	varText = ci.NewExpression(`^[A-Za-z]([A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?$`)
)

// readVars reads instance vars, and returns them as they stand in the subject, and as they stand in the claim of their
// own: sorted by name, and in quotes where a slash or space is in the value. Concourse writes a number without quotes
// and a text that looks like one with them, and which of the two fly was given cannot be seen here: only values are
// taken that are texts either way.
// Source: instances
func readVars(vars input.Value, problems *input.Problems) (string, map[string]any) {
	if vars.Known && len(vars.Fields) == 0 {
		problems.Add(vars, "is empty; leave it out for a pipeline without instance vars")
	}
	complete, claim, texts := vars.Known, map[string]any{}, []string{}
	for _, name := range vars.Names() {
		v := vars.Field(name)
		text := v.Text()
		switch {
		case !varName.MatchString(name):
			problems.Add(v, "has a name that is more than letters, digits, - and _: how Concourse writes it into the "+
				"subject is not certain; trust the pipeline without instanceVars")
			complete = false
		case !v.HasText():
			complete = false
		case !varText.MatchString(text) || ci.WordYAML.MatchString(text):
			problems.Add(v, "must begin with a letter, have letters, digits, spaces and _ . / @ + - alone, and not "+
				"be a word that YAML reads as something else, such as true: of others it is not certain how "+
				"Concourse writes them into the subject", input.Got(v))
			complete = false
		}
		if strings.Contains(text, "/") && strings.Contains(text, " ") {
			problems.Add(v, "has a slash and a space, and so the subject of a value that has %2F in the place of the "+
				"slash; trust the pipeline without instanceVars", input.Got(v))
			complete = false
		}
		claim[name] = text
		if strings.ContainsAny(text, "/ ") {
			text = `"` + strings.ReplaceAll(text, "/", "%2F") + `"`
		}
		texts = append(texts, name+":"+text)
	}
	if !complete {
		return "", nil
	}
	return strings.Join(texts, ","), claim
}
