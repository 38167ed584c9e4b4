package awsplugin

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const (
	// generatedLength is the length of the random end of a name generated from the resource's logical name.
	generatedLength = 7
	// suffixLength is the length of the unique end that completes a namePrefix.
	suffixLength = 26
)

// IAM names: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
var nameCharacters = regexp.MustCompile(`^[\w+=,.@-]*$`)

func validName(longest int) func(resource.PropertyValue) string {
	return func(value resource.PropertyValue) string {
		name := value.StringValue()
		switch {
		case name == "" || len(name) > longest:
			return fmt.Sprintf("expected length to be in the range (1 - %d), got %d characters", longest, len(name))
		case !nameCharacters.MatchString(name):
			return "must match [\\w+=,.@-]: letters, digits and _ + = , . @ -"
		}
		return ""
	}
}

// generatedName follows the engine's autonaming settings, and without any makes "<logical name>-<7 hex>". The seed
// makes the name of a preview that of the update that follows.
func generatedName(req *pulumirpc.CheckRequest, longest int) (string, error) {
	logical := resource.URN(req.GetUrn()).Name()
	if options := req.GetAutonaming(); options != nil {
		switch options.GetMode() {
		case pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
			return "", errors.New("automatic naming is disabled, and no name is given")
		default:
			return options.GetProposedName(), nil
		}
	}
	if room := longest - generatedLength - 1; len(logical) > room {
		logical = logical[:room]
	}
	return resource.NewUniqueName(req.GetRandomSeed(), logical+"-", generatedLength, longest, nil)
}

var suffixes atomic.Uint32

// uniqueSuffix is a timestamp and a counter, so that names sort by age.
func uniqueSuffix() string {
	now := time.Now().UTC()
	stamp := now.Format("20060102150405") + strconv.Itoa(1000 + now.Nanosecond()/1e6)[1:]
	return stamp + fmt.Sprintf("%09x", suffixes.Add(1))
}

// chosenName is the name to create with: the one given or generated, or one made from the prefix.
func chosenName(in resource.PropertyMap) string {
	if name := textOf(in, "name"); name != "" {
		return name
	}
	return textOf(in, "namePrefix") + uniqueSuffix()
}
