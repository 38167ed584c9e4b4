package localaws

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

type responseMetadata struct {
	RequestID string `xml:"RequestId"`
}

// writeResult wraps a result as <ActionResponse><ActionResult>. A nil result has no result element, as for the actions
// that answer nothing.
func writeResult(w http.ResponseWriter, c *call, s service, result any) {
	root := xml.StartElement{Name: xml.Name{Space: s.namespace, Local: c.action + "Response"}}
	writeXML(w, c, http.StatusOK, func(e *xml.Encoder) error {
		if err := e.EncodeToken(root); err != nil {
			return err
		}
		if result != nil {
			name := xml.StartElement{Name: xml.Name{Local: c.action + "Result"}}
			if err := e.EncodeElement(result, name); err != nil {
				return err
			}
		}
		metadata := xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}}
		if err := e.EncodeElement(responseMetadata{c.requestID}, metadata); err != nil {
			return err
		}
		return e.EncodeToken(root.End())
	})
}

// writeError answers in the form every SDK of a query service reads.
func writeError(w http.ResponseWriter, c *call, s service, err error) {
	f := asFailure(err)
	kind := "Sender"
	if f.status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	type detail struct {
		Type    string
		Code    string
		Message string
	}
	type response struct {
		XMLName   xml.Name
		Error     detail
		RequestID string `xml:"RequestId"`
	}
	writeXML(w, c, f.status, func(e *xml.Encoder) error {
		return e.Encode(response{
			XMLName:   xml.Name{Space: s.namespace, Local: "ErrorResponse"},
			Error:     detail{Type: kind, Code: f.code, Message: f.message},
			RequestID: c.requestID,
		})
	})
}

// writeXML answers with a document in one piece, whose length stands in front of it, as AWS does.
func writeXML(w http.ResponseWriter, c *call, status int, encode func(*xml.Encoder) error) {
	var document bytes.Buffer
	e := xml.NewEncoder(&document)
	if err := encode(e); err != nil {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	if err := e.Close(); err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Content-Length", strconv.Itoa(document.Len()))
	w.Header().Set("X-Amzn-RequestId", c.requestID)
	w.WriteHeader(status)
	_, _ = w.Write(document.Bytes())
}

// timestamp is a time as IAM and STS write it.
type timestamp time.Time

func (t timestamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05Z")), nil
}

func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
