package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Style is how an agent and a server find each other.
type Style int

// The styles that an agent has; the numbers are the file's.
const (
	Listening Style = 1 // TentaclePassive: the server calls
	Polling   Style = 2 // TentacleActive: the agent calls
	// KubernetesAgent is either; KubernetesTentacleCommunicationMode says which.
	KubernetesAgent Style = 11
)

// UnmarshalJSON reads a number or a name.
func (s *Style) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) != nil {
		return json.Unmarshal(data, (*int)(s))
	}
	i := slices.IndexFunc(styleNames(), func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return fmt.Errorf("unknown communication style %q", name)
	}
	*s = Style(i)
	return nil
}

func styleNames() []string {
	return []string{"None", "TentaclePassive", "TentacleActive", "Ssh", "OfflineDrop", "AzureWebApp", "Ftp", "AzureCloudService",
		"AzureServiceFabric", "Kubernetes", "StepPackage", "KubernetesTentacle", "AwsEcsCluster"}
}

// TrustedServer is one entry of the trust list: a server's certificate, and, for polling, where to call it.
type TrustedServer struct {
	Thumbprint         string
	CommunicationStyle Style
	Address            *string
	Squid              *string
	SubscriptionID     *string          `json:"SubscriptionId"`
	KubernetesMode     *json.RawMessage `json:"KubernetesTentacleCommunicationMode,omitempty"`
}

// Polls says whether the agent calls this server.
func (t TrustedServer) Polls() bool {
	kubernetes := t.CommunicationStyle == KubernetesAgent && t.KubernetesMode != nil &&
		slices.Contains([]string{`1`, `"Polling"`}, strings.TrimSpace(string(*t.KubernetesMode)))
	return (t.CommunicationStyle == Polling || kubernetes) && t.Address != nil && *t.Address != ""
}

// SameServer compares the thumbprint and the address: what makes two entries one.
func (t TrustedServer) SameServer(o TrustedServer) bool {
	return strings.EqualFold(t.Thumbprint, o.Thumbprint) && SameAddress(t.Address, o.Address)
}

// SameAddress compares two addresses as addresses: without regard to case and to a slash at the end.
func SameAddress(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	trim := func(s string) string { return strings.ToLower(strings.TrimSuffix(s, "/")) }
	return trim(*a) == trim(*b)
}

// TrustedServers returns the trust list.
func (f *File) TrustedServers() ([]TrustedServer, error) {
	text := strings.TrimSpace(f.values[KeyTrustedServers])
	if text == "" {
		return nil, nil
	}
	var list []TrustedServer
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("%s in %s is not readable: %w; repair it, or start anew with: configure --reset-trust", KeyTrustedServers, f.path, err)
	}
	return list, nil
}

// SetTrustedServers replaces the trust list.
func (f *File) SetTrustedServers(list []TrustedServer) error {
	if list == nil {
		list = []TrustedServer{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(list); err != nil {
		return fmt.Errorf("encode trusted servers: %w", err)
	}
	f.Set(KeyTrustedServers, strings.TrimSuffix(b.String(), "\n"))
	return nil
}

// WithServer returns the list with one entry added at the end, in place of the entry of the same server.
func WithServer(list []TrustedServer, entry TrustedServer) []TrustedServer {
	kept := slices.DeleteFunc(slices.Clone(list), entry.SameServer)
	return append(kept, entry)
}
