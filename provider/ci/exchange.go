package ci

import (
	"fmt"
	"strings"
)

// A Role is what a pipeline has to know of the role that its jobs assume.
type Role struct {
	ARN      string
	Region   string // where the pipeline works
	Duration int    // of a session, in seconds; 0 for an hour, which AWS gives to a job that asks for nothing
}

// Seconds is how long a session lasts.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html (DurationSeconds)
func (r Role) Seconds() int {
	if r.Duration == 0 {
		return 3600
	}
	return r.Duration
}

// Sessions is the ARN of the role's sessions, less the session's name at its end. It has the role's name and not its
// path.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
func (r Role) Sessions() string {
	parts := strings.SplitN(r.ARN, ":", 6)
	if len(parts) < 6 {
		return r.ARN + "/"
	}
	name := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	return strings.Join([]string{parts[0], parts[1], "sts", "", parts[4], "assumed-role/" + name + "/"}, ":")
}

// An Exchange trades the token of a job for credentials of a role, by the AWS CLI, in any POSIX shell. Every pipeline
// that runs a shell has it, so what is safe is said once:
//
//   - The exchange is explicit. The CLI's own chain keeps sessions under HOME by role, so that on an agent that keeps
//     its HOME a job with a refused token, or with none, gets the session of the job before it.
//   - The token lies in a file that only this job can read and no other job knows, outside the checkout, and is no
//     argument of a command.
//   - Keys that the job finds in its environment are gone first, and the agent's own cannot be reached: a job that is
//     refused fails, and never goes on as somebody else. What the job is in the end is held against the role.
//   - The name of the session leads back to the job.
type Exchange struct {
	Role
	// Token is a command that writes the token to its standard output, and nothing if there is none.
	Token string
	// Missing tells the job what to do when there is no token.
	Missing string
	// Session names the job, as it may stand between double quotes: "gitlab-$CI_PROJECT_ID-$CI_JOB_ID". What the name
	// of a session cannot have becomes "-", and the last 64 characters are taken.
	Session string
}

// Commands are the commands, in order. Each of them fails where it does not work, and the shell must stop at the first
// that does. The keys are in the environment of the commands behind them.
// Sources: https://docs.aws.amazon.com/cli/latest/reference/sts/assume-role-with-web-identity.html,
// https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
func (e Exchange) Commands() []string {
	return []string{
		"unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE " +
			"AWS_WEB_IDENTITY_TOKEN_FILE",
		fmt.Sprintf("export AWS_EC2_METADATA_DISABLED=true AWS_REGION=%s AWS_DEFAULT_REGION=%[1]s", e.Region),
		"token=$(umask 077 && mktemp)",
		`trap 'rm -f "$token"' EXIT`,
		e.Token + ` > "$token"`,
		fmt.Sprintf(`test -s "$token" || { echo %s >&2; false; }`, QuoteShell("There is no OIDC token. "+e.Missing)),
		`session=$(printf %s "` + e.Session + `" | LC_ALL=C tr -c 'A-Za-z0-9=,.@_-' '-' | tail -c 64)`,
		fmt.Sprintf("keys=$(aws sts assume-role-with-web-identity --role-arn %s"+wrap+
			"--role-session-name \"$session\" --web-identity-token \"file://$token\" --duration-seconds %d"+wrap+
			"--query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)", QuoteShell(e.ARN),
			e.Seconds()),
		`rm -f "$token"`,
		`export AWS_ACCESS_KEY_ID="$(printf %s "$keys" | cut -f1)"`,
		`export AWS_SECRET_ACCESS_KEY="$(printf %s "$keys" | cut -f2)"`,
		`export AWS_SESSION_TOKEN="$(printf %s "$keys" | cut -f3)"`,
		`caller=$(aws sts get-caller-identity --query Arn --output text)`,
		fmt.Sprintf(`test "$caller" = "%s$session" || { echo "This job is $caller, and not the role." >&2; false; }`,
			e.Sessions()),
		`echo "This job is $caller"`,
	}
}

// wrap goes on with a command on the next line.
const wrap = " \\\n  "

// Script is the exchange as a script, or the beginning of one. The commands of the deployment stand behind it, in the
// same shell. A shell that prints its commands would print the keys, so it is told not to.
func (e Exchange) Script(indent string) string {
	commands := []string{"set +x -e"}
	for _, command := range e.Commands() {
		if strings.HasPrefix(command, "session=") {
			commands = append(commands, WhoamiNote, "# "+Whoami(` --token-file "$token"`))
		}
		commands = append(commands, command)
	}
	return Indent(strings.Join(commands, "\n")+"\n"+Deployment+"\n", indent)
}

// Deployment stands where the user's own commands go.
const Deployment = "# the commands of the deployment go here"

// List is the exchange as items of a YAML list, for a system that runs command by command in one shell and stops at the
// first that fails.
func (e Exchange) List(indent string) string {
	var b strings.Builder
	for _, command := range e.Commands() {
		if strings.HasPrefix(command, "session=") {
			fmt.Fprintf(&b, "%s%s\n%[1]s# - '%[3]s'\n", indent, WhoamiNote, Whoami(` --token-file "$token"`))
		}
		command = strings.ReplaceAll(command, wrap, " ")
		fmt.Fprintf(&b, "%s- '%s'\n", indent, strings.ReplaceAll(command, "'", "''"))
	}
	fmt.Fprintf(&b, "%s%s\n", indent, Deployment)
	return b.String()
}

// Indent puts the indentation before each line that is not empty.
func Indent(text, indent string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) != "" {
			lines[i] = indent + line
		}
	}
	return strings.Join(lines, "")
}

// QuoteShell writes a text as one word of a POSIX shell.
// Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
func QuoteShell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// PrintVariable is a command that writes an environment variable to standard output, and nothing if there is none. It
// is built into the shell, so that no process has the text as its argument.
func PrintVariable(name string) string { return fmt.Sprintf(`printf %%s "${%s:-}"`, name) }

// RegionEnvironment are the environment variables that name the region, as lines of YAML. Boto3 and version 1 of the
// AWS CLI do not read AWS_REGION.
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
func RegionEnvironment(indent, region string) string {
	return fmt.Sprintf("%sAWS_REGION: %s\n%[1]sAWS_DEFAULT_REGION: %[2]s\n", indent, region)
}

// RoleVariables are the variables of a system whose jobs exchange the token by themselves.
func RoleVariables(role Role) map[string]string {
	return map[string]string{"AWS_ROLE_ARN": role.ARN, "AWS_REGION": role.Region, "AWS_DEFAULT_REGION": role.Region}
}
