package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// ask starts the old host for one question and ends it after the answer. Today's CLI sends the program's folder and
// runtime options with each question; the old host has them from its start: working directory and flags.
func (h *host) ask(
	ctx context.Context, program *pulumirpc.ProgramInfo, question func(pulumirpc.LanguageRuntimeClient) error,
) (err error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	old := exec.CommandContext(ctx, h.old, h.arguments(program)...)
	old.Dir = program.ProgramDirectory
	old.Stderr = os.Stderr
	stdout, err := old.StdoutPipe()
	if err != nil {
		return err
	}
	if err := old.Start(); err != nil {
		return err
	}
	out := bufio.NewReader(stdout)
	printed := make(chan struct{})
	defer func() {
		end()
		<-printed
		_ = old.Wait() // it was killed
	}()
	line, err := out.ReadString('\n')
	if err != nil {
		close(printed)
		return fmt.Errorf("%s said no port: %w", h.old, err)
	}
	// What the program prints goes through both hosts to the CLI.
	go func() {
		defer close(printed)
		_, _ = io.Copy(os.Stdout, out)
	}()
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), rpcutil.GrpcChannelOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	return question(pulumirpc.NewLanguageRuntimeClient(connection))
}

// arguments are the runtime options that the old host knows, the project's folder and the engine's address.
func (h *host) arguments(program *pulumirpc.ProgramInfo) []string {
	args := []string{"-root=" + program.RootDirectory}
	for name, value := range program.Options.AsMap() {
		if slices.Contains(h.language.flags, name) {
			args = append(args, fmt.Sprintf("-%s=%v", name, value))
		}
	}
	return append(args, h.engine)
}

// forward passes on every message of an answer.
func forward[M any](from grpc.ServerStreamingClient[M], to grpc.ServerStreamingServer[M]) error {
	for {
		message, err := from.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := to.Send(message); err != nil {
			return err
		}
	}
}
