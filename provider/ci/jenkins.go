package ci

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Jenkins is Jenkins with the plugin oidc-provider.
//
// Issuer: the Jenkins URL and oidc, followed by the folder that holds the credential; or what the credential names in its
// place. Audience: what the credential names; none by default. Subject: the URL of the job, with a slash at its end, unless
// an admin changed the claim templates. AWS fills no key of its own for this issuer.
//
// Sources: jenkinsPlugin, jenkinsIssuer, jenkinsJobURL, jenkinsEncoding, jenkinsBranchNames.
type Jenkins struct{}

const (
	jenkinsPlugin      = "https://github.com/jenkinsci/oidc-provider-plugin"
	jenkinsIssuer      = "https://github.com/jenkinsci/oidc-provider-plugin/blob/master/src/main/java/io/jenkins/plugins/oidc_provider/FolderIssuer.java"
	jenkinsJobURL      = "https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/jenkins/model/CoreEnvironmentContributor.java"
	jenkinsBranchNames = "https://github.com/jenkinsci/branch-api-plugin/blob/master/src/main/java/jenkins/branch/NameEncoder.java"
	jenkinsAdvisory    = "https://www.jenkins.io/security/advisory/2025-05-14/#SECURITY-3574"
)

// jenkinsForm is the subject where no admin changed the template of sub, which is ${JOB_URL}. The Jenkins URL ends in a slash.
var jenkinsForm = newForm("{Jenkins URL}job/{job}/",
	field{name: "Jenkins URL", texts: `https://[^/]+/(?:[^/]+/)*?`, sample: "https://jenkins.example.com/", other: "https://mallory.example/"},
	field{name: "job", texts: `[^/]+(?:/job/[^/]+)*`, sample: "team/job/web"})

// Section is "jenkins".
func (Jenkins) Section() string { return "jenkins" }

// Title is "Jenkins".
func (Jenkins) Title() string { return "Jenkins" }

// jenkinsPullRequestName are the names that branch sources give to the jobs of pull requests: PR-1, PR-1-merge, MR-1.
// Sources: https://github.com/jenkinsci/github-branch-source-plugin, https://github.com/jenkinsci/gitlab-branch-source-plugin
var jenkinsPullRequestName = newExpression(`^(PR|MR)-[0-9]+(-[a-z]+)?$`)

var jenkinsPullRequestJob = Rule{
	ID: "jenkins-pull-request-job", Severity: High,
	Summary:     "the name is that of the job of a pull request, which runs code that nobody has merged",
	Remediation: "Name the branches that deploy. Give pull requests a role of their own, for an account in which nothing matters.",
	Source:      jenkinsPlugin,
}

// Not high: a job that builds one protected branch alone is as good as a branch of a multibranch job.
var jenkinsAnyBranch = Rule{
	ID: "jenkins-any-branch", Severity: Medium,
	Summary: "the subject names the job and no branch, so every build of the job gets the role, whatever branch it builds; a multibranch job itself " +
		"builds nothing, and nobody gets the role by its name",
	Remediation: "Write branches, if it is a multibranch job. Let another job build one protected branch alone, and let nobody else choose what it checks out.",
	Source:      jenkinsPlugin,
}

// Rules are the findings of Jenkins.
func (Jenkins) Rules() []Rule { return []Rule{jenkinsPullRequestJob, jenkinsAnyBranch} }

// Issuer is what signs the tokens of Jenkins.
func (Jenkins) Issuer() Issuer {
	return Issuer{
		URL: "https://JENKINS/oidc",
	}
}

// Forms are the forms of their subjects.
func (Jenkins) Forms() []*form { return []*form{jenkinsForm} }

// Page is what people read about Jenkins.
func (Jenkins) Page() Page {
	return Page{
		Beyond:   "with the plugin oidc-provider",
		Audience: "`sts.amazonaws.com`, by the convention of the plugin; the credential names it, and by default names none, which AWS refuses",
		Names:    "jobs; branches of multibranch jobs",
		Subjects: []string{
			"https://JENKINS/job/FOLDER/job/JOB/ of every build of a job, whatever started it",
			"https://JENKINS/job/FOLDER/job/JOB/job/BRANCH/ of a branch of a multibranch job; `feature/x` is written `feature%252Fx`",
			"another one where an admin changed the claim templates, which this package does not trust",
		},
		Pitfalls: []string{
			"Version 96.vee8ed882ec4d of the plugin and earlier let whoever configures a job take another job's subject (" + jenkinsAdvisory +
				"): install 111.v29fd614b_3617 or later.",
			"A credential in a folder has an issuer of its own, https://JENKINS/oidc/job/FOLDER, which no job outside the folder can use: write `folder`. " +
				"One at the root serves every job.",
			"Where AWS cannot reach Jenkins, the credential names another issuer, under which an admin publishes two files: write it as `issuer`. " +
				"They change whenever the credential is saved again.",
			"The subject names no branch, unless the job is a multibranch one, which itself builds nothing: write its `branches`. A branch, a tag and a pull request of one name are one job.",
			"A job that is renamed or moved has another subject, and one that is made anew under the old name gets the role. A change of the Jenkins URL changes every subject.",
			"Patterns such as https://JENKINS/job/web* also fit a job called web-evil, and https://JENKINS/job/web/* the pull requests of a multibranch job; " +
				"this package writes whole names.",
			"Whoever may configure the job, or change the Jenkinsfile that it runs, gets the role.",
			"The credential must stand in the global domain.",
		},
		Sources: []string{jenkinsPlugin, jenkinsIssuer, jenkinsJobURL, jenkinsEncoding, jenkinsBranchNames, jenkinsAdvisory},
		Example: `jenkins:
  url: https://jenkins.example.com/
  jobs:
    - name: team/web
      branches: [main]
`,
	}
}

var (
	jenkinsURL = issuerURL{system: "Jenkins", either: true, help: "write the Jenkins URL as Manage Jenkins > System has it, such as https://jenkins.example.com/"}
	jenkinsOwn = issuerURL{system: "Jenkins", help: "write what the field Issuer of the credential has, such as https://tokens.example.com/jenkins"}
)

// Read understands the section jenkins.
func (Jenkins) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	url := readJenkinsURL(section.Field("url"), problems)
	t := newTrust(readJenkinsIssuer(section, url, problems), section, account, problems, "sts.amazonaws.com")
	words := jenkinsWords{folder: section.Field("folder").Text(), issuer: section.Field("issuer").Text(), branchesAlone: true}
	for _, v := range section.Field("jobs").List {
		if v.Known {
			readJenkinsJob(&t, url, section.Field("folder"), v, &words, problems)
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

// readJenkinsURL reads the Jenkins URL, with the slash at its end that Jenkins gives it. A part called job would be taken for
// the beginning of a job's name.
func readJenkinsURL(v input.Value, problems *input.Problems) string {
	url := jenkinsURL.read(v, problems)
	if url == "" {
		return ""
	}
	url = strings.TrimSuffix(url, "/") + "/"
	switch {
	case strings.Contains(url, "/job/"):
		problems.Add(v, "is the URL of a job; "+jenkinsURL.help, input.Got(v))
		return ""
	case strings.HasSuffix(url, "/oidc/"):
		problems.Add(v, "is an issuer; "+jenkinsURL.help, input.Got(v))
		return ""
	}
	return url
}

// readJenkinsIssuer finds the issuer of the credential: its own, that of its folder, or that of the root.
func readJenkinsIssuer(section input.Value, url string, problems *input.Problems) string {
	folder, own := section.Field("folder"), section.Field("issuer")
	switch {
	case folder.Present && own.Present:
		problems.Add(folder, "has no meaning beside issuer: the credential names its issuer, wherever it stands")
		return ""
	case own.Present:
		return jenkinsOwn.read(own, problems)
	case url == "":
		return ""
	case !folder.Present:
		return url + "oidc"
	}
	path := readJenkinsName(folder, "folder", problems)
	if strings.ContainsAny(path, "%!$&'()*+,=@") {
		problems.Add(folder, "has a character that not every issuer can have in AWS; move the credential to a folder named with letters, digits, - _ and . "+
			"alone, or give it an Issuer of its own and write that as issuer", input.Got(folder))
		path = ""
	}
	if path == "" {
		return ""
	}
	return url + "oidc/job/" + path
}

// readJenkinsJob turns an item of jobs into grants: of the job, or of its branches.
func readJenkinsJob(t *Trust, url string, folder, v input.Value, words *jenkinsWords, problems *input.Problems) {
	full, list := v.Field("name"), v.Field("branches")
	job := readJenkinsName(full, "job", problems)
	// a multibranch job is a folder, whose branches can use a credential in it
	inside := full.Text() == folder.Text() && list.Present || strings.HasPrefix(full.Text(), folder.Text()+"/")
	if t.Issuer() != "" && folder.Present && job != "" && !inside {
		problems.Add(full, "lies outside folder, whose credential it cannot use; write the full name of a job below the folder, such as FOLDER/web, or leave "+
			"folder out where the credential stands at the root", input.Got(full))
		return
	}
	if !list.Present {
		words.branchesAlone = false
		if names := strings.Split(full.Text(), "/"); jenkinsPullRequestName.MatchString(names[len(names)-1]) {
			t.Findings = append(t.Findings, Finding{Rule: jenkinsPullRequestJob, Path: full.Path, Detail: full.Text()})
		} else {
			t.Findings = append(t.Findings, Finding{Rule: jenkinsAnyBranch, Path: v.Path, Detail: full.Text()})
		}
		trustJenkinsJob(t, v.Path, url, job, "job "+full.Text())
	}
	for _, b := range list.Texts() {
		branch := readJenkinsBranch(b, problems)
		if branch == "" || job == "" {
			continue
		}
		if jenkinsPullRequestName.MatchString(b.Text()) {
			t.Findings = append(t.Findings, Finding{Rule: jenkinsPullRequestJob, Path: b.Path, Detail: full.Text() + "/" + b.Text()})
		}
		words.branches = addOnce(words.branches, b.Text())
		trustJenkinsJob(t, v.Path, url, job+"/job/"+branch, "branch "+b.Text()+" of job "+full.Text())
	}
}

// trustJenkinsJob adds the grant of one job, as far as it is known. job is its path behind the first /job/ of its URL.
func trustJenkinsJob(t *Trust, path, url, job, phrase string) {
	if t.Issuer() == "" || url == "" || job == "" {
		return
	}
	t.trust(path, fmt.Sprintf("Jenkins: %s on %s", phrase, strings.TrimSuffix(hostOf(url), "/")), subject{
		form: jenkinsForm, terms: exactlyAll(url, job),
		job: func([]string) map[string]any { return map[string]any{"build_number": float64(123)} },
		others: map[string]string{
			"a token that no build asked for":                      url,
			"a pull request of the job, were it a multibranch one": jenkinsForm.build(url, job+"/job/PR-1"),
			"a job of that name in a folder":                       jenkinsForm.build(url, "mallory/job/"+job),
			"the job's URL without the slash at its end":           strings.TrimSuffix(jenkinsForm.build(url, job), "/"),
			"a subject of another template":                        "jenkins:main:123",
		},
	})
}
