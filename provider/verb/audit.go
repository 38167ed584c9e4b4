package verb

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

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
	return audit(document, trust.Role{Name: document.RoleName})
}

func audit(document Document, role trust.Role) ([]Finding, error) {
	found, err := all.Registry().Audit(document.Policy, role)
	if err != nil {
		return nil, refuse(fmt.Errorf("trust policy: %w", err))
	}
	findings := []Finding{}
	for _, f := range found {
		findings = append(findings, Finding{f.ID, string(f.Severity), redact(f.Message()), f.Remediation, f.Source})
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
	audits = []RoleAudit{}
	for i := range account.RoleDetailList {
		r := &account.RoleDetailList[i]
		audits = append(audits, r.audit(r.writes()))
	}
	for i := range account.Roles { // which come without their policies
		audits = append(audits, account.Roles[i].audit(nil))
	}
	if account.IsTruncated {
		audits = append(audits, RoleAudit{
			Role:     "(more)",
			Findings: []Finding{},
			Error:    "the answer is one page of several (IsTruncated), and its other roles are missing",
		})
	}
	return audits, true
}

func (r *roleDetail) audit(writes *bool) RoleAudit {
	one := RoleAudit{Role: r.RoleName, Findings: []Finding{}}
	document, err := r.document()
	if err == nil {
		var findings []Finding
		if findings, err = audit(document, trust.Role{Name: r.RoleName, Writes: writes}); err == nil {
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
