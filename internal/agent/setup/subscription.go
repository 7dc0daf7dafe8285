package setup

import (
	"crypto/rand"
	"math/big"
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	subscriptionAlphabet = "abcdefghjklmnpqrstuvwxyz23456789"
	subscriptionLength   = 20
)

// newSubscription makes the address under which an agent asks a server for work: poll:// and 20 random characters.
func newSubscription() (string, error) {
	b := make([]byte, subscriptionLength)
	for i := range b {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(subscriptionAlphabet))))
		if err != nil {
			return "", err
		}
		b[i] = subscriptionAlphabet[n.Int64()]
	}
	return "poll://" + string(b) + "/", nil
}

// parseSubscription reads --server-subscription-id: poll://id/, the host in lower case.
func parseSubscription(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || !strings.EqualFold(u.Scheme, "poll") || u.Host == "" {
		return "", fault.Invalid("--server-subscription-id=%s is not a subscription; it has the form poll://name/", text)
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	return "poll://" + strings.ToLower(u.Host) + path, nil
}

// subscriptionOf returns the subscription of an entry that match accepts, "" if there is none.
func subscriptionOf(servers []settings.TrustedServer, f *opened, match func(settings.TrustedServer) bool) string {
	for _, s := range servers {
		if !match(s) {
			continue
		}
		if s.SubscriptionID != nil && *s.SubscriptionID != "" {
			return *s.SubscriptionID
		}
		if s.Squid != nil && *s.Squid != "" {
			return "poll://" + strings.ToLower(*s.Squid) + "/"
		}
		if squid, _ := f.Get(settings.KeySquid); squid != "" && s.Polls() {
			return "poll://" + strings.ToLower(squid) + "/"
		}
	}
	return ""
}

func sameThumbprint(t string) func(settings.TrustedServer) bool {
	return func(s settings.TrustedServer) bool { return strings.EqualFold(s.Thumbprint, t) }
}

// subscriptionFor returns the subscription of a thumbprint, or a new one.
func subscriptionFor(servers []settings.TrustedServer, f *opened, thumbprint string) (string, error) {
	if id := subscriptionOf(servers, f, sameThumbprint(thumbprint)); id != "" {
		return id, nil
	}
	return newSubscription()
}
