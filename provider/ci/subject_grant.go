package ci

import (
	"maps"
	"slices"
	"strings"
)

// A subject is what a grant wants of sub, for an issuer of which AWS tests nothing but aud and sub.
type subject struct {
	form  *form
	terms []term
	// job gives the further claims that a token with such a subject carries; iss, aud and sub need not be among them.
	job func(texts []string) map[string]any
	// parties are the values of azp, for an issuer that writes that claim: STS takes it for aud, and the audience for oaud.
	parties []string
	// others are subjects of other forms that come near, by what they are: "a debug job".
	others map[string]string
	// audiences are those of tokens with such a subject, where the issuer gives each kind of token its own; nil is the trust's.
	audiences []string
	// aud is that of tokens whose azp is the audience that AWS compares; "" is none.
	aud string
	// tags are session tags that the token must carry, by name, each with one of some values. AWS tests them, unlike other
	// claims, for every issuer: as aws:RequestTag/NAME. job must give the first value of each.
	tags map[string][]string
}

// trust adds a grant for the jobs with a subject.
func (t *Trust) trust(path, sentence string, s subject) {
	audiences, issuer := t.audiences, t.issuer
	var foreign []string
	if s.audiences != nil {
		foreign = slices.DeleteFunc(slices.Clone(audiences), func(audience string) bool { return slices.Contains(s.audiences, audience) })
		audiences = s.audiences
	}
	t.Grants = append(t.Grants, Grant{
		Path:     path,
		Sentence: sentence,
		Claims:   s.claims(audiences),
		Admits: func(token map[string]any) bool {
			return s.meantFor(audiences, token) && s.form.admits(s.terms, textOf(token["sub"])) && s.tagged(token)
		},
		Tokens: func() []Token { return s.tokens(issuer, audiences, foreign) },
	})
}

// claims are what the grant wants of a token.
func (s subject) claims(audiences []string) map[string][]string {
	claims := map[string][]string{"aud": audiences, "sub": {s.form.pattern(s.terms)}}
	if len(s.parties) > 0 {
		claims["aud"], claims["oaud"] = s.parties, audiences
	}
	for tag, values := range s.tags {
		claims[requestTag+tag] = values
	}
	return claims
}

// meantFor reports that a token is for one of the audiences and, where the issuer names it, for one of the parties.
func (s subject) meantFor(audiences []string, token map[string]any) bool {
	if len(s.parties) == 0 {
		return slices.Contains(audiences, audienceOf(token))
	}
	return slices.Contains(s.parties, audienceOf(token)) && slices.Contains(audiences, textOf(token["aud"]))
}

// token is what a job with these texts in its subject carries.
func (s subject) token(issuer, audience string, texts []string) map[string]any {
	claims := with(s.audience(audience), map[string]any{"iss": issuer, "sub": s.form.build(texts...)})
	if len(s.parties) > 0 {
		claims["azp"] = s.parties[0]
	}
	if s.job == nil {
		return claims
	}
	return with(s.job(texts), claims)
}

// audience are the claims of a token with an audience.
func (s subject) audience(audience string) map[string]any {
	if s.aud != "" {
		return map[string]any{"aud": s.aud, "azp": audience}
	}
	return map[string]any{"aud": audience}
}

// sample are texts that the terms admit.
func (s subject) sample() []string {
	texts := make([]string, len(s.terms))
	for i, t := range s.terms {
		texts[i] = t.name.sample()
		if t.open || t.name == (name{prefix: true}) {
			texts[i] = s.form.fields[i].sample
		}
	}
	return texts
}

// tokens are the jobs that a subject must let in, and those that come as close as can be: with the foreign audiences too,
// which the provider knows for other tokens.
func (s subject) tokens(issuer string, audiences, foreign []string) []Token {
	audience, texts := "", s.sample()
	if len(audiences) > 0 {
		audience = audiences[0]
	}
	claims := s.token(issuer, audience, texts)
	tokens := []Token{{Name: "a job of the trusted ones", Claims: claims, Admit: true}}
	for _, another := range audiences[min(1, len(audiences)):] {
		tokens = append(tokens, Token{Name: "audience " + another, Claims: s.token(issuer, another, texts), Admit: true})
	}
	for _, another := range foreign {
		tokens = append(tokens, Token{Name: "the audience of another kind of token, " + another, Claims: s.token(issuer, another, texts)})
	}
	for _, another := range s.parties[min(1, len(s.parties)):] {
		tokens = append(tokens, Token{Name: "azp " + another, Claims: with(claims, map[string]any{"azp": another}), Admit: true})
	}
	for i := range s.terms {
		tokens = append(tokens, s.misses(i, issuer, audience, texts)...)
	}
	trusted := textOf(claims["sub"])
	near := func(name, sub string) {
		if sub != trusted { // a subject of one field alone has no other place for a crafted name
			tokens = append(tokens, Token{Name: name, Claims: with(claims, map[string]any{"sub": sub})})
		}
	}
	strange := make([]string, len(texts))
	for i, f := range s.form.fields {
		strange[i] = f.other
	}
	near("a stranger's job whose last name is the whole trusted subject", s.form.build(append(slices.Clone(strange[:len(strange)-1]), trusted)...))
	near("a stranger's job whose first name is the whole trusted subject", s.form.build(append([]string{trusted}, strange[1:]...)...))
	near("a subject with something before the trusted one", "x"+trusted)
	for _, what := range slices.Sorted(maps.Keys(s.others)) {
		near(what, s.others[what])
	}
	tokens = append(tokens, s.tagMisses(claims)...)
	if s.aud != "" {
		tokens = append(tokens,
			Token{Name: "a token for the audience by way of another party", Claims: with(claims, map[string]any{"aud": audience, "azp": audience + "-evil"})},
			Token{Name: "a token without authorized party", Claims: with(claims, map[string]any{"azp": nil})})
	}
	return append(tokens,
		Token{Name: "a token for another audience", Claims: with(claims, s.audience(audience+"-evil"))},
		Token{Name: "a token without subject", Claims: with(claims, map[string]any{"sub": nil})})
}

// misses are jobs that differ in one field. Those that the term admits all the same must get in.
func (s subject) misses(i int, issuer, audience string, texts []string) []Token {
	f, t := s.form.fields[i], s.terms[i]
	var tokens []Token
	add := func(name, text string) {
		if text == texts[i] || text == "" {
			return
		}
		changed := slices.Clone(texts)
		changed[i] = text
		token := s.token(issuer, audience, changed)
		_, written := s.form.parse(textOf(token["sub"]))
		admit := written && s.form.admits(s.terms, textOf(token["sub"]))
		tokens = append(tokens, Token{Name: name, Claims: token, Admit: admit})
	}
	if len(f.choices) > 0 {
		for _, choice := range f.choices {
			add("the "+f.name+" "+choice, choice)
		}
		return tokens
	}
	add("another "+f.name, f.other)
	if t.open {
		return tokens
	}
	if shortest, exists := t.name.shortest(); exists {
		add(article(f.name)+" that is the prefix itself", shortest)
	}
	add(article(f.name)+" whose name is longer", texts[i]+"-evil")
	add(article(f.name)+" whose name ends like the trusted one", "evil-"+texts[i])
	add(article(f.name)+" that differs in letter case", swapCase(texts[i]))
	add("the nearest other "+f.name, t.name.neighbour())
	return tokens
}

// article puts "a" or "an" before a noun.
func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeio") {
		return "an " + noun
	}
	return "a " + noun
}
