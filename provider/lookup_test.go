package provider

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestALookUpIsMadeOnceHoweverManyAskAtOnce(t *testing.T) {
	var shared lookUps
	var calls atomic.Int32
	asked := question{token: getProvider, argument: "arn"}
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			found, first := shared.find(asked)
			if first {
				shared.fill(asked, found, func() (any, error) { return calls.Add(1), nil })
			}
			<-found.done
			if found.value != int32(1) || found.err != nil {
				t.Errorf("answered %v, %v", found.value, found.err)
			}
		})
	}
	all.Wait()
}

func TestAnswersAreOfOneOperationAndOneProviderAndOneArgument(t *testing.T) {
	var shared lookUps
	asked := question{"127.0.0.1:1", "urn::id", getProvider, "arn"}
	found, _ := shared.find(asked)
	shared.fill(asked, found, func() (any, error) { return "theirs", nil })
	if _, first := shared.find(asked); first {
		t.Error("the answer was forgotten")
	}
	for _, other := range []question{
		{"127.0.0.1:2", "urn::id", getProvider, "arn"}, {"127.0.0.1:1", "urn::other", getProvider, "arn"},
		{"127.0.0.1:1", "", getProvider, "arn"}, {"127.0.0.1:1", "urn::id", getProvider, "other"},
		{"127.0.0.1:1", "urn::id", getCaller, "arn"},
	} {
		made, first := shared.find(other)
		if !first {
			t.Errorf("%v got the answer to %v", other, asked)
			continue
		}
		shared.fill(other, made, func() (any, error) { return nil, nil })
	}
	shared.clear()
	if _, first := shared.find(asked); !first {
		t.Error("an answer outlived its operation")
	}
}

func TestWhatThisProcessMadeIsLookedUpAnew(t *testing.T) {
	var shared lookUps
	a := asker{shared: &shared, monitor: "m", provider: "p"}
	answered := func(provider, argument string) {
		asked := question{"m", provider, getProvider, argument}
		found, _ := shared.find(asked)
		shared.fill(asked, found, func() (any, error) { return "old", nil })
	}
	answered("p", "made")
	answered("p", "other")
	answered("q", "made")
	a.forget("made")
	for _, row := range []struct {
		provider, argument string
		want               bool
	}{{"p", "made", true}, {"p", "other", false}, {"q", "made", false}} {
		if _, first := shared.find(question{"m", row.provider, getProvider, row.argument}); first != row.want {
			t.Errorf("%v: asked anew %v", row, first)
		}
	}
}

func TestAFailureIsNotRememberedUnlessItIsADenial(t *testing.T) {
	var shared lookUps
	for _, row := range []struct {
		failure string
		anew    bool
	}{
		{"Throttling: Rate exceeded", true}, {"https response error StatusCode: 404, NoSuchEntity", true},
		{"rpc error: code = Canceled desc = context canceled", true},
		{"https response error StatusCode: 403, AccessDenied: not authorized", false},
	} {
		asked := question{token: getProvider, argument: row.failure}
		found, _ := shared.find(asked)
		shared.fill(asked, found, func() (any, error) { return nil, errors.New(row.failure) })
		if _, first := shared.find(asked); first != row.anew {
			t.Errorf("after %q asked anew: %v", row.failure, first)
		}
	}
}

func TestALookUpThatPanicsLeavesNobodyWaiting(t *testing.T) {
	var shared lookUps
	asked := question{token: getProvider}
	found, _ := shared.find(asked)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed here")
			}
		}()
		shared.fill(asked, found, func() (any, error) { panic("a bug") })
	}()
	<-found.done
	if !errors.Is(found.err, errUnanswered) {
		t.Errorf("want %v, got %v", errUnanswered, found.err)
	}
	if _, first := shared.find(asked); !first {
		t.Error("the panic is remembered")
	}
}
