package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// mostSkipped bounds how many skipped files are listed.
const mostSkipped = 50

// Text writes a report for people. Unless all is set it leaves out roles that neither CI jobs nor the web may assume.
func (r *Report) Text(to io.Writer, all bool) error {
	w := bufio.NewWriter(to)
	if r.Single {
		r.single(w)
	} else {
		r.summary(w)
		var clean []*verb.RoleAudit
		hidden := 0
		for i := range r.Roles {
			a := &r.Roles[i]
			switch {
			case !all && !concerns(a):
				hidden++
			case len(a.Findings)+len(a.Ignored)+len(a.Known) == 0 && a.Error == "":
				clean = append(clean, a)
			default:
				block(w, a)
			}
		}
		if len(clean) > 0 {
			fmt.Fprint(w, "\nno findings:\n")
		}
		for _, a := range clean {
			fmt.Fprintf(w, "  role %s%s\n", plain(a.Role), place(a, "  "))
		}
		if hidden > 0 {
			fmt.Fprintf(w, "\n%s that neither CI jobs nor the web may assume: not shown, --all shows %s\n",
				count(hidden, "role"), them(hidden))
		}
	}
	inventory(w, r.Inventory)
	skipped(w, r.Skipped)
	for _, text := range r.Unused {
		fmt.Fprintf(w, "\nnot used: %s\n", plain(text))
	}
	return w.Flush()
}

func concerns(a *verb.RoleAudit) bool { return a.Concerns() || len(a.Ignored) > 0 || len(a.Known) > 0 }

// single is one trust policy.
func (r *Report) single(w io.Writer) {
	for i := range r.Roles {
		a := &r.Roles[i]
		if a.Error != "" {
			fmt.Fprintln(w, plain(a.Error))
		} else if len(a.Findings) == 0 {
			fmt.Fprintln(w, "no findings")
		}
		for j := range a.Findings {
			fmt.Fprint(w, describe(&a.Findings[j]))
		}
		setAside(w, a, "")
	}
}

func (r *Report) summary(w io.Writer) {
	c := r.Count()
	fmt.Fprintf(w, "%s, of which CI jobs or the web may assume %d: %d high, %d medium, %d low", count(c.Roles, "role"),
		c.WebIdentity, c.High, c.Medium, c.Low)
	if c.Known > 0 {
		fmt.Fprintf(w, ", %d known", c.Known)
	}
	if c.Ignored > 0 {
		fmt.Fprintf(w, ", %d ignored", c.Ignored)
	}
	if c.Errors > 0 {
		fmt.Fprintf(w, ", %d not read", c.Errors)
	}
	fmt.Fprintln(w)
}

// block is all that there is to say of one role.
func block(w io.Writer, a *verb.RoleAudit) {
	fmt.Fprintf(w, "\nrole %s%s\n", plain(a.Role), place(a, "\n  "))
	if a.Error != "" {
		fmt.Fprintf(w, "  error: %s\n", plain(a.Error))
	}
	for i := range a.Findings {
		for line := range strings.Lines(describe(&a.Findings[i])) {
			fmt.Fprint(w, "  ", line)
		}
	}
	setAside(w, a, "  ")
}

func setAside(w io.Writer, a *verb.RoleAudit, indent string) {
	for i := range a.Ignored {
		f := &a.Ignored[i]
		fmt.Fprintf(w, "%signored: %s (%s), because: %s\n", indent, f.ID, f.Severity, plain(f.Reason))
	}
	if len(a.Known) > 0 {
		fmt.Fprintf(w, "%s%s in the baseline\n", indent, count(len(a.Known), "finding"))
	}
}

// place is where a role is: its ARN, and the file.
func place(a *verb.RoleAudit, separator string) string {
	var b strings.Builder
	if a.Arn != "" {
		b.WriteString(separator + plain(a.Arn))
	}
	if a.Address != "" && a.Address != a.Role {
		b.WriteString(separator + plain(a.Address))
	}
	if a.File != "" && a.File != a.Role {
		b.WriteString(separator + plain(a.File))
		if a.Line > 0 {
			fmt.Fprintf(&b, ", line %d", a.Line)
		}
	}
	return b.String()
}

// describe is a finding for people to read.
func describe(f *verb.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", f.ID, f.Severity)
	if f.Line > 0 {
		fmt.Fprintf(&b, " at line %d, column %d", f.Line, f.Column)
	}
	fmt.Fprintf(&b, "\n  %s\n", plain(f.Message))
	if f.Witness != nil {
		if claims, err := json.Marshal(f.Witness.Claims); err == nil {
			fmt.Fprintf(&b, "  token: %s\n", plain(string(claims)))
		}
	}
	fmt.Fprintf(&b, "  %s\n  %s\n", f.Remediation, f.Source)
	return b.String()
}

func skipped(w io.Writer, files []account.Skipped) {
	if len(files) > 0 {
		fmt.Fprintln(w)
	}
	for i, s := range files {
		if i == mostSkipped {
			fmt.Fprintf(w, "skipped: %d more\n", len(files)-i)
			return
		}
		fmt.Fprintf(w, "skipped: %s: %s\n", plain(s.File), plain(s.Reason))
	}
}

// plain is a stranger's text in one line: control characters and what nobody sees are escapes, and no runner of GitHub
// takes it for a command.
func plain(text string) string { return strings.ReplaceAll(verb.Visible(text), "##[", `#\x23[`) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
