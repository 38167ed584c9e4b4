package provider

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errStopped is what remains of the errors of a component that did not fail itself: the engine ends the others as soon
// as one resource has failed, and what they were asking for then is answered by nobody.
var errStopped = errors.New("stopped: another resource failed, or the operation was cancelled")

// endings are the words of calls that the engine, or the end of the operation, cut off.
var endings = []string{
	"context canceled", "resource monitor shut down", "the client connection is closing", "transport is closing",
	"code = Canceled", "code = Unavailable", errStopped.Error(),
}

// isStopped reports that a call was cut off rather than answered: it says nothing about what was asked.
func isStopped(err error) bool {
	if errors.Is(err, errStopped) || errors.Is(err, context.Canceled) {
		return true
	}
	switch status.Code(err) {
	case codes.Canceled, codes.Unavailable:
		return true
	}
	for _, ending := range endings {
		if strings.Contains(err.Error(), ending) {
			return true
		}
	}
	return false
}

// diagnosed is the error that a component shows: its own, or the one line of those that were stopped.
func diagnosed(err error) error {
	if err != nil && isStopped(err) && !strings.Contains(err.Error(), errBug.Error()) {
		return errStopped
	}
	return err
}
