package provider

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// lookUps remembers what AWS providers answered in this process, so that a hundred roles on one provider ask it once.
// A failure is not remembered, as the next caller may fare better, except a denial.
type lookUps struct {
	mu      sync.Mutex
	answers map[question]*answer
}

// A question is what makes two look-ups one. An answer never crosses operations, accounts or configurations: the
// engine has a monitor for each operation, and a reference for each configured AWS provider in it.
type question struct {
	monitor  string // the address of the engine's monitor
	provider string // the reference of the AWS provider, "" for the stack's own
	token    string // the function: "aws:index/getRegion:getRegion"
	argument string // its only argument, "" if it has none
}

// An answer is there when done is closed.
type answer struct {
	done  chan struct{}
	value any
	err   error
}

// errUnanswered is the error of a look-up that ended without an answer.
var errUnanswered = errors.New("the look-up in AWS ended without an answer")

// An asker makes the look-ups of one Construct.
type asker struct {
	ctx      *pulumi.Context
	shared   *lookUps
	monitor  string
	provider string
	options  []pulumi.InvokeOption
	stopped  *atomic.Bool // set when a look-up was cut off: what is made of its error then says nothing
}

// ask calls a function of the AWS provider, or returns what it answered before. args has the fields of the function
// that are wanted, and argument is the value of its only argument, "" if it has none.
func ask[Answer any](a asker, token, argument string, args any) (Answer, error) {
	asked := question{a.monitor, a.provider, token, argument}
	found, first := a.shared.find(asked)
	if first {
		a.shared.fill(asked, found, func() (any, error) {
			var result Answer
			err := a.ctx.Invoke(token, args, &result, append([]pulumi.InvokeOption{anyVersion()}, a.options...)...)
			return result, err
		})
	}
	<-found.done
	if found.err != nil && isStopped(found.err) && a.stopped != nil {
		a.stopped.Store(true)
	}
	value, _ := found.value.(Answer)
	return value, found.err
}

// find returns the answer to a question, and whether the caller is the one who has to fill it.
func (l *lookUps) find(asked question) (_ *answer, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found, ok := l.answers[asked]; ok {
		return found, false
	}
	if l.answers == nil {
		l.answers = map[question]*answer{}
	}
	made := &answer{done: make(chan struct{}), err: errUnanswered}
	l.answers[asked] = made
	return made, true
}

// fill answers a question. Whatever happens, nobody waits for the answer forever.
func (l *lookUps) fill(asked question, made *answer, call func() (any, error)) {
	defer func() {
		if made.err != nil && !isDenied(made.err) {
			l.mu.Lock()
			if l.answers[asked] == made {
				delete(l.answers, asked)
			}
			l.mu.Unlock()
		}
		close(made.done)
	}()
	made.value, made.err = call()
}

// forget drops what was answered about a thing, because this process has just made or changed it.
func (a asker) forget(argument string) {
	a.shared.mu.Lock()
	defer a.shared.mu.Unlock()
	for asked := range a.shared.answers {
		if asked.monitor == a.monitor && asked.provider == a.provider && asked.argument == argument {
			delete(a.shared.answers, asked)
		}
	}
}

// clear drops everything: the operation is over, or another engine has come.
func (l *lookUps) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = nil
}

// anyVersion is the option of every child and look-up: no version of the AWS plugin, where the AWS SDK would ask for
// the version that it was made for. The engine then takes the program's own default provider, of v6 or v7: one plugin
// and one configuration.
func anyVersion() pulumi.ResourceOrInvokeOption { return pulumi.Version("") }
