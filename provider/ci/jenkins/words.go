package jenkins

import (
	"maps"
	"net/url"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a build of a job: by its full name, or where that has what no name of a job has, by the
// branch of a multibranch job.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("Jenkins URL", "job")
	if !ok {
		return nil
	}
	section := map[string]any{"url": texts[0]}
	switch folder, inFolder := strings.CutPrefix("https://"+job.Issuer, texts[0]+"oidc/job/"); {
	case "https://"+job.Issuer == texts[0]+"oidc":
	case inFolder:
		section["folder"] = decode(folder)
	default:
		section["issuer"] = "https://" + job.Issuer
	}
	jobs := []map[string]any{{"name": decode(texts[1])}}
	if at := strings.LastIndex(texts[1], "/job/"); at > 0 {
		branch := branchOf.Replace(decode(texts[1][at+len("/job/"):]))
		jobs = append(jobs, map[string]any{"name": decode(texts[1][:at]), "branches": []string{branch}})
	}
	var sections []map[string]any
	for _, item := range jobs {
		words := map[string]any{"jobs": []map[string]any{item}}
		maps.Copy(words, section)
		sections = append(sections, job.ForAudience(words, usual))
	}
	return sections
}

// usual is the audience of a section that names none.
const usual = "sts.amazonaws.com"

// branchOf takes back what branchJob writes.
var branchOf = strings.NewReplacer("%23", "#", "%25", "%", "%2F", "/", "%3F", "?", "%5B", "[", "%5D", "]", "%5C", `\`)

// decode is a full name for what stands in URLs behind the first /job/.
func decode(path string) string {
	names := strings.Split(path, "/job/")
	for i, name := range names {
		if text, err := url.PathUnescape(name); err == nil {
			names[i] = text
		}
	}
	return strings.Join(names, "/")
}
