package check

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// randomValue is any value that a program could give, good or bad, in which every text, number and map key is remarkable.
// Somewhere it is secret, and below that everything is.
func randomValue(r *rand.Rand, depth int, hidden bool, secrets *[]string) resource.PropertyValue {
	wrap := func(v resource.PropertyValue) resource.PropertyValue { return v }
	switch r.IntN(6) {
	case 0:
		wrap, hidden = resource.MakeSecret, true
	case 1:
		wrap, hidden = func(v resource.PropertyValue) resource.PropertyValue {
			return resource.NewOutputProperty(resource.Output{Element: v, Known: true, Secret: true})
		}, true
	case 2:
		wrap = func(v resource.PropertyValue) resource.PropertyValue {
			return resource.NewOutputProperty(resource.Output{Element: v, Known: true})
		}
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
			return wrap(resource.NewNumberProperty(number + 0.5*float64(r.IntN(2))))
		case 1:
			return wrap(resource.NewBoolProperty(true))
		case 2:
			return wrap(resource.NewNullProperty())
		}
		return wrap(resource.NewStringProperty(note(fmt.Sprintf("t%d", r.Int64()))))
	}
	switch r.IntN(3) {
	case 0:
		items := make([]resource.PropertyValue, r.IntN(5))
		for i := range items {
			items[i] = randomValue(r, depth-1, hidden, secrets)
		}
		return wrap(resource.NewArrayProperty(items))
	case 1:
		fields := resource.PropertyMap{}
		for _, name := range []string{"id", "weight", "tags", "notes", "unknown"} {
			if r.IntN(2) == 0 {
				fields[resource.PropertyKey(name)] = randomValue(r, depth-1, hidden, secrets)
			}
		}
		return wrap(resource.NewObjectProperty(fields))
	}
	return wrap(randomValue(r, depth-1, hidden, secrets))
}

// holdsSecret reports that the value at a property path of the inputs is secret or holds something secret. The engine
// prints that value.
func holdsSecret(inputs resource.PropertyMap, path string) bool {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return false
	}
	v, secret := resource.NewObjectProperty(inputs), false
	for _, step := range parsed {
		bare, around := unwrap(v)
		secret = secret || around.secret
		next, found := resource.PropertyPath{step}.Get(bare)
		if !found {
			return false
		}
		v = next
	}
	return secret || v.ContainsSecrets()
}

func TestNoSecretStandsInAProblemNorAtItsPath(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	properties := []string{"text", "count", "ratio", "flag", "boundary", "names", "pairs", "labels", "part", "parts", "size", "nothing"}
	seen := map[string]bool{}
	for range 30000 {
		var secrets []string
		written := object{}
		for range 3 {
			name := properties[r.IntN(len(properties))]
			written[name] = randomValue(r, r.IntN(4), false, &secrets)
		}
		inputs := raw(written)
		_, _, lines := check(t, written)
		for _, line := range lines {
			path, reason, _ := strings.Cut(line, ": ")
			seen[reason[:min(12, len(reason))]] = true
			for _, text := range secrets {
				if strings.Contains(line, text) {
					t.Fatalf("%s appears in %q", text, line)
				}
			}
			if holdsSecret(inputs, path) {
				t.Fatalf("%q leads to a secret in %v", line, inputs)
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only these kinds of problems were met: %v", seen)
	}
}

func TestTheKeysOfASecretMapAreSecretToo(t *testing.T) {
	_, _, lines := check(t, object{"labels": secret(object{"hush": 1.0, "hush.hush": 2.0})})
	if len(lines) != 1 || lines[0] != "labels (secret): must be a string, found a number" {
		t.Errorf("%q", lines)
	}
}
