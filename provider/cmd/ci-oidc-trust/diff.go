package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func diffCommand() *cobra.Command {
	var format, since string
	var asJSON, requireRoles bool
	cmd := &cobra.Command{
		Use:   "diff (OLD NEW | --since COMMIT FILE...)",
		Short: "Say what a trust policy admits that another does not, and the reverse",
		Long: "Say what a trust policy admits that another does not, and the reverse.\n\n" +
			"OLD and NEW are files, or - for standard input: trust policies, answers of `aws iam get-role`, or what\n" +
			"`ci-oidc-trust render --json` prints. Each difference is shown by a token that the one policy admits\n" +
			"and the other refuses; where there is none, that is proved over all tokens that the issuer can write.\n" +
			"What the token does not decide, such as the caller's address, the time or the name of the session, " +
			"counts,\ntoo: the example says what is chosen. So do session tags.\n" +
			"Principals that are no OIDC provider are compared as text.\n" +
			"--since compares files with what they were in a commit of their repository, role by role; files that " +
			"hold\nno trust policy are skipped, and one that is new is compared with a policy that admits nobody.\n" +
			"With --require-roles a file without any is bad input: it may be the wrong one, or was renamed.\n" +
			"Not seen: service and resource control policies, permissions boundaries and session policies.\n\n" +
			"Exit code: 0 nothing is newly admitted, 1 something is, 2 bad input, 3 it cannot be decided.",
		Example: "  aws iam get-role --role-name deploy | ci-oidc-trust diff - new.json\n" +
			"  ci-oidc-trust diff --since origin/main trust/*.json",
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := oneOf("format", format, []string{"text", "json"}); err != nil {
				return err
			}
			if cmd.Flags().Changed("since") {
				return diffSince(cmd, since, names, asJSON || format == "json", requireRoles)
			}
			if requireRoles {
				return errors.New("--require-roles goes with --since; leave it out, as OLD and NEW have to be " +
					"trust policies anyway")
			}
			if len(names) != 2 {
				return fmt.Errorf("diff compares two files, OLD and NEW, got %d; to compare files with what they were "+
					"in a commit, write --since COMMIT before them", len(names))
			}
			if names[0] == "-" && names[1] == "-" {
				return errOneStdin
			}
			var documents [2][]byte
			for i, name := range names {
				var err error
				if documents[i], err = read(cmd, name, maxDocument); err != nil {
					return err
				}
			}
			diff, err := verb.Compare(documents[0], documents[1])
			if err != nil {
				return err
			}
			if asJSON || format == "json" {
				err = printJSON(cmd, diff)
			} else {
				_, err = fmt.Fprint(cmd.OutOrStdout(), describeDiff(diff))
			}
			switch {
			case err != nil:
				return err
			case diff.Admitted.Some():
				return errNo
			case len(diff.Admitted.Undecided) > 0:
				return errUndecided
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&since, "since", "", "compare files with what they were in this `COMMIT`, branch or tag")
	flags.BoolVar(&requireRoles, "require-roles", false,
		"with --since: exit with 2 when a file or folder that is named holds no role")
	flags.StringVar(&format, "format", "text", "text or json (`FORMAT`)")
	flags.BoolVar(&asJSON, "json", false, "print JSON: short for --format json")
	return cmd
}

// mostShown is how many differences of one direction are printed for people; JSON has all.
const mostShown = 20

// describeDiff is a comparison for people to read.
func describeDiff(d *verb.Diff) string {
	if d.Same {
		return "both policies admit the same\n" + describeBeyond("NEW", &d.Admitted) + describeBeyond("OLD", &d.Refused)
	}
	return describeContrast("newly admitted", "NEW", "OLD", &d.Admitted) +
		describeContrast("no longer admitted", "OLD", "NEW", &d.Refused)
}

// describeContrast is what one policy admits and the other refuses.
func describeContrast(title, by, other string, c *verb.Contrast) string {
	var b strings.Builder
	switch {
	case c.Some():
		fmt.Fprintf(&b, "%s:\n", title)
	case len(c.Undecided) > 0:
		fmt.Fprintf(&b, "%s: not decided\n", title)
	default:
		fmt.Fprintf(&b, "%s: nothing\n", title)
	}
	for i, d := range c.Differences {
		if i == mostShown {
			fmt.Fprintf(&b, "  and %d more; --json shows all\n", len(c.Differences)-mostShown)
			break
		}
		fmt.Fprintf(&b, "  %s: %s (statement %d of %s)\n", plain(d.Issuer), plain(d.Who), d.Statement, by)
		describeWitness(&b, other, &d)
	}
	for _, line := range c.OtherPrincipals {
		fmt.Fprintf(&b, "  no web identity: %s\n", plain(line))
	}
	for _, reason := range c.Undecided {
		fmt.Fprintf(&b, "  not decided: %s\n", plain(reason))
	}
	b.WriteString(describeBeyond(by, c))
	return b.String()
}

func describeWitness(b *strings.Builder, other string, d *verb.Difference) {
	if claims, err := json.Marshal(d.Witness.Claims); err == nil {
		fmt.Fprintf(b, "    token: %s\n", plain(string(claims)))
	}
	if d.Witness.Call != "" {
		fmt.Fprintf(b, "    call: %s\n", plain(d.Witness.Call))
	}
	for i, line := range d.Why {
		if i == 3 {
			fmt.Fprintf(b, "      and %d more\n", len(d.Why)-i)
			break
		}
		fmt.Fprintf(b, "    %s refuses it: %s\n", other, plain(line))
	}
}

// describeBeyond says which subjects would show a difference that no issuer is known to write.
func describeBeyond(by string, c *verb.Contrast) string {
	var b strings.Builder
	for i, d := range c.Beyond {
		if i == 3 {
			fmt.Fprintf(&b, "  note: and %d more such subjects\n", len(c.Beyond)-i)
			break
		}
		sub, _ := d.Witness.Claims["sub"].(string)
		fmt.Fprintf(&b, "  note: %s alone admits the subject %q, of a form that %s is not known to write\n", by,
			plain(sub), plain(d.Issuer))
	}
	return b.String()
}
