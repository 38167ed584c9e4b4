package input

import (
	"math"
	"reflect"
	"testing"
	"time"
)

func TestWhatADecoderGivesBecomesRawAndRawValuesStay(t *testing.T) {
	for _, c := range []struct{ decoded, want any }{
		{nil, nil}, {true, true}, {"x", "x"},
		{1.5, 1.5}, {3, 3.0}, {int64(-3), -3.0}, {uint64(math.MaxUint64), 18446744073709551616.0},
		{[]any{1, []any{2}}, []any{1.0, []any{2.0}}}, {[]any{}, []any{}},
		{map[string]any{"a": map[string]any{"b": 1}}, map[string]any{"a": map[string]any{"b": 1.0}}},
		{map[any]any{2: 1, true: []any{1}, "a": nil}, map[string]any{"2": 1.0, "true": []any{1.0}, "a": nil}},
		{time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), map[string]any{}},
		{Unknown{0}, Unknown{0.0}}, {Secret{1}, Secret{1.0}}, {Opaque{2}, Opaque{2}},
		{Output{Element: []any{Secret{1}}, Known: true, Secret: true, Dependencies: []string{"urn"}},
			Output{Element: []any{Secret{1.0}}, Known: true, Secret: true, Dependencies: []string{"urn"}}},
	} {
		if got := Raw(c.decoded); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%#v becomes %#v, want %#v", c.decoded, got, c.want)
		}
		if again := Raw(Raw(c.decoded)); !reflect.DeepEqual(again, c.want) {
			t.Errorf("%#v, read twice, becomes %#v", c.decoded, again)
		}
	}
}

func TestASecretIsFoundHoweverDeepItLies(t *testing.T) {
	for _, hidden := range []any{
		Secret{}, Secret{"x"}, Output{Secret: true}, Output{Element: Secret{}, Known: true}, Output{Element: Secret{}},
		Unknown{Secret{}}, []any{1.0, Secret{}},
		map[string]any{"a": []any{map[string]any{"b": Output{Element: []any{Secret{}}, Known: true}}}},
	} {
		if !ContainsSecret(hidden) {
			t.Errorf("%#v hides a secret that is not found", hidden)
		}
	}
	for _, open := range []any{
		nil, "x", 1.0, true, Unknown{""}, Output{Element: "x", Known: true}, []any{}, []any{"x", Unknown{}},
		map[string]any{"a": nil}, Opaque{Secret{}},
	} {
		if ContainsSecret(open) {
			t.Errorf("%#v holds no secret", open)
		}
	}
}
