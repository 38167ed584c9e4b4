package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// inventory says who may assume what, and what that comes to.
func inventory(w io.Writer, list []verb.Access) {
	if len(list) > 0 {
		fmt.Fprint(w, "\nwhich job may assume which role:\n")
	}
	for i := range list {
		a := &list[i]
		fmt.Fprintf(w, "role %s", plain(a.Role))
		if a.Arn != "" {
			fmt.Fprintf(w, "  %s", plain(a.Arn))
		}
		fmt.Fprintln(w)
		for _, j := range a.Jobs {
			fmt.Fprintf(w, "  by %s: %s (sub %s)\n", plain(j.System), plain(j.Who), plain(j.Subject))
		}
		if a.More {
			fmt.Fprint(w, "  and by others, which are not listed\n")
		}
		power(w, "  ", a.May)
		for _, hop := range a.Next {
			fmt.Fprintf(w, "  then role %s  %s: %s", plain(hop.Role), plain(hop.Arn), plain(hop.Why))
			if hop.If != "" {
				fmt.Fprintf(w, ", if the conditions on %s hold", plain(hop.If))
			}
			fmt.Fprintln(w)
			power(w, "    ", hop.May)
		}
	}
}

// power is what a role may do.
func power(w io.Writer, indent string, may *verb.May) {
	const most = 5
	switch {
	case may == nil:
		fmt.Fprint(w, indent, "may: its policies are not shown\n")
		return
	case len(may.Write)+len(may.Secrets) == 0:
		fmt.Fprint(w, indent, "may: nothing but read what is no secret\n")
	}
	for _, kind := range []struct {
		name string
		uses []string
	}{{"may", may.Write}, {"may read", may.Secrets}} {
		for i, use := range kind.uses {
			if i == most {
				fmt.Fprintf(w, "%s%s: %d more\n", indent, kind.name, len(kind.uses)-most)
				break
			}
			fmt.Fprintf(w, "%s%s: %s\n", indent, kind.name, plain(use))
		}
	}
	if len(may.Unread) > 0 {
		fmt.Fprintf(w, "%snot read: %s\n", indent, plain(strings.Join(may.Unread, ", ")))
	}
}
