package flyio

import "testing"

func TestEveryPolicyOfTheComponentIsAdopted(t *testing.T) { suite.Adopted(t) }
