package trust

import (
	"cmp"
	"strings"
	"time"
)

// An instant of a date condition.
type instant struct {
	seconds int64 // since 1970
	millis  int
}

func (i instant) compare(other instant) int {
	return cmp.Or(cmp.Compare(i.seconds, other.seconds), cmp.Compare(i.millis, other.millis))
}

// parseInstant reads a date as IAM takes it: one of the W3C forms of ISO 8601, or seconds since 1970. A year, month or
// day is the instant at which it begins in UTC; four digits are a year; a time of day without a zone is one of UTC, and
// what is less than a millisecond counts for nothing.
//
// Recorded: condition_values.json, rows 40 to 63 and 191 to 194.
//
// Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date,
// https://www.w3.org/TR/NOTE-datetime
func parseInstant(text string) (instant, bool) {
	if seconds, ok := epoch(text); ok {
		return instant{seconds: seconds}, true
	}
	c := clock{text: text, ok: true}
	year, month, day := c.number(4, 0, 9999), 1, 1
	var hour, minute, second, millis, zone int
	if c.skip('-') {
		month = c.number(2, 1, 12)
		if c.skip('-') {
			day = c.number(2, 1, 31)
			if c.skip('T') {
				hour = c.number(2, 0, 23)
				c.demand(':')
				minute = c.number(2, 0, 59)
				if c.skip(':') {
					second = c.number(2, 0, 59)
					if c.skip('.') {
						millis = c.fraction()
					}
				}
				if c.text != "" {
					zone = c.zone()
				}
			}
		}
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if !c.ok || c.text != "" || at.Day() != day {
		return instant{}, false
	}
	return instant{seconds: at.Unix() - int64(zone)*60, millis: millis}, true
}

// epoch reads seconds since 1970: digits, but for four without a sign, which are a year.
func epoch(text string) (int64, bool) {
	unsigned := strings.TrimPrefix(text, "+")
	negative := strings.HasPrefix(text, "-")
	if negative {
		unsigned = text[1:]
	}
	n := digits(unsigned)
	if n != len(unsigned) || n == 0 || n > 12 || n == 4 && len(text) == 4 {
		return 0, false
	}
	seconds := int64(0)
	for i := range n {
		seconds = seconds*10 + int64(unsigned[i]-'0')
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}

// A clock reads a date from its beginning; ok turns false at what does not fit.
type clock struct {
	text string
	ok   bool
}

func (c *clock) skip(b byte) bool {
	if c.text == "" || c.text[0] != b {
		return false
	}
	c.text = c.text[1:]
	return true
}

func (c *clock) demand(b byte) { c.ok = c.skip(b) && c.ok }

func (c *clock) number(width, least, most int) int {
	if digits(c.text[:min(width, len(c.text))]) != width {
		c.ok = false
		return least
	}
	n := 0
	for i := range width {
		n = n*10 + int(c.text[i]-'0')
	}
	c.text = c.text[width:]
	c.ok = c.ok && least <= n && n <= most
	return n
}

// fraction reads the digits behind the point of a second; those beyond milliseconds count for nothing.
func (c *clock) fraction() int {
	n := digits(c.text)
	c.ok = c.ok && n > 0
	millis := 0
	for i := range 3 {
		millis *= 10
		if i < n {
			millis += int(c.text[i] - '0')
		}
	}
	c.text = c.text[n:]
	return millis
}

// zone reads an offset from UTC in minutes.
func (c *clock) zone() int {
	if c.skip('Z') {
		return 0
	}
	sign := 1
	if c.skip('-') {
		sign = -1
	} else {
		c.demand('+')
	}
	hours := c.number(2, 0, 23)
	c.demand(':')
	return sign * (hours*60 + c.number(2, 0, 59))
}
