package localaws

import (
	"encoding/xml"
	"net/http"
	"strings"
)

// serviceS3 is enough of S3 to see whether credentials may do anything: it lists buckets, of which there is none.
var serviceS3 = service{name: "s3", namespace: "http://s3.amazonaws.com/doc/2006-03-01/"}

// aboutS3 reports that a request is signed for S3.
func aboutS3(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request")
}

// serveS3 answers ListBuckets, and nothing else.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func (s *Server) serveS3(w http.ResponseWriter, r *http.Request, c *call, body []byte) {
	c.action = "ListBuckets"
	entry := s.journal.open(c.action)
	err := s.listBuckets(r, c, body)
	status, code := http.StatusOK, ""
	if err != nil {
		failure := asFailure(err)
		status, code = failure.status, failure.code
	}
	s.journal.close(entry, c.caller.arn, status, code)
	writeXML(w, c, status, func(e *xml.Encoder) error {
		if err != nil {
			return e.Encode(struct {
				XMLName   xml.Name `xml:"Error"`
				Code      string
				Message   string
				RequestID string `xml:"RequestId"`
			}{Code: code, Message: asFailure(err).message, RequestID: c.requestID})
		}
		return e.Encode(struct {
			XMLName xml.Name
			Owner   struct{ ID string }
			Buckets struct{}
		}{
			XMLName: xml.Name{Space: serviceS3.namespace, Local: "ListAllMyBucketsResult"},
			Owner:   struct{ ID string }{s.account.id},
		})
	})
}

func (s *Server) listBuckets(r *http.Request, c *call, body []byte) error {
	caller, err := s.authenticate(r, body, serviceS3)
	if err != nil {
		return err
	}
	c.caller = caller
	if r.Method != http.MethodGet || r.URL.Path != "/" {
		return refuse(http.StatusNotImplemented, "NotImplemented",
			"A header you provided implies functionality that is not implemented.")
	}
	if !caller.session {
		return nil
	}
	return c.permit("s3:ListAllMyBuckets", "*", "")
}
