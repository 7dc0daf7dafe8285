package registration

import (
	"net"
	"strconv"
	"strings"
)

// Endpoint says how the server reaches the agent.
type Endpoint struct {
	Thumbprint string
	// Subscription is the agent's poll:// address; empty for an agent that listens.
	Subscription string
	// Host and Port are where a listening agent is called; Proxy is the name of the server's proxy to it, or "".
	Host  string
	Port  int
	Proxy string
	// Kubernetes marks the agent of a cluster.
	Kubernetes bool
}

// URI returns the endpoint's address: https://host:port/ or poll://id/.
func (e Endpoint) URI() string {
	if e.Subscription != "" {
		return e.Subscription
	}
	return "https://" + net.JoinHostPort(strings.ToLower(strings.Trim(e.Host, "[]")), strconv.Itoa(e.Port)) + "/"
}

// The documents below have the members in the order in which clients of this API send them.

type tail struct {
	ID             *string           `json:"Id"`
	LastModifiedOn *string           `json:"LastModifiedOn"`
	LastModifiedBy *string           `json:"LastModifiedBy"`
	Links          map[string]string `json:"Links"`
}

type listeningEndpoint struct {
	CommunicationStyle            string
	ProxyID                       *string `json:"ProxyId"`
	Thumbprint                    string
	URI                           string `json:"Uri"`
	TentacleVersionDetails        *string
	CertificateSignatureAlgorithm *string
	tail
}

type pollingEndpoint struct {
	CommunicationStyle            string
	Thumbprint                    string
	URI                           string `json:"Uri"`
	TentacleVersionDetails        *string
	CertificateSignatureAlgorithm *string
	tail
}

type kubernetesEndpoint struct {
	CommunicationStyle            string
	TentacleEndpointConfiguration any
	KubernetesAgentDetails        *string
	UpgradeLocked                 bool
	DefaultNamespace              *string
	tail
}

type kubernetesListening struct {
	CommunicationMode             string
	ProxyID                       *string `json:"ProxyId"`
	Thumbprint                    string
	URI                           string `json:"Uri"`
	CertificateSignatureAlgorithm *string
}

type kubernetesPolling struct {
	CommunicationMode             string
	Thumbprint                    string
	URI                           string `json:"Uri"`
	CertificateSignatureAlgorithm *string
}

func (e Endpoint) document(proxyID *string) any {
	end := tail{Links: map[string]string{}}
	polling := e.Subscription != ""
	switch {
	case e.Kubernetes && polling:
		return kubernetesEndpoint{CommunicationStyle: "KubernetesTentacle", tail: end,
			TentacleEndpointConfiguration: kubernetesPolling{CommunicationMode: "Polling", Thumbprint: e.Thumbprint, URI: e.URI()}}
	case e.Kubernetes:
		return kubernetesEndpoint{CommunicationStyle: "KubernetesTentacle", tail: end,
			TentacleEndpointConfiguration: kubernetesListening{CommunicationMode: "Listening", ProxyID: proxyID, Thumbprint: e.Thumbprint, URI: e.URI()}}
	case polling:
		return pollingEndpoint{CommunicationStyle: "TentacleActive", Thumbprint: e.Thumbprint, URI: e.URI(), tail: end}
	default:
		return listeningEndpoint{CommunicationStyle: "TentaclePassive", ProxyID: proxyID, Thumbprint: e.Thumbprint, URI: e.URI(), tail: end}
	}
}
