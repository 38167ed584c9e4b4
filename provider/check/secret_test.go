package check

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// randomValue is any value that a program could give, good or bad, in which every text, number and map key is
// remarkable. Somewhere it is secret, and below that everything is.
func randomValue(r *rand.Rand, depth int, hidden bool, secrets *[]string) any {
	wrap := func(v any) any { return v }
	switch r.IntN(6) {
	case 0:
		wrap, hidden = func(v any) any { return secret(v) }, true
	case 1:
		wrap, hidden = func(v any) any { return secretOutput(v) }, true
	case 2:
		wrap = func(v any) any { return input.Output{Element: v, Known: true} }
	}
	note := func(text string) string {
		if hidden {
			*secrets = append(*secrets, text)
		}
		return text
	}
	number := 1e7 + float64(r.IntN(1e7))
	if depth == 0 {
		switch r.IntN(4) {
		case 0:
			note(fmt.Sprint(int(number)))
			return wrap(number + 0.5*float64(r.IntN(2)))
		case 1:
			return wrap(true)
		case 2:
			return wrap(nil)
		}
		return wrap(note(fmt.Sprintf("t%d", r.Int64())))
	}
	switch r.IntN(3) {
	case 0:
		items := make([]any, r.IntN(5))
		for i := range items {
			items[i] = randomValue(r, depth-1, hidden, secrets)
		}
		return wrap(items)
	case 1:
		fields := object{}
		for _, name := range []string{"id", "weight", "tags", "notes", "unknown"} {
			if r.IntN(2) == 0 {
				fields[name] = randomValue(r, depth-1, hidden, secrets)
			}
		}
		return wrap(fields)
	}
	return wrap(randomValue(r, depth-1, hidden, secrets))
}

// step is one step of a property path as Pulumi writes them: name, .name, [0] or ["name"].
var step = regexp.MustCompile(`^(?:\.?([^.\[\]"]+)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\])`)

// at is the value to which a property path leads, and whether it, something in it or something around it is secret.
func at(t *testing.T, inputs object, path string) (found any, hidden, leads bool) {
	t.Helper()
	found = inputs
	for path != "" {
		match := step.FindStringSubmatch(path)
		if match == nil {
			return nil, false, false
		}
		path = path[len(match[0]):]
		bare, around := unwrap(found)
		hidden = hidden || around.secret
		switch container := bare.(type) {
		case object:
			name := match[1]
			if match[3] != "" {
				var err error
				if name, err = strconv.Unquote(match[3]); err != nil {
					t.Fatal(err)
				}
			}
			found, leads = container[name]
		case []any:
			i, err := strconv.Atoi(match[2])
			if leads = err == nil && i < len(container); leads {
				found = container[i]
			}
		default:
			leads = false
		}
		if !leads {
			return nil, false, false
		}
	}
	return found, hidden || input.ContainsSecret(found), true
}

func TestNoSecretStandsInAProblemNorAtItsPath(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	properties := []string{"text", "count", "ratio", "flag", "boundary", "names", "pairs", "labels", "part", "parts",
		"size", "nothing"}
	seen, led := map[string]bool{}, 0
	for range 30000 {
		var secrets []string
		written := object{}
		for range 3 {
			name := properties[r.IntN(len(properties))]
			written[name] = randomValue(r, r.IntN(4), false, &secrets)
		}
		_, _, lines := check(t, written)
		for _, line := range lines {
			path, reason, _ := strings.Cut(line, ": ")
			seen[reason[:min(12, len(reason))]] = true
			for _, text := range secrets {
				if strings.Contains(line, text) {
					t.Fatalf("%s appears in %q", text, line)
				}
			}
			if _, hidden, leads := at(t, written, path); hidden {
				t.Fatalf("%q leads to a secret in %v", line, written)
			} else if leads {
				led++
			}
		}
	}
	if len(seen) < 8 || led < 10000 {
		t.Errorf("only these kinds of problems were met, and %d paths that lead somewhere: %v", led, seen)
	}
}

func TestTheKeysOfASecretMapAreSecretToo(t *testing.T) {
	_, _, lines := check(t, object{"labels": secret(object{"hush": 1.0, "hush.hush": 2.0})})
	if len(lines) != 1 || lines[0] != "labels (secret): must be a string, found a number; put it in quotation marks" {
		t.Errorf("%q", lines)
	}
}
