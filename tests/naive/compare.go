package naive

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// tests says, for every operator that is not negated, whether a value of the request
// (have) matches a value of the policy (want).
var tests = map[string]func(want text, have string) bool{
	"StringEquals":           func(want text, have string) bool { return want.String() == have },
	"StringEqualsIgnoreCase": func(want text, have string) bool { return strings.EqualFold(want.String(), have) },
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

	"Bool":         boolEquals,
	"BinaryEquals": binaryEquals,
	"IpAddress":    inRange,
	"ArnEquals":    arnLike,
	"ArnLike":      arnLike,
}

// withVariables are the operators whose values may hold policy variables.
var withVariables = map[string]bool{
	"StringEquals": true, "StringEqualsIgnoreCase": true, "StringLike": true, "ArnEquals": true, "ArnLike": true,
}

func boolean(s string) (b, ok bool) {
	return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
}

func boolEquals(want text, have string) bool {
	w, ok1 := boolean(want.String())
	h, ok2 := boolean(have)
	return ok1 && ok2 && w == h
}

var number = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

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

var (
	epoch   = regexp.MustCompile(`^[0-9]{1,12}$`)
	year    = regexp.MustCompile(`^[0-9]{4}$`)
	w3c     = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?)?)?$`)
	layouts = []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00"}
)

// instant reads a W3C date or time, or seconds since 1970.
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
			return t, true
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

func inRange(want text, have string) bool {
	h, err := netip.ParseAddr(have)
	if err != nil {
		return false
	}
	if p, err := netip.ParsePrefix(want.String()); err == nil {
		return p.Contains(h)
	}
	w, err := netip.ParseAddr(want.String())
	return err == nil && w == h && w.Zone() == ""
}

// arnLike matches the six components of an ARN one by one.
func arnLike(want text, have string) bool {
	var components []text
	for rest := want; ; {
		colon := strings.IndexRune(rest.String(), ':')
		if colon < 0 || len(components) == 5 {
			components = append(components, rest)
			break
		}
		n := len([]rune(rest.String()[:colon]))
		components = append(components, rest[:n])
		rest = rest[n+1:]
	}
	haves := strings.SplitN(have, ":", 6)
	if len(components) != 6 || len(haves) != 6 {
		return false
	}
	for i := range haves {
		if !like(components[i], haves[i]) {
			return false
		}
	}
	return true
}
