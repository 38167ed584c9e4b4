package localaws

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

// principal is a caller whose signature was right.
type principal struct {
	arn     string
	userID  string
	session bool   // came from AssumeRoleWithWebIdentity
	role    string // the name of the session's role
}

// accessKey signs requests for a principal. Session keys have a token and an end.
type accessKey struct {
	id      string
	secret  string
	token   string
	expires time.Time
	owner   principal
}

type keyring struct {
	admin accessKey

	mu   sync.RWMutex
	keys map[string]accessKey
}

func newKeyring(o Options) *keyring {
	admin := accessKey{
		id:     "AKIA" + rand.Text()[:16],
		secret: rand.Text() + rand.Text()[:14],
		owner: principal{
			arn:    "arn:" + o.Partition + ":iam::" + o.AccountID + ":user/admin",
			userID: newID("AIDA"),
		},
	}
	return &keyring{admin: admin, keys: map[string]accessKey{admin.id: admin}}
}

// mint makes temporary credentials.
func (k *keyring) mint(owner principal, expires time.Time) accessKey {
	key := accessKey{
		id:      "ASIA" + rand.Text()[:16],
		secret:  rand.Text() + rand.Text()[:14],
		token:   rand.Text() + rand.Text() + rand.Text(),
		expires: expires,
		owner:   owner,
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[key.id] = key
	return key
}

// find returns a key whose session token, if it has one, was presented with it.
func (k *keyring) find(id, token string) (accessKey, error) {
	k.mu.RLock()
	key, ok := k.keys[id]
	k.mu.RUnlock()
	if !ok || subtle.ConstantTimeCompare([]byte(key.token), []byte(token)) != 1 {
		return accessKey{}, refuse(http.StatusForbidden, "InvalidClientTokenId",
			"The security token included in the request is invalid.")
	}
	return key, nil
}

func (k accessKey) checkExpiry(now time.Time) error {
	if k.expires.IsZero() || now.Before(k.expires) {
		return nil
	}
	return refuse(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
}
