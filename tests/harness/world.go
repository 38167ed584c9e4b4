// Package harness sets up everything that a real `pulumi up` needs, without an AWS account and without the network: the
// local AWS, the local issuers, the Pulumi CLI, our plugin and the stand-in AWS plugin. The demo and the SDK tests share it.
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

// A World is one local AWS account, the issuers it can reach, and a Pulumi that knows no other.
type World struct {
	AWS     *localaws.Server
	Issuers *issuers.Set

	root     string // the checkout
	dir      string // temporary: state, PULUMI_HOME, certificate
	cli      string
	progress toolchain.Progress
}

// Start builds or reuses what it needs and starts the servers. Every step that may take long gets a line of progress.
func Start(ctx context.Context, progress toolchain.Progress) (_ *World, err error) {
	root, err := toolchain.Root()
	if err != nil {
		return nil, err
	}
	w := &World{root: root, progress: progress}
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
	if w.Issuers, err = issuers.Start(); err != nil {
		return nil, err
	}
	w.AWS, err = localaws.Start(localaws.Options{
		Region: Region, IssuerHosts: w.Issuers.Hosts(), IssuerRoots: w.Issuers.Roots(),
	})
	if err != nil {
		return nil, err
	}
	progress(fmt.Sprintf("local AWS at %s, local issuers beside it", w.AWS.URL()))
	for _, folder := range []string{w.stateDir(), w.pulumiHome()} {
		if err = os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
	}
	return w, os.WriteFile(w.caBundle(), w.AWS.CAPEM(), 0o644)
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
