// Package moto runs the product against moto, an account that somebody else wrote: what only our own stand-ins agree on
// is found here. moto is pinned in requirements.txt and knows IAM and STS well, but for one thing: its
// AssumeRoleWithWebIdentity accepts any token. What a token gets is tested against localaws alone.
package moto

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// Server is a moto on a loopback port that the system picked.
type Server struct {
	log    *startLog
	stop   context.CancelFunc
	exited chan struct{}
}

// Start fetches moto, unless the cache has it, and starts it with the policies that AWS manages.
func Start(ctx context.Context, progress toolchain.Progress) (*Server, error) {
	packages, err := toolchain.Moto(ctx, progress)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := &Server{log: &startLog{announced: make(chan struct{})}, stop: stop, exited: make(chan struct{})}
	process := exec.CommandContext(ctx, "python3", "-m", "moto.server", "--host", "127.0.0.1", "--port", "0")
	process.Env = append(os.Environ(), "PYTHONPATH="+packages, "PYTHONUNBUFFERED=1",
		"MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	process.Stderr = s.log
	if err := process.Start(); err != nil {
		stop()
		return nil, fmt.Errorf("starting moto: %w", err)
	}
	go func() {
		_ = process.Wait() // it ends by being killed
		close(s.exited)
	}()
	select {
	case <-s.log.announced:
		return s, nil
	case <-s.exited:
		stop()
		return nil, errors.New("moto ended before it listened:\n" + s.log.text.String())
	}
}

// Close ends the process and waits for it.
func (s *Server) Close() {
	s.stop()
	<-s.exited
}

// Endpoint is the account. moto takes any key for its administrator's.
func (s *Server) Endpoint() harness.Endpoint {
	return harness.Endpoint{URL: s.log.url, AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "not looked at"}
}

// listening is the line by which moto's web server says where it is.
var listening = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// startLog takes what the process writes until it has said where it listens.
type startLog struct {
	announced chan struct{}
	text      strings.Builder
	url       string
}

// Write is called by one goroutine only: the one that copies the process's standard error.
func (l *startLog) Write(part []byte) (int, error) {
	if l.url == "" {
		l.text.Write(part)
		if l.url = listening.FindString(l.text.String()); l.url != "" {
			close(l.announced)
		}
	}
	return len(part), nil
}
