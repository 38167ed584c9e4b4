package trust

import "strings"

// A decimal is a number of a numeric condition, as written. Ids are numbers of any length, so that it is compared digit
// by digit and not as a float64, in which 9007199254740993 is 9007199254740992.
type decimal struct {
	negative bool
	whole    string // the digits before the point
	fraction string // and behind it
	exponent int
	first    int // the first digit that is not 0, -1 for zero
	last     int // and the last
}

// parseDecimal reads digits with an optional sign, fraction and exponent of up to three digits. A point needs no digit
// behind it.
//
// Recorded: condition_values.json, rows 0 to 39 and 182 to 187.
func parseDecimal(text string) (decimal, bool) {
	var d decimal
	if text != "" && (text[0] == '-' || text[0] == '+') {
		d.negative = text[0] == '-'
		text = text[1:]
	}
	n := digits(text)
	d.whole, text = text[:n], text[n:]
	if n == 0 {
		return d, false
	}
	if text != "" && text[0] == '.' {
		n = digits(text[1:])
		d.fraction, text = text[1:1+n], text[1+n:]
	}
	if text != "" && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		sign := 1
		if text != "" && (text[0] == '-' || text[0] == '+') {
			if text[0] == '-' {
				sign = -1
			}
			text = text[1:]
		}
		n = digits(text)
		if n == 0 || n > 3 {
			return d, false
		}
		for i := range n {
			d.exponent = d.exponent*10 + int(text[i]-'0')
		}
		d.exponent *= sign
		text = text[n:]
	}
	d.first, d.last = -1, -1
	for i := range len(d.whole) + len(d.fraction) {
		if d.digit(i) != '0' {
			if d.first < 0 {
				d.first = i
			}
			d.last = i
		}
	}
	return d, text == ""
}

// digits counts the digits that text begins with.
func digits(text string) int {
	return len(text) - len(strings.TrimLeft(text, "0123456789"))
}

// digit is one of the written digits, and 0 behind them.
func (d *decimal) digit(i int) byte {
	switch {
	case i < len(d.whole):
		return d.whole[i]
	case i < len(d.whole)+len(d.fraction):
		return d.fraction[i-len(d.whole)]
	}
	return '0'
}

func (d *decimal) sign() int {
	switch {
	case d.first < 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compare is negative, zero or positive as d is less than, equal to or greater than other.
func (d *decimal) compare(other *decimal) int {
	sign := d.sign()
	if sign != other.sign() || sign == 0 {
		return sign - other.sign()
	}
	// The places of the first digits before the point.
	size, otherSize := len(d.whole)-d.first+d.exponent, len(other.whole)-other.first+other.exponent
	if size != otherSize {
		return sign * (size - otherSize)
	}
	for i := 0; d.first+i <= d.last || other.first+i <= other.last; i++ {
		if a, b := d.digit(d.first+i), other.digit(other.first+i); a != b {
			return sign * (int(a) - int(b))
		}
	}
	return 0
}
