package env0

import "testing"

func TestEveryPolicyOfTheComponentIsAdopted(t *testing.T) { suite.Adopted(t) }
