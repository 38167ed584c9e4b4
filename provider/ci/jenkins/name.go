package jenkins

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// encode writes a name as a part of a Jenkins URL: all but letters, digits and !$&'()*+,-.=@_ as the bytes of UTF-8.
// Source: https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/Util.java (rawEncode).
func encode(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' ||
			strings.IndexByte("!$&'()*+,-.=@_", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// branchJob is the name of the job of a branch, in which a few characters are encoded already: that of feature/x is
// feature%2Fx. Source: branchNames.
var branchJob = strings.NewReplacer("#", "%23", "%", "%25", "/", "%2F", "?", "%3F", "[", "%5B", "]", "%5D", `\`, "%5C")

// What Jenkins allows in a name, and the few codes that a multibranch job or an organization folder puts into those it
// makes.
// Source: https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/jenkins/model/Jenkins.java
// (checkGoodName)
var (
	unsafe = ci.NewExpression(`[?*\\!@#$^&|<>\[\]:;\x00-\x1f\x7f-\x{9f}]`)
	code   = ci.NewExpression(`%(23|2F|3F|5B|5C|5D)`)
)

const nameHelp = "; write the full name, as the job's page shows it behind Full project name, such as team/web"

// readName reads the full name of a job or folder, and returns it as it stands in URLs behind the first /job/.
func readName(v input.Value, noun string, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text, reason := v.Text(), ""
	names := strings.Split(text, "/")
	for i, name := range names {
		if name == "" || name == "." || name == ".." {
			reason = "has an empty part, or one that is . or .."
		}
		names[i] = encode(name)
	}
	switch {
	case strings.Contains(text, "://"):
		reason = "is a URL"
	case strings.Contains(text, "»"):
		reason = "is how Jenkins displays the name"
	case strings.HasPrefix(text, "job/"), strings.Contains(text, "/job/"):
		reason = "has the /job/ of a URL"
	case strings.Contains(text, "%25"):
		reason = "is encoded as in a URL"
	case unsafe.MatchString(text), strings.Contains(code.ReplaceAllString(text, ""), "%"):
		reason = `has a character that Jenkins allows in no name: ? * \ % ! @ # $ ^ & | < > [ ] : ; or a control ` +
			`character. A trust names each ` + noun +
			", and a branch of a multibranch job is named by branches"
	}
	if reason != "" {
		problems.Add(v, reason+nameHelp, input.Got(v))
		return ""
	}
	return strings.Join(names, "/job/")
}

// readBranch reads the name of a branch, and returns the last part of the URL of its job.
func readBranch(v input.Value, problems *input.Problems) string {
	latin := strings.Map(func(r rune) rune {
		if r > 0xff {
			return 'x' // Jenkins encodes it, so that IAM can store it
		}
		return r
	}, v.Text())
	rule := ci.RefProblem(ci.Name{Text: latin}, ci.Branches)
	if strings.Contains(latin, "*") {
		rule = "takes no *: a pull request or a tag may have a job whose name begins alike; list the branches"
	}
	if rule != "" {
		problems.Add(v, rule, input.Got(v))
		return ""
	}
	return encode(branchJob.Replace(v.Text()))
}
