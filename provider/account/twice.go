package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// ofPolicies are names below which the parser of policies looks for names that stand twice: it makes a finding of them.
var ofPolicies = []string{"assumerolepolicydocument", "policydocument", "document", "trustpolicy", "statement"}

// ofIAM are names of IAM's answers. encoding/json takes them in capital and small letters alike.
var ofIAM = append([]string{"role", "roles", "roledetaillist", "policies", "rolename", "arn"}, ofPolicies...)

// unambiguous refuses a document in which a name stands twice in one object, outside of policies, and in those of a
// template, which reach their parser without what was overwritten. Whoever reads the first sees another role than
// whoever reads the last, so that an audit of one says nothing of the other. No program prints such JSON. text is known
// to be JSON.
func unambiguous(text []byte, printer Printer) error {
	tokens := json.NewDecoder(bytes.NewReader(text))
	tokens.UseNumber() // a number that no float64 holds is no error here
	var open []nested
	strict := true // whether the names in the value that comes are looked at
	for {
		token, err := tokens.Token()
		if err != nil {
			return err
		}
		var in *nested
		if len(open) > 0 {
			in = &open[len(open)-1]
		}
		if name, isText := token.(string); isText && in != nil && in.names != nil && !in.named {
			lower := strings.ToLower(name)
			if printer == IAM && slices.Contains(ofIAM, lower) {
				name = lower
			}
			if in.strict && in.names[name] {
				return stands(text, int(tokens.InputOffset()))
			}
			in.names[name], in.named = true, true
			strict = in.strict && (printer == template || !slices.Contains(ofPolicies, lower))
			continue
		}
		switch token {
		case json.Delim('{'):
			open = append(open, nested{strict: strict, names: map[string]bool{}})
			continue
		case json.Delim('['):
			open = append(open, nested{strict: strict})
			continue
		case json.Delim('}'), json.Delim(']'):
			if open = open[:len(open)-1]; len(open) == 0 {
				return nil
			}
			in = &open[len(open)-1]
		}
		if in == nil {
			return nil
		}
		in.named, strict = false, in.strict // a value of in has ended
	}
}

// nested is an object or a list that is being read.
type nested struct {
	strict bool            // its names are looked at
	names  map[string]bool // of an object, those that were there; nil for a list
	named  bool            // the value of a name comes
}

// stands refuses the name that ends at an offset, and that its object had before.
func stands(text []byte, end int) error {
	begin := beginning(text, end)
	return trust.Place(text, int64(begin), fmt.Sprintf("%q stands twice in one object, and which of the two counts "+
		"differs between readers; leave one of them out", text[begin+1:end-1]))
}
