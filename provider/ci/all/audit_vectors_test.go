package all

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A findingVectors is a file of tests/corpus/findings: policies that have a finding, and the nearest that have not.
type findingVectors struct {
	Rule    string `json:"rule"`
	Source  string `json:"source"`
	Vectors []struct {
		Name string `json:"name"`
		Has  bool   `json:"has"`
		// Recorded names the file of recorded answers of AWS, or says that there is none.
		Recorded string `json:"recorded"`
		Role     struct {
			Name     string            `json:"name"`
			Policies []json.RawMessage `json:"policies"`
		} `json:"role"`
		Policy   json.RawMessage `json:"policy"`
		Document string          `json:"document"` // a policy that JSON cannot hold as an object
	} `json:"vectors"`
}

func readFindingVectors(t testing.TB) []findingVectors {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "tests", "corpus", "findings", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no vectors in tests/corpus/findings", err)
	}
	var all []findingVectors
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors findingVectors
		if err := json.Unmarshal(raw, &vectors); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if vectors.Rule+".json" != filepath.Base(file) {
			t.Errorf("%s is about %s", file, vectors.Rule)
		}
		all = append(all, vectors)
	}
	return all
}

func TestEveryVectorHasItsFindingOrHasItNot(t *testing.T) {
	for _, file := range readFindingVectors(t) {
		for _, v := range file.Vectors {
			t.Run(file.Rule+"/"+v.Name, func(t *testing.T) {
				document := []byte(v.Policy)
				if v.Document != "" {
					document = []byte(v.Document)
				}
				role := trust.Role{Name: v.Role.Name}
				if v.Role.Policies != nil {
					var may permission.Role
					for _, policy := range v.Role.Policies {
						may.Policies = append(may.Policies, permission.Policy{Name: "p", Document: string(policy)})
					}
					role.May = permission.Judge(may).May()
				}
				findings, err := audit.Audit(Registry(), document, role)
				if err != nil {
					t.Fatal(err)
				}
				if file.Rule == "required-claim" {
					if got := refusedByAWS(t, document); got != v.Has {
						t.Errorf("AWS refuses to store it: %v, expected %v\nin: %s", got, v.Has, document)
					}
					return
				}
				var found []string
				for _, f := range findings {
					found = append(found, f.ID+" ("+f.Detail+")")
				}
				if got := slices.ContainsFunc(findings, func(f ci.Finding) bool {
					return f.ID == file.Rule
				}); got != v.Has {
					t.Errorf("has the finding: %v, expected %v\nfound: %s\nin: %s", got, v.Has,
						strings.Join(found, "\n       "), document)
				}
			})
		}
	}
}

// refusedByAWS reports that AWS demands more of a statement before it stores the policy. The finding that says so is
// left out where a graver one names the same gap.
func refusedByAWS(t *testing.T, document []byte) bool {
	t.Helper()
	policy, err := trust.ParsePolicy(document)
	if err != nil {
		t.Fatal(err)
	}
	for i := range policy.Statements {
		s := &policy.Statements[i]
		for _, arn := range s.Principals.ByType["Federated"] {
			host, _ := trust.HostAndPartition(arn)
			if _, known := Registry().Owner(host); known != nil && s.Effect == "Allow" && s.AboutWebIdentity() &&
				!known.Control.Satisfied(s, host) {
				return true
			}
		}
	}
	return false
}

// Of a system's own findings its folder has policies and the same mended.
func TestEveryRuleOfTheAuditHasAPolicyThatBreaksItAndANearOneThatDoesNot(t *testing.T) {
	with, without, total := map[string]int{}, map[string]int{}, 0
	for _, file := range readFindingVectors(t) {
		if !strings.HasPrefix(file.Source, "https://") {
			t.Errorf("%s: source %q is no URL", file.Rule, file.Source)
		}
		names := map[string]bool{}
		for _, v := range file.Vectors {
			if names[v.Name] || v.Name == "" {
				t.Errorf("%s: the name %q stands twice, or is empty", file.Rule, v.Name)
			}
			names[v.Name] = true
			if total++; v.Has {
				with[file.Rule]++
			} else {
				without[file.Rule]++
			}
		}
	}
	rules := map[string]bool{}
	for _, r := range audit.Rules(Registry()) {
		rules[r.ID] = true
	}
	for id := range with {
		if own := Registry().Rules(); own[id].ID == "" && (with[id] == 0 || without[id] == 0) {
			t.Errorf("%s: %d policies that have it and %d that have not; both are needed", id, with[id], without[id])
		}
	}
	for id := range with {
		if !rules[id] {
			t.Errorf("tests/corpus/findings has vectors for %s, which is no rule", id)
		}
	}
	if total < 90 {
		t.Errorf("%d vectors, expected at least 90", total)
	}
}

// What lets a stranger in, or anybody of whom nobody decided that he may, is high.
func TestSeveritiesSayWhatLetsAStrangerIn(t *testing.T) {
	high := []string{
		"any-ref", "buildkite-fork-admitted", "custom-no-subject", "duplicate-json-key", "everyone",
		"federated-wildcard", "github-ref-without-sub", "no-subject", "prefix-collision",
		"tenant-not-pinned", "unreviewed-write", "wildcard-before-decision",
	}
	own := Registry().Rules()
	var got []string
	for _, r := range audit.Rules(Registry()) {
		if !strings.HasPrefix(r.Source, "https://") || r.Summary == "" || r.Remediation == "" {
			t.Errorf("%s lacks its source, summary or remediation: %+v", r.ID, r)
		}
		if r.Severity == ci.High && own[r.ID].ID == "" {
			got = append(got, r.ID)
		}
	}
	citest.SameStrings(t, "high findings", got, high)
}

// What AWS refuses to store is no matter of judgement: each vector restates one of its recorded answers.
func TestEveryVectorOfARequiredClaimNamesTheAnswerOfAWSItRestates(t *testing.T) {
	recorded, documented := 0, 0
	for _, file := range readFindingVectors(t) {
		if file.Rule != "required-claim" {
			continue
		}
		for _, v := range file.Vectors {
			switch {
			case v.Recorded == "documentation only":
				documented++
			case strings.HasPrefix(v.Recorded, "oidc_trust_controls") && strings.HasSuffix(v.Recorded, "_aws.json"):
				recorded++
			default:
				t.Errorf("%s names neither a recording nor says that there is none: %q", v.Name, v.Recorded)
			}
		}
	}
	if recorded < 80 || documented > 10 {
		t.Errorf("%d vectors are recorded and %d are not", recorded, documented)
	}
}
