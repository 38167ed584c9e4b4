package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// nobody is a trust policy that admits nobody: what there was before a file was there.
const nobody = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*"}]}`

// A change is what became of the trust policy of one role.
type change struct {
	File string `json:"file"`
	Role string `json:"role,omitempty"` // "" where the file is the trust policy
	// New says that there was no such policy before.
	New bool `json:"new,omitempty"`
	*verb.Diff
	Error string `json:"error,omitempty"`
}

// diffSince compares files with what they were in a commit of their repository.
func diffSince(cmd *cobra.Command, ref string, files []string, asJSON, requireRoles bool) error {
	if ref == "" || strings.HasPrefix(ref, "-") {
		return fmt.Errorf("--since is a commit, a branch or a tag, got %q", ref)
	}
	if len(files) == 0 {
		return errors.New("--since compares the files that are named behind it, and there are none; name at least one")
	}
	changes := []change{}
	var skipped []account.Skipped
	var roleless []string
	for _, file := range files {
		found, without, problem := readFiles(cmd, []string{file}, requireRoles)
		if problem != nil {
			return problem
		}
		skipped = append(skipped, found.Skipped...)
		if len(without) > 0 {
			roleless = append(roleless, without...)
			changes = append(changes, change{File: file, Error: found.Roles[0].Err.Error()})
			continue
		}
		was := map[string]*account.Found{} // by file: a folder has several
		for i := range found.Roles {
			r := &found.Roles[i]
			before, known := was[r.File]
			if !known {
				var err error
				if before, err = committed(cmd, ref, r.File); err != nil {
					return err
				}
				was[r.File] = before
			}
			changes = append(changes, changeOf(r, before, r.File))
		}
	}
	if asJSON {
		err := printJSON(cmd, map[string]any{"version": 1, "files": changes, "skipped": orEmpty(skipped)})
		return cmp.Or(err, verdictOf(changes, roleless))
	}
	var b strings.Builder
	for _, c := range changes {
		label := plain(c.File)
		if c.Role != "" {
			label += ", role " + plain(c.Role)
		}
		if c.New {
			label += " (new)"
		}
		fmt.Fprintf(&b, "%s:\n", label)
		text := c.Error
		if c.Diff != nil {
			text = describeDiff(c.Diff)
		} else {
			text = plain(text)
		}
		for line := range strings.Lines(strings.TrimSuffix(text, "\n") + "\n") {
			b.WriteString("  " + line)
		}
	}
	for _, s := range skipped {
		fmt.Fprintf(&b, "skipped: %s: %s\n", plain(s.File), plain(s.Reason))
	}
	if _, err := fmt.Fprint(cmd.OutOrStdout(), b.String()); err != nil {
		return err
	}
	return verdictOf(changes, roleless)
}

func orEmpty(skipped []account.Skipped) []account.Skipped {
	if skipped == nil {
		return []account.Skipped{}
	}
	return skipped
}

// verdictOf is the exit code of all changes: bad input goes before what is newly admitted, and that before what cannot
// be decided.
func verdictOf(changes []change, roleless []string) error {
	if len(roleless) > 0 {
		return lacksRoles(roleless)
	}
	var result error
	for _, c := range changes {
		switch {
		case c.Diff == nil:
			return errors.New("not every trust policy could be compared; what is printed says which, and why")
		case c.Admitted.Some():
			result = errNo
		case len(c.Admitted.Undecided) > 0 && result == nil:
			result = errUndecided
		}
	}
	return result
}

// changeOf compares a role with what it was before; before is nil for a file that was not there.
func changeOf(r *account.Role, before *account.Found, file string) change {
	c := change{File: file}
	if !r.Whole && r.Label() != filepath.ToSlash(filepath.Clean(file)) {
		c.Role = r.Label()
	}
	old := account.Role{Trust: []byte(nobody)}
	c.New = true
	if before != nil {
		for i := range before.Roles {
			if was := &before.Roles[i]; sameRole(was, r) {
				old, c.New = *was, false
			}
		}
	}
	for _, side := range []*account.Role{&old, r} {
		switch {
		case side.Err != nil:
			c.Error = side.Err.Error()
		case side.Trust == nil || len(side.Unknown) > 0:
			c.Error = "the document does not say " + strings.Join(side.Unknown, ", ")
		}
	}
	if c.Error != "" {
		return c
	}
	diff, err := verb.Compare(old.Trust, r.Trust)
	if err != nil {
		c.Error = err.Error()
		return c
	}
	c.Diff = diff
	return c
}

// sameRole tells a role by its ARN, its address or its name; one without any is the only one of its file.
func sameRole(a, b *account.Role) bool {
	switch {
	case a.Whole && b.Whole:
		return true
	case a.Arn != "" && b.Arn != "":
		return a.Arn == b.Arn
	case a.Address != "" && b.Address != "":
		return a.Address == b.Address
	}
	return a.Name == b.Name
}

// committed is what a commit has of a file; nil if it has no such file, or one without a trust policy.
func committed(cmd *cobra.Command, ref, file string) (*account.Found, error) {
	dir, name := filepath.Split(file)
	if dir == "" {
		dir = "."
	}
	listed, err := git(cmd, dir, "ls-tree", "--name-only", "-z", ref, "--", name)
	if err != nil {
		return nil, fmt.Errorf("--since %s: %w", ref, err)
	}
	if len(listed) == 0 {
		return nil, nil
	}
	raw, err := git(cmd, dir, "show", "--end-of-options", ref+":./"+name)
	if err != nil {
		return nil, fmt.Errorf("--since %s: %s: %w", ref, file, err)
	}
	found, err := account.Read(raw)
	if errors.Is(err, account.ErrNoRole) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", file, ref, err)
	}
	return found, nil
}

// git runs git in a folder. What it prints is bounded, as any document is.
func git(cmd *cobra.Command, dir string, args ...string) ([]byte, error) {
	var errs bytes.Buffer
	command := exec.CommandContext(cmd.Context(), "git", append([]string{"-C", dir}, args...)...)
	command.Stderr = &errs
	command.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("git is needed for --since; install it: %w", err)
	}
	raw, tooLarge := account.Limited(out, "what git prints")
	if tooLarge != nil {
		_ = command.Process.Kill()
	}
	if err := command.Wait(); err != nil && tooLarge == nil {
		return nil, fmt.Errorf("git: %s", strings.TrimSpace(errs.String()))
	}
	return raw, tooLarge
}
