package verb

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Event is a call of AssumeRoleWithWebIdentity as CloudTrail tells of it. Of the token it has issuer, audience and
// subject.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
type Event struct {
	ID          string `json:"eventId,omitempty"`
	Time        string `json:"time,omitempty"`
	RoleArn     string `json:"roleArn,omitempty"`
	ErrorCode   string `json:"errorCode,omitempty"`
	SessionName string `json:"-"`
	Region      string `json:"-"` // whose STS was called
	Seconds     int    `json:"-"` // the duration that was asked for, 0 where the event does not say

	issuer, audience, subject string
	address, agent            string
}

const webIdentityCall = "AssumeRoleWithWebIdentity"

// A record is what is read of one event.
type record struct {
	EventName, EventID, EventTime, ErrorCode, SourceIPAddress, UserAgent string

	AWSRegion    string
	UserIdentity struct {
		PrincipalID, UserName, IdentityProvider string
	}
	RequestParameters struct {
		RoleArn, RoleSessionName string
		DurationSeconds          any // a number
	}
	Resources []struct{ ARN, Type string }
}

// mostUnpacked bounds what a compressed file may become.
const mostUnpacked = 64 << 20

// maxNested is how deep lists and events may lie within each other: a page of Events whose events are texts.
const maxNested = 4

// IsCloudTrail reports that a document is of CloudTrail: it names the call as CloudTrail does.
func IsCloudTrail(raw []byte) bool {
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return true
	}
	if !bytes.Contains(raw, []byte("eventName")) || !bytes.Contains(raw, []byte("userIdentity")) {
		return false
	}
	var claims struct{ Iss, Sub string }
	return json.Unmarshal(raw, &claims) != nil || claims.Iss+claims.Sub == ""
}

// Events are the calls of AssumeRoleWithWebIdentity in what people have of CloudTrail: an event, a list, a log file,
// also compressed, the answer of `aws cloudtrail lookup-events`, an event of EventBridge, or several of them in a row.
func Events(raw []byte) ([]*Event, error) {
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		unpacked, err := gunzip(raw)
		if err != nil {
			return nil, err
		}
		raw = unpacked
	}
	var events []*Event
	others := 0
	raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for {
		var one json.RawMessage
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("expected events of CloudTrail: %w",
				trust.SyntaxBehind(raw, decoder.InputOffset(), err))
		}
		found, more := eventsIn(one, 0)
		events, others = append(events, found...), others+more
	}
	switch {
	case len(events) > 0:
	case others == 0:
		return nil, fmt.Errorf("there is no event of CloudTrail in it; write what `aws cloudtrail lookup-events "+
			"--lookup-attributes AttributeKey=EventName,AttributeValue=%s` prints", webIdentityCall)
	default:
		return nil, fmt.Errorf("there is no event %s among %d of CloudTrail that names its token; such events are in "+
			"the region whose STS was called, for the global endpoint in us-east-1", webIdentityCall, others)
	}
	return events, nil
}

func gunzip(raw []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("the file looks compressed and cannot be unpacked; give the events as JSON: %w", err)
	}
	unpacked, err := io.ReadAll(io.LimitReader(reader, mostUnpacked+1))
	if err == nil && len(unpacked) > mostUnpacked {
		err = fmt.Errorf("it has more than %d bytes; give fewer events", mostUnpacked)
	}
	if err != nil {
		return nil, fmt.Errorf("the file looks compressed and cannot be unpacked; give the events as JSON: %w", err)
	}
	return unpacked, nil
}

// eventsIn are the calls in one JSON value, and the number of other events.
func eventsIn(raw json.RawMessage, depth int) (events []*Event, others int) {
	raw = bytes.TrimSpace(raw)
	if depth > maxNested || len(raw) == 0 {
		return nil, 0
	}
	add := func(inside json.RawMessage) {
		found, more := eventsIn(inside, depth+1)
		events, others = append(events, found...), others+more
	}
	switch raw[0] {
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for _, item := range list {
				add(item)
			}
		}
	case '"':
		var text string
		if json.Unmarshal(raw, &text) == nil && strings.HasPrefix(strings.TrimSpace(text), "{") {
			add(json.RawMessage(text))
		}
	case '{':
		var around struct{ Records, Events, CloudTrailEvent, Detail json.RawMessage }
		if json.Unmarshal(raw, &around) != nil {
			return nil, 0
		}
		for _, inside := range []json.RawMessage{around.Records, around.Events, around.CloudTrailEvent, around.Detail} {
			if len(inside) > 0 {
				add(inside)
				return events, others
			}
		}
		var r record
		if json.Unmarshal(raw, &r) != nil || r.EventName == "" {
			return nil, 0
		}
		if e := r.event(); r.EventName == webIdentityCall && len(e.claims()) > 0 {
			return []*Event{e}, 0
		}
		return nil, 1
	}
	return events, others
}

// event reads the principal: PROVIDER:AUDIENCE:SUBJECT, of which audience and subject may have colons.
func (r *record) event() *Event {
	e := &Event{
		ID: r.EventID, Time: r.EventTime, ErrorCode: r.ErrorCode, RoleArn: r.RequestParameters.RoleArn,
		SessionName: r.RequestParameters.RoleSessionName, address: r.SourceIPAddress, agent: r.UserAgent,
		subject: r.UserIdentity.UserName, Region: r.AWSRegion,
	}
	if seconds, is := r.RequestParameters.DurationSeconds.(float64); is {
		e.Seconds = int(seconds)
	}
	for _, resource := range r.Resources {
		if e.RoleArn == "" && resource.Type == "AWS::IAM::Role" {
			e.RoleArn = resource.ARN
		}
	}
	provider := r.UserIdentity.IdentityProvider
	host, _ := trust.HostAndPartition(provider)
	if e.issuer = "https://" + host; host == "" {
		e.issuer = ""
	}
	if rest, found := strings.CutPrefix(r.UserIdentity.PrincipalID, provider+":"); found && provider != "" {
		if audience, found := strings.CutSuffix(rest, ":"+e.subject); found && e.subject != "" {
			e.audience = audience
		}
	}
	return e
}

// claims are what the event says of the token.
func (e *Event) claims() map[string]any {
	claims := map[string]any{}
	for name, text := range map[string]string{"iss": e.issuer, "aud": e.audience, "sub": e.subject} {
		if text != "" {
			claims[name] = text
		}
	}
	return claims
}

// context are the keys of the call that the event tells.
func (e *Event) context() map[string][]string {
	context := map[string][]string{}
	if _, err := netip.ParseAddr(e.address); err == nil {
		context["aws:sourceip"] = []string{e.address}
	}
	if e.agent != "" {
		context["aws:useragent"] = []string{e.agent}
	}
	return context
}

// ForRole are the events about a role. One that does not name its role may be about any.
func ForRole(events []*Event, roleArn string) []*Event {
	return slices.DeleteFunc(slices.Clone(events), func(e *Event) bool {
		return e.RoleArn != "" && e.RoleArn != roleArn
	})
}

// Distinct are the events that ask different things, each the last of its kind, with how often there was one.
func Distinct(events []*Event) (distinct []*Event, counts []int) {
	at := map[[4]string]int{}
	for _, e := range events {
		q := [4]string{e.RoleArn, e.issuer, e.audience, e.subject}
		if i, known := at[q]; known {
			distinct[i] = e
			counts[i]++
			continue
		}
		at[q] = len(distinct)
		distinct, counts = append(distinct, e), append(counts, 1)
	}
	return distinct, counts
}
