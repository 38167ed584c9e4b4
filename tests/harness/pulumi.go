package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Env is the whole environment of a process that may only know this world. It keeps what the person's shell has set,
// but for the variables that would lead Pulumi or an AWS SDK to an account that is not the local one.
func (w *World) Env() []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "PULUMI_") &&
			!strings.HasPrefix(variable, "PATH=") {
			env = append(env, variable)
		}
	}
	if w.endpoint.CAPEM != nil {
		env = append(env, "AWS_CA_BUNDLE="+w.caBundle())
	}
	return append(env,
		"PATH="+filepath.Dir(w.cli)+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"PULUMI_BACKEND_URL=file://"+filepath.ToSlash(w.stateDir()),
		"PULUMI_CONFIG_PASSPHRASE=local",
		"PULUMI_HOME="+w.pulumiHome(),
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		// A plugin of the same name on the person's PATH must not be the one that runs.
		"PULUMI_IGNORE_AMBIENT_PLUGINS=true",
		"AWS_ENDPOINT_URL_IAM="+w.endpoint.URL,
		"AWS_ENDPOINT_URL_STS="+w.endpoint.URL,
		"AWS_ACCESS_KEY_ID="+w.endpoint.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+w.endpoint.SecretAccessKey,
		"AWS_REGION="+Region,
		"AWS_CONFIG_FILE="+os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	)
}

// Command is a process of this world; the Pulumi CLI is on its PATH.
func (w *World) Command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	if name == "pulumi" {
		name = w.cli // exec looks the name up on this process's PATH, not on the one of Env
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = w.Env()
	return cmd
}

// Run is Command, run to its end by Finish.
func (w *World) Run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	return Finish(w.Command(ctx, dir, name, args...))
}

// Finish runs a command to its end and returns its standard output. An error holds all that the command wrote.
func Finish(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		err = fmt.Errorf("%s %s: %w", filepath.Base(cmd.Path), strings.Join(cmd.Args[1:], " "), err)
		return stdout.Bytes(), fmt.Errorf("%w\n%s%s", err, stdout.String(), stderr.String())
	}
	return stdout.Bytes(), nil
}

// Example copies a folder below examples/, so that nothing a run leaves behind lands in the checkout.
func (w *World) Example(name string) (dir string, err error) {
	if dir, err = w.Folder(filepath.Base(name)); err != nil {
		return "", err
	}
	return dir, os.CopyFS(dir, os.DirFS(filepath.Join(w.root, "examples", name)))
}

// Outputs are those of the example stacks.
type Outputs struct {
	RoleArn         string            `json:"roleArn"`
	RoleName        string            `json:"roleName"`
	ProviderArns    map[string]string `json:"providerArns"`
	TrustPolicy     string            `json:"trustPolicy"`
	Grants          []string          `json:"grants"`
	Findings        []Finding         `json:"findings"`
	PipelineConfigs map[string]string `json:"pipelineConfigs"`
}

// A Finding is one remark about a trust.
type Finding struct {
	ID          string `json:"id"`
	Severity    string `json:"severity"`
	Message     string `json:"message"`
	Remediation string `json:"remediation"`
}

// StackOutputs reads the outputs of the stack that is selected in dir.
func (w *World) StackOutputs(ctx context.Context, dir string) (Outputs, error) {
	var outputs Outputs
	raw, err := w.Run(ctx, dir, "pulumi", "stack", "output", "--json")
	if err != nil {
		return outputs, err
	}
	err = json.Unmarshal(raw, &outputs)
	return outputs, err
}
