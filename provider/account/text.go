package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// UTF8 is a text file as UTF-8 without a byte order mark. PowerShell writes UTF-16 where a shell writes UTF-8, and some
// programs put a mark in front. What is neither is returned as it is.
func UTF8(raw []byte) ([]byte, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return raw[3:], nil
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case len(raw) >= 4 && raw[0] != 0 && raw[1] == 0 && raw[2] != 0 && raw[3] == 0:
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case len(raw) >= 4 && raw[0] == 0 && raw[1] != 0 && raw[2] == 0 && raw[3] != 0:
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		return raw, nil
	}
	text, err := from.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, fmt.Errorf("the text begins as UTF-16 does and is not; save it as UTF-8: %w", err)
	}
	return text, nil
}

// Unquote takes a document out of a JSON string and out of URL encoding, if it is in one: IAM's API encodes documents.
// A document has quotation marks, and an encoded one has none.
func Unquote(raw []byte) ([]byte, error) {
	raw = bytes.TrimSpace(raw)
	var text string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		raw = bytes.TrimSpace([]byte(text))
	}
	if !bytes.Contains(raw, []byte("%22")) || bytes.IndexByte(raw, '"') >= 0 {
		return raw, nil
	}
	decoded, err := url.PathUnescape(string(raw))
	if err != nil {
		return nil, fmt.Errorf("the trust policy looks URL-encoded and is not; give it as IAM answers with it: %w", err)
	}
	return []byte(decoded), nil
}
