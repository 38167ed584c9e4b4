package provider

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// ourCode is what the names of this project's functions begin with.
const ourCode = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider"

var errBug = errors.New("this is a bug in ci-oidc-trust, and not in your program")

// contained runs a piece of work whose panic must end that work alone: one plugin serves all components of a program,
// and a process that dies in the midst of an update leaves what it was making unknown to the state.
func contained(work func() error) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = bug(found)
		}
	}()
	return work()
}

// later is a callback for an output: what it panics with is the output's error.
func later[In, Out any](callback func(In) Out) func(In) (Out, error) {
	return func(in In) (out Out, err error) {
		err = contained(func() error {
			out = callback(in)
			return nil
		})
		return out, err
	}
}

// bug is the error of a panic: what it was and in which function. The text of one that is not the runtime's own may
// hold what a user wrote, and is not shown.
func bug(found any) error {
	what := fmt.Sprintf("a value of type %T", found)
	var ofRuntime runtime.Error
	if failure, isError := found.(error); isError && errors.As(failure, &ofRuntime) {
		what = ofRuntime.Error()
	}
	return fmt.Errorf("%w: panic in %s: %s; please report this line", errBug, panicking(), what)
}

// panicking names the function and the line of this project that panicked, which is called by nobody but recover.
func panicking() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
	for seen := false; ; {
		frame, more := frames.Next()
		seen = seen || frame.Function == "runtime.gopanic"
		if seen && strings.HasPrefix(frame.Function, ourCode) {
			return fmt.Sprintf("%s, line %d", strings.TrimPrefix(frame.Function, ourCode+"."), frame.Line)
		}
		if !more {
			return "a callback"
		}
	}
}
