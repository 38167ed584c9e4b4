package trust

import (
	"net/netip"
	"strings"
)

// parseAddress reads an IP address as IAM reads one of a request, which is not how netip does: leading zeros of IPv4
// count for nothing, an IPv4 address within an IPv6 one is taken behind "::ffff:" alone, an empty group is 0 and those
// at the end count for nothing, but "::" stands once. An IPv4-mapped address stays one of IPv6 here: that of a request
// is compared as IPv4, and a network keeps the family in which it is written.
//
// Recorded: condition_ip.json, rows 56 to 79 (IPv4), 144 to 147, 164 to 167 and 224 to 255 (groups).
func parseAddress(text string) (netip.Addr, bool) {
	if !strings.Contains(text, ":") {
		return parseIPv4(text)
	}
	const mapped = "::ffff:"
	if strings.Contains(text, ".") {
		if len(text) < len(mapped) || !strings.EqualFold(text[:len(mapped)], mapped) {
			return netip.Addr{}, false
		}
		four, ok := parseIPv4(text[len(mapped):])
		return netip.AddrFrom16(four.As16()), ok
	}
	before, after, short := strings.Cut(text, "::")
	if strings.Contains(after, "::") {
		return netip.Addr{}, false
	}
	var bytes [16]byte
	head, ok := groups(before, bytes[:])
	if !ok || !short {
		return netip.AddrFrom16(bytes), ok && head == len(bytes)
	}
	var end [16]byte
	tail, ok := groups(after, end[:])
	if !ok || head+tail > len(bytes) {
		return netip.Addr{}, false
	}
	copy(bytes[len(bytes)-tail:], end[:tail])
	return netip.AddrFrom16(bytes), true
}

// parseIPv4 reads four decimal numbers, with leading zeros or without.
func parseIPv4(text string) (netip.Addr, bool) {
	var bytes [4]byte
	for i := range bytes {
		part, rest, more := strings.Cut(text, ".")
		if more != (i < len(bytes)-1) || part == "" || len(part) > 3 || digits(part) != len(part) {
			return netip.Addr{}, false
		}
		n := 0
		for j := range len(part) {
			n = n*10 + int(part[j]-'0')
		}
		if n > 255 {
			return netip.Addr{}, false
		}
		bytes[i], text = byte(n), rest
	}
	return netip.AddrFrom4(bytes), true
}

// groups reads hexadecimal groups separated by colons and says how many bytes they filled.
func groups(text string, into []byte) (filled int, ok bool) {
	text = strings.TrimRight(text, ":")
	for text != "" {
		if filled == len(into) {
			return filled, false
		}
		part, rest, _ := strings.Cut(text, ":")
		if len(part) > 4 {
			return filled, false
		}
		n := 0
		for i := range len(part) {
			digit := strings.IndexByte("0123456789abcdefABCDEF", part[i])
			if digit < 0 {
				return filled, false
			}
			if digit > 15 {
				digit -= 6
			}
			n = n<<4 | digit
		}
		into[filled], into[filled+1] = byte(n>>8), byte(n)
		filled, text = filled+2, rest
	}
	return filled, true
}

// parseNetwork reads an address or a network of a policy. The bits behind an IPv4 network count for nothing; an IPv6
// network that has any matches no address, and so does a text that is none.
//
// Recorded: condition_ip.json, rows 12 to 55 (IPv4), 80 to 159 and 168 to 199 (IPv6).
func parseNetwork(text string) (netip.Prefix, bool) {
	name, length, network := strings.Cut(text, "/")
	address, ok := parseAddress(name)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := address.BitLen()
	if network {
		length = strings.TrimPrefix(length, "+")
		if length == "" || len(length) > 4 || digits(length) != len(length) {
			return netip.Prefix{}, false
		}
		bits = 0
		for i := range len(length) {
			bits = bits*10 + int(length[i]-'0')
		}
		if bits > address.BitLen() {
			return netip.Prefix{}, false
		}
	}
	prefix := netip.PrefixFrom(address, bits)
	return prefix, address.Is4() || prefix.Masked() == prefix
}
