package account

import (
	"fmt"
	"regexp"
	"strings"
)

// Placeholders of what a template does not say: where it is brought up.
const (
	placeholderAccount = "123456789012"
	placeholderRegion  = "us-east-1"
)

// A stack is a template with what can be known before it is brought up.
type stack struct {
	pseudo     map[string]string
	parameters map[string]any // their declarations
	resources  map[string]any
	mappings   map[string]any
	calls      int // how many functions are being called
	left       int // how many more values are looked at: references may refer to each other
	room       int // how many more bytes texts that are put together may have
	// otherwise says that Fn::If gives what it gives if its condition does not hold.
	otherwise bool
}

const (
	mostValues = 200_000
	mostCalled = 24       // how deep functions call each other
	mostRoom   = 32 << 20 // a template has 1 MB, and most of its texts are put together once
)

// newStack reads the parameters of a template.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
func newStack(document, resources map[string]any) *stack {
	s := &stack{resources: resources, left: mostValues, room: mostRoom, pseudo: map[string]string{
		"AWS::AccountId": placeholderAccount, "AWS::Partition": "aws", "AWS::Region": placeholderRegion,
		"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "stack",
	}}
	s.parameters, _ = document["Parameters"].(map[string]any)
	s.mappings, _ = document["Mappings"].(map[string]any)
	return s
}

// text is a value as text; known is false if a part of it is a placeholder.
func (s *stack) text(v any, unknown *[]string) (text string, known bool) {
	var missing []string
	resolved := s.resolve(v, &missing, 0)
	if unknown != nil {
		*unknown = append(*unknown, missing...)
	}
	switch resolved := resolved.(type) {
	case nil:
		return "", false
	case string:
		return resolved, len(missing) == 0
	default:
		return fmt.Sprint(resolved), len(missing) == 0
	}
}

// resolve puts in what is known of a value. What is not known becomes a text that names it, and is listed.
func (s *stack) resolve(v any, unknown *[]string, depth int) any {
	if s.left--; s.left < 0 || depth > deepest {
		return s.missing("a value that is nested too deep", "unknown", unknown)
	}
	switch v := v.(type) {
	case []any:
		items := make([]any, 0, len(v))
		for _, item := range v {
			if r := s.resolve(item, unknown, depth+1); r != nil { // AWS::NoValue takes the item away
				items = append(items, r)
			}
		}
		return items
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return s.call(name, argument, unknown, depth+1)
				}
			}
		}
		members := make(map[string]any, len(v))
		for name, item := range v {
			if r := s.resolve(item, unknown, depth+1); r != nil {
				members[name] = r
			}
		}
		return members
	}
	return v
}

// fits reports that there is room for a text which was put together of others.
func (s *stack) fits(length int) bool {
	s.room -= length
	return s.room >= 0
}

// tooLong stands for a text for which there is no room.
const tooLong = "a text that is too long"

func (s *stack) missing(what, placeholder string, unknown *[]string) any {
	if unknown != nil {
		*unknown = append(*unknown, what)
	}
	return placeholder
}

// call is the value of a function of CloudFormation.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
func (s *stack) call(name string, argument any, unknown *[]string, depth int) any {
	if s.calls++; s.calls > mostCalled {
		s.calls--
		return s.missing("a value that refers to itself", "unknown", unknown)
	}
	defer func() { s.calls-- }()
	arguments, _ := argument.([]any)
	switch {
	case name == "Ref":
		id, _ := argument.(string)
		return s.reference(id, unknown, depth)
	case name == "Fn::GetAtt" && len(arguments) == 2:
		id, _ := arguments[0].(string)
		attribute, _ := arguments[1].(string)
		return s.attribute(id, attribute, unknown, depth)
	case name == "Fn::GetAtt":
		id, attribute, _ := strings.Cut(fmt.Sprint(argument), ".")
		return s.attribute(id, attribute, unknown, depth)
	case name == "Fn::Sub":
		if text, ok := argument.(string); ok {
			return s.substitute(text, nil, unknown, depth)
		}
		if len(arguments) == 2 {
			text, _ := arguments[0].(string)
			own, _ := arguments[1].(map[string]any)
			return s.substitute(text, own, unknown, depth)
		}
	case name == "Fn::Join" && len(arguments) == 2:
		separator, _ := arguments[0].(string)
		if parts, ok := s.resolve(arguments[1], unknown, depth).([]any); ok {
			texts := make([]string, len(parts))
			for i, part := range parts {
				if texts[i] = fmt.Sprint(part); !s.fits(len(texts[i]) + len(separator)) {
					return s.missing(tooLong, "unknown", unknown)
				}
			}
			return strings.Join(texts, separator)
		}
	case name == "Fn::If" && len(arguments) == 3:
		// Either may be in force: one is read, and the choice is not known.
		s.missing(fmt.Sprint(ofCondition, arguments[0]), "", unknown)
		if s.otherwise {
			return s.resolve(arguments[2], unknown, depth)
		}
		return s.resolve(arguments[1], unknown, depth)
	case name == "Fn::FindInMap" && len(arguments) >= 3:
		if v, ok := s.mapped(arguments, unknown, depth); ok {
			return v
		}
	}
	return s.missing(name, "unknown", unknown)
}

// ofCondition begins what says that a condition of the template decides.
const ofCondition = "condition "

func (s *stack) mapped(arguments []any, unknown *[]string, depth int) (any, bool) {
	var at any = s.mappings
	for _, key := range arguments[:3] {
		table, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		text, _ := s.resolve(key, unknown, depth).(string)
		if at, ok = table[text]; !ok {
			return nil, false
		}
	}
	return at, true
}

// reference is what Ref gives of a parameter or a resource.
func (s *stack) reference(id string, unknown *[]string, depth int) any {
	if text, ok := s.pseudo[id]; ok {
		return text
	}
	if id == "AWS::NoValue" {
		return nil
	}
	if declaration, ok := s.parameters[id].(map[string]any); ok {
		value, given := declaration["Default"]
		if !given {
			return s.missing("parameter "+id, id, unknown)
		}
		if kind, _ := declaration["Type"].(string); strings.Contains(kind, "List") {
			var items []any
			for part := range strings.SplitSeq(fmt.Sprint(value), ",") {
				items = append(items, strings.TrimSpace(part))
			}
			return items
		}
		return value
	}
	switch kind, properties := resource(s.resources[id]); kind {
	case "AWS::IAM::OIDCProvider":
		return s.provider(properties, unknown, depth)
	case "AWS::IAM::ManagedPolicy":
		return s.policyArn(id)
	case "AWS::IAM::Role":
		if name, ok := properties["RoleName"]; ok && depth < deepest {
			return s.resolve(name, unknown, depth+1)
		}
		return id
	}
	return s.missing("reference "+id, id, unknown)
}

// attribute is what GetAtt gives.
func (s *stack) attribute(id, attribute string, unknown *[]string, depth int) any {
	switch kind, properties := resource(s.resources[id]); {
	case kind == "AWS::IAM::OIDCProvider" && attribute == "Arn":
		return s.provider(properties, unknown, depth)
	case kind == "AWS::IAM::Role" && attribute == "Arn":
		return fmt.Sprint("arn:aws:iam::", placeholderAccount, ":role/", s.reference(id, unknown, depth))
	case kind == "AWS::IAM::ManagedPolicy" && attribute == "PolicyArn":
		return s.policyArn(id)
	}
	return s.missing("attribute "+id+"."+attribute, id, unknown)
}

// provider is the ARN of an OIDC provider of the template.
func (s *stack) provider(properties map[string]any, unknown *[]string, depth int) any {
	if depth > deepest {
		return s.missing("a provider's Url", "unknown", unknown)
	}
	url, ok := s.resolve(properties["Url"], unknown, depth+1).(string)
	if !ok {
		return s.missing("a provider's Url", "unknown", unknown)
	}
	return "arn:aws:iam::" + placeholderAccount + ":oidc-provider/" + strings.TrimPrefix(url, "https://")
}

func (s *stack) policyArn(id string) string {
	return "arn:aws:iam::" + placeholderAccount + ":policy/" + id
}

// variable is one of Fn::Sub: ${Name}, ${Name.Attribute}, and ${!Literal}, which stays as ${Literal}.
var variable = regexp.MustCompile(`\$\{([^{}]*)\}`)

// substitute is Fn::Sub. own are the variables that the function brings along.
func (s *stack) substitute(text string, own map[string]any, unknown *[]string, depth int) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		if s.room < 0 {
			s.missing(tooLong, "", unknown)
			return ""
		}
		name := strings.TrimSpace(found[2 : len(found)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		var v any
		if value, ok := own[name]; ok {
			v = s.resolve(value, unknown, depth+1)
		} else if id, attribute, dotted := strings.Cut(name, "."); dotted {
			v = s.attribute(id, attribute, unknown, depth)
		} else {
			v = s.reference(name, unknown, depth)
		}
		if v == nil {
			return ""
		}
		put := fmt.Sprint(v)
		if !s.fits(len(put)) {
			s.missing(tooLong, "", unknown)
			return ""
		}
		return put
	})
}
