package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// Config is what somebody has decided about the findings of their account: a file in YAML.
type Config struct {
	Ignore []Ignore `yaml:"ignore"`
}

// Ignore sets findings aside: those of a rule, of a role, or of a rule in a role.
type Ignore struct {
	Rule string `yaml:"rule"` // the id of a finding
	// Role is the role's ARN, its name, or its place: an address of Terraform, a logical id, a file.
	Role   string `yaml:"role"`
	Reason string `yaml:"reason"`
}

// unknownName is how the library says that a name is not one of a configuration.
var unknownName = regexp.MustCompile(`field (.*) not found in type report\.\w+`)

// ReadConfig reads a configuration, and says all that is wrong with it at once.
func ReadConfig(text []byte, rules []ci.Rule) (*Config, error) {
	var c Config
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
		return nil, errors.New(unknownName.ReplaceAllStringFunc(text, func(said string) string {
			name := unknownName.FindStringSubmatch(said)[1]
			return name + " is not known; the file has ignore, a list of {rule, role, reason}" +
				spelling.Guess(name, []string{"ignore", "rule", "role", "reason"})
		}))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has several YAML documents; write all entries into one")
	}
	ids := make([]string, len(rules))
	for i, rule := range rules {
		ids[i] = rule.ID
	}
	var wrong []string
	for i, entry := range c.Ignore {
		at := fmt.Sprintf("ignore[%d]", i)
		if strings.TrimSpace(entry.Reason) == "" {
			wrong = append(wrong, at+".reason: is missing; say why the finding does not matter here, for whoever "+
				"reads this next year")
		}
		if entry.Rule == "" && entry.Role == "" {
			wrong = append(wrong, at+": is for nothing; write the rule, the role or both that it is for")
		}
		if entry.Rule != "" && !slices.Contains(ids, entry.Rule) {
			wrong = append(wrong, fmt.Sprintf("%s.rule: there is no finding %q; docs/findings.md lists them%s", at,
				entry.Rule, spelling.Guess(entry.Rule, ids)))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.New(strings.Join(wrong, "\n"))
	}
	return &c, nil
}

// covers reports that an entry is for a finding of a role.
func (i Ignore) covers(a *verb.RoleAudit, f *verb.Finding) bool {
	named := i.Role == "" || slices.Contains([]string{a.Arn, a.Role, a.Address, a.File}, i.Role)
	return named && (i.Rule == "" || i.Rule == f.ID)
}

// Ignore sets aside what the configuration says.
func (r *Report) Ignore(c *Config) {
	used := make([]bool, len(c.Ignore))
	for i := range r.Roles {
		a := &r.Roles[i]
		a.Findings = slices.DeleteFunc(a.Findings, func(f verb.Finding) bool {
			at := slices.IndexFunc(c.Ignore, func(entry Ignore) bool { return entry.covers(a, &f) })
			if at < 0 {
				return false
			}
			used[at] = true
			f.Reason = c.Ignore[at].Reason
			a.Ignored = append(a.Ignored, f)
			return true
		})
	}
	for i, entry := range c.Ignore {
		if !used[i] {
			r.Unused = append(r.Unused, fmt.Sprintf("ignore[%d] (rule %q, role %q) is for no finding", i, entry.Rule,
				entry.Role))
		}
	}
	r.sort()
}
