package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// mostPages bounds how much of a busy account's history is read: 50 events each, 2 pages a second by AWS's own limit.
const mostPages = 40

// examineEvents judges the refused calls of the history. CloudTrail shows issuer, audience and subject of a token; its
// other claims are unknown.
func (e *examination) examineEvents(ctx context.Context, request Request) error {
	events, err := e.refusedEvents(ctx, request)
	if err != nil {
		return err
	}
	e.examineCalls(events)
	slices.Reverse(events) // Distinct keeps the last of each kind
	distinct, counts := verb.Distinct(events)
	for i := range distinct {
		event := distinct[len(distinct)-1-i]
		q := verb.Question{TrustPolicy: e.document, RoleArn: e.report.RoleArn, Event: event}
		if !e.unreadable {
			q.ClientIDs = e.clientIDs
		}
		answer, err := verb.Evaluate(q)
		if err != nil {
			e.note("the call %s of %s could not be judged: %v", event.ID, event.Time, err)
			continue
		}
		e.report.Refused = append(e.report.Refused, Refused{Times: counts[len(distinct)-1-i], Evaluation: answer})
	}
	slices.SortStableFunc(e.report.Refused, func(a, b Refused) int {
		return strings.Compare(b.Evaluation.Event.Time, a.Evaluation.Event.Time)
	})
	if len(events) == 0 && !e.report.Unread {
		e.note("the history of the last %s has no refused call of this role in %s; a call takes up to 15 minutes to "+
			"show, and is in the region whose STS the job called (--region)", plainDuration(request.Since),
			strings.Join(e.regions(), " and "))
	}
	return nil
}

func (e *examination) regions() []string {
	var regions []string
	for _, client := range e.Histories {
		regions = append(regions, client.Options().Region)
	}
	return regions
}

func plainDuration(d time.Duration) string {
	if hours := d.Hours(); hours >= 48 {
		return fmt.Sprintf("%.0f days", hours/24)
	}
	return d.String()
}

// refusedEvents are the newest refused calls of the role, newest first.
func (e *examination) refusedEvents(ctx context.Context, request Request) ([]*verb.Event, error) {
	var refused []*verb.Event
	seen := map[string]bool{} // one endpoint may answer for several regions
	for _, client := range e.Histories {
		pages := cloudtrail.NewLookupEventsPaginator(client, &cloudtrail.LookupEventsInput{
			LookupAttributes: []types.LookupAttribute{{
				AttributeKey:   types.LookupAttributeKeyEventName,
				AttributeValue: aws.String("AssumeRoleWithWebIdentity"),
			}},
			StartTime:  aws.Time(time.Now().Add(-request.Since)),
			MaxResults: aws.Int32(50),
		})
		found := 0
		for page := 0; pages.HasMorePages() && found < request.Events; page++ {
			if page == mostPages {
				e.note("only the newest %d calls in %s were read", 50*mostPages, client.Options().Region)
				break
			}
			answer, err := pages.NextPage(ctx)
			if isDenied(err) {
				e.report.Unread = true
				e.note("these credentials may not read the history of %s: that takes cloudtrail:LookupEvents; why "+
					"jobs were refused is not known", client.Options().Region)
				break
			}
			if err != nil {
				return nil, fmt.Errorf("reading the history of %s: %s", client.Options().Region, plainError(err))
			}
			for _, one := range answer.Events {
				events, err := verb.Events([]byte(aws.ToString(one.CloudTrailEvent)))
				if err != nil {
					continue // an event that names no token, or no such call
				}
				for _, event := range verb.ForRole(events, e.report.RoleArn) {
					if event.ErrorCode != "" && found < request.Events && !seen[event.ID] {
						seen[event.ID] = event.ID != ""
						refused = append(refused, event)
						found++
					}
				}
			}
		}
	}
	slices.SortStableFunc(refused, func(a, b *verb.Event) int { return strings.Compare(b.Time, a.Time) })
	return refused[:min(len(refused), request.Events)], nil
}

// examineCalls looks at what the calls asked for, whatever their tokens were.
func (e *examination) examineCalls(events []*verb.Event) {
	most := int(aws.ToInt32(e.role.MaxSessionDuration))
	longest, disabled := 0, ""
	for _, event := range events {
		if event.Seconds > most && most > 0 {
			longest = max(longest, event.Seconds)
		}
		if strings.HasPrefix(event.ErrorCode, "RegionDisabled") {
			disabled = event.Region
		}
	}
	if longest > 0 {
		e.problem("session-too-long", fmt.Sprintf("a job asked for a session of %d seconds, and the role allows %d",
			longest, most), fmt.Sprintf("ask for %d at most (role-duration-seconds, --duration-seconds), or set "+
			"maxSessionDuration of the role to %d", most, longest))
	}
	if disabled != "" {
		e.problem("sts-region-disabled", "a job called STS in the region "+disabled+
			", where it is not activated for this account",
			"activate it in IAM's account settings, or let the jobs use another region (AWS_REGION)")
	}
}
