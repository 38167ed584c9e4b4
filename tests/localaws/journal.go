package localaws

import "sync"

// Request is what is remembered of one call.
type Request struct {
	Action string
	Caller string // ARN of the verified caller, empty when unsigned or refused
	Status int    // HTTP status, 0 when the connection was dropped
	Error  string // AWS error code, empty on success
}

type journal struct {
	mu       sync.Mutex
	requests []Request
}

// open notes a call when it arrives, so that the order is that of arrival; close notes how it ended.
func (j *journal) open(action string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, Request{Action: action})
	return len(j.requests) - 1
}

func (j *journal) close(index int, caller string, status int, code string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := &j.requests[index]
	r.Caller, r.Status, r.Error = caller, status, code
}

func (j *journal) all() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Request(nil), j.requests...)
}

func (j *journal) actions() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	names := make([]string, 0, len(j.requests))
	for _, r := range j.requests {
		names = append(names, r.Action)
	}
	return names
}
