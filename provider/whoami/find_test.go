package whoami

import (
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

func TestAnAgentThatAnswersOnASocketIsAskedThere(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "api")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Aud string }
		if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&asked) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte("eyJ." + asked.Aud + ".s\n"))
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	search := Search{Getenv: func(string) string { return "" }, Client: NewClient()}
	request := &ci.HandOutRequest{
		Method: http.MethodPost, URL: "http://localhost/v1/tokens/oidc", Audience: "aud", Socket: socket,
	}
	require.True(t, search.has(request))
	token, err := search.request(t.Context(), request, "sts")
	require.NoError(t, err)
	require.Equal(t, "eyJ.sts.s\n", token)
}

func TestTheVariablesOfARequestAreThoseThatItNames(t *testing.T) {
	request := &ci.HandOutRequest{
		URL: "$BASE_URL/token?x=1", Headers: map[string]string{"A": "bearer $BASE", "B": "$BASE"},
	}
	require.Equal(t, []string{"BASE", "BASE_URL"}, request.Variables())
	require.Equal(t, "u/token?x=b", request.Fill("$BASE_URL/token?x=$BASE", func(name string) string {
		return map[string]string{"BASE": "b", "BASE_URL": "u"}[name]
	}))
}
