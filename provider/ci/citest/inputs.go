package citest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// shuffle puts every list of what was written into another order, but for a subject's claims, whose order is the
// subject's.
func shuffle(r *rand.Rand, written any) any {
	switch w := written.(type) {
	case object:
		shuffled := object{}
		for name, field := range w {
			if shuffled[name] = field; name != "subjectClaims" {
				shuffled[name] = shuffle(r, field)
			}
		}
		return shuffled
	case list:
		shuffled := make(list, len(w))
		for i, at := range r.Perm(len(w)) {
			shuffled[i] = shuffle(r, w[at])
		}
		return shuffled
	}
	return written
}

func (s Suite) order(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, written := range s.Matrix {
		trusts := s.MustRead(t, written, InAWS)
		policy, sentences, findings := ci.Compile(trusts, InAWS, nil).JSON(), ci.Sentences(trusts),
			fmt.Sprint(messages(trusts))
		pipelines := ""
		for _, tr := range trusts {
			pipelines += tr.Pipeline(Role("eu-west-1"))
		}
		for range 10 {
			shuffled := s.MustRead(t, shuffle(r, written).(object), InAWS)
			if got := ci.Compile(shuffled, InAWS, nil).JSON(); got != policy {
				t.Fatalf("%v:\n%s\n%s", written, policy, got)
			}
			SameStrings(t, "sentences", ci.Sentences(shuffled), sentences)
			if got := fmt.Sprint(messages(shuffled)); got != findings {
				t.Errorf("findings:\n%s\n%s", findings, got)
			}
			got := ""
			for _, tr := range shuffled {
				got += tr.Pipeline(Role("eu-west-1"))
			}
			if got != pipelines {
				t.Errorf("pipelines:\n%s\n%s", pipelines, got)
			}
		}
	}
}

// messages are the findings in words.
func messages(trusts []ci.Trust) []string {
	var texts []string
	for _, f := range ci.Findings(trusts) {
		texts = append(texts, f.ID+" "+f.Message())
	}
	return texts
}

// disguise makes every text of what was written secret and unlike anything a message could hold by itself.
func disguise(r *rand.Rand, written any, hidden *[]string) any {
	switch w := written.(type) {
	case object:
		changed := object{}
		for name, field := range w {
			changed[name] = disguise(r, field, hidden)
		}
		return changed
	case list:
		changed := list{}
		for _, item := range w {
			changed = append(changed, disguise(r, item, hidden))
		}
		return changed
	case string:
		text := []string{w, "", "*", "refs/heads/", "${", "https://", "a/b:", "@"}[r.IntN(8)] +
			fmt.Sprintf("s3cr3t%d", r.IntN(1e9)) + []string{"", "*", " ", "/", "@x/web"}[r.IntN(5)]
		*hidden = append(*hidden, text)
		return Secret(text)
	}
	return written
}

// withProvider adds the properties that every section has, none of them right.
func withProvider(section any) any {
	fields, ok := section.(object)
	if !ok {
		return section
	}
	fields = maps.Clone(fields)
	fields["audiences"], fields["providerArn"], fields["thumbprints"] = list{"x"},
		"arn:aws:iam::123456789012:oidc-provider/ci.example.com", list{"aa"}
	return fields
}

// secrets shows that no message quotes what the user marked as secret.
func (s Suite) secrets(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	said := map[string]bool{}
	section := s.System.Section()
	for range 300 {
		for _, written := range s.Matrix {
			var texts []string
			disguised := disguise(r, map[string]any{section: withProvider(written[section])}, &texts).(object)
			_, lines := s.Read(disguised, InAWS)
			for _, line := range lines {
				said[line] = true
				for _, text := range texts {
					if core := text[strings.Index(text, "s3cr3t"):]; strings.Contains(line,
						strings.TrimRight(core, "*/ ")) {
						t.Fatalf("%s appears in %s", text, line)
					}
				}
			}
		}
	}
	if len(said) < 5 {
		t.Errorf("only %d different problems", len(said))
	}
}
