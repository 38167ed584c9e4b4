package verb

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Finding is one remark about a trust policy, as --json prints it.
type Finding struct {
	ID          string `json:"id"`
	Severity    string `json:"severity"`
	Message     string `json:"message"`
	Remediation string `json:"remediation"`
	Source      string `json:"source"`

	// Where it is in the policy's document: lines and columns count from 1, and the statement's number, too.
	Statement int    `json:"statement,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	Key       string `json:"key,omitempty"`
	Value     string `json:"value,omitempty"`
	Role      string `json:"role,omitempty"` // its ARN
	// Witness is a token that the policy admits, where the finding says that somebody gets in.
	Witness *Witness `json:"witness,omitempty"`
}

// A Witness is a token that gets in: its claims, whose it is, and what the call must be like.
type Witness struct {
	Claims map[string]any `json:"claims"`
	Who    string         `json:"who"`
	Call   string         `json:"call,omitempty"`
}

// findingOf is a finding as people and programs see it.
func findingOf(f ci.Finding) Finding {
	shown := Finding{
		ID: f.ID, Severity: string(f.Severity), Message: redact(f.Message()), Remediation: f.Remediation,
		Source: f.Source, Statement: f.Statement, Line: f.Line, Column: f.Column, Key: redact(f.Key),
		Value: redact(f.Value), Role: f.Role,
	}
	if f.Witness != nil {
		shown.Witness = witnessOf(f.Witness)
	}
	return shown
}

// witnessOf is a witness as people and programs see it.
func witnessOf(w *trust.Witness) *Witness {
	claims := map[string]any{}
	for name, claim := range w.Claims {
		if text, ok := claim.(string); ok {
			claim = redact(text)
		}
		claims[name] = claim
	}
	return &Witness{claims, redact(w.Who), redact(w.Call)}
}

// A RoleAudit is the audit of one role. Error is set when its trust policy cannot be read.
type RoleAudit struct {
	Role     string    `json:"role"`
	Findings []Finding `json:"findings"`
	Error    string    `json:"error,omitempty"`
}

// Audit reads one trust policy, in any of the forms of TrustPolicy.
func Audit(raw []byte) ([]Finding, error) {
	document, err := TrustPolicy(raw)
	if err != nil {
		return nil, refuse(err)
	}
	return judge(all.Registry(), document, trust.Role{Name: document.RoleName, Arn: document.RoleArn})
}

func judge(registry *ci.Registry, document Document, role trust.Role) ([]Finding, error) {
	found, err := audit.Audit(registry, document.Policy, role)
	if err != nil {
		return nil, refuse(fmt.Errorf("trust policy: %w", err))
	}
	findings := []Finding{}
	for _, f := range found {
		findings = append(findings, findingOf(f))
	}
	return findings, nil
}

// AuditAccount reads the answer of `aws iam get-account-authorization-details`, or of `aws iam list-roles`, and audits
// every role in it. ok is false when the document is no such answer.
func AuditAccount(raw []byte) (audits []RoleAudit, ok bool) {
	var account struct {
		RoleDetailList []roleDetail
		Roles          []roleDetail
		IsTruncated    bool
	}
	if json.Unmarshal(raw, &account) != nil || account.RoleDetailList == nil && account.Roles == nil {
		return nil, false
	}
	registry := all.Registry()
	audits = make([]RoleAudit, len(account.RoleDetailList)+len(account.Roles))
	each(len(audits), func(i int) {
		if i < len(account.RoleDetailList) {
			r := &account.RoleDetailList[i]
			audits[i] = r.audit(registry, r.writes())
			return
		}
		r := &account.Roles[i-len(account.RoleDetailList)] // which come without their policies
		audits[i] = r.audit(registry, nil)
	})
	if account.IsTruncated {
		audits = append(audits, RoleAudit{
			Role:     "(more)",
			Findings: []Finding{},
			Error:    "the answer is one page of several (IsTruncated), and its other roles are missing",
		})
	}
	return audits, true
}

// each does something for the numbers below n, on all processors: an account may have thousands of roles.
func each(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	workers.Wait()
}

func (r *roleDetail) audit(registry *ci.Registry, writes *bool) RoleAudit {
	one := RoleAudit{Role: r.RoleName, Findings: []Finding{}}
	document, err := r.document()
	if err == nil {
		var findings []Finding
		if findings, err = judge(registry, document,
			trust.Role{Name: r.RoleName, Arn: r.Arn, Writes: writes}); err == nil {
			one.Findings = findings
		}
	}
	if err != nil {
		one.Error = err.Error()
	}
	return one
}

// MaxAccount bounds what is read of one file: an account's authorization details are the largest input there is.
const MaxAccount = 256 << 20

// AuditFolder audits every .json file of a folder, by itself or as an account's answer.
func AuditFolder(folder fs.FS) ([]RoleAudit, error) {
	var audits []RoleAudit
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		one := RoleAudit{Role: name, Findings: []Finding{}}
		if info, err := entry.Info(); err != nil || info.Size() > MaxAccount {
			one.Error = fmt.Sprintf("the file has more than %d bytes, or cannot be read", MaxAccount)
			audits = append(audits, one)
			return nil
		}
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		if account, ok := AuditAccount(raw); ok {
			audits = append(audits, account...)
			return nil
		}
		if findings, err := Audit(raw); err != nil {
			one.Error = err.Error()
		} else {
			one.Findings = findings
		}
		audits = append(audits, one)
		return nil
	})
	return audits, err
}

// readOnly are names of AWS-managed policies that allow reading only; all other policies are taken to write.
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
func readOnly(arn string) bool {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	return strings.Contains(arn, "::aws:policy/") &&
		(strings.HasSuffix(name, "ReadOnlyAccess") || strings.HasSuffix(name, "ReadOnly") || name == "SecurityAudit" ||
			name == "ViewOnlyAccess")
}

// writes says whether the role's policies allow more than reading.
func (r *roleDetail) writes() *bool {
	writes := false
	for _, p := range r.AttachedManagedPolicies {
		writes = writes || !readOnly(p.PolicyArn)
	}
	for _, p := range r.RolePolicyList {
		writes = writes || inlineWrites(p.PolicyDocument)
	}
	return &writes
}

// inlineWrites: any allowed action that is not named like reading. A document that cannot be read counts as writing.
func inlineWrites(raw json.RawMessage) bool {
	if len(raw) == 0 {
		return true
	}
	document, err := unquote(raw)
	var policy struct{ Statement any }
	if err != nil || json.Unmarshal(document, &policy) != nil {
		return true
	}
	statements, isList := policy.Statement.([]any)
	if !isList {
		statements = []any{policy.Statement}
	}
	for _, s := range statements {
		statement, ok := s.(map[string]any)
		if !ok || statement["Effect"] == "Allow" && (statement["Action"] == nil || !allRead(statement["Action"])) {
			return true
		}
	}
	return false
}

func allRead(actions any) bool {
	list, isList := actions.([]any)
	if !isList {
		list = []any{actions}
	}
	for _, action := range list {
		text, _ := action.(string)
		_, verb, found := strings.Cut(text, ":")
		if !found || !strings.HasPrefix(verb, "Get") && !strings.HasPrefix(verb, "List") &&
			!strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "Head") {
			return false
		}
	}
	return true
}
