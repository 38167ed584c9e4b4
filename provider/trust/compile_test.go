package trust

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const (
	hostA = "a.example.com"
	hostB = "b.example.com"
)

func providerOf(host string) string { return "arn:aws:iam::111122223333:oidc-provider/" + host }

// randomGrant makes a grant over a few claims with few values, so that grants overlap, touch and merge.
func randomGrant(r *rand.Rand) Grant {
	host := hostA
	if r.Intn(5) == 0 {
		host = hostB
	}
	values := func(pool ...string) []string {
		var chosen []string
		for range 1 + r.Intn(3) {
			chosen = append(chosen, pool[r.Intn(len(pool))])
		}
		return chosen
	}
	g := Grant{Deny: r.Intn(12) == 0, Provider: providerOf(host), Claims: map[string][]string{
		host + ":aud": values("sts", "sts", "sts", "other"),
		host + ":sub": values("repo:acme/web:ref:main", "repo:acme/web:ref:rel", "repo:acme/web:ref:rel*",
			"repo:acme/web:ref:release-*", "repo:acme/api:ref:main",
			"org/????/user/??:main", "org/????/user/?:main", "org/ab12/user/xy:main", "repo:acme/web:*"),
	}}
	if r.Intn(3) > 0 {
		g.Claims[host+":email"] = values("1", "2", "12", "1*")
	}
	return g
}

// randomToken is drawn near the grants: one of their values with its wildcards filled in, spoilt now and then.
func randomToken(r *rand.Rand, grants []Grant) Request {
	g := grants[r.Intn(len(grants))]
	host := strings.TrimPrefix(g.Provider, "arn:aws:iam::111122223333:oidc-provider/")
	claims := map[string]any{}
	for _, key := range sortedKeys(g.Claims) {
		source := g.Claims[key]
		if other := grants[r.Intn(len(grants))]; r.Intn(4) == 0 && other.Claims[key] != nil {
			source = other.Claims[key]
		}
		text := source[r.Intn(len(source))]
		var b strings.Builder
		for _, c := range text {
			switch {
			case c == '*':
				b.WriteString([]string{"", "x", "ease-1", ":ref:main"}[r.Intn(4)])
			case c == '?':
				b.WriteString([]string{"a", "é", "1"}[r.Intn(3)])
			case r.Intn(60) == 0:
				b.WriteString([]string{"", "x", strings.ToUpper(string(c)), "*"}[r.Intn(4)])
			default:
				b.WriteRune(c)
			}
		}
		if r.Intn(30) > 0 {
			claims[strings.TrimPrefix(key, host+":")] = b.String()
		}
	}
	return Request{Provider: g.Provider, Issuer: host, Partition: "aws", Claims: claims}
}

func sortedKeys(claims map[string][]string) []string {
	var keys []string
	for key := range claims {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// admits judges whether a grant speaks of a token, by its words, without the engine: every claim is there with one of
// the values.
func admits(g Grant, r Request) bool {
	if g.Provider != r.Provider {
		return false
	}
	for key, values := range g.Claims {
		have, ok := r.Claims[strings.TrimPrefix(key, r.Issuer+":")].(string)
		if !ok || !slices.ContainsFunc(values, func(v string) bool { return fits([]rune(v), []rune(have)) }) {
			return false
		}
	}
	return true
}

// fits matches wildcards by recursion, as simply as can be.
func fits(pattern, text []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(text) == 0
	case pattern[0] == '*':
		return fits(pattern[1:], text) || len(text) > 0 && fits(pattern, text[1:])
	}
	return len(text) > 0 && (pattern[0] == '?' || pattern[0] == text[0]) && fits(pattern[1:], text[1:])
}

func TestCompileAdmitsExactlyTheUnionOfTheGrants(t *testing.T) {
	admitted, refused := 0, 0
	for seed := range int64(3_000) {
		r := rand.New(rand.NewSource(seed))
		grants := make([]Grant, 1+r.Intn(8))
		for i := range grants {
			grants[i] = randomGrant(r)
		}
		p := Compile(grants)
		read, err := ParsePolicy([]byte(p.JSON()))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 40 {
			token := randomToken(r, grants)
			want := slices.ContainsFunc(grants, func(g Grant) bool { return !g.Deny && admits(g, token) }) &&
				!slices.ContainsFunc(grants, func(g Grant) bool { return g.Deny && admits(g, token) })
			if got := p.Decide(&token); got != answer(want) || read.Decide(&token) != got {
				t.Fatalf("seed %d: %s, want %v, for %v\n%s", seed, got, want, token.Claims, p.JSON())
			}
			if want {
				admitted++
			} else {
				refused++
			}
		}
	}
	if admitted < 20_000 || refused < 20_000 {
		t.Errorf("%d admitted and %d refused tokens are no balance", admitted, refused)
	}
}

func TestCompileDoesNotDependOnOrder(t *testing.T) {
	for seed := range int64(500) {
		r := rand.New(rand.NewSource(seed))
		grants := make([]Grant, 1+r.Intn(8))
		for i := range grants {
			grants[i] = randomGrant(r)
		}
		want := Compile(grants).JSON()
		for range 4 {
			shuffled := slices.Clone(grants)
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			for i, g := range shuffled {
				shuffled[i].Claims = map[string][]string{}
				for key, values := range g.Claims {
					values = slices.Clone(values)
					r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
					shuffled[i].Claims[key] = values
				}
			}
			if got := Compile(append(shuffled, shuffled[0])).JSON(); got != want {
				t.Fatalf("seed %d:\n%s\n%s", seed, want, got)
			}
		}
	}
}

// grantsOf reads the statements of a compiled policy as grants.
func grantsOf(p *Policy) []Grant {
	var grants []Grant
	for _, s := range p.Statements {
		g := Grant{
			Deny:     s.Effect == "Deny",
			Provider: s.Principals.ByType["Federated"][0],
			Claims:   map[string][]string{},
		}
		for _, c := range s.Conditions {
			g.Claims[c.Key] = c.Values
		}
		grants = append(grants, g)
	}
	return grants
}

func TestCompiledPoliciesCompileToThemselves(t *testing.T) {
	for seed := range int64(500) {
		r := rand.New(rand.NewSource(seed))
		grants := make([]Grant, 1+r.Intn(8))
		for i := range grants {
			grants[i] = randomGrant(r)
		}
		p := Compile(grants)
		if again := Compile(grantsOf(p)).JSON(); again != p.JSON() {
			t.Fatalf("seed %d:\n%s\n%s", seed, p.JSON(), again)
		}
	}
}

func TestCompiledPoliciesAreCanonicalJSON(t *testing.T) {
	for seed := range int64(300) {
		p := Compile([]Grant{randomGrant(rand.New(rand.NewSource(seed)))})
		var document any
		if err := json.Unmarshal([]byte(p.JSON()), &document); err != nil {
			t.Fatal(err)
		}
		read, err := ParsePolicy([]byte(p.JSON()))
		if err != nil || read.JSON() != p.JSON() {
			t.Fatalf("%v: %s", err, p.JSON())
		}
		for i, s := range p.Statements {
			for _, c := range s.Conditions {
				if !slices.IsSorted(c.Values) ||
					(c.Operator == "StringLike") != slices.ContainsFunc(c.Values, HasWildcard) {
					t.Errorf("statement %d: %+v", i+1, c)
				}
			}
		}
	}
	got := Compile([]Grant{{
		Provider: providerOf(hostA),
		Claims:   map[string][]string{hostA + ":sub": {"a<&>\u2028é"}, hostA + ":aud": {"y", "x", "y"}},
	}}).JSON()
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + providerOf(hostA) +
		`"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringEquals":{"a.example.com:aud":["x","y"],"a.example.com:sub":"a<&>\u2028é"}}}]}`
	if got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
}

func TestSizeCountsWhatIsNoWhiteSpace(t *testing.T) {
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		p := Compile([]Grant{randomGrant(r), randomGrant(r)})
		text := p.JSON()
		want := len([]rune(strings.Join(strings.FieldsFunc(text, unicode.IsSpace), "")))
		var indented strings.Builder
		for _, c := range text {
			indented.WriteRune(c)
			if c == ',' || c == '{' {
				indented.WriteString("\r\n\t ")
			}
		}
		if got := Size(text); got != want || Size(indented.String()) != want {
			t.Fatalf("%d, indented %d, want %d", got, Size(indented.String()), want)
		}
		frame := Size(`{"Version":"2012-10-17","Statement":[]}`) + len(p.Statements) - 1
		for i := range p.Statements {
			frame += p.Statements[i].Size()
		}
		if frame != want {
			t.Fatalf("the statements add up to %d, want %d", frame, want)
		}
	}
	if Size("é 日\u00a0\u3000x") != 3 {
		t.Error("characters count, not bytes")
	}
}

// repositories are grants as GitHub with ids makes them: two subjects and an owner each.
func repositories(n int) []Grant {
	const host = "token.actions.githubusercontent.com"
	grants := make([]Grant, n)
	for i := range grants {
		owner := i / 50
		grants[i] = Grant{Provider: providerOf(host), Claims: map[string][]string{
			host + ":aud":                 {"sts.amazonaws.com"},
			host + ":repository_owner_id": {fmt.Sprint(1_000_000 + owner)},
			host + ":sub": {
				fmt.Sprintf("repo:acme%d/web%d:ref:refs/heads/main", owner, i),
				fmt.Sprintf("repo:acme%d@%d/web%d@%d:ref:refs/heads/main", owner, 1_000_000+owner, i, 2_000_000+i),
			},
		}}
	}
	return grants
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			grants := repositories(n)
			b.ReportAllocs()
			for b.Loop() {
				if p := Compile(grants); len(p.Statements) != (n+49)/50 {
					b.Fatalf("%d statements", len(p.Statements))
				}
			}
		})
	}
}
