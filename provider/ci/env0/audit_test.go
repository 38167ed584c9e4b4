package env0

import "testing"

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
