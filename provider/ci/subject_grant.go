package ci

import (
	"maps"
	"slices"
	"strings"
)

// A Subject is what a grant wants of sub, for an issuer of which AWS tests nothing but aud and sub.
type Subject struct {
	Form  *Form
	Terms []Term
	// Pattern is what the policy wants of sub, for a grant that leaves open a field before the last one, which no name
	// in it can leave; "" is what the terms say. The term of such a field admits all names.
	Pattern string
	// Job gives the further claims that a token with such a subject carries; iss, aud and sub need not be among them.
	Job func(texts []string) map[string]any
	// Parties are the values of azp, for an issuer that writes that claim: STS takes it for aud, and the audience for
	// oaud.
	Parties []string
	// Others are subjects of other forms that come near, by what they are: "a debug job".
	Others map[string]string
	// Audiences are those of tokens with such a subject, where the issuer gives each kind of token its own; nil is the
	// trust's.
	Audiences []string
	// Aud is that of tokens whose azp is the audience that AWS compares; "" is none.
	Aud string
	// Tags are session tags that the token must carry, by name, each with one of some values. AWS tests them, unlike
	// other claims, for every issuer: as aws:RequestTag/NAME. Job must give the first value of each.
	Tags map[string][]string
}

// Allow adds a grant for the jobs with a subject.
func (t *Trust) Allow(path, sentence string, s Subject) {
	audiences, issuer := t.audiences, t.issuer
	var foreign []string
	if s.Audiences != nil {
		foreign = slices.DeleteFunc(slices.Clone(audiences), func(audience string) bool {
			return slices.Contains(s.Audiences, audience)
		})
		audiences = s.Audiences
	}
	t.Grants = append(t.Grants, Grant{
		Path:     path,
		Sentence: sentence,
		Claims:   s.claims(audiences),
		Admits: func(token map[string]any) bool {
			return s.meantFor(audiences, token) && s.Form.Admits(s.Terms, TextOf(token["sub"])) && s.tagged(token)
		},
		Tokens: func() []Token { return s.tokens(issuer, audiences, foreign) },
	})
}

// claims are what the grant wants of a token.
func (s Subject) claims(audiences []string) map[string][]string {
	pattern := s.Pattern
	if pattern == "" {
		pattern = s.Form.Pattern(s.Terms)
	}
	claims := map[string][]string{"aud": audiences, "sub": {pattern}}
	if len(s.Parties) > 0 {
		claims["aud"], claims["oaud"] = s.Parties, audiences
	}
	for tag, values := range s.Tags {
		claims[RequestTag+tag] = values
	}
	return claims
}

// meantFor reports that a token is for one of the audiences and, where the issuer names it, for one of the parties.
func (s Subject) meantFor(audiences []string, token map[string]any) bool {
	if len(s.Parties) == 0 {
		return slices.Contains(audiences, AudienceOf(token))
	}
	return slices.Contains(s.Parties, AudienceOf(token)) && slices.Contains(audiences, TextOf(token["aud"]))
}

// Token is what a job with these texts in its subject carries.
func (s Subject) Token(issuer, audience string, texts []string) map[string]any {
	claims := With(s.audience(audience), map[string]any{"iss": issuer, "sub": s.Form.Build(texts...)})
	if len(s.Parties) > 0 {
		claims["azp"] = s.Parties[0]
	}
	if s.Job == nil {
		return claims
	}
	return With(s.Job(texts), claims)
}

// audience are the claims of a token with an audience.
func (s Subject) audience(audience string) map[string]any {
	if s.Aud != "" {
		return map[string]any{"aud": s.Aud, "azp": audience}
	}
	return map[string]any{"aud": audience}
}

// Sample are texts that the terms admit.
func (s Subject) Sample() []string {
	texts := make([]string, len(s.Terms))
	for i, t := range s.Terms {
		texts[i] = t.Name.Sample()
		if t.Open || t.Name == (Name{Prefix: true}) {
			texts[i] = s.Form.Fields[i].Sample
		}
	}
	return texts
}

// tokens are the jobs that a subject must let in, and those that come as close as can be: with the foreign audiences
// too, which the provider knows for other tokens.
func (s Subject) tokens(issuer string, audiences, foreign []string) []Token {
	audience, texts := "", s.Sample()
	if len(audiences) > 0 {
		audience = audiences[0]
	}
	claims := s.Token(issuer, audience, texts)
	tokens := []Token{{Name: "a job of the trusted ones", Claims: claims, Admit: true}}
	for _, another := range audiences[min(1, len(audiences)):] {
		tokens = append(tokens,
			Token{Name: "audience " + another, Claims: s.Token(issuer, another, texts), Admit: true})
	}
	for _, another := range foreign {
		tokens = append(tokens,
			Token{Name: "the audience of another kind of token, " + another, Claims: s.Token(issuer, another, texts)})
	}
	for _, another := range s.Parties[min(1, len(s.Parties)):] {
		tokens = append(tokens,
			Token{Name: "azp " + another, Claims: With(claims, map[string]any{"azp": another}), Admit: true})
	}
	for i := range s.Terms {
		tokens = append(tokens, s.misses(i, issuer, audience, texts)...)
	}
	trusted := TextOf(claims["sub"])
	near := func(name, sub string) {
		if sub != trusted { // a subject of one field alone has no other place for a crafted name
			tokens = append(tokens, Token{Name: name, Claims: With(claims, map[string]any{"sub": sub})})
		}
	}
	strange := make([]string, len(texts))
	for i, f := range s.Form.Fields {
		strange[i] = f.Other
	}
	near("a stranger's job whose last name is the whole trusted subject",
		s.Form.Build(append(slices.Clone(strange[:len(strange)-1]), trusted)...))
	near("a stranger's job whose first name is the whole trusted subject",
		s.Form.Build(append([]string{trusted}, strange[1:]...)...))
	near("a subject with something before the trusted one", "x"+trusted)
	for _, what := range slices.Sorted(maps.Keys(s.Others)) {
		near(what, s.Others[what])
	}
	tokens = append(tokens, s.tagMisses(claims)...)
	if s.Aud != "" {
		tokens = append(tokens,
			Token{
				Name:   "a token for the audience by way of another party",
				Claims: With(claims, map[string]any{"aud": audience, "azp": audience + "-evil"}),
			},
			Token{Name: "a token without authorized party", Claims: With(claims, map[string]any{"azp": nil})})
	}
	return append(tokens,
		Token{Name: "a token for another audience", Claims: With(claims, s.audience(audience+"-evil"))},
		Token{Name: "a token without subject", Claims: With(claims, map[string]any{"sub": nil})})
}

// misses are jobs that differ in one field. Those that the term admits all the same must get in.
func (s Subject) misses(i int, issuer, audience string, texts []string) []Token {
	f, t := s.Form.Fields[i], s.Terms[i]
	var tokens []Token
	add := func(name, text string) {
		if text == texts[i] || text == "" {
			return
		}
		changed := slices.Clone(texts)
		changed[i] = text
		token := s.Token(issuer, audience, changed)
		_, written := s.Form.Parse(TextOf(token["sub"]))
		admit := written && s.Form.Admits(s.Terms, TextOf(token["sub"]))
		tokens = append(tokens, Token{Name: name, Claims: token, Admit: admit})
	}
	if len(f.Choices) > 0 {
		for _, choice := range f.Choices {
			add("the "+f.Name+" "+choice, choice)
		}
		return tokens
	}
	add("another "+f.Name, f.Other)
	if t.Open {
		return tokens
	}
	if shortest, exists := t.Name.Shortest(); exists {
		add(article(f.Name)+" that is the prefix itself", shortest)
	}
	add(article(f.Name)+" whose name is longer", texts[i]+"-evil")
	add(article(f.Name)+" whose name ends like the trusted one", "evil-"+texts[i])
	add(article(f.Name)+" that differs in letter case", SwapCase(texts[i]))
	add("the nearest other "+f.Name, t.Name.Neighbour())
	return tokens
}

// article puts "a" or "an" before a noun.
func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeio") {
		return "an " + noun
	}
	return "a " + noun
}
