package ci

import "strings"

// separators stand between the parts of a claim.
const separators = ":/@"

// distortions are near misses that no system has to think of: a token that must get in, with one of the claims that its
// grant tests missing or a little different. Some of them must get in all the same, because the grant's words cover
// them.
func distortions(token Token, tested []string) []Token {
	tested = carriers(token.Claims, tested)
	var distorted []Token
	add := func(name, claim string, value any) {
		claims := map[string]any{"sub": token.Claims["sub"]} // what is not tested does not matter
		if carriesTags(token.Claims) {
			claims[TagsClaim] = token.Claims[TagsClaim]
		}
		for _, other := range tested {
			claims[other] = token.Claims[other]
		}
		if claims[claim] = value; value == nil {
			delete(claims, claim)
		}
		distorted = append(distorted, Token{Name: token.Name + name + claim, Claims: claims})
	}
	for _, claim := range tested {
		add(", without the claim ", claim, nil)
		for _, other := range Neighbours(TextOf(token.Claims[claim])) {
			add(", with another ", claim, other)
		}
	}
	return distorted
}

// carriers are the claims of a token in which the tested keys stand: azp is tested as aud, and beside it aud as oaud.
func carriers(claims map[string]any, tested []string) []string {
	if claims["azp"] == nil {
		return tested
	}
	carriers := make([]string, len(tested))
	for i, key := range tested {
		switch key {
		case "aud":
			key = "azp"
		case "oaud":
			key = "aud"
		}
		carriers[i] = key
	}
	return carriers
}

// Neighbours are texts that differ from a claim's value in one place: at either end, in letter case, or in one of the
// parts between separators. What is put in is a digit, which fits a name as well as a number or a UUID.
func Neighbours(value string) []string {
	if value == "" {
		return nil
	}
	texts := []string{"0", "0" + value, value + "0", turned(value[:1]) + value[1:],
		value[:len(value)-1] + turned(value[len(value)-1:])}
	if shorter := strings.TrimRight(value[:len(value)-1], separators); len(shorter) == len(value)-1 {
		texts = append(texts, shorter) // no issuer writes an empty name, and any name may be trusted
	}
	if swapped := SwapCase(value); swapped != value+"a" {
		texts = append(texts, swapped)
	}
	start := 0
	for i := 0; i <= len(value); i++ {
		if i < len(value) && !strings.ContainsRune(separators, rune(value[i])) {
			continue
		}
		if start > 0 || i < len(value) {
			before, part, after := value[:start], value[start:i], value[i:]
			texts = append(texts, before+"0"+after, before+"0"+part+after, before+part+"0"+after)
		}
		start = i + 1
	}
	return texts
}

// turned is another digit than the given one.
func turned(text string) string {
	if text == "0" {
		return "1"
	}
	return "0"
}
