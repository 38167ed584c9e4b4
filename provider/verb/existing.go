package verb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An existing is a role that is there, as the answers of `aws iam` show it.
type existing struct {
	Name, Arn, Path     string
	Description         string
	MaxSessionDuration  int // 0 where no answer says it
	PermissionsBoundary string
	Tags                map[string]string
	TrustPolicy         []byte
	PolicyArns          []string
	InlinePolicies      map[string]string
	Providers           []existingProvider

	// What the answers have of it. A role of an account's details comes without description and session duration.
	described, attached, inline bool
	names                       []string // of inline policies
	others                      []string // trust policies of other roles in the answers
	leaves                      []leave  // what manages the role now
}

// An existingProvider is an OIDC provider that is there.
type existingProvider struct {
	URL         string // without https://
	Audiences   []string
	Thumbprints []string
}

// An answer is one of the answers that together show a role, or those of a whole account.
// Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html and those of ListAttachedRolePolicies,
// ListRolePolicies, GetRolePolicy, ListRoleTags, GetOpenIDConnectProvider and GetAccountAuthorizationDetails.
type answer struct {
	Role             *answeredRole
	RoleDetailList   []answeredRole
	AttachedPolicies *[]attachedPolicy
	PolicyNames      *[]string
	RoleName         string
	PolicyName       string
	PolicyDocument   json.RawMessage
	Tags             *[]tag
	IsTruncated      bool
	NextToken        string
	URL              string `json:"Url"`
	ClientIDList     []string
	ThumbprintList   []string

	Deployment *struct { // of pulumi stack export
		Resources []stackResource `json:"resources"`
	} `json:"deployment"`
	TerraformVersion string              `json:"terraform_version"` // of a state of Terraform
	Resources        []terraformResource `json:"resources"`
}

type tag struct{ Key, Value string }

type attachedPolicy struct{ PolicyArn string }

type answeredRole struct {
	RoleName                 string
	Arn                      string
	Path                     string
	Description              string
	MaxSessionDuration       int
	AssumeRolePolicyDocument json.RawMessage
	PermissionsBoundary      *struct{ PermissionsBoundaryArn string }
	Tags                     []tag
	RolePolicyList           *[]answer
	AttachedManagedPolicies  *[]attachedPolicy
}

// readExisting reads the answers, one behind the other in one document. name says which role is meant; "" where they
// are about one alone.
func readExisting(raw []byte, name string) (*existing, error) {
	answers, err := readAnswers(raw)
	if err != nil {
		return nil, err
	}
	name = name[strings.LastIndexByte(name, '/')+1:] // of an ARN, too
	if name == "" {
		if name, err = onlyRole(answers); err != nil {
			return nil, err
		}
	}
	e := &existing{Name: name, Tags: map[string]string{}, InlinePolicies: map[string]string{}}
	for i := range answers {
		if err := e.take(&answers[i]); err != nil {
			return nil, err
		}
	}
	if e.TrustPolicy == nil {
		names := roleNames(answers)
		return nil, fmt.Errorf("the answers have no role %q; name one of theirs: %s%s", name,
			strings.Join(names[:min(10, len(names))], ", "), spelling.Guess(name, names))
	}
	return e, e.complete()
}

func readAnswers(raw []byte) ([]answer, error) {
	var answers []answer
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for {
		var a answer
		begins := decoder.InputOffset()
		err := decoder.Decode(&a)
		if errors.Is(err, io.EOF) {
			break
		}
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &kind):
			// Read again by itself: a decoder counts in more than one way.
			one := raw[begins:decoder.InputOffset()]
			again := account.WrongType(one, json.Unmarshal(one, &answer{}), "", printerOf(&a))
			return nil, fmt.Errorf("answer %d: %w", len(answers)+1, account.Placed(raw, again))
		case err != nil:
			return nil, fmt.Errorf("the answers of aws iam are not JSON, one behind the other: %w",
				trust.SyntaxBehind(raw, decoder.InputOffset(), err))
		}
		answers = append(answers, a)
	}
	if len(answers) == 0 {
		return nil, errors.New("there are no answers of aws iam; expected those of get-role, " +
			"list-attached-role-policies, list-role-policies and get-role-policy, one behind the other, or of " +
			"get-account-authorization-details")
	}
	return answers, nil
}

// printerOf is what printed an answer: what manages a role now may stand among those of IAM.
func printerOf(a *answer) account.Printer {
	switch {
	case a.Deployment != nil:
		return "as pulumi stack export prints it"
	case a.TerraformVersion != "":
		return "as a state of Terraform has it"
	}
	return account.IAM
}

// roleNames are the names of the roles that answers are about, each once.
func roleNames(answers []answer) (names []string) {
	for _, a := range answers {
		all := a.RoleDetailList
		if a.Role != nil {
			all = append(all, *a.Role)
		}
		for _, r := range all {
			if !slices.Contains(names, r.RoleName) {
				names = append(names, r.RoleName)
			}
		}
	}
	return names
}

// onlyRole is the one role that answers are about.
func onlyRole(answers []answer) (string, error) {
	names := roleNames(answers)
	switch len(names) {
	case 0:
		return "", errors.New("the answers have no role: that of aws iam get-role is missing; add it")
	case 1:
		return names[0], nil
	}
	return "", fmt.Errorf("the answers have %d roles; say which one is meant with --role", len(names))
}

// take adds what one answer says of the role.
func (e *existing) take(a *answer) error {
	if a.IsTruncated || a.NextToken != "" {
		return errors.New("an answer is one page of several (IsTruncated or NextToken); ask IAM for all of them " +
			"without --max-items and --no-paginate")
	}
	for i := range a.RoleDetailList {
		if r := &a.RoleDetailList[i]; r.RoleName != e.Name {
			e.others = append(e.others, string(r.AssumeRolePolicyDocument))
		} else if err := e.takeRole(r, false); err != nil {
			return err
		}
	}
	switch {
	case a.Role != nil && a.Role.RoleName == e.Name:
		return e.takeRole(a.Role, true)
	case a.Role != nil:
		e.others = append(e.others, string(a.Role.AssumeRolePolicyDocument))
	case a.AttachedPolicies != nil:
		e.attach(*a.AttachedPolicies)
	case a.PolicyNames != nil:
		e.inline, e.names = true, *a.PolicyNames
	case a.PolicyName != "" && (a.RoleName == "" || a.RoleName == e.Name):
		return e.takePolicy(a)
	case a.Deployment != nil:
		e.leaves = append(e.leaves, e.ofStack(a.Deployment.Resources)...)
	case a.TerraformVersion != "":
		e.leaves = append(e.leaves, e.ofTerraform(a.Resources)...)
	case a.URL != "":
		e.Providers = append(e.Providers, existingProvider{strings.TrimPrefix(a.URL, "https://"), a.ClientIDList,
			a.ThumbprintList})
	case a.Tags != nil:
		e.tag(*a.Tags)
	}
	return nil
}

func (e *existing) takeRole(r *answeredRole, described bool) error {
	e.Arn, e.Path = r.Arn, r.Path
	if described {
		e.described, e.Description, e.MaxSessionDuration = true, r.Description, r.MaxSessionDuration
	}
	if r.PermissionsBoundary != nil {
		e.PermissionsBoundary = r.PermissionsBoundary.PermissionsBoundaryArn
	}
	e.tag(r.Tags)
	if r.AttachedManagedPolicies != nil {
		e.attach(*r.AttachedManagedPolicies)
	}
	if r.RolePolicyList != nil {
		e.inline = true
		for i := range *r.RolePolicyList {
			if err := e.takePolicy(&(*r.RolePolicyList)[i]); err != nil {
				return err
			}
		}
	}
	if len(r.AssumeRolePolicyDocument) == 0 {
		return fmt.Errorf("the role %q has no AssumeRolePolicyDocument; add the answer of aws iam get-role", e.Name)
	}
	document, err := account.Unquote(r.AssumeRolePolicyDocument)
	e.TrustPolicy = document
	return err
}

func (e *existing) attach(policies []attachedPolicy) {
	e.attached = true
	for _, p := range policies {
		if !slices.Contains(e.PolicyArns, p.PolicyArn) {
			e.PolicyArns = append(e.PolicyArns, p.PolicyArn)
		}
	}
}

func (e *existing) tag(tags []tag) {
	for _, t := range tags {
		e.Tags[t.Key] = t.Value
	}
}

func (e *existing) takePolicy(a *answer) error {
	if len(a.PolicyDocument) == 0 {
		return fmt.Errorf("the inline policy %q has no PolicyDocument; add the answer of aws iam "+
			"get-role-policy", a.PolicyName)
	}
	document, err := account.Unquote(a.PolicyDocument)
	var text bytes.Buffer
	if err == nil {
		err = json.Compact(&text, document)
	}
	if err != nil {
		return fmt.Errorf("the inline policy %q: %w", a.PolicyName, err)
	}
	e.InlinePolicies[a.PolicyName] = text.String()
	return nil
}

// complete reports what the answers lack: what is not imported would stay on the role, and nobody would manage it.
func (e *existing) complete() error {
	var missing []string
	ask := func(command string) { missing = append(missing, "aws iam "+command+" --role-name "+e.Name) }
	if !e.described {
		ask("get-role")
	}
	if !e.attached {
		ask("list-attached-role-policies")
	}
	if !e.inline {
		ask("list-role-policies")
	}
	for _, name := range e.names {
		if _, there := e.InlinePolicies[name]; !there {
			ask("get-role-policy --policy-name " + name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the answers do not say all of the role, and what they leave out would be on it unmanaged; "+
			"add those of\n%s", strings.Join(missing, "\n"))
	}
	return nil
}
