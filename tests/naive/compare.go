package naive

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// tests says, for every operator that is not negated, whether a value of the request
// (have) matches a value of the policy (want).
var tests = map[string]func(want text, have string) bool{
	"StringEquals":           func(want text, have string) bool { return want.String() == have },
	"StringEqualsIgnoreCase": func(want text, have string) bool { return lower(want.String()) == lower(have) },
	"StringLike":             like,

	"NumericEquals":            numeric(func(c int) bool { return c == 0 }),
	"NumericLessThan":          numeric(func(c int) bool { return c < 0 }),
	"NumericLessThanEquals":    numeric(func(c int) bool { return c <= 0 }),
	"NumericGreaterThan":       numeric(func(c int) bool { return c > 0 }),
	"NumericGreaterThanEquals": numeric(func(c int) bool { return c >= 0 }),

	"DateEquals":            date(func(c int) bool { return c == 0 }),
	"DateLessThan":          date(func(c int) bool { return c < 0 }),
	"DateLessThanEquals":    date(func(c int) bool { return c <= 0 }),
	"DateGreaterThan":       date(func(c int) bool { return c > 0 }),
	"DateGreaterThanEquals": date(func(c int) bool { return c >= 0 }),

	"Bool":         func(want text, have string) bool { return isTrue(want.String()) == isTrue(have) },
	"BinaryEquals": binaryEquals,
	"IpAddress":    inRange,
	"ArnEquals":    arnLike,
	"ArnLike":      arnLike,
}

// withVariables are the operators whose values may hold policy variables.
var withVariables = map[string]bool{
	"StringEquals": true, "StringEqualsIgnoreCase": true, "StringLike": true, "ArnEquals": true, "ArnLike": true,
}

// isTrue reads a Boolean: "true" in any letter case. All else is false.
func isTrue(s string) bool { return isASCII(s) && strings.EqualFold(s, "true") }

var number = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?$`)

// numeric compares the request's number with the policy's.
func numeric(accept func(int) bool) func(text, string) bool {
	return func(want text, have string) bool {
		if !number.MatchString(want.String()) || !number.MatchString(have) {
			return false
		}
		w, ok1 := new(big.Rat).SetString(want.String())
		h, ok2 := new(big.Rat).SetString(have)
		return ok1 && ok2 && accept(h.Cmp(w))
	}
}

const clock = `T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?`

var (
	epoch   = regexp.MustCompile(`^[+-]?[0-9]{1,12}$`)
	year    = regexp.MustCompile(`^[0-9]{4}$`)
	w3c     = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(` + clock + `)?)?)?$`)
	layouts = []string{
		"2006", "2006-01", "2006-01-02",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04", "2006-01-02T15:04:05",
	}
)

// instant reads an ISO 8601 date or time, or seconds since 1970, to the millisecond.
func instant(s string) (time.Time, bool) {
	if epoch.MatchString(s) && !year.MatchString(s) {
		n, ok := new(big.Int).SetString(s, 10)
		return time.Unix(n.Int64(), 0), ok
	}
	if !w3c.MatchString(s) { // package time is laxer
		return time.Time{}, false
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}

// date compares the request's time with the policy's.
func date(accept func(int) bool) func(text, string) bool {
	return func(want text, have string) bool {
		w, ok1 := instant(want.String())
		h, ok2 := instant(have)
		return ok1 && ok2 && accept(h.Compare(w))
	}
}

func binaryEquals(want text, have string) bool {
	w, err1 := base64.StdEncoding.Strict().DecodeString(want.String())
	h, err2 := base64.StdEncoding.Strict().DecodeString(have)
	return err1 == nil && err2 == nil && bytes.Equal(w, h)
}

// components takes an ARN apart at its first five colons. What has fewer is no ARN.
func components(arn text) (parts []text, ok bool) {
	from := 0
	for i, l := range arn {
		if l.unit == ':' && len(parts) < 5 {
			parts = append(parts, arn[from:i])
			from = i + 1
		}
	}
	return append(parts, arn[from:]), len(parts) == 5
}

// arnLike matches the six components of an ARN one by one.
func arnLike(want text, have string) bool {
	wants, ok1 := components(want)
	haves, ok2 := components(literal(have))
	if !ok1 || !ok2 {
		return false
	}
	for i := range haves {
		if !like(wants[i], haves[i].String()) {
			return false
		}
	}
	return true
}

// readable says whether an operator can read a value of the request at all. An address or an ARN that it cannot read
// matches nothing, and is not even different from something.
func readable(operator, have string) bool {
	switch operator {
	case "IpAddress":
		_, ok := address(have)
		return ok
	case "ArnEquals", "ArnLike":
		_, ok := components(literal(have))
		return ok
	}
	return true
}

// void says that a value of the policy is no ARN where one has to be.
func void(operator string, want text) bool {
	if operator != "ArnEquals" && operator != "ArnLike" {
		return false
	}
	_, ok := components(want)
	return !ok
}
