package scalr

import "testing"

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
