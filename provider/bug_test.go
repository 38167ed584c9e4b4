package provider

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

func TestAPanicInOneConstructIsItsErrorAndNamesTheFunction(t *testing.T) {
	o := &observer{partition: "aws", name: "eu-west-1"}
	err := contained(func() error {
		return constructed(t, o, func([]ci.Trust, ci.Account, input.Value, *input.Problems) error {
			var none []int
			_ = none[len(o.registered)+5]
			return nil
		})
	})
	for _, wanted := range []string{
		errBug.Error(), "index out of range [5]", "TestAPanicInOneConstructIsItsErrorAndNamesTheFunction",
	} {
		if err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("want %q in %v", wanted, err)
		}
	}
}

func TestAPanicInACallbackEndsItsOutputAndNotTheProcess(t *testing.T) {
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		broken := pulumi.String("acme").ToStringOutput().ApplyT(later(func(text string) string {
			return text[10:]
		})).(pulumi.StringOutput)
		return ctx.RegisterResourceOutputs(&outputs{}, pulumi.Map{"broken": broken})
	}, pulumi.WithMocks("project", "stack", &observer{}))
	if err == nil || !strings.Contains(err.Error(), errBug.Error()) {
		t.Errorf("want the panic as an error, got %v", err)
	}
}

// Attack: a secret that stands in a panic's text reaches the log.
func TestThePanicOfOurOwnTextsIsNotShown(t *testing.T) {
	for _, found := range []any{"hunter2", errors.New("hunter2"), struct{ secret string }{"hunter2"}} {
		err := contained(func() error { panic(found) })
		if err == nil || strings.Contains(err.Error(), "hunter2") || !errors.Is(err, errBug) {
			t.Errorf("%T: %v", found, err)
		}
	}
}

func TestACallOfTheEngineThatPanicsIsAnswered(t *testing.T) {
	s := &server{} // without a host, which New always has
	_, err := s.Construct(t.Context(), &pulumirpc.ConstructRequest{Type: trustToken, Name: "deploy"})
	if err == nil || !strings.Contains(err.Error(), errBug.Error()) {
		t.Errorf("want the panic as an error, got %v", err)
	}
}

// A callback of an output runs in a goroutine of the SDK, where a panic ends the process.
func TestEveryCallbackOfAnOutputIsContained(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile(`ApplyT(WithContext)?\((func|[a-z])`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range bare.FindAllString(strings.ReplaceAll(string(source), "ApplyT(later(", ""), -1) {
			if file != "bug_test.go" {
				t.Errorf("%s: %s...: write ApplyT(later(...))", file, found)
			}
		}
	}
}
