package infrastructure

import (
	"encoding/json"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
)

// agentPort is where a listening agent listens unless its address says otherwise.
const agentPort = "10933"

// Styles are the communication styles that a machine may have.
func Styles() []string {
	return []string{Listening, Polling, KubernetesAgent, SSH, OfflineDrop, CloudRegion, Kubernetes, AzureWebApp, AzureCloudService, AzureServiceFabric, AwsEcs, StepPackage, Ftp}
}

// Agent returns the address and the thumbprint of the agent behind the endpoint, and whether the agent calls the server
// (polling). ok is false where there is no agent.
func (e Endpoint) Agent() (uri, thumbprint string, polling, ok bool) {
	switch {
	case e.CommunicationStyle == Listening, e.CommunicationStyle == Polling:
		return e.URI, NormalThumbprint(e.Thumbprint), e.CommunicationStyle == Polling, true
	case e.CommunicationStyle == KubernetesAgent && e.TentacleEndpointConfig != nil:
		c := e.TentacleEndpointConfig
		return c.URI, NormalThumbprint(c.Thumbprint), c.CommunicationMode == "Polling", true
	}
	return "", "", false, false
}

// Address returns host and port of a listening agent, or nothing.
func (e Endpoint) Address() string {
	uri, _, polling, ok := e.Agent()
	u, err := url.Parse(uri)
	if !ok || polling || err != nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = agentPort
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Subscription returns the address of a polling agent in the one form in which it is compared: "poll://name/", lower case; or
// nothing.
func (e Endpoint) Subscription() string {
	uri, _, polling, ok := e.Agent()
	if !ok || !polling {
		return ""
	}
	return NormalSubscription(uri)
}

// NormalSubscription brings the address of a polling agent to the form in which it is compared.
func NormalSubscription(uri string) string { return strings.ToLower(strings.TrimRight(uri, "/")) + "/" }

// NormalThumbprint brings a thumbprint to the form in which it is compared: upper case, without blanks and colons.
func NormalThumbprint(text string) string { return strings.ToUpper(plainThumbprint(text)) }

// plainThumbprint takes out what people write between the digits. The case stays: clients compare what they sent with what they read.
func plainThumbprint(text string) string {
	return strings.NewReplacer(" ", "", ":", "", "-", "", "\u200e", "").Replace(text)
}

// shownThumbprint is the agent's thumbprint as it was typed, or nothing.
func (e Endpoint) shownThumbprint() string {
	if e.CommunicationStyle == KubernetesAgent && e.TentacleEndpointConfig != nil {
		return e.TentacleEndpointConfig.Thumbprint
	}
	return e.Thumbprint
}

// prepare normalises, fills in what a style has by default, and drops what health checks find out and what is of other styles.
func (e *Endpoint) prepare(uri, thumbprint string, old *Endpoint) {
	if e.CommunicationStyle == Listening || e.CommunicationStyle == Polling {
		if e.URI == "" {
			e.URI = uri
		}
		if e.Thumbprint == "" {
			e.Thumbprint = thumbprint
		}
	}
	e.Thumbprint = plainThumbprint(e.Thumbprint)
	e.CertificateSignatureAlg, e.KubernetesAgentDetails = "", nil
	locked := e.TentacleVersionDetails != nil && e.TentacleVersionDetails.UpgradeLocked
	if e.TentacleVersionDetails == nil && old != nil && old.TentacleVersionDetails != nil {
		locked = old.TentacleVersionDetails.UpgradeLocked
	}
	e.TentacleVersionDetails = nil
	if locked {
		e.TentacleVersionDetails = &AgentDetails{UpgradeLocked: true}
	}
	if c := e.TentacleEndpointConfig; c != nil {
		c.Thumbprint, c.CertificateSignatureAlg = plainThumbprint(c.Thumbprint), ""
		variant.Clear(c)
	}
	e.fillDefaults()
	variant.Clear(e)
}

func (e *Endpoint) fillDefaults() {
	switch e.CommunicationStyle {
	case SSH:
		if e.Port == 0 {
			e.Port = 22
		}
		e.URI = "ssh://" + net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) + "/"
	case Kubernetes:
		if e.SkipTLSVerification == "" {
			e.SkipTLSVerification = "False"
		}
		if e.Authentication == nil {
			e.Authentication = &ClusterAccess{AuthenticationType: "KubernetesStandard"}
		}
		variant.Clear(e.Authentication)
	case OfflineDrop:
		if e.Destination == nil {
			e.Destination = &Destination{}
		}
		if e.Destination.DestinationType == "" {
			e.Destination.DestinationType = "Artifact"
		}
	case AzureServiceFabric:
		e.SecurityMode = orDefault(e.SecurityMode, "Unsecure")
		e.AadCredentialType = orDefault(e.AadCredentialType, "ClientCredential")
	case AwsEcs:
		if e.UseInstanceRole == nil {
			yes := true
			e.UseInstanceRole = &yes
		}
	case StepPackage:
		if len(e.Inputs) == 0 {
			e.Inputs = json.RawMessage("{}")
		}
	}
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// validate returns what is wrong with the endpoint of the thing that noun and name call.
func (e Endpoint) validate() []string {
	switch e.CommunicationStyle {
	case "":
		return []string{"the endpoint does not say how the machine is reached; give it a CommunicationStyle: " + strings.Join(Styles(), ", ")}
	case Listening:
		return agentFindings(e.URI, e.Thumbprint, false)
	case Polling:
		return agentFindings(e.URI, e.Thumbprint, true)
	case KubernetesAgent:
		if e.TentacleEndpointConfig == nil {
			return []string{"the endpoint of a Kubernetes agent needs the member TentacleEndpointConfiguration"}
		}
		return agentFindings(e.TentacleEndpointConfig.URI, e.TentacleEndpointConfig.Thumbprint, e.TentacleEndpointConfig.CommunicationMode == "Polling")
	case SSH:
		return e.sshFindings()
	case Kubernetes:
		return oneOf("AuthenticationType", e.Authentication.AuthenticationType, "None", "KubernetesStandard", "KubernetesAws", "KubernetesAzure", "KubernetesCertificate", "KubernetesPodService", "KubernetesGoogleCloud")
	case OfflineDrop:
		findings := oneOf("DestinationType", e.Destination.DestinationType, "Artifact", "FileSystem")
		if e.Destination.DestinationType == "FileSystem" && e.Destination.DropFolderPath == "" {
			findings = append(findings, "an offline drop to the file system needs a DropFolderPath")
		}
		return findings
	case AzureServiceFabric:
		return append(oneOf("SecurityMode", e.SecurityMode, "Unsecure", "SecureClientCertificate", "SecureAzureAD"),
			oneOf("AadCredentialType", e.AadCredentialType, "ClientCredential", "UserCredential")...)
	}
	return oneOf("CommunicationStyle", e.CommunicationStyle, Styles()...)
}

// oneOf finds a text that is none of the words.
func oneOf(member, text string, words ...string) []string {
	if slices.Contains(words, text) {
		return nil
	}
	return []string{member + " is " + strconv.Quote(text) + "; it must be one of " + strings.Join(words, ", ")}
}

func (e Endpoint) sshFindings() (findings []string) {
	if e.Host == "" {
		findings = append(findings, "an SSH endpoint needs a Host")
	}
	if e.Port < 1 || e.Port > 65535 {
		findings = append(findings, "the Port of an SSH endpoint must be from 1 to 65535, not "+strconv.Itoa(e.Port))
	}
	if e.Fingerprint == "" {
		findings = append(findings, "an SSH endpoint needs the Fingerprint of the host's key; ssh-keyscan shows it")
	}
	return findings
}

// agentFindings checks the address and the thumbprint of an agent.
func agentFindings(uri, thumbprint string, polling bool) (findings []string) {
	if problem := addressProblem(uri, polling); problem != "" {
		findings = append(findings, problem)
	}
	switch {
	case thumbprint == "":
		findings = append(findings, "the endpoint has no Thumbprint; it is the agent's identity, the agent's command show-thumbprint prints it")
	case len(thumbprint) > 128 || strings.Trim(thumbprint, "0123456789ABCDEFabcdef") != "":
		findings = append(findings, "the Thumbprint "+strconv.Quote(short(thumbprint))+" is not one: it must be hexadecimal digits, as the agent's command show-thumbprint prints them")
	}
	return findings
}

func short(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}

func addressProblem(uri string, polling bool) string {
	u, err := url.Parse(uri)
	want, scheme := "https://host:10933/", "https"
	if polling {
		want, scheme = "poll://subscription/", "poll"
	}
	name := strconv.Quote(short(uri))
	switch {
	case uri == "":
		return "the endpoint has no Uri; it must be like " + want
	case err != nil, !strings.EqualFold(u.Scheme, scheme), u.Hostname() == "":
		return "the Uri " + name + " is not an address of such an agent; it must be like " + want
	case u.User != nil, u.RawQuery != "", u.Fragment != "", u.Path != "" && u.Path != "/":
		return "the Uri " + name + " has more than host and port; it must be like " + want
	case polling && u.Port() != "":
		return "the Uri " + name + " of a polling agent has a port; it must be like " + want
	}
	if u.Port() != "" {
		if port, err := strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return "the port in the Uri " + name + " must be from 1 to 65535"
		}
	}
	return ""
}
