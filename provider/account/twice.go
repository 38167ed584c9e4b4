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
// template, which reach their parser without what was overwritten. Whoever reads the
// first sees another role than whoever reads the last, so that an audit of one says nothing of the other. No program
// prints such JSON. text is known to be JSON.
func unambiguous(text []byte, printer Printer) error {
	s := scanner{text: text, printer: printer}
	if s.value(true); s.name == "" {
		return nil
	}
	return trust.Place(text, int64(s.again), fmt.Sprintf("%q stands twice in one object, and which of the two counts "+
		"differs between readers; leave one of them out", s.name))
}

// A scanner walks over JSON that has been parsed already, once and without building anything: an account is large.
type scanner struct {
	text    []byte
	at      int
	printer Printer
	again   int    // where a name stands again
	name    string // "" for none
}

func (s *scanner) space() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n,:", s.text[s.at]) >= 0 {
		s.at++
	}
}

// value passes one value, and looks for names in it if strict is set.
func (s *scanner) value(strict bool) {
	s.space()
	if s.at >= len(s.text) {
		return
	}
	switch s.text[s.at] {
	case '{':
		s.object(strict)
	case '[':
		s.at++
		for s.space(); s.at < len(s.text) && s.text[s.at] != ']'; s.space() {
			s.value(strict)
		}
		s.at++
	case '"':
		s.quoted()
	default:
		for s.at < len(s.text) && bytes.IndexByte([]byte(" \t\r\n,:]}"), s.text[s.at]) < 0 {
			s.at++
		}
	}
}

func (s *scanner) object(strict bool) {
	s.at++
	seen := map[string]bool{}
	for s.space(); s.at < len(s.text) && s.text[s.at] == '"'; s.space() {
		begins := s.at
		name := s.quoted()
		lower := strings.ToLower(name)
		if s.printer == IAM && slices.Contains(ofIAM, lower) {
			name = lower
		}
		if strict && seen[name] && s.name == "" {
			s.again, s.name = begins, string(s.text[begins+1:s.at-1])
		}
		seen[name] = true
		s.value(strict && (s.printer == template || !slices.Contains(ofPolicies, lower)))
	}
	s.at++
}

// quoted passes a string, and returns it.
func (s *scanner) quoted() string {
	begins := s.at
	for s.at++; s.at < len(s.text) && s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at = min(s.at+1, len(s.text))
	raw := s.text[begins:s.at]
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(bytes.Trim(raw, `"`))
	}
	var text string
	_ = json.Unmarshal(raw, &text) // it is JSON
	return text
}
