package localaws

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

var serviceCloudTrail = service{name: "cloudtrail"}

// lookupTarget is how the SDKs name the operation:
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
const lookupTarget = "CloudTrail_20131101.LookupEvents"

// A trail is the account's event history. AWS takes up to 15 minutes to show an event; this one shows it at once.
type trail struct {
	mu     sync.Mutex
	events []trailEvent
}

type trailEvent struct {
	id, name string
	at       time.Time
	text     string // the event as JSON
}

// RecordEvent adds an event to the history, as JSON in CloudTrail's form, for what this server does not record itself.
func (s *Server) RecordEvent(name string, event string) {
	s.trail.add(trailEvent{id: newRequestID(), name: name, at: s.options.Now(), text: event})
}

func (t *trail) add(e trailEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, e)
}

// record notes how STS answered a token that it knew the provider of. The principal is the provider's ARN, the audience
// and the subject, as seen in a denied event of AWS.
func (t *trail) record(c *call, from tokenSource, audience, subject string, request webIdentityRequest, err error) {
	event := map[string]any{
		"eventVersion": "1.08", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity",
		"awsRegion": c.server.options.Region, "eventTime": c.now.UTC().Format(time.RFC3339), "eventID": c.requestID,
		"sourceIPAddress": c.sourceIP, "eventType": "AwsApiCall", "recipientAccountId": c.account.id,
		"userIdentity": map[string]any{
			"type": "WebIdentityUser", "principalId": from.principal + ":" + audience + ":" + subject,
			"userName": subject, "identityProvider": from.principal,
		},
		"requestParameters": map[string]any{
			"roleArn": request.roleARN, "roleSessionName": request.sessionName, "durationSeconds": request.seconds,
		},
	}
	if err != nil {
		f := asFailure(err)
		event["errorCode"], event["errorMessage"] = f.code, f.message
	}
	text, err := json.Marshal(event)
	if err != nil {
		return // strings and numbers always marshal
	}
	t.add(trailEvent{id: c.requestID, name: "AssumeRoleWithWebIdentity", at: c.now, text: string(text)})
}

// serveCloudTrail answers LookupEvents in the JSON protocol of AWS:
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
func (s *Server) serveCloudTrail(w http.ResponseWriter, r *http.Request, body []byte) {
	fail := func(status int, code, message string) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "Message": message})
	}
	entry := s.journal.open("LookupEvents")
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), lookupTarget) {
		s.journal.close(entry, "", http.StatusBadRequest, "UnknownOperationException")
		fail(http.StatusBadRequest, "UnknownOperationException", "")
		return
	}
	caller, err := s.authenticate(r, body, serviceCloudTrail)
	if err != nil {
		f := asFailure(err)
		s.journal.close(entry, "", f.status, f.code)
		fail(f.status, f.code, f.message)
		return
	}
	if caller.session || s.faults.denies("LookupEvents") {
		s.journal.close(entry, caller.arn, http.StatusBadRequest, "AccessDeniedException")
		fail(http.StatusBadRequest, "AccessDeniedException", "User: "+caller.arn+
			" is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the "+
			"cloudtrail:LookupEvents action")
		return
	}
	var request struct {
		LookupAttributes   []struct{ AttributeKey, AttributeValue string }
		StartTime, EndTime *float64
		MaxResults         int
		NextToken          string
	}
	if err := json.Unmarshal(body, &request); err != nil {
		s.journal.close(entry, caller.arn, http.StatusBadRequest, "SerializationException")
		fail(http.StatusBadRequest, "SerializationException", "")
		return
	}
	s.journal.close(entry, caller.arn, http.StatusOK, "")
	name := ""
	for _, a := range request.LookupAttributes {
		if a.AttributeKey == "EventName" {
			name = a.AttributeValue
		}
	}
	found := s.trail.lookUp(name, request.StartTime, request.EndTime)
	from, _ := strconv.Atoi(request.NextToken)
	from = min(max(from, 0), len(found))
	page := found[from:min(from+min(max(request.MaxResults, 1), 50), len(found))]
	if request.MaxResults == 0 {
		page = found[from:min(from+50, len(found))]
	}
	answer := map[string]any{"Events": page}
	if end := from + len(page); end < len(found) {
		answer["NextToken"] = strconv.Itoa(end)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer)
}

// lookUp is the events of a name between two times, newest first.
func (t *trail) lookUp(name string, start, end *float64) []map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := []map[string]any{}
	for _, e := range slices.Backward(t.events) {
		at := float64(e.at.UnixMilli()) / 1000
		if name != "" && e.name != name || start != nil && at < *start || end != nil && at > *end {
			continue
		}
		found = append(found, map[string]any{
			"EventId": e.id, "EventName": e.name, "EventTime": at, "EventSource": "sts.amazonaws.com",
			"ReadOnly": "true", "CloudTrailEvent": e.text,
		})
	}
	return found
}
