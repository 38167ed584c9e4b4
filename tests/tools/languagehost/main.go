// Command languagehost is what `pulumi` asks about programs in Go, Node.js or Python: the language host of the language
// that its file is named after (pulumi-language-go, -nodejs, -python).
//
// Pulumi's own newest hosts for these three are not served as Go modules. The last ones that are come from v3.66.0 of
// the SDK's module (July 2023). They run programs and plugins and install dependencies as today's do; they have no
// GeneratePackage and no Link, which `pulumi package add` asks for. So this host has three parts: the old host runs and
// installs, Pulumi's own generators of the CLI's version write the SDK, and the line that links the SDK into the
// project is written here, as the newest hosts write it.
// Source: https://github.com/pulumi/pulumi/tree/master/sdk (go/pulumi-language-go, nodejs and python beside it)
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "languagehost:", err)
		os.Exit(1)
	}
}

// run serves until the engine ends this process. The engine's address is the last argument; the port of this server is
// the first line of the output.
func run(args []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	language, ok := languages[strings.TrimPrefix(filepath.Base(program), "pulumi-language-")]
	if !ok || len(args) < 2 {
		return fmt.Errorf("%s: want the name pulumi-language-go, -nodejs or -python, and an engine's address", program)
	}
	h := &host{
		language: language,
		old:      filepath.Join(filepath.Dir(program), "runner", filepath.Base(program)),
		engine:   args[len(args)-1],
	}
	// An engine that is gone ends this process, which nobody else would.
	ctx, end := context.WithCancel(context.Background())
	defer end()
	if err := rpcutil.Healthcheck(ctx, h.engine, 5*time.Second, end); err != nil {
		return err
	}
	gone := make(chan bool)
	go func() {
		<-ctx.Done()
		close(gone)
	}()
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Cancel: gone, Init: func(server *grpc.Server) error {
		pulumirpc.RegisterLanguageRuntimeServer(server, h)
		return nil
	}})
	if err != nil {
		return err
	}
	fmt.Println(server.Port)
	return <-server.Done
}
