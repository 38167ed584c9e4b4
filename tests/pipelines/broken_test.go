package pipelines

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A mistake takes some text out of a pipeline and puts another in its place.
type mistake struct {
	right, wrong string
	complaint    string // is part of what the schema says
}

// A sample is a pipeline that a schema takes, and mistakes that it does not.
type sample struct {
	pipeline string
	mistakes []mistake
}

// samples are there for every schema, by its word, whether or not a system of it is registered. Those that are GitHub's
// share one.
var samples = map[string]sample{
	"azure": {
		pipeline: `
trigger: [main]
pool:
  vmImage: ubuntu-latest
steps:
  - task: AWSShellScript@1
    inputs:
      awsCredentials: deploy to production
      regionName: eu-west-1
      scriptType: inline
      inlineScript: aws sts get-caller-identity
  - task: AWSCLI@1
    inputs:
      awsCommand: sts
      awsSubCommand: get-caller-identity
`,
		mistakes: []mistake{
			{"steps:", "step:", "additional properties 'step' not allowed"},
			{"- task: AWSCLI@1", "- job: AWSCLI@1", "/steps/1"},
			{"AWSCLI@1", "AWSCLI@9", "/steps/1/task"},
			{"AWSCLI@1", "AWSShellScripts@1", "/steps/1/task"},
			{"regionName:", "region:", "additional properties 'region' not allowed"},
			{"[main]", "7", "/trigger"},
		},
	},
	"bitbucket": {
		pipeline: `
pipelines:
  branches:
    main:
      - step:
          oidc: true
          deployment: production
          image: amazon/aws-cli
          script:
            - aws sts get-caller-identity
`,
		mistakes: []mistake{
			{"script:", "scripts:", "invalid propertyName 'scripts'"},
			{"oidc:", "odic:", "invalid propertyName 'odic'"},
			{"script:\n            -", "script:\n            command:", "got object, want array"},
			{"oidc: true", "oidc: write", "got string, want boolean"},
			{"- step:", "- job:", "/pipelines/branches/main/0"},
			{"main:\n      - step:", "main:\n        step:", "got object, want array"},
		},
	},
	"buildkite": {
		pipeline: `
steps:
  - label: Deploy
    key: deploy
    if: build.branch == "main"
    command: aws sts get-caller-identity
    plugins:
      - aws-assume-role-with-web-identity#v1.6.0:
          role-arn: arn:aws:iam::123456789012:role/deploy
`,
		mistakes: []mistake{
			{"steps:", "step:", "missing property 'steps'"},
			{"command: aws", "script: aws", "/steps/0"},
			{"key: deploy", "key: [deploy]", "/steps/0/key"},
			{"plugins:\n      - aws", "plugins:\n      - 7\n      - aws", "/steps/0/plugins"},
		},
	},
	"circleci": {
		pipeline: `
version: 2.1
orbs:
  aws-cli: circleci/aws-cli@5.4.1
jobs:
  deploy:
    docker:
      - image: cimg/base:current
    steps:
      - aws-cli/setup:
          role_arn: arn:aws:iam::123456789012:role/deploy
      - run: aws sts get-caller-identity
workflows:
  deploy:
    jobs:
      - deploy:
          filters:
            branches:
              only: [main]
`,
		mistakes: []mistake{
			{"version: 2.1", "version: two", "/version"},
			{"circleci/aws-cli@5.4.1", "aws-cli", "/orbs/aws-cli"},
			{"docker:", "dockers:", "/jobs/deploy"},
			{"- run: aws", "- run: [aws]\n        #", "/jobs/deploy/steps/1"},
			{"only: [main]", "only: {main: true}", "/workflows/deploy/jobs/0"},
		},
	},
	"cloudbuild": {
		pipeline: `
steps:
  - name: amazon/aws-cli
    entrypoint: bash
    args: [-c, aws sts get-caller-identity]
options:
  logging: CLOUD_LOGGING_ONLY
`,
		mistakes: []mistake{
			{"steps:", "step:", "missing property 'steps'"},
			{"entrypoint:", "entry:", "'entry'"},
			{"args: [-c,", "args: [{c: 1},", "/steps/0/args"},
			{"CLOUD_LOGGING_ONLY", "NOWHERE", "/options/logging"},
		},
	},
	"codefresh": {
		pipeline: `
version: "1.0"
steps:
  assume_role:
    title: Exchange the token
    type: aws-sts-assume-role-with-web-identity
    arguments:
      ROLE_ARN: arn:aws:iam::123456789012:role/deploy
  deploy:
    title: Deploy
    image: amazon/aws-cli
    commands:
      - aws sts get-caller-identity
`,
		mistakes: []mistake{
			{"steps:", "step:", `"steps" is required`},
			{"image:", "images:", `"image" is required`},
			{"commands:\n      -", "commands:", `"commands" must be an array`},
			{`"1.0"`, `"9.0"`, "version: 9.0 is invalid"},
		},
	},
	"github": {
		pipeline: `
on:
  push:
    branches: [main]
permissions:
  id-token: write
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: arn:aws:iam::123456789012:role/deploy
      - run: aws sts get-caller-identity
`,
		mistakes: []mistake{
			{"on:\n  push:", "on:\n  pushed:", "'pushed'"},
			{"branches:", "branch:", "'branch'"},
			{"id-token: write", "id-token: yes", "/permissions"},
			{"id-token:", "id_token:", "'id_token'"},
			{"runs-on:", "run-on:", "/jobs/deploy"},
			{"uses:", "use:", "/jobs/deploy"},
			{"environment: production", "environment: [production]", "/jobs/deploy"},
		},
	},
	"gitlab": {
		pipeline: `
deploy:
  image: amazon/aws-cli:latest
  id_tokens:
    AWS_ID_TOKEN:
      aud: https://gitlab.com
  script:
    - aws sts get-caller-identity
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
`,
		mistakes: []mistake{
			{"aud:", "audience:", "'aud'"},
			{"id_tokens:", "id_token:", "'id_token'"},
			{"script:", "scripts:", "'scripts'"},
			{"- if:", "- when_branch:", "'when_branch'"},
			{"image: amazon/aws-cli:latest", "image: {tag: latest}", "/deploy/image"},
		},
	},
}

func TestEverySchemaRefusesABrokenPipeline(t *testing.T) {
	for _, s := range schemas {
		t.Run(s.word, func(t *testing.T) {
			known := samples[s.word]
			if s.file == "github-workflows" {
				known = samples["github"]
			}
			rules, _ := s.rules(t)
			require.NotEmpty(t, known.mistakes)
			require.NoError(t, rules.Validate(parse(t, known.pipeline)))
			for _, m := range known.mistakes {
				require.Equal(t, 1, strings.Count(known.pipeline, m.right), m.right)
				broken := strings.Replace(known.pipeline, m.right, m.wrong, 1)
				require.ErrorContains(t, rules.Validate(parse(t, broken)), m.complaint, broken)
			}
		})
	}
}
