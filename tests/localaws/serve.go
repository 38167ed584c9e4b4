package localaws

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxBody leaves room for the longest policy document (131,072 characters), URL-encoded.
const maxBody = 1 << 20

// call is one request on its way through the server.
type call struct {
	context.Context
	server    *Server
	account   *account
	form      parameters
	action    string
	requestID string
	sourceIP  string
	now       time.Time
	caller    principal
}

// ServeHTTP answers one call of the AWS query protocol, whose parameters are the body of a POST or the query of a GET:
// https://docs.aws.amazon.com/IAM/latest/APIReference/MakingQueryRequests.html
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Context: r.Context(), server: s, account: s.account, requestID: newRequestID(), now: s.options.Now()}
	c.sourceIP, _, _ = net.SplitHostPort(r.RemoteAddr) // net/http always sets it to host and port
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeError(w, c, serviceIAM, refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			"The request exceeds the maximum allowed length."))
		return
	}
	if r.Header.Get("X-Amz-Target") != "" {
		s.serveCloudTrail(w, r, body)
		return
	}
	if aboutS3(r) {
		s.serveS3(w, r, c, body)
		return
	}
	query := string(body)
	if r.Method == http.MethodGet {
		query = r.URL.RawQuery
	}
	form, err := url.ParseQuery(query)
	if err != nil || r.Method != http.MethodPost && r.Method != http.MethodGet {
		writeError(w, c, serviceIAM, refuse(http.StatusBadRequest, "MalformedQueryString",
			"The query string contains a syntax error."))
		return
	}
	c.form = parameters(form)
	c.action = form.Get("Action")

	entry := s.journal.open(c.action)
	if s.faults.dropsConnection(c.action) {
		panic(http.ErrAbortHandler) // net/http's way to drop a connection without an answer
	}
	operation, result, err := s.answer(c, r, body)
	status, code := http.StatusOK, ""
	if err != nil {
		failure := asFailure(err)
		status, code = failure.status, failure.code
	}
	s.journal.close(entry, c.caller.arn, status, code)
	if s.faults.dropsAnswer(c.action) {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		writeError(w, c, operation.service, err)
		return
	}
	writeResult(w, c, operation.service, result)
}

// answer finds the operation, knows the caller, and runs it.
func (s *Server) answer(c *call, r *http.Request, body []byte) (operation, any, error) {
	op, ok := operations[c.action]
	if !ok || c.form.text("Version") != op.service.version {
		return operation{service: serviceIAM}, nil, refuse(http.StatusBadRequest, "InvalidAction",
			"Could not find operation %s for version %s", c.action, c.form.text("Version"))
	}
	if s.faults.throttles(c.action) {
		return op, nil, refuse(http.StatusBadRequest, "Throttling", "Rate exceeded")
	}
	if !op.unsigned {
		caller, err := s.authenticate(r, body, op.service)
		if err != nil {
			return op, nil, err
		}
		c.caller = caller
	}
	if op.service == serviceSTS {
		result, err := op.handle(c)
		return op, result, err
	}
	if err := authorize(c); err != nil {
		return op, nil, err
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	result, err := op.handle(c)
	return op, result, err
}

func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return refuse(http.StatusInternalServerError, "InternalFailure",
		"The request processing has failed because of an unknown error, exception or failure.")
}
