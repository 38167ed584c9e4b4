// Package harness sets up everything that a real `pulumi up` needs, without an AWS account and without the network: the
// local AWS, the local issuers, the Pulumi CLI, our plugin and the stand-in AWS plugin. The demo and the SDK tests
// share it.
package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// Region is where the stacks believe to be.
const Region = "eu-central-1"

// An Endpoint is an AWS account that answers IAM and STS at one URL, and the keys of its administrator.
type Endpoint struct {
	URL             string
	CAPEM           []byte // the authority of its certificate; nil for a plain HTTP endpoint
	AccessKeyID     string
	SecretAccessKey string
}

// A World is one AWS account, the issuers it can reach, and a Pulumi that knows no other account.
type World struct {
	AWS     *localaws.Server // nil in a world of StartAt
	Issuers *issuers.Set     // nil in a world of StartAt

	endpoint Endpoint
	root     string // the checkout
	dir      string // temporary: state, PULUMI_HOME, certificate
	cli      string
	progress toolchain.Progress
}

// Start builds or reuses what it needs and starts the local AWS and the local issuers. Every step that may take long
// gets a line of progress.
func Start(ctx context.Context, progress toolchain.Progress) (_ *World, err error) {
	set, err := issuers.Start()
	if err != nil {
		return nil, err
	}
	server, err := localaws.Start(localaws.Options{Region: Region, IssuerHosts: set.Hosts(), IssuerRoots: set.Roots()})
	if err != nil {
		return nil, errors.Join(err, set.Close())
	}
	endpoint := Endpoint{URL: server.URL(), CAPEM: server.CAPEM()}
	endpoint.AccessKeyID, endpoint.SecretAccessKey = server.Credentials()
	w, err := StartAt(ctx, endpoint, progress)
	if err != nil {
		return nil, errors.Join(err, server.Close(), set.Close())
	}
	w.AWS, w.Issuers = server, set
	progress(fmt.Sprintf("local AWS at %s, local issuers beside it", server.URL()))
	return w, nil
}

// StartAt is Start with an account that runs already, and no issuers.
func StartAt(ctx context.Context, endpoint Endpoint, progress toolchain.Progress) (_ *World, err error) {
	root, err := toolchain.Root()
	if err != nil {
		return nil, err
	}
	w := &World{endpoint: endpoint, root: root, progress: progress}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.dir, err = os.MkdirTemp("", "ci-oidc-trust-"); err != nil {
		return nil, err
	}
	if w.cli, err = toolchain.Pulumi(ctx, progress); err != nil {
		return nil, err
	}
	if err = w.installPlugins(ctx); err != nil {
		return nil, err
	}
	for _, folder := range []string{w.stateDir(), w.pulumiHome()} {
		if err = os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
	}
	return w, os.WriteFile(w.caBundle(), endpoint.CAPEM, 0o644)
}

// Close stops the servers and removes every file of this world.
func (w *World) Close() error {
	var failures []error
	if w.AWS != nil {
		failures = append(failures, w.AWS.Close())
	}
	if w.Issuers != nil {
		failures = append(failures, w.Issuers.Close())
	}
	if w.dir != "" {
		failures = append(failures, os.RemoveAll(w.dir))
	}
	return errors.Join(failures...)
}

// Issuer returns the issuer of a URL; the local AWS can reach it from now on.
func (w *World) Issuer(url string) (*issuers.Issuer, error) {
	issuer, err := w.Issuers.Add(url)
	if err != nil {
		return nil, err
	}
	w.AWS.SetIssuerHosts(w.Issuers.Hosts(), w.Issuers.Roots())
	return issuer, nil
}

// Folder makes a new temporary folder that goes when the world does.
func (w *World) Folder(name string) (string, error) {
	return os.MkdirTemp(w.dir, name+"-")
}

func (w *World) stateDir() string   { return filepath.Join(w.dir, "state") }
func (w *World) pulumiHome() string { return filepath.Join(w.dir, "pulumi-home") }
func (w *World) caBundle() string   { return filepath.Join(w.dir, "aws-ca.pem") }
