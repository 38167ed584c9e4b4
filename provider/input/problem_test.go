package input

import (
	"slices"
	"strings"
	"testing"
)

func reasons(p *Problems) []string {
	var lines []string
	for _, problem := range p.Sorted() {
		lines = append(lines, problem.Path+": "+problem.Reason)
	}
	return lines
}

func TestProblemsAreSortedByPathWithItemTenBehindItemNine(t *testing.T) {
	var p Problems
	for _, path := range []string{"b", "a[10]", "a[9].x[10]", "a[9].x[9]", "a", "a[100]", "a[9]", "a[2]", "ab"} {
		p.Add(Value{Path: path}, "is wrong")
	}
	want := []string{"a", "a[2]", "a[9]", "a[9].x[9]", "a[9].x[10]", "a[10]", "a[100]", "ab", "b"}
	for i, problem := range p.Sorted() {
		if problem.Path != want[i] {
			t.Errorf("problem %d is at %s, want %s", i, problem.Path, want[i])
		}
	}
}

func TestTheSameProblemIsReportedOnceWhateverStandsBetween(t *testing.T) {
	var p Problems
	for _, reason := range []string{"is wrong", "is too long", "is wrong", "is too long"} {
		p.Add(Value{Path: "a"}, reason)
	}
	p.Add(Value{Path: "b"}, "is wrong")
	if got := reasons(&p); !slices.Equal(got, []string{"a: is wrong", "a: is too long", "b: is wrong"}) {
		t.Errorf("%q", got)
	}
	if p.Len() != 5 {
		t.Errorf("%d problems were noted", p.Len())
	}
	if got := (&Problems{}).Sorted(); len(got) != 0 {
		t.Errorf("no problems give %v", got)
	}
}

func TestADetailIsLeftOutAndThePathLeadsNowhereWhenAnythingInTheValueIsSecret(t *testing.T) {
	deep := Value{Path: "a", Fields: map[string]Value{"b": {List: []Value{{Secret: true, Scalar: "hush"}}}}}
	for _, v := range []Value{{Path: "a", Secret: true, Scalar: "hush"}, deep} {
		var p Problems
		p.Add(v, "is wrong", Got(Value{Scalar: "hush"}))
		if got := reasons(&p); !slices.Equal(got, []string{"a (secret): is wrong"}) {
			t.Errorf("%q", got)
		}
	}
	var p Problems
	p.Add(Value{Path: "a", Scalar: "x"}, "is wrong", Got(Value{Scalar: "x"}), "indeed")
	if got := reasons(&p); !slices.Equal(got, []string{`a: is wrong (found "x") indeed`}) {
		t.Errorf("%q", got)
	}
}

func TestAFoundValueIsShownAsPeopleWouldWriteIt(t *testing.T) {
	long := strings.Repeat("é", 199) + `"` + strings.Repeat("x", 9800)
	for _, c := range []struct {
		found any
		want  string
	}{
		{"a\"b\n", `(found "a\"b\n")`}, {"", `(found "")`}, {3600.5, "(found 3600.5)"}, {1e9, "(found 1000000000)"},
		{true, "(found true)"}, {long, `(found "` + strings.Repeat("é", 199) + `\""... of 10000 characters)`},
	} {
		if got := Got(Value{Scalar: c.found}); got != c.want {
			t.Errorf("%v is shown as %s, want %s", c.found, got, c.want)
		}
	}
}

func TestAValueKnowsItsFieldsAndWhatIsBelow(t *testing.T) {
	v := Value{Path: "a", Present: true, Known: true, Fields: map[string]Value{
		"text": {Path: "a.text", Present: true, Known: true, Scalar: "x"},
		"yes":  {Present: true, Known: true, Scalar: true},
		"list": {Present: true, Known: true, List: []Value{
			{Present: true, Known: true, Scalar: "1"},
			{Present: true},
			{Present: true, Known: true, Scalar: 2.0},
		}},
	}}
	if f := v.Field("none"); f.Present || !f.Known || f.Path != "a.none" || f.HasText() || f.Text() != "" || f.Bool() {
		t.Errorf("a field that is not there: %+v", f)
	}
	if f := (Value{}).Field("top"); f.Path != "top" {
		t.Errorf("a field at the top is at %q", f.Path)
	}
	if f := v.Field("text"); f.Text() != "x" || !f.HasText() || f.Bool() {
		t.Errorf("text: %+v", f)
	}
	if !v.Field("yes").Bool() || v.Field("yes").HasText() {
		t.Errorf("yes: %+v", v.Field("yes"))
	}
	if got := v.Field("list").Texts(); len(got) != 1 || got[0].Text() != "1" {
		t.Errorf("the known texts are %v", got)
	}
	if !slices.Equal(v.Names(), []string{"list", "text", "yes"}) {
		t.Errorf("the names are %v", v.Names())
	}
	if v.FullyKnown() || v.HasSecret() || !v.Field("text").FullyKnown() {
		t.Error("an item is unknown, and nothing is secret")
	}
}

func TestProblemsOfAnotherReadingAreTakenWhereSomethingIsWritten(t *testing.T) {
	section := Value{Path: "github", Present: true, Known: true, Fields: map[string]Value{
		"hostname": {Path: "github.hostname", Present: true, Known: true, Scalar: "x"},
		"audiences": {Path: "github.audiences", Present: true, Known: true, List: []Value{
			{Path: "github.audiences[0]", Present: true, Known: true, Secret: true},
		}},
	}}
	var others, p Problems
	others.Add(section.Field("hostname"), "is wrong")
	others.Add(section.Field("audiences").List[0], "is wrong")
	others.Add(section.Field("repositories"), "is missing")
	p.AddWritten(&others, section)
	if got := reasons(&p); !slices.Equal(got, []string{
		"github.audiences[0] (secret): is wrong", "github.hostname: is wrong",
	}) {
		t.Errorf("%q", got)
	}
}
