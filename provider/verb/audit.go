package verb

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
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
	// Values are all values that have it, if they are several.
	Values []string `json:"values,omitempty"`
	Role   string   `json:"role,omitempty"` // its ARN
	// Fingerprint stays the same as long as the finding is about the same.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Reason is why it is ignored.
	Reason string `json:"reason,omitempty"`
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
	for _, value := range f.Values {
		shown.Values = append(shown.Values, redact(value))
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
	Role string `json:"role"` // its name, or what it is called in the document
	Arn  string `json:"arn,omitempty"`
	// Where it was found: the file, the line of the role in it, the address in an infrastructure program.
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Address string `json:"address,omitempty"`
	// Whole says that the file is the trust policy, so that its lines are those of the findings.
	Whole bool `json:"-"`
	// WebIdentity says that the trust policy is about jobs and the web: a role without is for services and accounts.
	WebIdentity bool      `json:"webIdentity"`
	Findings    []Finding `json:"findings"`
	Ignored     []Finding `json:"ignored,omitempty"` // findings that somebody has set aside, with the reason
	Known       []Finding `json:"known,omitempty"`   // findings that are in the baseline
	Error       string    `json:"error,omitempty"`

	access access // for the inventory
}

// Concerns reports that the role is one that CI or the web may assume, or that something is to be said of it all the
// same.
func (r *RoleAudit) Concerns() bool { return r.WebIdentity || len(r.Findings) > 0 || r.Error != "" }

// Audit reads one trust policy, in any of the forms of TrustPolicy.
func Audit(raw []byte) ([]Finding, error) {
	document, err := TrustPolicy(raw)
	if err != nil {
		return nil, refuse(err)
	}
	role := trust.Role{Name: document.RoleName, Arn: document.RoleArn}
	findings, _, err := judge(all.Registry(), document.Policy, role)
	return findings, err
}

func judge(registry *ci.Registry, policy []byte, role trust.Role) ([]Finding, *audit.Examination, error) {
	examined, err := audit.Examine(registry, policy, role)
	if err != nil {
		return nil, nil, refuse(fmt.Errorf("trust policy: %w", err))
	}
	findings := []Finding{}
	for _, f := range examined.Findings {
		findings = append(findings, findingOf(f))
	}
	return findings, examined, nil
}

// AuditAccount reads the answer of `aws iam get-account-authorization-details`, or another document that may hold many
// roles, and audits every role in it. ok is false when the document is no such thing.
func AuditAccount(raw []byte) (audits []RoleAudit, ok bool) {
	found, err := account.Read(raw)
	if err != nil || !found.Several {
		return nil, false
	}
	return AuditRoles(found.Roles), true
}

// AuditRoles audits roles, each by itself. The audits have the order of the roles.
func AuditRoles(roles []account.Role) []RoleAudit {
	registry := all.Registry()
	audits := make([]RoleAudit, len(roles))
	var known powers
	each(len(roles), func(i int) { audits[i] = auditRole(registry, &roles[i], &known) })
	return audits
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

func auditRole(registry *ci.Registry, r *account.Role, known *powers) RoleAudit {
	one := RoleAudit{
		Role: r.Label(), Arn: r.Arn, File: r.File, Line: r.Line, Address: r.Address, Whole: r.Whole,
		Findings: []Finding{},
	}
	err := refuse(r.Err)
	if err == nil && r.Trust != nil {
		var examined *audit.Examination
		var findings []Finding
		role := trust.Role{Name: r.Name, Arn: r.Arn}
		if one.access.power = known.of(r); one.access.power != nil {
			role.May = one.access.power.words
		}
		findings, examined, err = judge(registry, r.Trust, role)
		if err == nil {
			one.Findings, one.WebIdentity, one.access.examined = findings, examined.WebIdentity(), examined
		}
	}
	if err != nil {
		one.Error = err.Error()
	}
	if err == nil && len(r.Unknown) > 0 && (one.WebIdentity || r.Trust == nil || r.Perhaps) {
		one.Findings = append(one.Findings, unknown(r))
		slices.SortStableFunc(one.Findings, func(a, b Finding) int {
			switch before := trust.Severity(a.Severity).AtLeast(trust.Severity(b.Severity)); {
			case a.Severity == b.Severity:
				return 0
			case before:
				return -1
			}
			return 1
		})
	}
	for i := range one.Findings {
		if f := &one.Findings[i]; r.Made {
			f.Line, f.Column = 0, 0
		}
	}
	return one
}

// unknown is the finding that a document leaves open who may assume a role.
func unknown(r *account.Role) Finding {
	f := findingOf(audit.Unjudged("the document does not say " + strings.Join(r.Unknown, ", ")))
	f.Role, f.Values = r.Arn, slices.Clone(r.Unknown)
	f.Remediation = "Audit what is deployed: terraform show -json of the state, or the role's trust policy in the " +
		"account."
	return f
}

// A power is what a set of policies allows. Many roles of an account have the same ones, so each set is judged once.
type power struct {
	role    permission.Role
	assumes bool
	may     *May
	words   *trust.May
}

// powers are those of one audit, by the text of all policies.
type powers struct{ known sync.Map }

// of says what the role's policies allow; nil if they are not known.
func (p *powers) of(r *account.Role) *power {
	if !r.Complete {
		return nil
	}
	var role permission.Role
	var key strings.Builder
	add := func(policy permission.Policy) permission.Policy {
		for _, text := range []string{policy.Name, policy.Arn, policy.Document, policy.Unread} {
			fmt.Fprintf(&key, "%d:%s", len(text), text)
		}
		return policy
	}
	for _, policy := range r.Policies {
		role.Policies = append(role.Policies, add(permissionOf(policy)))
	}
	if r.Boundary != nil {
		key.WriteString("boundary")
		boundary := add(permissionOf(*r.Boundary))
		role.Boundary = &boundary
	}
	if known, ok := p.known.Load(key.String()); ok {
		return known.(*power)
	}
	judged := permission.Judge(role)
	found := &power{
		role: role, assumes: len(judged.Assumes)+len(judged.Unread) > 0, words: judged.May(),
		may: &May{Write: sentences(judged.Writes), Secrets: sentences(judged.Secrets), Unread: judged.Unread},
	}
	p.known.Store(key.String(), found)
	return found
}

// sentences are uses in words, without what must not be in a log.
func sentences(uses []permission.Use) []string {
	texts := []string{}
	for _, use := range uses {
		texts = append(texts, redact(use.String()))
	}
	return texts
}

// permissionOf is a policy as package permission takes it.
func permissionOf(p account.Policy) permission.Policy {
	name := p.Arn
	if name == "" {
		name = "the inline policy " + p.Name
	}
	return permission.Policy{Name: name, Arn: p.Arn, Document: string(p.Document), Unread: p.Unread}
}
