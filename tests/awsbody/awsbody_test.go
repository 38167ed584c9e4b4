package awsbody

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A busyConnection is one of a machine that has other things to do after each write.
type busyConnection struct{ net.Conn }

func (c busyConnection) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	time.Sleep(50 * time.Millisecond)
	return n, err
}

// ask makes a call whose answer is there before the request is said to be written, and ends after it is.
func ask(t *testing.T, options ...func(*middleware.Stack) error) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "<ListRolesResponse><ListRolesResult><Roles/></ListRolesResult></ListRolesResponse>")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(150 * time.Millisecond)
	}))
	defer server.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := new(net.Dialer).DialContext(ctx, network, address)
		return busyConnection{connection}, err
	}}
	defer transport.CloseIdleConnections()
	_, err := iam.New(iam.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: &http.Client{Transport: transport},
		Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		APIOptions: options,
	}).ListRoles(t.Context(), &iam.ListRolesInput{})
	return err
}

func TestAnAnswerIsReadToItsEndWhenItComesBeforeTheRequestIsSaidToBeWritten(t *testing.T) {
	require.NoError(t, ask(t, Whole))
}

// If this fails, the SDK is mended, and this package and its uses can go.
func TestTheSDKAloneLosesSuchAnAnswer(t *testing.T) {
	err := ask(t)
	require.Error(t, err)
	assert.ErrorContains(t, err, "use of closed network connection")
}
