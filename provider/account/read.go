package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Found is what a document, or several, hold.
type Found struct {
	Roles []Role
	// Several says that the document is made to hold any number of roles, one and none included.
	Several bool
	Skipped []Skipped

	managed   map[string][]byte // the documents of managed policies by ARN
	truncated bool              // the last answer is one page of several
}

// Skipped is a file, or a part of one, that holds no trust policy.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// ErrNoRole says that a document holds no trust policy. Read returns it for JSON of another kind.
var ErrNoRole = errors.New("it holds no trust policy")

// mostNested bounds lists of lists of documents.
const mostNested = 3

// Read finds the roles in one document. JSON that does not parse is an error with line and column.
func Read(raw []byte) (*Found, error) {
	f := &Found{}
	text, err := UTF8(raw)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxDocument {
		return nil, fmt.Errorf("the document has more than %d bytes; is it the right file?", MaxDocument)
	}
	quoted := bytes.HasPrefix(bytes.TrimSpace(text), []byte(`"`)) && json.Valid(text)
	if text, err = Unquote(text); err != nil {
		return nil, err
	}
	if quoted && !isObject(text) && !isList(text) {
		return nil, ErrNoRole
	}
	if looksLikeYAML(text) {
		err = f.yaml(text)
	} else {
		err = f.document(text, 0)
	}
	if err != nil {
		return nil, Placed(text, err)
	}
	f.finish(text)
	return f, nil
}

// finish is what needs the whole of a document: attached policies, lines, pages.
func (f *Found) finish(text []byte) {
	f.Attach()
	for i := range f.Roles {
		f.Roles[i].Err = Placed(text, f.Roles[i].Err)
	}
	f.lines(text)
	if f.truncated {
		f.Roles = append(f.Roles, Role{Name: "(more)", Err: errors.New("the answer is one page of several " +
			"(IsTruncated or NextToken), and its other roles are missing; ask IAM for all of them, " +
			"without --max-items and --no-paginate")})
		f.truncated = false
	}
}

// document reads one JSON value, or several that stand one after the other.
func (f *Found) document(text []byte, depth int) error {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return errors.New("the trust policy is empty; expected a JSON object")
	case depth > mostNested:
		return fmt.Errorf("lists are nested more than %d deep; write one list: %w", mostNested, ErrNoRole)
	case isList(text):
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			if after(err) && depth == 0 {
				return f.stream(text)
			}
			return trust.Syntax(text, err)
		}
		return f.list(list, depth)
	}
	var a answer
	err := json.Unmarshal(text, &a)
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil || errors.As(err, &kind):
	case after(err) && depth == 0:
		return f.stream(text)
	default:
		return trust.Syntax(text, err)
	}
	return f.answer(text, &a, kind)
}

// answer tells what kind of object it is. kind is what did not have the type that IAM gives it.
func (f *Found) answer(text []byte, a *answer, kind *json.UnmarshalTypeError) error {
	ok, err := f.iam(a)
	switch {
	case err != nil:
		return err
	case ok && kind != nil, kind != nil && strings.HasPrefix(kind.Field, "RoleDetailList"):
		return WrongType(text, kind, "", IAM)
	case ok:
		return unambiguous(text, IAM)
	case len(a.PlannedValues) > 0 || isObject(a.Values):
		if err := unambiguous(text, Terraform); err != nil {
			return err
		}
		return f.terraform(a)
	case isObject(a.Resources):
		if err := unambiguous(text, template); err != nil {
			return err
		}
		return f.template(text)
	case isList(a.Resources) && len(a.TerraformVersion) > 0:
		return fmt.Errorf("a state file of Terraform; give what terraform show -json prints of it: %w", ErrNoRole)
	case len(a.Statement) == 0 && len(a.TrustPolicy) > 0:
		policy, err := Unquote(a.TrustPolicy)
		f.Roles = append(f.Roles, Role{Trust: policy, Err: err})
		return unambiguous(text, IAM)
	case len(a.Statement) == 0:
		return ErrNoRole
	case !trusts(a.Statement):
		return fmt.Errorf("a policy that says what somebody may do, and not who may assume a role: %w", ErrNoRole)
	}
	f.Roles = append(f.Roles, Role{Trust: text, Whole: true})
	return nil
}

// trusts reports that statements can be those of a trust policy: one names somebody, and no resource. What is no list
// of statements is for the parser to refuse.
func trusts(raw json.RawMessage) bool {
	var list []map[string]json.RawMessage
	if !isList(raw) {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return true
	}
	return slices.ContainsFunc(list, func(s map[string]json.RawMessage) bool {
		return (s["Principal"] != nil || s["NotPrincipal"] != nil) && s["Resource"] == nil && s["NotResource"] == nil
	})
}

// mostItems bounds how many documents stand in one.
const mostItems = 200_000

// list reads each document of a JSON array.
func (f *Found) list(list []json.RawMessage, depth int) error {
	if len(list) > mostItems {
		return fmt.Errorf("it lists %d documents, and more than %d are not read; split it", len(list), mostItems)
	}
	f.Several = true
	for i, item := range list {
		f.item(item, depth+1, fmt.Sprintf("item %d", i+1))
	}
	return f.some()
}

// some says that there is no role among several documents, if that is so.
func (f *Found) some() error {
	if len(f.Roles) == 0 && len(f.managed) == 0 && len(f.Skipped) > 0 {
		return ErrNoRole
	}
	return nil
}

// item reads one of several documents. One that is no good leaves the others be.
func (f *Found) item(raw []byte, depth int, label string) {
	text, err := Unquote(raw)
	before := len(f.Roles)
	if err == nil {
		err = f.document(text, depth)
	}
	for i := before; i < len(f.Roles); i++ {
		r := &f.Roles[i]
		if r.Whole = false; r.Name == "" && r.Address == "" {
			r.Address = label
		}
	}
	switch {
	case errors.Is(err, ErrNoRole):
		f.Skipped = append(f.Skipped, Skipped{label, err.Error()})
	case err != nil:
		f.Roles = append(f.Roles, Role{Address: label, Err: err})
	}
}

// stream reads documents that stand one after the other, as JSON lines do. After one that does not parse it goes on
// with the next line.
func (f *Found) stream(text []byte) error {
	f.Several = true
	at, line, items := 0, 1, 0
	for at < len(text) {
		decoder := json.NewDecoder(bytes.NewReader(text[at:]))
		read := int64(0)
		for {
			var raw json.RawMessage
			err := decoder.Decode(&raw)
			if errors.Is(err, io.EOF) {
				return f.some()
			}
			if items++; items > mostItems {
				return fmt.Errorf("it has more than %d documents; split it", mostItems)
			}
			// What stands before the value is white space.
			rest := text[at+int(read):]
			value := bytes.TrimLeft(rest, " \t\r\n")
			line += bytes.Count(rest[:len(rest)-len(value)], []byte("\n"))
			label := fmt.Sprintf("line %d", line)
			if err == nil {
				read = decoder.InputOffset()
				before := len(f.Roles)
				f.item(raw, 1, label)
				for i := before; i < len(f.Roles); i++ {
					f.Roles[i].Line = line
				}
				line += bytes.Count(raw, []byte("\n"))
				continue
			}
			if len(f.Roles) == 0 {
				return trust.Syntax(text, err)
			}
			broken, _, _ := bytes.Cut(value, []byte("\n"))
			f.Roles = append(f.Roles, Role{Address: label, Err: trust.Syntax(broken, err)})
			at = len(text) - len(value) + len(broken)
			break
		}
	}
	return f.some()
}

// after reports that JSON is followed by something: by another document, where there are lines of them.
func after(err error) bool {
	var s *json.SyntaxError
	return errors.As(err, &s) && strings.HasSuffix(s.Error(), "after top-level value")
}
