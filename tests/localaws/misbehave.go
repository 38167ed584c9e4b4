package localaws

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Misbehaviour is what AWS does on a bad day. The zero value is a good day.
type Misbehaviour struct {
	// PropagationDelay hides a new role, a new provider and a new trust policy from STS for a while. On AWS this was
	// seen to last 8 to 12 seconds:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
	PropagationDelay time.Duration
	// Throttle refuses the next N calls with Throttling.
	Throttle int
	// EntityAlreadyExists refuses the next Create call, as if somebody else had just made the same thing.
	EntityAlreadyExists bool
	// DropConnections closes the connection of the next N calls before they take effect.
	DropConnections int
	// DropAnswers closes the connection of the next N calls after they took effect.
	DropAnswers int
	// Only are the actions that Throttle, DropConnections and DropAnswers count; all where it is empty.
	Only []string
	// Deny refuses these actions to everybody, as to somebody whom no policy allows them.
	Deny []string
}

type faults struct {
	mu sync.Mutex
	m  Misbehaviour
}

func (f *faults) set(m Misbehaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.m = m
}

func (f *faults) propagationDelay() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.m.PropagationDelay
}

func (f *faults) throttles(action string) bool { return f.spend(action, &f.m.Throttle) }

func (f *faults) dropsConnection(action string) bool { return f.spend(action, &f.m.DropConnections) }

func (f *faults) dropsAnswer(action string) bool { return f.spend(action, &f.m.DropAnswers) }

func (f *faults) denies(action string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.m.Deny, action)
}

func (f *faults) spend(action string, budget *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *budget <= 0 || len(f.m.Only) > 0 && !slices.Contains(f.m.Only, action) {
		return false
	}
	*budget--
	return true
}

func (f *faults) pretendsExistence(action string) bool {
	if !strings.HasPrefix(action, "Create") {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	pretends := f.m.EntityAlreadyExists
	f.m.EntityAlreadyExists = false
	return pretends
}
