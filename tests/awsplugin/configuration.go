package awsplugin

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// configuration is what a program or a stack may set on the provider. The names are those of pulumi-aws.
type configuration struct {
	Region                    string              `json:"region"`
	AccessKey                 string              `json:"accessKey"`
	SecretKey                 string              `json:"secretKey"`
	Token                     string              `json:"token"`
	Profile                   string              `json:"profile"`
	CustomCABundle            string              `json:"customCaBundle"`
	Endpoints                 []map[string]string `json:"endpoints"`
	AllowedAccountIDs         []string            `json:"allowedAccountIds"`
	AssumeRoles               []map[string]string `json:"assumeRoles"` // of v7; taken and not carried out
	DefaultTags               defaultTags         `json:"defaultTags"`
	MaxRetries                *int                `json:"maxRetries"`
	SkipCredentialsValidation bool                `json:"skipCredentialsValidation"`
	SkipMetadataAPICheck      *bool               `json:"skipMetadataApiCheck"`
	SkipRegionValidation      *bool               `json:"skipRegionValidation"`
	SkipRequestingAccountID   bool                `json:"skipRequestingAccountId"`
}

type defaultTags struct {
	Tags map[string]string `json:"tags"`
}

// fields maps every key to where its value goes. It is the only list of keys there is.
func (c *configuration) fields(seven bool) map[resource.PropertyKey]any {
	fields := map[resource.PropertyKey]any{
		"region":                    &c.Region,
		"accessKey":                 &c.AccessKey,
		"secretKey":                 &c.SecretKey,
		"token":                     &c.Token,
		"profile":                   &c.Profile,
		"customCaBundle":            &c.CustomCABundle,
		"endpoints":                 &c.Endpoints,
		"allowedAccountIds":         &c.AllowedAccountIDs,
		"defaultTags":               &c.DefaultTags,
		"maxRetries":                &c.MaxRetries,
		"skipCredentialsValidation": &c.SkipCredentialsValidation,
		"skipMetadataApiCheck":      &c.SkipMetadataAPICheck,
		"skipRegionValidation":      &c.SkipRegionValidation,
		"skipRequestingAccountId":   &c.SkipRequestingAccountID,
	}
	if seven {
		fields["assumeRoles"] = &c.AssumeRoles
	}
	return fields
}

// engineKeys are put into a provider's inputs by the engine and the SDKs.
var engineKeys = map[resource.PropertyKey]bool{
	"version": true, "pluginDownloadURL": true, "pluginChecksums": true, "parameterization": true, "__internal": true,
	defaultsKey: true,
}

// readConfiguration decodes provider inputs, and reports every problem at once. Unknown values are left out.
func readConfiguration(values resource.PropertyMap, seven bool) (*configuration, []*pulumirpc.CheckFailure) {
	config := &configuration{}
	fields := config.fields(seven)
	var failures []*pulumirpc.CheckFailure
	for _, key := range sortedKeys(values) {
		target, known := fields[key]
		value := reveal(values[key])
		switch {
		case engineKeys[key] || value.IsNull() || value.ContainsUnknowns():
		case !known:
			failures = append(failures, &pulumirpc.CheckFailure{
				Property: string(key),
				Reason:   fmt.Sprintf("unknown configuration key %q: the stand-in AWS plugin does not have it", key),
			})
		default:
			if err := readSetting(value, target); err != nil {
				setting := property{name: string(key)}
				failures = append(failures, &pulumirpc.CheckFailure{
					Property: setting.path(values[key]), Reason: err.Error(),
				})
			}
		}
	}
	return config, append(failures, unknownServices(config.Endpoints)...)
}

// readSetting decodes one value. Stack configuration and some SDKs write anything but text as JSON in a string.
func readSetting(value resource.PropertyValue, target any) error {
	if written, isText := target.(*string); isText {
		if !value.IsString() {
			return fmt.Errorf("expected a string, got %s", article(value))
		}
		*written = value.StringValue()
		return nil
	}
	var encoded []byte
	if value.IsString() {
		encoded = []byte(value.StringValue())
	} else {
		var err error
		if encoded, err = json.Marshal(value.Mappable()); err != nil {
			return err
		}
	}
	decoder := json.NewDecoder(strings.NewReader(string(encoded)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return fmt.Errorf("cannot be read as %s: %w", settingShape(target), err)
	}
	return nil
}

func settingShape(target any) string {
	switch target.(type) {
	case *bool, **bool:
		return "a boolean"
	case **int:
		return "an integer"
	case *[]string:
		return "a list of strings"
	case *[]map[string]string:
		return "a list of objects that map a service to its URL"
	default:
		return `an object of the form {"tags": {...}}`
	}
}

// unknownServices refuses endpoints nobody would call.
func unknownServices(endpoints []map[string]string) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure
	for i, services := range endpoints {
		for service := range services {
			if service != "iam" && service != "sts" {
				failures = append(failures, &pulumirpc.CheckFailure{
					Property: fmt.Sprintf("endpoints[%d].%s", i, service),
					Reason: fmt.Sprintf("unexpected service %q: the stand-in AWS plugin calls iam and sts only",
						service),
				})
			}
		}
	}
	return failures
}

func (c *configuration) endpoint(service string) string {
	for _, services := range c.Endpoints {
		if url := services[service]; url != "" {
			return url
		}
	}
	return ""
}

// environmentRegion is where pulumi-aws looks when the region is not configured.
func environmentRegion() string {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := os.Getenv(name); region != "" {
			return region
		}
	}
	return ""
}

func (c *configuration) defaultTagValues() resource.PropertyMap {
	values := resource.PropertyMap{}
	for key, value := range c.DefaultTags.Tags {
		values[resource.PropertyKey(key)] = resource.NewProperty(value)
	}
	return values
}
