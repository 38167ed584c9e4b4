package verb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/child"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Import is how a role that exists becomes a CiOidcTrust without being made again.
type Import struct {
	*Adoption
	ResourceName string `json:"resourceName"` // of the component in the program
	// File is that of `pulumi import --file`: the component, and its children by the names that it gives them.
	File ImportFile `json:"importFile"`
	// Commands are those to run, in order.
	Commands []string `json:"commands"`
	// Changes are what the first update changes on the role, and Lost is what the program does not hold.
	Changes []string `json:"changes,omitempty"`
	Notes   []string `json:"notes,omitempty"`
	Lost    []string `json:"lost,omitempty"`
}

// An ImportFile lists resources to import.
// Source: https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import-operations
type ImportFile struct {
	Resources []ImportedResource `json:"resources"`
}

// An ImportedResource is one that exists, or the component that it belongs to.
type ImportedResource struct {
	Type string `json:"type"`
	// Name is what the file calls it, and LogicalName its name where that is another: the component and its role have
	// the same.
	Name        string `json:"name"`
	LogicalName string `json:"logicalName,omitempty"`

	ID        string `json:"id,omitempty"`
	Parent    string `json:"parent,omitempty"`
	Component bool   `json:"component,omitempty"`
}

const (
	componentType = "ci-oidc-trust:index:CiOidcTrust"
	importFile    = "import.json"
)

// ImportOptions say how a role is imported.
type ImportOptions struct {
	Role         string // its name or ARN; "" where the answers are about one role
	Name         string // of the component in the program; "" is the role's
	OwnProviders bool   // import the OIDC providers as well, and keep them when the stack goes
}

// ImportRole makes of the answers of `aws iam` about a role the program that has it, and the file to import it with.
func ImportRole(raw []byte, options ImportOptions) (*Import, error) {
	role, err := readExisting(raw, options.Role)
	if err != nil {
		return nil, err
	}
	for _, foreign := range []string{":role/aws-service-role/", ":role/aws-reserved/"} {
		if strings.Contains(role.Arn, foreign) {
			return nil, fmt.Errorf("%s was made by AWS for a service of its own, which alone may change it; leave "+
				"it as it is", role.Arn)
		}
	}
	document, err := json.Marshal(map[string]any{"Role": map[string]any{
		"RoleName": role.Name, "Arn": role.Arn, "AssumeRolePolicyDocument": json.RawMessage(role.TrustPolicy),
	}})
	if err != nil {
		return nil, fmt.Errorf("the trust policy: %w", err)
	}
	adoption, err := Adopt(document, "")
	if err != nil {
		return nil, err
	}
	m := &Import{Adoption: adoption, ResourceName: options.Name}
	if m.ResourceName == "" {
		m.ResourceName = role.Name
	}
	m.inputs(role)
	m.resources(role, options)
	m.Inputs, _ = m.plain(m.printed).(map[string]any)
	m.says(role)
	m.commands(role)
	return m, nil
}

// inputs are the role's own.
func (m *Import) inputs(role *existing) {
	m.printed["roleName"] = role.Name
	if role.Path != "" && role.Path != "/" {
		m.printed["path"] = role.Path
	}
	if role.Description != "" {
		m.printed["description"] = role.Description
	}
	if role.MaxSessionDuration > 3600 {
		m.printed["maxSessionDuration"] = float64(role.MaxSessionDuration)
	}
	if role.PermissionsBoundary != "" {
		m.printed["permissionsBoundary"] = role.PermissionsBoundary
	}
	if len(role.PolicyArns) > 0 {
		var arns []any
		for _, arn := range role.PolicyArns {
			arns = append(arns, arn)
		}
		m.printed["policyArns"] = arns
	}
	if len(role.InlinePolicies) > 0 {
		m.printed["inlinePolicies"] = anyMap(role.InlinePolicies)
	}
	tags := map[string]any{}
	for key, value := range role.Tags {
		if reserved(key) {
			m.Lost = append(m.Lost, "the tag "+key+": tags that begin with aws: are AWS's own, and stay on the role")
			continue
		}
		tags[key] = value
	}
	if len(tags) > 0 {
		m.printed["tags"] = tags
	}
	slices.Sort(m.Lost)
}

func reserved(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

func anyMap(texts map[string]string) map[string]any {
	made := make(map[string]any, len(texts))
	for name, text := range texts {
		made[name] = text
	}
	return made
}

// resources are those of the import file, and the providers as the program has them.
func (m *Import) resources(role *existing, options ImportOptions) {
	name := m.ResourceName
	component := "component of " + name
	m.File.Resources = []ImportedResource{
		{Type: componentType, Name: component, LogicalName: name, Component: true},
	}
	add := func(typ, child, id string) {
		m.File.Resources = append(m.File.Resources, ImportedResource{Type: typ, Name: child, ID: id, Parent: component})
	}
	add(child.RoleType, child.Role(name), role.Name)
	for _, arn := range role.PolicyArns {
		add(child.AttachmentType, child.Attachment(name, arn, false), role.Name+"/"+arn)
	}
	for _, policy := range slices.Sorted(maps.Keys(role.InlinePolicies)) {
		add(child.PolicyType, child.Policy(name, policy), role.Name+":"+policy)
	}
	for _, section := range slices.Sorted(maps.Keys(m.Providers)) {
		arn := m.Providers[section]
		words := m.section(section)
		if words == nil || !strings.Contains(arn, ":oidc-provider/") {
			continue // AWS knows the issuer without a provider
		}
		if !options.OwnProviders || m.shared(role, section, arn) {
			words["existingProvider"] = true
			continue
		}
		words["retainProvider"] = true
		m.audiences(role, words, arn)
		_, item, _ := strings.Cut(section, ".")
		if item == "" {
			item = section
		}
		add(child.ProviderType, child.Provider(name, item), arn)
	}
}

// section is a section of the program, or an item of custom.
func (m *Import) section(name string) map[string]any {
	section, item, isItem := strings.Cut(name, ".")
	words, _ := m.printed[section].(map[string]any)
	if isItem {
		words, _ = words[item].(map[string]any)
	}
	return words
}

// shared reports that another role in the answers trusts the provider, too.
func (m *Import) shared(role *existing, section, arn string) bool {
	for _, other := range role.others {
		document, err := account.Unquote([]byte(other))
		if err == nil && bytes.Contains(document, []byte(`"`+arn+`"`)) {
			m.Notes = append(m.Notes, "the provider of "+section+" is not imported, as other roles trust it: "+
				"the program uses it with existingProvider")
			return true
		}
	}
	return false
}

// audiences takes over what the provider has, where an answer says it.
func (m *Import) audiences(role *existing, words map[string]any, arn string) {
	host, _ := trust.HostAndPartition(arn)
	for _, p := range role.Providers {
		if p.URL != host {
			continue
		}
		if _, written := words["audiences"]; !written && len(p.Audiences) > 1 {
			m.Lost = append(m.Lost, "the provider "+arn+" has more audiences than the role demands ("+
				strings.Join(p.Audiences, ", ")+"); the first update takes the others away")
		}
		return
	}
	m.Notes = append(m.Notes, "the audiences and thumbprints of "+arn+" are not in the answers; add that of aws iam "+
		"get-open-id-connect-provider --open-id-connect-provider-arn "+arn)
}

// says what the first update changes, and what is lost.
func (m *Import) says(role *existing) {
	if role.Description == "" {
		m.Changes = append(m.Changes, "the role has no description, and gets one that says who is trusted")
	}
	if !m.sameText(role) {
		m.Changes = append(m.Changes, "the trust policy is written in other words: it is replaced in one call, so "+
			"that at no moment a token is refused that is admitted before and after")
	}
	for key := range role.Tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:cloudformation:") {
			m.Lost = append(m.Lost, "a CloudFormation stack manages the role, and would go on doing so: retain the "+
				"role there (DeletionPolicy: Retain) and take it out of the stack first")
			break
		}
	}
	for _, r := range m.Why {
		where := ""
		if r.Statement > 0 {
			where = fmt.Sprintf("statement %d: ", r.Statement)
		}
		m.Lost = append(m.Lost, where+r.Text)
	}
	m.Lost = slices.Compact(m.Lost)
}

// sameText reports that the role's policy is the one that the component writes.
func (m *Import) sameText(role *existing) bool {
	policy, err := trust.ParsePolicy(role.TrustPolicy)
	return err == nil && m.rendered != "" && policy.JSON() == m.rendered
}

// commands are in an order in which nothing deletes the role, and nothing makes it a second time.
func (m *Import) commands(role *existing) {
	m.Commands = append(m.leaving(role),
		"pulumi import --file "+importFile+" --protect=false --generate-code=false",
		"pulumi preview",
		"pulumi up",
		"pulumi preview --expect-no-changes",
	)
}

// Program prints the program.
func (m *Import) Program(language program.Language) (string, error) {
	return program.Program(language, program.Resource{Name: m.ResourceName, Type: "CiOidcTrust", Inputs: m.printed})
}

// FileName is what the import file is called in the commands.
func (m *Import) FileName() string { return importFile }

// FileJSON is the text of the import file.
func (m *Import) FileJSON() (string, error) {
	text, err := json.MarshalIndent(m.File, "", "  ")
	return string(text) + "\n", err
}
