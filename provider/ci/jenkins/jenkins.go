// Package jenkins is Jenkins: its issuer, its tokens, and the words in which its jobs are trusted.
package jenkins

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Jenkins with the plugin oidc-provider.
//
// Issuer: the System URL and oidc, followed by the folder that holds the credential; or what the credential names in
// its place. Audience: what the credential names; none by default. Subject: the URL of the job, with a slash at its
// end, unless an admin changed the claim templates. AWS fills no key of its own for this issuer.
//
// Sources: plugin, folderIssuer, jobURL, encoding, branchNames.
type System struct{}

const (
	plugin       = "https://github.com/jenkinsci/oidc-provider-plugin"
	folderIssuer = "https://github.com/jenkinsci/oidc-provider-plugin/blob/master/src/main/java/io/jenkins/plugins/oidc_provider/FolderIssuer.java"
	jobURL       = "https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/jenkins/model/CoreEnvironmentContributor.java"
	branchNames  = "https://github.com/jenkinsci/branch-api-plugin/blob/master/src/main/java/jenkins/branch/NameEncoder.java"
)

// form is the subject unless an admin has changed the template of sub, which is ${JOB_URL}. The Jenkins URL ends in a
// slash.
var form = ci.NewForm("{Jenkins URL}job/{job}/",
	ci.Field{
		Name:    "Jenkins URL",
		Texts:   `https://[^/]+/(?:(?:job[^/]+|[^/j][^/]*|j(?:[^/o][^/]*)?|jo(?:[^/b][^/]*)?)/)*`, // no part is job
		Sample:  "https://jenkins.example.com/",
		Other:   "https://mallory.example/",
		Decides: ci.Tenant,
	},
	ci.Field{Name: "job", Texts: `[^/]+(?:/job/[^/]+)*`, Sample: "team/job/web", Decides: ci.Project})

// Section is "jenkins".
func (System) Section() string { return "jenkins" }

// Title is "Jenkins".
func (System) Title() string { return "Jenkins" }

// pullRequestName are the names that branch sources give to the jobs of pull requests: PR-1, PR-1-merge, MR-1.
// Sources: https://github.com/jenkinsci/github-branch-source-plugin,
// https://github.com/jenkinsci/gitlab-branch-source-plugin
var pullRequestName = ci.NewExpression(`^(PR|MR)-[0-9]+(-[a-z]+)?$`)

var pullRequestJob = ci.Rule{
	ID: "jenkins-pull-request-job", Severity: ci.High, Unreviewed: true,
	Summary: "the name is that of the job of a pull request, which runs code that nobody has merged",
	Remediation: "Name the branches that deploy. Give pull requests a role of their own, for an account in " +
		"which nothing matters.",
	Source: plugin,
}

// Not high: a job that builds one protected branch alone is as good as a branch of a multibranch job.
var anyBranch = ci.Rule{
	ID: "jenkins-any-branch", Severity: ci.Medium,
	Summary: "the subject names the job and no branch, so every build of the job gets the role, whatever branch it " +
		"builds; a multibranch job itself builds nothing, and nobody gets the role by its name",
	Remediation: "Write branches, if it is a multibranch job. Let another job build one protected branch alone, and " +
		"let nobody else choose what it checks out.",
	Source: plugin,
}

// Rules are the findings of Jenkins.
func (System) Rules() []ci.Rule { return []ci.Rule{pullRequestJob, anyBranch} }

// Issuer is what signs the tokens of Jenkins.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://JENKINS/oidc", Installed: &installed,
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:  []string{"JENKINS_URL"},
		Chosen: true,
		Condition: "a credential OpenID Connect id token, or id token as file, of the plugin oidc-provider, bound to " +
			"a variable: credentials('ID')",
		Source: plugin,
	}
}

var (
	issuerURL = ci.IssuerURL{
		System: "Jenkins",
		Either: true,
		Help:   "write the Jenkins URL as Manage Jenkins > System has it, such as https://jenkins.example.com/",
	}
	ownURL = ci.IssuerURL{
		System: "Jenkins",
		Help:   "write what the field Issuer of the credential has, such as https://tokens.example.com/jenkins",
	}
)

// Read understands the section jenkins.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	url := readURL(section.Field("url"), problems)
	t := ci.NewTrust(readIssuer(section, url, problems), section, account, problems, usual)
	w := words{folder: section.Field("folder").Text(), issuer: section.Field("issuer").Text()}
	for _, v := range section.Field("jobs").List {
		if v.Known {
			readJob(&t, url, section.Field("folder"), v, &w, problems)
		}
	}
	t.Pipeline = func(role ci.Role) string { return w.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readURL reads the Jenkins URL, with the slash at its end that Jenkins gives it. A part called job would be taken for
// the beginning of a job's name.
func readURL(v input.Value, problems *input.Problems) string {
	url := issuerURL.Read(v, problems)
	if url == "" {
		return ""
	}
	url = strings.TrimSuffix(url, "/") + "/"
	switch {
	case strings.Contains(url, "/job/"):
		problems.Add(v, "is the URL of a job; "+issuerURL.Help, input.Got(v))
		return ""
	case strings.HasSuffix(url, "/oidc/"):
		problems.Add(v, "is an issuer; "+issuerURL.Help, input.Got(v))
		return ""
	}
	return url
}

// readIssuer finds the issuer of the credential: its own, that of its folder, or that of the root.
func readIssuer(section input.Value, url string, problems *input.Problems) string {
	folder, own := section.Field("folder"), section.Field("issuer")
	switch {
	case folder.Present && own.Present:
		problems.Add(folder, "has no meaning beside issuer: the credential names its issuer, wherever it stands")
		return ""
	case own.Present:
		return ownURL.Read(own, problems)
	case url == "":
		return ""
	case !folder.Present:
		return url + "oidc"
	}
	path := readName(folder, "folder", problems)
	if strings.ContainsAny(path, "%!$&'()*+,=@") {
		problems.Add(folder, "has a character that not every issuer can have in AWS; move the credential to a folder "+
			"named with letters, digits, - _ and . alone, or give it an Issuer of its own and write that as issuer",
			input.Got(folder))
		path = ""
	}
	if path == "" {
		return ""
	}
	return url + "oidc/job/" + path
}

// readJob turns an item of jobs into grants: of the job, or of its branches.
func readJob(t *ci.Trust, url string, folder, v input.Value, w *words, problems *input.Problems) {
	full, list := v.Field("name"), v.Field("branches")
	job := readName(full, "job", problems)
	// a multibranch job is a folder, whose branches can use a credential in it
	inside := full.Text() == folder.Text() && list.Present || strings.HasPrefix(full.Text(), folder.Text()+"/")
	if t.Issuer() != "" && folder.Present && job != "" && !inside {
		problems.Add(full, "lies outside folder, whose credential it cannot use; write the full name of a job below "+
			"the folder, such as FOLDER/web, or leave folder out where the credential stands at the root",
			input.Got(full))
		return
	}
	if !list.Present {
		w.files.Of("job " + full.Text()).any = true
		if names := strings.Split(full.Text(), "/"); pullRequestName.MatchString(names[len(names)-1]) {
			t.Findings = append(t.Findings, ci.Finding{Rule: pullRequestJob, Path: full.Path, Detail: full.Text()})
		} else {
			t.Findings = append(t.Findings, ci.Finding{Rule: anyBranch, Path: v.Path, Detail: full.Text()})
		}
		trustJob(t, v.Path, url, job, "job "+full.Text())
	}
	for _, b := range list.Texts() {
		branch := readBranch(b, problems)
		if branch == "" || job == "" {
			continue
		}
		if pullRequestName.MatchString(b.Text()) {
			t.Findings = append(t.Findings,
				ci.Finding{Rule: pullRequestJob, Path: b.Path, Detail: full.Text() + "/" + b.Text()})
		}
		f := w.files.Of("job " + full.Text())
		f.branches = ci.AddOnce(f.branches, b.Text())
		trustJob(t, v.Path, url, job+"/job/"+branch, "branch "+b.Text()+" of job "+full.Text())
	}
}

// trustJob adds the grant of one job, once all of it is known. job is its path behind the first /job/ of its URL.
func trustJob(t *ci.Trust, path, url, job, phrase string) {
	if t.Issuer() == "" || url == "" || job == "" {
		return
	}
	t.Allow(path, fmt.Sprintf("Jenkins: %s on %s", phrase, strings.TrimSuffix(ci.HostOf(url), "/")), ci.Subject{
		Form: form, Terms: ci.ExactlyAll(url, job),
		Job: func([]string) map[string]any { return map[string]any{"build_number": float64(123)} },
		Others: map[string]string{
			"a token that no build asked for":                      url,
			"a pull request of the job, were it a multibranch one": form.Build(url, job+"/job/PR-1"),
			"a job of that name in a folder":                       form.Build(url, "mallory/job/"+job),
			"the job's URL without the slash at its end":           strings.TrimSuffix(form.Build(url, job), "/"),
			"a subject of another template":                        "jenkins:main:123",
		},
	})
}
