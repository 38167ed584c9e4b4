package jenkins

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const acme = "https://jenkins.acme.com/"

// jenkins is a section with one job.
func jenkins(section, words object) object {
	item := object{"name": "my-job"}
	maps.Copy(item, words)
	written := object{"url": acme, "jobs": list{item}}
	maps.Copy(written, section)
	return object{"jenkins": written}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	jenkins(nil, nil),
	jenkins(object{"url": "https://ci.example.com/jenkins"},
		object{"name": "team/web", "branches": list{"main", "feature/x"}}),
	jenkins(object{"folder": "team/production", "audiences": list{"a", "b"}}, object{"name": "team/production/My Job"}),
	jenkins(object{"issuer": "https://tokens.example.com/jenkins"},
		object{"name": "team/web", "branches": list{"PR-1"}}),
	jenkins(object{"jobs": list{
		object{"name": "a"},
		object{"name": "a/b"},
		object{"name": "org/group%2Frepo", "branches": list{"main"}},
	}}, nil),
}, Unseen: inFolders, AuditOnly: inFolders}

// inFolders is why an audit cannot always say what the section does.
var inFolders = map[string]string{
	"jenkins-any-branch": "a job in a folder and a branch of a multibranch job have the same form of URL: only of a " +
		"job in no folder an audit says that it names no branch",
}

// documented are the claims that the plugin's documentation gives for a build of my-job, as far as it gives them.
// Source: https://github.com/jenkinsci/oidc-provider-plugin#accessing-aws
func documented() map[string]any {
	return map[string]any{
		"iss": "https://jenkins.acme.com/oidc",
		"aud": "sts.amazonaws.com",
		"sub": "https://jenkins.acme.com/job/my-job/",
	}
}

func TestTheDocumentedJenkinsTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, jenkins(nil, nil), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documented()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented() {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	if want := `"jenkins.acme.com/oidc:sub":"https://jenkins.acme.com/job/my-job/"`; !strings.Contains(
		ci.Compile(trusts, citest.InAWS, nil).JSON(), want,
	) {
		t.Errorf("%s is not in %s", want, ci.Compile(trusts, citest.InAWS, nil).JSON())
	}
}

func TestAnotherJenkinsJobDoesNotGetInByItsNameOrItsFolder(t *testing.T) {
	for _, written := range []object{jenkins(nil, nil), jenkins(object{"issuer": "https://tokens.example.com"}, nil)} {
		trusts := suite.MustRead(t, written, citest.InAWS)
		for _, sub := range []string{
			"https://jenkins.acme.com/job/my-job", "https://jenkins.acme.com/job/my-job-evil/",
			"https://jenkins.acme.com/job/my-job/job/evil/", "https://jenkins.acme.com/job/evil/job/my-job/",
			"https://jenkins.acme.com/job/My-Job/", "https://jenkins.mallory.example/job/my-job/",
			"https://jenkins.acme.com/evil/job/my-job/", "http://jenkins.acme.com/job/my-job/",
			"https://jenkins.acme.com/job/my-job/job/PR-1/", "https://jenkins.acme.com/", "jenkins:main:123",
			"https://jenkins.acme.com//job/my-job/", "https://jenkins.acme.com/job/my-job//", "",
		} {
			if citest.Admitted(trusts, citest.InAWS,
				ci.With(documented(), map[string]any{"iss": trusts[0].Issuer(), "sub": sub})) {
				t.Errorf("%s gets in", sub)
			}
		}
	}
}

func TestTheIssuerOfACredentialOfJenkinsIsThatOfItsFolderOrItsOwn(t *testing.T) {
	for want, section := range map[string]object{
		"https://jenkins.acme.com/oidc":                 nil,
		"https://ci.example.com/jenkins/oidc":           {"url": "https://ci.example.com/jenkins"},
		"https://jenkins.acme.com/oidc/job/oidc-folder": {"folder": "oidc-folder"},
		"https://ci.example.com/jenkins/oidc/job/team/job/Prod_1.0": {
			"url":    "https://ci.example.com/jenkins/",
			"folder": "team/Prod_1.0",
		},
		"https://tokens.example.com/jenkins": {"issuer": "https://tokens.example.com/jenkins"},
	} {
		folder, _ := section["folder"].(string)
		trusts := suite.MustRead(t, jenkins(section, object{"name": strings.TrimPrefix(folder+"/my-job", "/")}),
			citest.InAWS)
		if trusts[0].Issuer() != want || trusts[0].Grants[0].Tokens()[0].Claims["iss"] != want {
			t.Errorf("%v: issuer %s", section, trusts[0].Issuer())
		}
	}
}

// The names are those of the sources, or follow from the tables in them.
// Sources: https://github.com/jenkinsci/oidc-provider-plugin#accessing-hashicorp-vault,
// https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/Util.java (rawEncode),
// https://github.com/jenkinsci/branch-api-plugin/blob/master/src/main/java/jenkins/branch/NameEncoder.java,
// https://github.com/pycontribs/jenkinsapi/issues/529
func TestANameStandsInTheSubjectAsJenkinsEncodesIt(t *testing.T) {
	for _, c := range []struct{ name, branch, want string }{
		{"oidc-folder/oidc-job", "", "oidc-folder/job/oidc-job"}, {"My Job", "", "My%20Job"},
		{"it's+1,2 (a)", "", "it's+1,2%20(a)"}, {"a~b", "", "a%7Eb"}, {"été", "", "%C3%A9t%C3%A9"},
		{"日", "", "%E6%97%A5"}, {"{x}", "", "%7Bx%7D"}, {"a=b_c", "", "a=b_c"}, {`a"b`, "", "a%22b"},
		{"team/web", "main", "team/job/web/job/main"},
		{"awsdoer/mb-awsdoer", "feature/#4", "awsdoer/job/mb-awsdoer/job/feature%252F%25234"},
		{"web", "a%b", "web/job/a%2525b"}, {"web", "a@b", "web/job/a@b"}, {"web", "été", "web/job/%C3%A9t%C3%A9"},
		{"web", "日", "web/job/%E6%97%A5"}, {"web", "x]", "web/job/x%255D"},
		{"team/web/feature%2Fx", "", "team/job/web/job/feature%252Fx"},
		{"org/group%2Frepo", "main", "org/job/group%252Frepo/job/main"},
	} {
		words := object{"name": c.name}
		if c.branch != "" {
			words["branches"] = list{c.branch}
		}
		want := acme + "job/" + c.want + "/"
		if sub := suite.MustRead(t, jenkins(nil, words), citest.InAWS)[0].Grants[0].Claims["sub"][0]; sub != want {
			t.Errorf("%s %s: %s, want %s", c.name, c.branch, sub, want)
		}
	}
}

func TestTheGrantsOfJenkinsNameJobsAndBranches(t *testing.T) {
	written := jenkins(object{
		"url":  "https://ci.example.com/jenkins/",
		"jobs": list{object{"name": "a"}, object{"name": "team/web", "branches": list{"main", "feature/x"}}},
	}, nil)
	citest.SameStrings(t, "grants", ci.Sentences(suite.MustRead(t, written, citest.InAWS)), []string{
		"Jenkins: branch feature/x of job team/web on ci.example.com/jenkins",
		"Jenkins: branch main of job team/web on ci.example.com/jenkins",
		"Jenkins: job a on ci.example.com/jenkins"})
}

func TestJenkinsFindings(t *testing.T) {
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"branches": list{"main"}}, ""}, {nil, "jenkins-any-branch"},
		{object{"name": "PRs/PR-x"}, "jenkins-any-branch"}, {object{"name": "team/PR-1/deploy"}, "jenkins-any-branch"},
		{object{"branches": list{"main", "pr-1"}}, ""}, {object{"name": "team/web/PR-12"}, "jenkins-pull-request-job"},
		{object{"name": "team/web/MR-1-merge"}, "jenkins-pull-request-job"},
		{object{"branches": list{"main", "PR-1-head"}}, "jenkins-pull-request-job"},
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, jenkins(nil, c.words), citest.InAWS)), " "); got !=
			c.want {
			t.Errorf("%v: %q, want %q", c.words, got, c.want)
		}
	}
}

func TestAJenkinsJobOutsideTheFolderOfTheCredentialIsRefused(t *testing.T) {
	const outside = "jenkins.jobs[0].name: lies outside folder, whose credential it cannot use; write the full name " +
		"of a job below the folder, such as FOLDER/web, or leave folder out where the credential stands at the root"
	for _, c := range []struct {
		words object
		want  []string
	}{
		{object{"name": "team/web"}, []string{}}, {object{"name": "team/a/web", "branches": list{"main"}}, []string{}},
		{object{"name": "team", "branches": list{"main"}}, []string{}},
		{object{"name": "team"}, []string{outside + ` (found "team")`}},
		{object{"name": "team-evil/web"}, []string{outside + ` (found "team-evil/web")`}},
		{object{"name": "web", "branches": list{"main"}}, []string{outside + ` (found "web")`}},
		{object{"name": "a/team/web"}, []string{outside + ` (found "a/team/web")`}},
	} {
		trusts, lines := suite.Read(jenkins(object{"folder": "team"}, c.words), citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.words), lines, c.want)
		if len(trusts[0].Grants)+len(lines) != 1 {
			t.Errorf("%v: %v", c.words, ci.Sentences(trusts))
		}
	}
}

func TestWhatIsWrongWithAJenkinsJobIsSaidInJenkinsWords(t *testing.T) {
	const unsafe = `has a character that Jenkins allows in no name: ? * \ % ! @ # $ ^ & | < > [ ] : ; or a control ` +
		`character. A trust names each job, ` +
		"and a branch of a multibranch job is named by branches"
	for name, reason := range map[string]string{
		"https://jenkins.acme.com/job/web/": "is a URL", "team » web": "is how Jenkins displays the name",
		"job/team/job/web": "has the /job/ of a URL", "team/job/web": "has the /job/ of a URL",
		"team/web/feature%252Fx": "is encoded as in a URL", "/team/web": "has an empty part, or one that is . or ..",
		"team/": "has an empty part, or one that is . or ..", "": "has an empty part, or one that is . or ..",
		"team/../web": "has an empty part, or one that is . or ..", "team/*": unsafe, "we?": unsafe, "a:b": unsafe,
		"${x}": unsafe, "a%20b": unsafe, "a\tb": unsafe,
	} {
		_, lines := suite.Read(jenkins(nil, object{"name": name}), citest.InAWS)
		citest.SameStrings(t, name, lines,
			[]string{"jenkins.jobs[0].name: " + reason + nameHelp + fmt.Sprintf(" (found %q)", name)})
	}
	for branch, reason := range map[string]string{
		"release/*": "takes no *: a pull request or a tag may have a job whose name begins " +
			"alike; list the branches",
		"*": "takes no *: a pull request or a tag may have a job whose name begins " +
			"alike; list the branches",
		"refs/heads/main": "write the branch's name without refs/heads/, such as main for refs/heads/main",
		"":                "is empty; write the name of a branch",
		"a b":             "git allows no space and none of ~ ^ : ? [ \\ in the name of a branch",
	} {
		_, lines := suite.Read(jenkins(nil, object{"branches": list{branch}}), citest.InAWS)
		citest.SameStrings(t, branch, lines,
			[]string{"jenkins.jobs[0].branches[0]: " + reason + fmt.Sprintf(" (found %q)", branch)})
	}
	const plain = "has a character that not every issuer can have in AWS; move the credential to a folder named with " +
		"letters, digits, - _ and . alone, or give it an Issuer of its own and write that as issuer"
	for _, c := range []struct {
		section object
		want    string
	}{
		{object{"url": "https://jenkins.acme.com/job/web/"},
			`url: is the URL of a job; ` + issuerURL.Help + ` (found "https://jenkins.acme.com/job/web/")`},
		{object{"url": "https://jenkins.acme.com/oidc"},
			`url: is an issuer; ` + issuerURL.Help + ` (found "https://jenkins.acme.com/oidc")`},
		{object{"url": "https://jenkins.acme.com:8443/"}, `url: has a port or a password; IAM takes no ` +
			`issuer with a port; ` + issuerURL.Help + ` (found "https://jenkins.acme.com:8443/")`},
		{object{"url": "http://jenkins.acme.com/"}, `url: must begin with https://, as AWS takes no other issuer; ` +
			issuerURL.Help + ` (found "http://jenkins.acme.com/")`},
		{object{"issuer": "https://tokens.example.com/"}, `issuer: ends in a slash, which Jenkins does ` +
			`not write into iss; ` + ownURL.Help + ` (found "https://tokens.example.com/")`},
		{object{"issuer": "https://tokens.example.com", "folder": "team"},
			"folder: has no meaning beside issuer: the credential names its issuer, wherever it stands"},
		{object{"folder": "my team"}, "folder: " + plain + ` (found "my team")`},
		{object{"folder": "a+b"}, "folder: " + plain + ` (found "a+b")`},
		{object{"folder": "job/team"}, "folder: has the /job/ of a URL" + nameHelp + ` (found "job/team")`},
	} {
		_, lines := suite.Read(jenkins(c.section, nil), citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.section), lines, []string{"jenkins." + c.want})
	}
}

func TestNothingOfJenkinsIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, written := range []object{
		jenkins(object{"url": citest.Unknown{}}, nil), jenkins(object{"folder": citest.Unknown{}}, nil),
		jenkins(object{"issuer": citest.Unknown{}}, nil), jenkins(object{"jobs": citest.Unknown{}}, nil),
		jenkins(nil, object{"name": citest.Unknown{}}), jenkins(nil, object{"branches": citest.Unknown{}}),
		jenkins(nil, object{"branches": list{citest.Unknown{}}}),
		jenkins(object{"url": citest.Unknown{}, "issuer": "https://tokens.example.com"}, nil),
		jenkins(object{"jobs": list{citest.Unknown{}}}, nil),
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v", written, ci.Sentences(trusts))
		}
	}
}

func TestTheJenkinsfileTakesTheCredentialAndTheBranches(t *testing.T) {
	text, settings := suite.Pipeline(t, jenkins(object{"folder": "no", "audiences": list{"x"}},
		object{"name": "no/web", "branches": list{"main", "it's"}}), citest.InAWS)
	file, _ := citest.At(settings, "Jenkinsfile").(string)
	citest.Exchanges(t, strings.ReplaceAll(file, `\\`, `\`), `cat "$ID_TOKEN_FILE"`, "jenkins-$JOB_NAME-$BUILD_NUMBER",
		"eu-west-1")
	for _, want := range []string{"withCredentials([file(credentialsId: 'aws', variable: 'ID_TOKEN_FILE')]) {",
		"branch pattern: 'main', comparator: 'EQUALS'", `branch pattern: 'it\'s', comparator: 'EQUALS'`} {
		if !strings.Contains(file, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if citest.At(settings, "credential", "audience") != "x" || citest.At(settings, "credential", "folder") != "no" ||
		citest.At(settings, "credential", "issuer") != nil {
		t.Errorf("%v", settings)
	}
	text, settings = suite.Pipeline(t, jenkins(object{
		"issuer": "https://tokens.example.com",
		"jobs":   list{object{"name": "a"}, object{"name": "b", "branches": list{"main"}}},
	}, nil), citest.InAWS)
	if citest.At(settings, "credential", "issuer") != "https://tokens.example.com" ||
		citest.At(settings, "credential", "audience") != "sts.amazonaws.com" ||
		strings.Contains(citest.TextAt(settings, "Jenkinsfile"), "when") {
		t.Error(text)
	}
}

// A branch's job has the branch's name, encoded by the multibranch job and once more in the URL. Whoever may push can
// choose any name that git allows, and the author of a pull request none.
// Source: https://github.com/jenkinsci/branch-api-plugin/blob/master/src/main/java/jenkins/branch/NameEncoder.java
func TestNoBranchThatSomebodyPushesHasTheURLOfAnotherBranchOrJob(t *testing.T) {
	trusted := list{"main", "feature/x", "release/1.0"}
	trusts := append(suite.MustRead(t, jenkins(nil, object{"name": "team/web", "branches": trusted}), citest.InAWS),
		suite.MustRead(t, jenkins(nil, object{"name": "team/deploy"}), citest.InAWS)...)
	for _, branch := range []string{
		"x/job/main", "main/job/main", "job/main", "main/", "/main", "../main", "../../deploy", "x/../main",
		"feature%2Fx", "feature%252Fx", "feature%25252Fx", "feature/x/", "feature//x", "Main", "main ", "main%20",
		"main%", "main#", "main?x", "main%2F", "main/../../deploy", "release%2F1.0", "release/1%2E0", "PR-1/../main",
		"main@2",
	} {
		sub := acme + "job/team/job/web/job/" + encode(branchJob.Replace(branch)) + "/"
		for i := range trusts {
			if citest.Admitted(trusts[i:i+1], citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) {
				t.Errorf("the branch %q gets in as %s", branch, sub)
			}
		}
	}
	for _, branch := range trusted {
		sub := acme + "job/team/job/web/job/" + encode(branchJob.Replace(branch.(string))) + "/"
		if !citest.Admitted(trusts[:1], citest.InAWS, ci.With(documented(), map[string]any{"sub": sub})) {
			t.Errorf("the trusted branch %s does not get in as %s", branch, sub)
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
