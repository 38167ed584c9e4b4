package release

import (
	"archive/zip"
	"bytes"
	"crypto/md5"  //nolint:gosec // Maven Central demands these sums; the signature is what protects.
	"crypto/sha1" //nolint:gosec // As above.
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A portal stands for that of Maven Central: it takes one bundle, and says what comes of it.
//
// Source: https://central.sonatype.org/publish/publish-portal-api/
type portal struct {
	states []string // one answer each, the last for ever

	authorization []string
	query         string
	bundle        []byte
	asked         int
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.authorization = append(p.authorization, r.Header.Get("Authorization"))
	switch r.Method + " " + r.URL.Path {
	case "POST /upload":
		p.query = r.URL.RawQuery
		file, _, err := r.FormFile("bundle")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.bundle, err = io.ReadAll(file)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "28570f16-da32-4c14-bd2e-c1acc0782365")
	case "POST /status":
		state := p.states[min(p.asked, len(p.states)-1)]
		p.asked++
		fmt.Fprintf(w, `{"deploymentState":%q,"errors":{"pom":["no url"]}}`, state)
	default:
		http.NotFound(w, r)
	}
}

// A signer is a key that no one else knows, in a home of its own.
type signer struct{ home, armored, passphrase string }

func newSigner(t *testing.T) signer {
	t.Helper()
	// A socket of the agent lies in it, and its path may have 108 letters.
	home, err := os.MkdirTemp("", "gpg")
	require.NoError(t, err)
	s := signer{home: home, passphrase: "correct horse"}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	s.gpg(t, "--passphrase", s.passphrase,
		"--quick-generate-key", "test <test@example.com>", "ed25519", "sign", "never")
	s.armored = s.gpg(t, "--passphrase", s.passphrase, "--armor", "--export-secret-keys")
	return s
}

func (s signer) gpg(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"--homedir", s.home, "--batch", "--quiet", "--pinentry-mode", "loopback"}, args...)
	cmd := exec.CommandContext(t.Context(), "gpg", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return string(out)
}

var central = []string{".pom", ".jar", "-sources.jar", "-javadoc.jar"}

// handed is a folder as the job that builds leaves it.
func handed(t *testing.T, without string) string {
	t.Helper()
	dir := t.TempDir()
	for _, end := range central {
		if end != without {
			file := filepath.Join(dir, "pulumi-ci-oidc-trust-"+version(t)+end)
			require.NoError(t, os.WriteFile(file, []byte("the content of "+end), 0o600))
		}
	}
	return dir
}

func toCentral(t *testing.T, p *portal, s signer, dir string) (string, error) {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(root, ".ci", "maven-central"), dir)
	cmd.Env = append(os.Environ(), "CENTRAL_URL="+server.URL, "CENTRAL_WAIT=0", "CENTRAL_USERNAME=user",
		"CENTRAL_PASSWORD=a password", "SIGNING_KEY="+s.armored, "SIGNING_PASSPHRASE="+s.passphrase)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestMavenCentralGetsEachFileSignedAndSummed(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	p := &portal{states: []string{"PENDING", "VALIDATING", "PUBLISHING"}}
	said, err := toCentral(t, p, s, handed(t, ""))
	require.NoError(t, err, said)
	assert.Equal(t, 3, p.asked)
	assert.Equal(t, "name=pulumi-ci-oidc-trust-"+version(t)+"&publishingType=AUTOMATIC", p.query)
	bearer := "Bearer " + base64.StdEncoding.EncodeToString([]byte("user:a password"))
	assert.Equal(t, slices.Repeat([]string{bearer}, 4), p.authorization)
	for _, secret := range []string{bearer, "a password", s.passphrase, "PRIVATE KEY"} {
		assert.NotContains(t, said, secret)
	}

	bundle, err := zip.NewReader(bytes.NewReader(p.bundle), int64(len(p.bundle)))
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, file := range bundle.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		opened, err := file.Open()
		require.NoError(t, err)
		files[file.Name], err = io.ReadAll(opened)
		require.NoError(t, err)
	}
	assert.Len(t, files, len(central)*6)
	for _, end := range central {
		name := "io/github/ci-oidc-trust/pulumi-ci-oidc-trust/" + version(t) + "/pulumi-ci-oidc-trust-" + version(t) +
			end
		content := []byte("the content of " + end)
		assert.Equal(t, content, files[name], name)
		one, two, three := md5.Sum(content), sha1.Sum(content), sha256.Sum256(content) //nolint:gosec // As above.
		assert.Equal(t, hex.EncodeToString(one[:])+"\n", string(files[name+".md5"]), name)
		assert.Equal(t, hex.EncodeToString(two[:])+"\n", string(files[name+".sha1"]), name)
		assert.Equal(t, hex.EncodeToString(three[:])+"\n", string(files[name+".sha256"]), name)

		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), content, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file.asc"), files[name+".asc"], 0o600))
		s.gpg(t, "--verify", filepath.Join(dir, "file.asc"), filepath.Join(dir, "file"))
	}
}

func TestWhatMavenCentralRefusesStopsTheRelease(t *testing.T) {
	t.Parallel()
	said, err := toCentral(t, &portal{states: []string{"VALIDATING", "FAILED"}}, newSigner(t), handed(t, ""))
	require.Error(t, err)
	assert.Contains(t, said, "no url", "what the portal said")
}

func TestAPackageWithoutItsSourcesIsNotHandedToMavenCentral(t *testing.T) {
	t.Parallel()
	p := &portal{states: []string{"PUBLISHED"}}
	said, err := toCentral(t, p, newSigner(t), handed(t, "-sources.jar"))
	require.Error(t, err)
	assert.Contains(t, said, "-sources.jar")
	assert.Empty(t, p.bundle)
}

func TestWithoutItsSecretsNothingIsHandedToMavenCentral(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	s.passphrase = ""
	p := &portal{states: []string{"PUBLISHED"}}
	said, err := toCentral(t, p, s, handed(t, ""))
	require.Error(t, err)
	assert.Contains(t, said, "SIGNING_PASSPHRASE is not set")
	assert.Empty(t, p.authorization)

	s.passphrase = "another"
	said, err = toCentral(t, p, s, handed(t, ""))
	require.Error(t, err, said)
	assert.Empty(t, p.authorization, "nothing that is not signed is sent")
}
