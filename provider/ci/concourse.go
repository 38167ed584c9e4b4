package ci

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Concourse is Concourse with the var source idtoken.
//
// Issuer: the external URL of the web node, or its OIDC issuer URL; Concourse takes the slashes at its end off. Audience: what
// the var source names; there is no default. Subject: the names of team, pipeline, instance and job, as many as the var source
// asks for by subject_scope. A slash inside a name is written %2F, so the number of slashes tells the scope. AWS fills no key
// of its own for this issuer.
//
// Sources: concourseDocs, concourseSubject, concourseVars, concourseURL.
type Concourse struct{}

const (
	concourseDocs    = "https://concourse-ci.org/docs/operation/creds/id-token"
	concourseSubject = "https://github.com/concourse/concourse/blob/master/atc/creds/idtoken/token_generator.go"
	concourseVars    = "https://github.com/concourse/concourse/blob/master/atc/pipeline.go"
	concourseURL     = "https://github.com/concourse/concourse/blob/master/flag/url.go"
)

// The subjects of each scope. In the scope job a pipeline without instance vars leaves their place empty.
// Sources: concourseDocs, concourseSubject.
var (
	concourseTeamForm        = newForm("{team}", concourseTeamField)
	concoursePipelineForm    = newForm("{team}/{pipeline}", concourseTeamField, concoursePipelineField)
	concourseInstanceForm    = newForm("{team}/{pipeline}/{instance}", concourseTeamField, concoursePipelineField, concourseInstanceField)
	concourseJobForm         = newForm("{team}/{pipeline}//{job}", concourseTeamField, concoursePipelineField, concourseJobField)
	concourseInstanceJobForm = newForm("{team}/{pipeline}/{instance}/{job}",
		concourseTeamField, concoursePipelineField, concourseInstanceField, concourseJobField)

	concourseTeamField     = field{name: "team", texts: `[^/]+`, sample: "main"}
	concoursePipelineField = field{name: "pipeline", texts: `[^/]+`, sample: "web"}
	concourseInstanceField = field{name: "instance", texts: `[^/]+`, sample: `branch:"release%2F1"`}
	concourseJobField      = field{name: "job", texts: `[^/]+`, sample: "deploy"}
)

// Section is "concourse".
func (Concourse) Section() string { return "concourse" }

// Title is "Concourse".
func (Concourse) Title() string { return "Concourse" }

var (
	concourseAnyPipeline = Rule{
		ID: "concourse-any-pipeline", Severity: High,
		Summary:     "every pipeline of the team gets the role, also those set later and those that build pull requests",
		Remediation: "Name the pipelines, and the jobs that deploy.",
		Source:      concourseDocs,
	}
	concourseEveryJob = Rule{
		ID: "concourse-every-job", Severity: Medium,
		Summary:     "every job of the pipeline gets the role, also one that builds a pull request which nobody has merged",
		Remediation: "Name the jobs that deploy, and give the var source subject_scope: job.",
		Source:      concourseDocs,
	}
)

// Rules are the findings of Concourse.
func (Concourse) Rules() []Rule { return []Rule{concourseAnyPipeline, concourseEveryJob} }

// Issuer is what signs the tokens of Concourse.
func (Concourse) Issuer() Issuer {
	return Issuer{
		URL: "https://CONCOURSE",
	}
}

// Forms are the forms of their subjects.
func (Concourse) Forms() []*form {
	return []*form{concourseTeamForm, concoursePipelineForm, concourseInstanceForm, concourseJobForm, concourseInstanceJobForm}
}

// Page is what people read about Concourse.
func (Concourse) Page() Page {
	return Page{
		Audience: "`sts.amazonaws.com`, as in the documentation; the var source names it, and there is no default",
		Names:    "pipelines, their instances and jobs; teams",
		Subjects: []string{
			"TEAM/PIPELINE of every job and instance of a pipeline, by default",
			"TEAM/PIPELINE/VARS with `subject_scope: instance`; VARS are the instance vars, sorted: `branch:main,region:\"eu%2Fwest\"`",
			"TEAM/PIPELINE//JOB or TEAM/PIPELINE/VARS/JOB with `subject_scope: job`",
			"TEAM with `subject_scope: team`, of every pipeline of the team",
		},
		Pitfalls: []string{
			"`subject_scope` is written in the pipeline, and a subject of another scope does not get in: the var source must ask for the one that the words here need.",
			"Whoever may set a pipeline of the team may give it any free name and any jobs: the team is the border, and a trusted pipeline that was destroyed leaves its name to others.",
			"Every job of a pipeline can use its var sources, also one that runs the code of pull requests: name `jobs`.",
			"Patterns such as `main/web*` also fit a pipeline called `web-evil`, and other scopes; this package writes whole names.",
			"A token with two audiences is refused by AWS: give the var source one.",
			"The token stands in the task's configuration, where whoever may intercept the build can read it.",
			"AWS must reach `/.well-known/openid-configuration` and `/.well-known/jwks.json`. The keys change every 7 days, so a copy of them that is published elsewhere gets old.",
			"The var source needs Concourse 7.14 or later.",
		},
		Sources: []string{concourseDocs, "https://concourse-ci.org/docs/vars", concourseSubject, concourseVars, concourseURL},
		Example: `concourse:
  url: https://concourse.example.com
  pipelines:
    - team: main
      name: web
      jobs: [deploy]
`,
	}
}

// concourseName is the kind of name of one thing. Concourse warns of names that its rules do not know, and takes them; a "/"
// would end the name in the subject, and a "%" could be one that was written for a "/".
// Source: https://concourse-ci.org/docs/config-basics#identifier-schema
func concourseName(noun, rule string) nameKind {
	return nameKind{noun, newExpression(`^[^/%]+$`), rule, []mistaken{
		{newExpression(`^[^/]+(/[^/]*)+$`), "names more than a " + noun + "; write team, pipeline and jobs apart"}}}
}

var (
	concourseTeamName     = concourseName("team", "must be the name of the team, as fly teams shows it, without / and %, such as main")
	concoursePipelineName = concourseName("pipeline", "must be the name of the pipeline, as fly pipelines shows it, without / and %, such as web")
	concourseJobName      = concourseName("job", "must be the name of the job, as the pipeline has it, without / and %, such as deploy")
)

var concourseIssuer = issuerURL{system: "Concourse", help: "write the external URL of the web node, or its OIDC issuer URL if it has one, such as https://ci.example.com"}

// Read understands the section concourse.
func (Concourse) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	t := newTrust(concourseIssuer.read(section.Field("url"), problems), section, account, problems, "sts.amazonaws.com")
	words := concourseWords{}
	pipelines, teams := section.Field("pipelines"), section.Field("teams")
	if !pipelines.Present && !teams.Present {
		problems.Add(pipelines, "is missing, and teams too: name the pipelines whose jobs get the role")
	}
	for _, v := range pipelines.List {
		if v.Known {
			readConcoursePipeline(&t, v, words, problems)
		}
	}
	for _, v := range teams.List {
		team := concourseTeamName.read(v, problems)
		if team != "" {
			t.Findings = append(t.Findings, Finding{Rule: concourseAnyPipeline, Path: v.Path, Detail: team})
		}
		(&concourseCaller{team: team}).trust(&t, v.Path, concourseTeamForm, "every pipeline of team "+team, words, team)
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

// A concourseCaller is whose tokens a grant lets in.
type concourseCaller struct {
	team, pipeline, job string
	vars                map[string]any
}

// readConcoursePipeline turns an item of pipelines into grants.
func readConcoursePipeline(t *Trust, v input.Value, words concourseWords, problems *input.Problems) {
	c := concourseCaller{team: concourseTeamName.read(v.Field("team"), problems), pipeline: concoursePipelineName.read(v.Field("name"), problems)}
	phrase := fmt.Sprintf("pipeline %s of team %s", c.pipeline, c.team)
	jobs, texts, form, jobForm := v.Field("jobs"), []string{c.team, c.pipeline}, concoursePipelineForm, concourseJobForm
	if vars := v.Field("instanceVars"); vars.Present {
		instance := ""
		instance, c.vars = readConcourseVars(vars, problems)
		texts, form, jobForm = append(texts, instance), concourseInstanceForm, concourseInstanceJobForm
		phrase = fmt.Sprintf("instance %s of %s", strings.NewReplacer(`"`, "", "%2F", "/").Replace(instance), phrase)
	}
	if !jobs.Present && !slices.Contains(texts, "") {
		t.Findings = append(t.Findings, Finding{Rule: concourseEveryJob, Path: v.Path, Detail: phrase})
		c.trust(t, v.Path, form, phrase, words, texts...)
	}
	for _, job := range concourseJobName.readAll(jobs, problems) {
		c.job = job
		c.trust(t, v.Path, jobForm, "job "+job+" of "+phrase, words, append(texts[:len(texts):len(texts)], job)...)
	}
}

// trust adds the grant of a form with some texts, as far as they are known.
func (c concourseCaller) trust(t *Trust, path string, form *form, phrase string, words concourseWords, texts ...string) {
	if t.Issuer() == "" || slices.Contains(texts, "") {
		return
	}
	words.add(form, texts, c.job)
	pipeline, job := cmp.Or(c.pipeline, "web"), cmp.Or(c.job, "deploy")
	t.trust(path, fmt.Sprintf("Concourse: %s on %s", phrase, t.Host()), subject{
		form: form, terms: exactlyAll(texts...),
		job: func(texts []string) map[string]any {
			claims := map[string]any{"team": texts[0], "pipeline": pipeline, "job": job}
			if c.vars != nil {
				claims["instance_vars"] = c.vars
			}
			return claims
		},
		others: map[string]string{
			"a pipeline of the team in the scope team":                        c.team,
			"the pipeline in the scope pipeline":                              c.team + "/" + pipeline,
			"the pipeline in the scope instance, where it has none":           c.team + "/" + pipeline + "/",
			"another instance of the pipeline":                                c.team + "/" + pipeline + "/mallory:mallory",
			"another job of the pipeline":                                     c.team + "/" + pipeline + "//mallory",
			"a resource check of the pipeline in the scope job":               c.team + "/" + pipeline + "//",
			"a job of another instance":                                       c.team + "/" + pipeline + "/mallory:mallory/" + job,
			"a team whose name is the whole subject, in the scope team":       strings.ReplaceAll(form.build(texts...), "/", "%2F"),
			"a pipeline whose name goes on like the subject":                  c.team + "/" + pipeline + "%2F%2F" + job,
			"a pipeline of a team whose name goes on like the trusted one":    c.team + "%2F" + pipeline + "/mallory",
			"a job whose name is the whole subject, in a pipeline of mallory": "mallory/mallory//" + strings.ReplaceAll(form.build(texts...), "/", "%2F"),
		},
	})
}

var (
	concourseVarName = newExpression(`^[A-Za-z0-9_-]+$`)
	concourseVarText = newExpression(`^[A-Za-z]([A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?$`)
)

// readConcourseVars reads instance vars, and returns them as they stand in the subject, and as they stand in the claim of
// their own: sorted by name, and in quotes where a slash or space is in the value. Concourse writes a number without quotes
// and a text that looks like one with them, and which of the two fly was given cannot be seen here: only values are taken
// that are texts either way.
// Source: concourseVars.
func readConcourseVars(vars input.Value, problems *input.Problems) (string, map[string]any) {
	if vars.Known && len(vars.Fields) == 0 {
		problems.Add(vars, "is empty; leave it out for a pipeline without instance vars")
	}
	complete, claim, texts := vars.Known, map[string]any{}, []string{}
	for _, name := range vars.Names() {
		v := vars.Field(name)
		text := v.Text()
		switch {
		case !concourseVarName.MatchString(name):
			problems.Add(v, "has a name that is more than letters, digits, - and _: how Concourse writes it into the subject is not certain; trust the pipeline without instanceVars")
			complete = false
		case !v.HasText():
			complete = false
		case !concourseVarText.MatchString(text) || wordYAML.MatchString(text):
			problems.Add(v, "must begin with a letter, have letters, digits, spaces and _ . / @ + - alone, and not be a word that YAML reads as something else, "+
				"such as true: of others it is not certain how Concourse writes them into the subject", input.Got(v))
			complete = false
		}
		if strings.Contains(text, "/") && strings.Contains(text, " ") {
			problems.Add(v, "has a slash and a space, and so the subject of a value that has %2F in the place of the slash; trust the pipeline without instanceVars", input.Got(v))
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
