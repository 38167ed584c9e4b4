package ci

import (
	"maps"
	"slices"
	"strings"
)

const (
	// TagsClaim holds the session tags that a token asks for.
	// Source:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
	TagsClaim = "https://aws.amazon.com/tags"
	// RequestTag is the beginning of the condition keys that test session tags, whatever issuer and partition.
	// Source:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
	RequestTag = "aws:RequestTag/"
)

// SomeTags are session tags as a token carries them.
var SomeTags = SessionTags(map[string]string{"project": "web"})

// SessionTags is the claim that asks for session tags.
func SessionTags(tags map[string]string) map[string]any {
	principal := map[string]any{}
	for tag, value := range tags {
		principal[tag] = []any{value}
	}
	return map[string]any{TagsClaim: map[string]any{"principal_tags": principal}}
}

// carriesTags reports that a token asks for session tags.
func carriesTags(claims map[string]any) bool {
	if claims[TagsClaim] != nil {
		return true
	}
	for claim := range claims {
		if strings.HasPrefix(claim, TagsClaim+"/principal_tags/") {
			return true
		}
	}
	return false
}

// withTagged adds the first token that must get in once more, with session tags: it must get in where these are
// allowed. Tokens that always carry tags are made up with them.
func withTagged(tokens []Token, allowed bool) []Token {
	for _, token := range tokens {
		if token.Admit && carriesTags(token.Claims) {
			return tokens
		}
		if token.Admit {
			return append(slices.Clone(tokens),
				Token{Name: token.Name + ", with session tags", Claims: With(token.Claims, SomeTags), Admit: allowed})
		}
	}
	return tokens
}

// PrincipalTags are the session tags of a token that have one value.
func PrincipalTags(claims map[string]any) map[string]string {
	claim, _ := claims[TagsClaim].(map[string]any)
	principal, _ := claim["principal_tags"].(map[string]any)
	tags := map[string]string{}
	for tag, values := range principal {
		if list, _ := values.([]any); len(list) == 1 {
			tags[tag] = TextOf(list[0])
		}
	}
	return tags
}

// tagged reports that a token carries the session tags that the subject wants.
func (s Subject) tagged(claims map[string]any) bool {
	carried := PrincipalTags(claims)
	for tag, values := range s.Tags {
		if !slices.Contains(values, carried[tag]) {
			return false
		}
	}
	return true
}

// tagMisses are the tokens of the same job whose session tags differ in one place. Those with a value that is wanted,
// too, must get in. A token without any must get in where none is wanted.
func (s Subject) tagMisses(claims map[string]any) []Token {
	var tokens []Token
	add := func(name string, tags map[string]string) {
		changed := With(claims, SessionTags(tags))
		tokens = append(tokens, Token{Name: name, Claims: changed, Admit: s.tagged(changed)})
	}
	carried := PrincipalTags(claims)
	if len(carried) > 0 {
		tokens = append(tokens, Token{
			Name:   "a token without session tags",
			Claims: With(claims, map[string]any{TagsClaim: nil}),
			Admit:  len(s.Tags) == 0,
		})
	}
	for _, tag := range slices.Sorted(maps.Keys(s.Tags)) {
		var values []string
		for _, wanted := range s.Tags[tag] {
			values = append(append(values, wanted), Neighbours(wanted)...)
		}
		for _, value := range values[1:] {
			tags := maps.Clone(carried)
			tags[tag] = value
			add("the session tag "+tag+" "+value, tags)
		}
		tags := maps.Clone(carried)
		delete(tags, tag)
		add("a token without the session tag "+tag, tags)
	}
	return tokens
}
