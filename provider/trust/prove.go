package trust

import (
	"fmt"
	"iter"
	"strings"
)

// A Case is one token and what the trust policy must say of it.
type Case struct {
	Token   string // what the token is, in words: "a fork's pull request"
	Grant   string // the sentence of the grant it is taken from
	Admit   bool
	Request Request
	// Excused reports whether another grant legitimately admits this token. Never consult the policy.
	Excused func() bool
}

// A ProofError is a token for which the policy gives the wrong answer. It carries no signature and no token, only
// claims that were made up from the trust itself.
type ProofError struct {
	Case   Case
	Answer Answer
}

func (e *ProofError) Error() string {
	wanted := "must not get in and does"
	switch {
	case e.Case.Admit && e.Answer == Undecided:
		wanted = "must get in and does so only when the call is right for it"
	case e.Case.Admit:
		wanted = "must get in and does not"
	case e.Answer == Undecided:
		wanted = "must not get in and does so when the call is right for it"
	}
	return fmt.Sprintf("the trust policy is wrong: for %q, %s %s; its claims: %s",
		e.Case.Grant, e.Case.Token, wanted, encode(e.Case.Request.Claims))
}

// Prove evaluates every case and returns an error that holds each wrong answer, or nil. It refuses to prove nothing:
// without a token that must get in and one that must not, a proof means nothing.
func Prove(p *Policy, cases iter.Seq[Case]) error {
	var wrong ProofErrors
	admitted, refused := 0, 0
	counted := func(yield func(Case) bool) {
		for c := range cases {
			if c.Admit {
				admitted++
			} else {
				refused++
			}
			if !yield(c) {
				return
			}
		}
	}
	for e := range Wrong(p, counted) {
		wrong = append(wrong, e)
	}
	switch {
	case len(wrong) > 0:
		return wrong
	case admitted == 0 || refused == 0:
		return fmt.Errorf("the proof is void: %d tokens that must get in and %d that must not; both are needed",
			admitted, refused)
	}
	return nil
}

// Wrong are the cases for which the policy gives the wrong answer, found one by one: who wants to know only whether
// there is one can stop at the first.
//
// Only the token decides. What describes the call (its address, time, region, session name, duration) is chosen by
// whoever calls, so it is unknown here, whatever the request of a case says of it. An answer that depends on it counts
// as admitted for a near miss, and as refused for a token that must get in.
func Wrong(p *Policy, cases iter.Seq[Case]) iter.Seq[*ProofError] {
	return func(yield func(*ProofError) bool) {
		d := newDecider(p)
		var request Request
		for c := range cases {
			request = c.Request
			request.RoleSessionName, request.Context = "", nil
			got := d.decide(&request)
			if got == answer(c.Admit) || got != Denied && !c.Admit && c.Excused != nil && c.Excused() {
				continue
			}
			if !yield(&ProofError{Case: c, Answer: got}) {
				return
			}
		}
	}
}

// ProofErrors are all wrong answers of one proof.
type ProofErrors []*ProofError

func (e ProofErrors) Error() string {
	const shown = 5
	var lines []string
	for _, wrong := range e[:min(len(e), shown)] {
		lines = append(lines, wrong.Error())
	}
	if more := len(e) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more wrong answers", more))
	}
	return strings.Join(lines, "\n")
}
