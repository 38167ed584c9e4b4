package localaws

import (
	"fmt"
	"net/http"
)

// failure is an answer of AWS that says no: its HTTP status, code and text.
type failure struct {
	status  int
	code    string
	message string
}

func (f *failure) Error() string { return f.code + ": " + f.message }

func refuse(status int, code, format string, args ...any) *failure {
	return &failure{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// The codes below and their statuses are those of the API reference:
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the "Errors" of each action.

func invalidInput(format string, args ...any) *failure {
	return refuse(http.StatusBadRequest, "InvalidInput", format, args...)
}

func malformedPolicy(format string, args ...any) *failure {
	return refuse(http.StatusBadRequest, "MalformedPolicyDocument", format, args...)
}

func noSuchEntity(format string, args ...any) *failure {
	return refuse(http.StatusNotFound, "NoSuchEntity", format, args...)
}

func alreadyExists(format string, args ...any) *failure {
	return refuse(http.StatusConflict, "EntityAlreadyExists", format, args...)
}

func deleteConflict(format string, args ...any) *failure {
	return refuse(http.StatusConflict, "DeleteConflict", format, args...)
}

func limitExceeded(format string, args ...any) *failure {
	return refuse(http.StatusConflict, "LimitExceeded", format, args...)
}

func accessDenied(format string, args ...any) *failure {
	return refuse(http.StatusForbidden, "AccessDenied", format, args...)
}

func invalidToken(format string, args ...any) *failure {
	return refuse(http.StatusBadRequest, "InvalidIdentityToken", format, args...)
}

func validation(format string, args ...any) *failure {
	return refuse(http.StatusBadRequest, "ValidationError", format, args...)
}

// constraint is the text for a parameter that breaks its declared form.
func constraint(parameter, rule string) *failure {
	return validation("1 validation error detected: Value at '%s' failed to satisfy constraint: %s", parameter, rule)
}
