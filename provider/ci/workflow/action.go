package workflow

// ActionAudience is what the action asks for unless it is told another audience.
// Source: https://github.com/aws-actions/configure-aws-credentials/blob/main/action.yml
const ActionAudience = "sts.amazonaws.com"
