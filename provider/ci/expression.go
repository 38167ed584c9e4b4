package ci

import (
	"regexp"
	"sync"
)

// An expression is a regular expression that is compiled when it is first used: a plugin starts with the words of all CI
// systems, and a stack uses those of one or two.
type expression struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

func newExpression(text string) *expression {
	return &expression{text: text}
}

func (e *expression) get() *regexp.Regexp {
	e.once.Do(func() { e.compiled = regexp.MustCompile(e.text) })
	return e.compiled
}

func (e *expression) MatchString(text string) bool { return e.get().MatchString(text) }

func (e *expression) FindStringSubmatch(text string) []string {
	return e.get().FindStringSubmatch(text)
}

func (e *expression) FindString(text string) string { return e.get().FindString(text) }

func (e *expression) ReplaceAllString(text, by string) string {
	return e.get().ReplaceAllString(text, by)
}

func (e *expression) FindStringSubmatchIndex(text string) []int {
	return e.get().FindStringSubmatchIndex(text)
}
