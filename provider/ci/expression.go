package ci

import (
	"regexp"
	"sync"
)

// An Expression is a regular Expression that is compiled when it is first used: a plugin starts with the words of all
// CI systems, and a stack uses those of one or two.
type Expression struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

// NewExpression declares an expression in the syntax of package regexp. A test compiles every one that is declared.
func NewExpression(text string) *Expression {
	return &Expression{text: text}
}

func (e *Expression) get() *regexp.Regexp {
	e.once.Do(func() { e.compiled = regexp.MustCompile(e.text) })
	return e.compiled
}

// MatchString reports that the expression matches somewhere in the text.
func (e *Expression) MatchString(text string) bool { return e.get().MatchString(text) }

// FindStringSubmatch returns the first match and its groups, or nil.
func (e *Expression) FindStringSubmatch(text string) []string {
	return e.get().FindStringSubmatch(text)
}

// FindString returns the first match, or "".
func (e *Expression) FindString(text string) string { return e.get().FindString(text) }

// ReplaceAllString replaces every match; $1 in the new text is the first group.
func (e *Expression) ReplaceAllString(text, by string) string {
	return e.get().ReplaceAllString(text, by)
}

// FindStringSubmatchIndex returns where the first match and its groups begin and end, or nil.
func (e *Expression) FindStringSubmatchIndex(text string) []int {
	return e.get().FindStringSubmatchIndex(text)
}
