package ci

import (
	"maps"
	"slices"
	"strings"
)

const (
	// tagsClaim holds the session tags that a token asks for.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
	tagsClaim = "https://aws.amazon.com/tags"
	// requestTag is the beginning of the condition keys that test session tags, whatever issuer and partition.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
	requestTag = "aws:RequestTag/"
)

// someTags are session tags as a token carries them.
var someTags = sessionTags(map[string]string{"project": "web"})

// sessionTags is the claim that asks for session tags.
func sessionTags(tags map[string]string) map[string]any {
	principal := map[string]any{}
	for tag, value := range tags {
		principal[tag] = []any{value}
	}
	return map[string]any{tagsClaim: map[string]any{"principal_tags": principal}}
}

// carriesTags reports that a token asks for session tags.
func carriesTags(claims map[string]any) bool {
	if claims[tagsClaim] != nil {
		return true
	}
	for claim := range claims {
		if strings.HasPrefix(claim, tagsClaim+"/principal_tags/") {
			return true
		}
	}
	return false
}

// withTagged adds the first token that must get in once more, with session tags: it must get in where these are allowed.
// Tokens that always carry tags are made up with them.
func withTagged(tokens []Token, allowed bool) []Token {
	for _, token := range tokens {
		if token.Admit && carriesTags(token.Claims) {
			return tokens
		}
		if token.Admit {
			return append(slices.Clone(tokens), Token{Name: token.Name + ", with session tags", Claims: with(token.Claims, someTags), Admit: allowed})
		}
	}
	return tokens
}

// principalTags are the session tags of a token that have one value.
func principalTags(claims map[string]any) map[string]string {
	claim, _ := claims[tagsClaim].(map[string]any)
	principal, _ := claim["principal_tags"].(map[string]any)
	tags := map[string]string{}
	for tag, values := range principal {
		if list, _ := values.([]any); len(list) == 1 {
			tags[tag] = textOf(list[0])
		}
	}
	return tags
}

// tagged reports that a token carries the session tags that the subject wants.
func (s subject) tagged(claims map[string]any) bool {
	carried := principalTags(claims)
	for tag, values := range s.tags {
		if !slices.Contains(values, carried[tag]) {
			return false
		}
	}
	return true
}

// tagMisses are the tokens of the same job whose session tags differ in one place. Those with a value that is wanted, too,
// must get in. A token without any must get in where none is wanted.
func (s subject) tagMisses(claims map[string]any) []Token {
	var tokens []Token
	add := func(name string, tags map[string]string) {
		changed := with(claims, sessionTags(tags))
		tokens = append(tokens, Token{Name: name, Claims: changed, Admit: s.tagged(changed)})
	}
	carried := principalTags(claims)
	if len(carried) > 0 {
		tokens = append(tokens, Token{Name: "a token without session tags", Claims: with(claims, map[string]any{tagsClaim: nil}), Admit: len(s.tags) == 0})
	}
	for _, tag := range slices.Sorted(maps.Keys(s.tags)) {
		var values []string
		for _, wanted := range s.tags[tag] {
			values = append(append(values, wanted), neighbours(wanted)...)
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
