package account

import (
	"bytes"
	"encoding/json"
)

// lines notes on which line each role begins, as far as its ARN, name or address is found. Roles stand in the document
// in their order, so that each is looked for behind the one before.
func (f *Found) lines(text []byte) {
	const mostMissing = 20 // names that are written with escapes; each search reads on to the end
	offset, line, missing := 0, 1, 0
	for i := range f.Roles {
		r := &f.Roles[i]
		if r.Whole || r.Line > 0 {
			continue
		}
		for _, name := range []string{r.Arn, r.Name, r.Address} {
			if name == "" {
				continue
			}
			quoted, err := json.Marshal(name)
			if err != nil {
				continue
			}
			at := bytes.Index(text[offset:], quoted)
			if at < 0 {
				if missing++; missing > mostMissing {
					return
				}
				continue
			}
			line += bytes.Count(text[offset:offset+at], []byte("\n"))
			offset += at
			r.Line = line
			break
		}
	}
}
