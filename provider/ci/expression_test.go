package ci

import (
	"regexp"
	"testing"
)

func TestEveryExpressionThatIsDeclaredCompiles(t *testing.T) {
	if len(expressions) < 100 {
		t.Errorf("only %d expressions", len(expressions))
	}
	for _, e := range expressions {
		if _, err := regexp.Compile(e.text); err != nil {
			t.Error(err)
		}
	}
}
