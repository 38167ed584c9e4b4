package ci

import (
	"regexp"
	"sync"
)

// An Expression is a regular Expression that is compiled when it is first used: a plugin starts with the words of all CI
// systems, and a stack uses those of one or two.
type Expression struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

func NewExpression(text string) *Expression {
	return &Expression{text: text}
}

func (e *Expression) get() *regexp.Regexp {
	e.once.Do(func() { e.compiled = regexp.MustCompile(e.text) })
	return e.compiled
}

func (e *Expression) MatchString(text string) bool { return e.get().MatchString(text) }

func (e *Expression) FindStringSubmatch(text string) []string {
	return e.get().FindStringSubmatch(text)
}

func (e *Expression) FindString(text string) string { return e.get().FindString(text) }

func (e *Expression) ReplaceAllString(text, by string) string {
	return e.get().ReplaceAllString(text, by)
}

func (e *Expression) FindStringSubmatchIndex(text string) []int {
	return e.get().FindStringSubmatchIndex(text)
}
