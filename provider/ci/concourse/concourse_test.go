package concourse

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"go.yaml.in/yaml/v3"
)

const acme = "https://ci.acme.com"

// concourse is a section with one pipeline.
func concourse(words object) object {
	item := object{"team": "main", "name": "web"}
	maps.Copy(item, words)
	return of(object{"pipelines": list{item}})
}

func of(words object) object {
	section := object{"url": acme}
	maps.Copy(section, words)
	return object{"concourse": section}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	concourse(nil), concourse(object{"jobs": list{"deploy", "plan"}}),
	concourse(object{"instanceVars": object{"branch": "release/1", "app": "web"}}),
	concourse(object{"instanceVars": object{"branch": "main"}, "jobs": list{"deploy"}}),
	of(object{"teams": list{"main", "ops"}, "audiences": list{"a", "b"}, "url": "https://oidc.example.com/ci"}),
	of(object{"teams": list{"main"}, "pipelines": list{
		object{"team": "main", "name": "web"},
		object{"team": "ops", "name": "web", "jobs": list{"deploy prod"}},
	}}),
}}

// The claims are those of the token that the documentation prints.
// Source: https://concourse-ci.org/docs/operation/creds/id-token#example-jwt
func documented() map[string]any {
	return map[string]any{"aud": "sts.amazonaws.com", "iss": "https://your-concourse-server.com", "job": "print-creds",
		"pipeline": "mypipeline",
		"sub":      "main/mypipeline", "team": "main"}
}

func TestTheDocumentedConcourseTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := concourse(object{"name": "mypipeline"})
	written["concourse"].(object)["url"] = "https://your-concourse-server.com"
	trusts := suite.MustRead(t, written, citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented() {
		if claim != "job" && made[claim] != value { // any job has this subject
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"main", "main/", "main/mypipeline/", "main/mypipeline//print-creds", "main/mypipeline-evil", "main/Mypipeline",
		"mallory/mypipeline", "mallory/main/mypipeline", "main%2Fmypipeline", "main/mypipeline%2F",
		"mallory/mypipeline//main%2Fmypipeline", "x/main/mypipeline", "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

// The subjects are those of the documentation and of the tests in the source, or follow from the latter's rules of
// quoting.
// Sources: https://concourse-ci.org/docs/operation/creds/id-token#subject-scope,
// https://github.com/concourse/concourse/blob/master/atc/creds/idtoken/token_generator_test.go,
// https://github.com/concourse/concourse/blob/master/atc/pipeline_test.go
func TestEveryScopeOfConcourseHasItsSubjectAndGetsInAlone(t *testing.T) {
	documented := map[string]object{
		"my-team":             of(object{"teams": list{"my-team"}}),
		"my-team/my-pipeline": concourse(object{"team": "my-team", "name": "my-pipeline"}),
		"my-team/my-pipeline//my-job": concourse(object{
			"team": "my-team",
			"name": "my-pipeline",
			"jobs": list{"my-job"},
		}),
		"main/idtoken/foo:bar": concourse(object{
			"name":         "idtoken",
			"instanceVars": object{"foo": "bar"},
		}),
		"main/idtoken/foo:bar/testjob": concourse(object{
			"name":         "idtoken",
			"instanceVars": object{"foo": "bar"},
			"jobs":         list{"testjob"},
		}),
		"main/web/hello:world,my-var:my-value": concourse(object{
			"instanceVars": object{"my-var": "my-value", "hello": "world"},
		}),
		`main/web/slash:"a%2Fb",space:"a b"`: concourse(object{
			"instanceVars": object{"space": "a b", "slash": "a/b"},
		}),
		"main/web/B:x,a:hello.world,a-b:x,a_b:x": concourse(object{
			"instanceVars": object{"a": "hello.world", "B": "x", "a_b": "x", "a-b": "x"},
		}),
		`main/web/branch:"release%2F1"/Deploy production (manual)`: concourse(object{
			"instanceVars": object{"branch": "release/1"},
			"jobs":         list{"Deploy production (manual)"},
		}),
	}
	for sub, written := range documented {
		trusts := suite.MustRead(t, written, citest.InAWS)
		if got := trusts[0].Grants[0].Claims["sub"][0]; got != sub {
			t.Errorf("%v: %s, want %s", written, got, sub)
		}
		for other := range documented {
			token := map[string]any{"iss": acme, "aud": "sts.amazonaws.com", "sub": other}
			if citest.Admitted(trusts, citest.InAWS, token) != (other == sub) {
				t.Errorf("the trust in %s is wrong about %s", sub, other)
			}
		}
	}
}

func TestATokenOfAnInstanceOfConcourseCarriesItsVars(t *testing.T) {
	made := suite.MustRead(t, concourse(object{"instanceVars": object{"branch": "release/1"}, "jobs": list{"deploy"}}),
		citest.InAWS)[0].Grants[0].Tokens()[0].Claims
	if vars, _ := made["instance_vars"].(map[string]any); vars["branch"] != "release/1" || made["team"] != "main" ||
		made["pipeline"] != "web" || made["job"] != "deploy" {
		t.Errorf("%v", made)
	}
}

func TestTheGrantsOfConcourseSayWhoseTokensTheyAre(t *testing.T) {
	for _, c := range []struct {
		written object
		want    string
	}{
		{concourse(nil), "pipeline web of team main"},
		{concourse(object{"jobs": list{"deploy"}}), "job deploy of pipeline web of team main"},
		{concourse(object{"instanceVars": object{"branch": "a/b"}}),
			`instance branch:a/b of pipeline web of team main`},
		{concourse(object{"instanceVars": object{"branch": "main"}, "jobs": list{"deploy"}}),
			"job deploy of instance branch:main of pipeline web of team main"},
		{of(object{"teams": list{"main"}}), "every pipeline of team main"},
	} {
		citest.SameStrings(t, fmt.Sprint(c.written), ci.Sentences(suite.MustRead(t, c.written, citest.InAWS)),
			[]string{"Concourse: " + c.want + " on ci.acme.com"})
	}
}

func TestConcourseFindings(t *testing.T) {
	for want, written := range map[string]object{
		"": concourse(object{"jobs": list{"deploy"}}), "concourse-every-job": concourse(nil),
		"concourse-any-pipeline": of(object{"teams": list{"main"}}),
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, written, citest.InAWS)), " "); got != want {
			t.Errorf("%v: %q, want %q", written, got, want)
		}
	}
}

func TestWhatIsWrongWithAConcoursePipelineIsSaidInConcoursesWords(t *testing.T) {
	const item = "concourse.pipelines[0]."
	const value = "must begin with a letter, have letters, digits, spaces and _ . / @ + - alone, and not be a word " +
		"that YAML reads as something else, such as true: of others it is not certain how Concourse writes " +
		"them into the subject"
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": "main/web"},
			item + `name: names more than a pipeline; write team, pipeline and jobs apart (found "main/web")`},
		{object{"name": "web/"},
			item + `name: names more than a pipeline; write team, pipeline and jobs apart (found "web/")`},
		{object{"team": "a%2Fb"}, item + `team: ` + teamName.Rule + ` (found "a%2Fb")`},
		{object{"name": ""}, item + `name: ` + pipelineName.Rule + ` (found "")`},
		{object{
			"jobs": list{"deploy*"},
		}, item + `jobs[0]: must be one exact job, without *, ? and ${; list each job that is meant (found "deploy*")`},
		{object{"instanceVars": object{}},
			item + "instanceVars: is empty; leave it out for a pipeline without instance vars"},
		{object{"instanceVars": object{"a.b": "x"}}, item + "instanceVars.a.b: has a name that is more than letters, " +
			"digits, - and _: how Concourse writes it into the subject is not certain; trust the pipeline " +
			"without instanceVars"},
		{object{"instanceVars": object{"n": "9000"}}, item + "instanceVars.n: " + value + ` (found "9000")`},
		{object{"instanceVars": object{"n": "true"}}, item + "instanceVars.n: " + value + ` (found "true")`},
		{object{"instanceVars": object{"n": "No"}}, item + "instanceVars.n: " + value + ` (found "No")`},
		{object{"instanceVars": object{"n": "a,b"}}, item + "instanceVars.n: " + value + ` (found "a,b")`},
		{object{"instanceVars": object{"n": "a/b c"}}, item + `instanceVars.n: has a slash and a space, and so the ` +
			`subject of a value that has %2F in the place of the slash; ` +
			`trust the pipeline without instanceVars (found "a/b c")`},
		{object{"instanceVars": object{"n": "a "}}, item + "instanceVars.n: " + value + ` (found "a ")`},
		{object{"instanceVars": object{"n": ""}}, item + "instanceVars.n: " + value + ` (found "")`},
		{object{"instanceVars": object{"n": "a*"}}, item + "instanceVars.n: " + value + ` (found "a*")`},
		{object{"instanceVars": object{"n": "é"}}, item + "instanceVars.n: " + value + ` (found "é")`},
	} {
		trusts, lines := suite.Read(concourse(c.words), citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.words), lines, []string{c.want})
		if len(trusts[0].Grants) > 0 {
			t.Errorf("%v is granted", c.words)
		}
	}
	for url, reason := range map[string]string{
		"https://ci.acme.com/":     "ends in a slash, which Concourse does not write into iss",
		"https://ci.acme.com:8080": "has a port or a password; IAM takes no issuer with a port",
	} {
		_, lines := suite.Read(of(object{"url": url, "teams": list{}}), citest.InAWS)
		citest.SameStrings(t, url, lines,
			[]string{"concourse.url: " + reason + "; " + issuerURL.Help + fmt.Sprintf(" (found %q)", url)})
	}
	_, lines := suite.Read(of(nil), citest.InAWS)
	citest.SameStrings(t, "nothing", lines,
		[]string{"concourse.pipelines: is missing, and teams too: name the pipelines whose jobs get the role"})
}

func TestNothingOfConcourseIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, written := range []object{
		concourse(object{"team": citest.Unknown{}}), concourse(object{"name": citest.Unknown{}}),
		concourse(object{"jobs": citest.Unknown{}}), concourse(object{"jobs": list{citest.Unknown{}}}),
		concourse(object{"instanceVars": citest.Unknown{}}),
		concourse(object{"instanceVars": object{"branch": "main", "app": citest.Unknown{}}}),
		of(object{"url": citest.Unknown{}, "teams": list{"main"}}), of(object{"teams": list{citest.Unknown{}}}),
		of(object{"pipelines": list{citest.Unknown{}}}),
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 ||
			len(trusts[0].Findings) != 0 && !trusts[0].FullyKnown && trusts[0].Issuer() != "" {
			t.Errorf("%v: %v %v", written, ci.Sentences(trusts), trusts[0].Findings)
		}
	}
}

func TestTheConcoursePipelineAsksForTheScopeAndTheAudience(t *testing.T) {
	text, document := suite.Pipeline(t, concourse(object{"jobs": list{"yes", "deploy prod"}}), citest.InAWS)
	source := citest.At(document, "var_sources", 0)
	if citest.At(source, "name") != "aws" || citest.At(source, "type") != "idtoken" ||
		citest.At(source, "config", "subject_scope") != "job" || citest.At(document, "var_sources", 1) != nil {
		t.Error(text)
	}
	citest.SameStrings(t, "audience", citest.Texts(citest.At(source, "config", "audience")),
		[]string{"sts.amazonaws.com"})
	citest.SameStrings(t, "jobs", []string{
		fmt.Sprint(citest.At(document, "jobs", 0, "name")),
		fmt.Sprint(citest.At(document, "jobs", 1, "name")),
	}, []string{"deploy prod", "yes"})
	config := citest.At(document, "jobs", 0, "plan", 0, "config")
	if citest.At(config, "params", "AWS_ID_TOKEN") != "((aws:token))" {
		t.Error(text)
	}
	citest.Exchanges(t, citest.At(config, "run", "args", 1), ci.PrintVariable("AWS_ID_TOKEN"),
		"concourse/main/web/deploy prod-$(date +%s)", "eu-west-1")
	written := of(object{"audiences": list{"a"}, "teams": list{"main"},
		"pipelines": list{object{"team": "main", "name": "web"},
			object{"team": "main", "name": "web", "instanceVars": object{"a": "b"}},
			object{"team": "main", "name": "web", "jobs": list{"deploy"}}}})
	text, document = suite.Pipeline(t, written, citest.InAWS)
	for i, c := range [][4]string{
		{"main/web", "-job", "job", "deploy"},
		{"main/web", "-pipeline", "pipeline", "another-deploy"},
		{"main", "", "team", "deploy"},
		{"main/web/a:b", "", "instance", "deploy"},
	} {
		file, i := citest.At(document, c[0]), i%2
		if c[1] == "" {
			i = 0
		}
		source, job := citest.At(file, "var_sources", i), citest.At(file, "jobs", i)
		if citest.At(source, "name") != "aws"+c[1] || citest.At(source, "config", "subject_scope") != c[2] ||
			citest.At(source, "config", "audience", 0) != "a" || citest.At(job, "name") != c[3] ||
			citest.At(job, "plan", 0, "config", "params", "AWS_ID_TOKEN") != "((aws"+c[1]+":token))" {
			t.Errorf("%s:\n%s", c, text)
		}
	}
	if _, document = suite.Pipeline(t, concourse(object{"name": citest.Unknown{}}), citest.InAWS); citest.At(document,
		"var_sources", 0, "config", "subject_scope") != "pipeline" {
		t.Errorf("%v", document)
	}
}

// Concourse refuses a file with two jobs of one name, and jobs of another pipeline would have another subject.
func TestEveryConcoursePipelineHasAFileOfItsOwnWithoutJobsOfOneName(t *testing.T) {
	text, document := suite.Pipeline(t, of(object{"pipelines": list{
		object{"team": "main", "name": "web", "jobs": list{"deploy", "another-deploy"}},
		object{"team": "main", "name": "web"}, object{"team": "ops", "name": "web", "jobs": list{"deploy"}},
		object{"team": "main", "name": "web: x", "instanceVars": object{"branch": "release/1"}, "jobs": list{"deploy"}},
	}}), citest.InAWS)
	for name, want := range map[string]string{
		"main/web": "another-deploy deploy another-another-deploy", "ops/web": "deploy",
		`main/web: x/branch:"release%2F1"`: "deploy",
	} {
		var jobs []string
		files, _ := citest.At(document, name, "jobs").([]any)
		for _, job := range files {
			jobs = append(jobs, fmt.Sprint(citest.At(job, "name")))
		}
		if got := strings.Join(jobs, " "); got != want {
			t.Errorf("%s has the jobs %q, want %q\n%s", name, got, want, text)
		}
	}
	if len(document) != 3 {
		t.Error(text)
	}
}

// asVar is the value of an instance var as the source writes it into a subject: as JSON, without the quotes around it
// if it is text in YAML too and has none of four separators, and with %2F for a slash.
// Sources: subject, instances
func asVar(text string) string {
	encoded, _ := json.Marshal(text)
	value, read := string(encoded), any(nil)
	if err := yaml.Unmarshal([]byte(text), &read); err == nil && !strings.ContainsAny(text, ",: /") {
		if _, isText := read.(string); isText {
			value = strings.TrimPrefix(strings.TrimSuffix(value, `"`), `"`)
		}
	}
	return strings.ReplaceAll(value, "/", "%2F")
}

// Where a pipeline sets an instance for each branch, whoever pushes a branch writes the var.
func TestABranchNamedToLookLikeAnotherInstanceOfConcourseNeverGetsItsSubject(t *testing.T) {
	trusted := object{"main": "main", "release/1": "release/1", "a b": "a b", "a+b@c": "a+b@c"}
	crafted := []string{`"release%2F1"`, "release%2F1", `\"release%2F1\"`, `release/1"`, `"release/1`, "release/1 ",
		"main,region:eu", `main",region:"eu`, `"main"`, "'main'", "main\n", `"a b"`, "a%20b", "a  b"}
	r := rand.New(rand.NewPCG(43, 44))
	for range 1000 {
		crafted = append(crafted, citest.RandomText(r, `ab/%2F" ,:\'`, 9))
	}
	for name := range trusted {
		trusts := suite.MustRead(t, concourse(object{"instanceVars": object{"branch": name}, "jobs": list{"deploy"}}),
			citest.InAWS)
		job := trusts[0].Grants[0].Tokens()[0].Claims
		if want := "main/web/branch:" + asVar(name) + "/deploy"; job["sub"] != want {
			t.Errorf("the job has the subject %s where Concourse writes %s", job["sub"], want)
		}
		for _, branch := range crafted {
			token := ci.With(job, map[string]any{"sub": "main/web/branch:" + asVar(branch) + "/deploy"})
			if branch != name && (citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token)) {
				t.Errorf("the instance of branch %q gets in where %q is trusted", branch, name)
			}
		}
	}
}

// Concourse writes %2F for a slash in a name, and leaves a % as it is.
func TestATeamPipelineOrJobNamedWithSlashesNeverGetsATrustedConcourseSubject(t *testing.T) {
	names := []string{"main", "web", "deploy", "main/web", "web//deploy", "web/", "main%2Fweb", "web%2F%2Fdeploy",
		"main/web//deploy", "/", "%2F", "mallory"}
	for _, written := range []object{
		concourse(nil),
		concourse(object{"jobs": list{"deploy"}}),
		of(object{"teams": list{"main"}}),
	} {
		trusts := suite.MustRead(t, written, citest.InAWS)
		trusted := ci.TextOf(trusts[0].Grants[0].Tokens()[0].Claims["sub"])
		try := func(parts ...string) {
			escaped := make([]string, len(parts))
			for i, part := range parts {
				escaped[i] = strings.ReplaceAll(part, "/", "%2F")
			}
			token := map[string]any{"iss": acme, "aud": "sts.amazonaws.com", "sub": strings.Join(escaped, "/")}
			meant := slices.Equal(parts, strings.Split(trusted, "/"))
			if got := citest.Admitted(trusts, citest.InAWS, token); got != meant || trusts[0].Admits(token) != meant {
				t.Errorf("%q gets in where %s is trusted: %v", parts, trusted, got)
			}
		}
		for _, team := range names {
			try(team)
			for _, pipeline := range names {
				try(team, pipeline)
				try(team, pipeline, "")
				for _, job := range names {
					try(team, pipeline, "", job)
				}
			}
		}
	}
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "team", "pipeline", "instance", "job"), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
