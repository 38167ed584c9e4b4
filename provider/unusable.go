package provider

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
)

// transformsPage says how to change a child of a component.
const transformsPage = "https://github.com/ci-oidc-trust/pulumi-ci-oidc-trust/blob/main/docs/transforms.md"

// unusable reports a name that cannot be one, and options that a component would take and not heed.
func unusable(request *pulumirpc.ConstructRequest) error {
	if name := request.GetName(); !utf8.ValidString(name) || strings.ContainsFunc(name, isHidden) {
		return rpcerror.Newf(codes.InvalidArgument, "the resource's name %q has a character that is not shown; it "+
			"would stand in URNs, in messages and in the names of AWS resources. Write letters, digits and hyphens; "+
			"nothing was created or changed", name)
	}
	for _, option := range []struct {
		name  string
		given []string
		doing string
	}{
		{"ignoreChanges", request.GetIgnoreChanges(), "what is ignored belongs to the role or to another child"},
		{"replaceOnChanges", request.GetReplaceOnChanges(), "what is replaced is the role or another child"},
	} {
		if len(option.given) > 0 {
			return rpcerror.Newf(codes.InvalidArgument, "the option %[1]s (%[2]s) has no effect on a component: "+
				"%[3]s, and Pulumi does not hand the option on. Give the component a transform that adds %[1]s to the "+
				"child of type aws:iam/role:Role, as %[4]s shows for TypeScript, Python and Go; nothing was created "+
				"or changed",
				option.name, fmt.Sprintf("%q", option.given), option.doing, transformsPage)
		}
	}
	return nil
}

// isHidden reports a character that a terminal does not show as itself: a control character, or one that changes the
// direction of the text or joins and hides what stands beside it.
func isHidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}
