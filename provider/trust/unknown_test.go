package trust

import "testing"

// Undecided is said when, and only when, the answer depends on what is not known.
func TestUnknownKeysDecideOnlyWhereTheyMatter(t *testing.T) {
	for condition, want := range map[string]Answer{
		`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`:                          Undecided,
		`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`:                       Undecided,
		`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}}`:                  Undecided,
		`{"IpAddress":{"aws:SourceIp":"nowhere"}}`:                                 Denied,
		`{"NotIpAddress":{"aws:SourceIp":"nowhere"}}`:                              Allowed,
		`{"IpAddressIfExists":{"aws:SourceIp":"nowhere"}}`:                         Undecided,
		`{"StringLike":{"aws:UserAgent":"*"}}`:                                     Undecided,
		`{"StringLikeIfExists":{"aws:UserAgent":"*"}}`:                             Allowed,
		`{"StringLikeIfExists":{"aws:UserAgent":["?*",""]}}`:                       Allowed,
		`{"StringLikeIfExists":{"aws:UserAgent":["??*","?"]}}`:                     Undecided,
		`{"ForAllValues:StringLike":{"aws:UserAgent":"*"}}`:                        Allowed,
		`{"ForAllValues:StringLike":{"aws:UserAgent":"a*"}}`:                       Undecided,
		`{"ForAnyValue:StringNotLike":{"aws:UserAgent":"*"}}`:                      Denied,
		`{"ForAnyValue:StringLikeIfExists":{"aws:UserAgent":"*"}}`:                 Undecided,
		`{"StringNotLike":{"aws:UserAgent":"*"}}`:                                  Undecided,
		`{"StringEquals":{"aws:UserAgent":[]}}`:                                    Denied,
		`{"StringNotEquals":{"aws:UserAgent":[]}}`:                                 Allowed,
		`{"Null":{"aws:SourceIp":"true"}}`:                                         Undecided,
		`{"Null":{"aws:SourceIp":["true","false"]}}`:                               Allowed,
		`{"Null":{"aws:SourceIp":"maybe"}}`:                                        Undecided,
		`{"StringEquals":{"aws:ResourceOrgPaths":"o"}}`:                            Denied,
		`{"StringNotEquals":{"aws:ResourceOrgPaths":"o"}}`:                         Undecided,
		`{"ForAllValues:Null":{"aws:SourceIp":"true"}}`:                            Allowed,
		`{"ForAnyValue:Null":{"aws:SourceIp":"true"}}`:                             Denied,
		`{"ArnLike":{"aws:SourceArn":"*"}}`:                                        Denied,
		`{"ArnLike":{"aws:SourceArn":"*:*:*:*:*:*"}}`:                              Undecided,
		`{"StringEquals":{"gitlab.com:sub":"x"},"Bool":{"aws:SecureTransport":1}}`: Denied,
		`{"StringEquals":{"gitlab.com:sub":"${aws:UserAgent}"}}`:                   Undecided,
		`{"StringEquals":{"gitlab.com:sub":"b${aws:UserAgent}"}}`:                  Denied,
		`{"StringEquals":{"gitlab.com:sub":"a${aws:UserAgent, ''}"}}`:              Undecided,
		`{"StringNotEquals":{"gitlab.com:sub":"b${aws:UserAgent}"}}`:               Allowed,
		`{"StringLike":{"gitlab.com:sub":["*","${aws:UserAgent}"]}}`:               Undecided,
		`{"StringLike":{"gitlab.com:sub":["*","${aws:UserAgent, 'x'}"]}}`:          Allowed,
		`{"StringEquals":{"gitlab.com:email":"${aws:UserAgent}"}}`:                 Denied,
		`{"ArnLike":{"gitlab.com:sub":"${aws:UserAgent}"}}`:                        Denied,
	} {
		semantics{condition, claims{"sub": "a"}, want}.run(t)
	}
}

func TestSessionNameAndRoleMayBeUnknown(t *testing.T) {
	p := policyWith(t, `{"StringEquals":{"sts:RoleSessionName":"run"},"Bool":{"sts:RoleAuthorizedByIdp":"true"}}`)
	r := request(claims{rolesClaim: []any{"arn:aws:iam::111122223333:role/ci"}})
	for _, c := range []struct {
		session, role string
		want          Answer
	}{
		{"run", r.RoleARN, Allowed}, {"", r.RoleARN, Undecided}, {"run", "", Undecided}, {"other", "", Denied},
		{"", "arn:other", Denied},
	} {
		r.RoleSessionName, r.RoleARN = c.session, c.role
		if got := p.Decide(r); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
	r.Claims, r.RoleARN = nil, ""
	if got := p.Decide(r); got != Denied {
		t.Errorf("a token without the roles claim: got %s", got)
	}
}

func TestKnownToBeMissingIsNotUnknown(t *testing.T) {
	p := policyWith(t, `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)
	r := request(nil)
	r.Context = map[string][]string{"aws:sourceip": nil}
	if got := p.Decide(r); got != Denied {
		t.Errorf("got %s", got)
	}
}

func TestUnknownDenialMakesAnAllowUndecided(t *testing.T) {
	const fed = `"Principal":{"Federated":"` + testProvider + `"},"Action":"*"`
	for statements, want := range map[string]Answer{
		`{"Effect":"Allow",` + fed + `},{"Effect":"Deny",` + fed +
			`,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`: Undecided,
		`{"Effect":"Allow",` + fed + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}},{"Effect":"Deny",` + fed +
			`}`: Denied,
		`{"Effect":"Allow",` + fed + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}},{"Effect":"Allow",` + fed +
			`}`: Allowed,
		`{"Effect":"Deny",` + fed +
			`,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`: Denied,
		`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},` +
			`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole*Saml"}`: Denied,
	} {
		p, err := ParsePolicy([]byte(`{"Statement":[` + statements + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Decide(request(nil)); got != want {
			t.Errorf("%s: got %s, want %s", statements, got, want)
		}
	}
}
