package trust

import (
	"cmp"
	"time"
)

// An instant of a date condition.
type instant struct {
	seconds int64 // since 1970
	nanos   int
}

func (i instant) compare(other instant) int {
	return cmp.Or(cmp.Compare(i.seconds, other.seconds), cmp.Compare(i.nanos, other.nanos))
}

// parseInstant reads a date as IAM takes it: one of the W3C forms of ISO 8601, or seconds since 1970. A year, month or
// day is the instant at which it begins in UTC; four digits are a year; a time of day needs its zone.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date,
// https://www.w3.org/TR/NOTE-datetime
func parseInstant(text string) (instant, bool) {
	if n := digits(text); n == len(text) && n != 4 && n > 0 && n <= 12 {
		seconds := int64(0)
		for i := range n {
			seconds = seconds*10 + int64(text[i]-'0')
		}
		return instant{seconds: seconds}, true
	}
	c := clock{text: text, ok: true}
	year, month, day := c.number(4, 0, 9999), 1, 1
	var hour, minute, second, nanos, zone int
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
						nanos = c.fraction()
					}
				}
				zone = c.zone()
			}
		}
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if !c.ok || c.text != "" || at.Day() != day {
		return instant{}, false
	}
	return instant{seconds: at.Unix() - int64(zone)*60, nanos: nanos}, true
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

// fraction reads the digits behind the point of a second; those beyond nanoseconds count for nothing.
func (c *clock) fraction() int {
	n := digits(c.text)
	c.ok = c.ok && n > 0
	nanos := 0
	for i := range 9 {
		nanos *= 10
		if i < n {
			nanos += int(c.text[i] - '0')
		}
	}
	c.text = c.text[n:]
	return nanos
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
