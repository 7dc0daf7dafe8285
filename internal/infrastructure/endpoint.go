package infrastructure

import (
	"encoding/json"

	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/secret"
)

// The communication styles.
const (
	Listening          = "TentaclePassive"
	Polling            = "TentacleActive"
	KubernetesAgent    = "KubernetesTentacle"
	SSH                = "Ssh"
	OfflineDrop        = "OfflineDrop"
	CloudRegion        = "None"
	Kubernetes         = "Kubernetes"
	AzureWebApp        = "AzureWebApp"
	AzureCloudService  = "AzureCloudService"
	AzureServiceFabric = "AzureServiceFabricCluster"
	AwsEcs             = "AwsEcsCluster"
	StepPackage        = "StepPackage"
	Ftp                = "Ftp"
)

// Endpoint says how a machine is reached. CommunicationStyle says which of the other members it has; see variant.
type Endpoint struct {
	CommunicationStyle string

	// Agents.
	URI                       string          `json:"Uri,omitzero"`
	Thumbprint                string          `json:"Thumbprint,omitzero"`
	ProxyID                   string          `json:"ProxyId,omitzero"`
	TentacleVersionDetails    *AgentDetails   `json:"TentacleVersionDetails,omitzero"`
	CertificateSignatureAlg   string          `json:"CertificateSignatureAlgorithm,omitzero"`
	TentacleEndpointConfig    *AgentEndpoint  `json:"TentacleEndpointConfiguration,omitzero"`
	KubernetesAgentDetails    *ClusterAgent   `json:"KubernetesAgentDetails,omitzero"`
	UpgradeLocked             bool            `json:"UpgradeLocked,omitzero"`
	DefaultNamespace          string          `json:"DefaultNamespace,omitzero"`
	AccountID                 string          `json:"AccountId,omitzero"`
	Host                      string          `json:"Host,omitzero"`
	Port                      int             `json:"Port,omitzero"`
	Fingerprint               string          `json:"Fingerprint,omitzero"`
	DotNetCorePlatform        string          `json:"DotNetCorePlatform,omitzero"`
	DefaultWorkerPoolID       string          `json:"DefaultWorkerPoolId,omitzero"`
	ClusterURL                string          `json:"ClusterUrl,omitzero"`
	ClusterCertificate        string          `json:"ClusterCertificate,omitzero"`
	ClusterCertificatePath    string          `json:"ClusterCertificatePath,omitzero"`
	SkipTLSVerification       string          `json:"SkipTlsVerification,omitzero"`
	Namespace                 string          `json:"Namespace,omitzero"`
	ContainerOptions          string          `json:"ContainerOptions,omitzero"`
	RunningInContainer        bool            `json:"RunningInContainer,omitzero"`
	Container                 *Container      `json:"Container,omitzero"`
	Authentication            *ClusterAccess  `json:"Authentication,omitzero"`
	Destination               *Destination    `json:"Destination,omitzero"`
	ApplicationsDirectory     string          `json:"ApplicationsDirectory,omitzero"`
	OctopusWorkingDirectory   string          `json:"OctopusWorkingDirectory,omitzero"`
	ResourceGroupName         string          `json:"ResourceGroupName,omitzero"`
	WebAppName                string          `json:"WebAppName,omitzero"`
	WebAppSlotName            string          `json:"WebAppSlotName,omitzero"`
	CloudServiceName          string          `json:"CloudServiceName,omitzero"`
	StorageAccountName        string          `json:"StorageAccountName,omitzero"`
	Slot                      string          `json:"Slot,omitzero"`
	SwapIfPossible            bool            `json:"SwapIfPossible,omitzero"`
	UseCurrentInstanceCount   bool            `json:"UseCurrentInstanceCount,omitzero"`
	ConnectionEndpoint        string          `json:"ConnectionEndpoint,omitzero"`
	SecurityMode              string          `json:"SecurityMode,omitzero"`
	ServerCertThumbprint      string          `json:"ServerCertThumbprint,omitzero"`
	ClientCertVariable        string          `json:"ClientCertVariable,omitzero"`
	CertificateStoreLocation  string          `json:"CertificateStoreLocation,omitzero"`
	CertificateStoreName      string          `json:"CertificateStoreName,omitzero"`
	AadCredentialType         string          `json:"AadCredentialType,omitzero"`
	AadClientCredentialSecret string          `json:"AadClientCredentialSecret,omitzero"`
	AadUserCredentialUsername string          `json:"AadUserCredentialUsername,omitzero"`
	ClusterName               string          `json:"ClusterName,omitzero"`
	Region                    string          `json:"Region,omitzero"`
	UseInstanceRole           *bool           `json:"UseInstanceRole,omitzero"`
	AssumeRole                bool            `json:"AssumeRole,omitzero"`
	AssumedRoleArn            string          `json:"AssumedRoleArn,omitzero"`
	AssumedRoleSession        string          `json:"AssumedRoleSession,omitzero"`
	AssumeRoleSessionDuration *int            `json:"AssumeRoleSessionDurationSeconds,omitzero"`
	AssumeRoleExternalID      string          `json:"AssumeRoleExternalId,omitzero"`
	DeploymentTargetTypeID    string          `json:"DeploymentTargetTypeId,omitzero"`
	StepPackageVersion        string          `json:"StepPackageVersion,omitzero"`
	Inputs                    json.RawMessage `json:"Inputs,omitzero"`

	// Secrets.
	SensitiveVariablesEncryptionPassword secret.Sensitive `json:"SensitiveVariablesEncryptionPassword,omitzero"`
	AadUserCredentialPassword            secret.Sensitive `json:"AadUserCredentialPassword,omitzero"`
}

// AgentDetails is what is known about the version of an agent. All but UpgradeLocked is found out by health checks.
type AgentDetails struct {
	UpgradeLocked    bool
	Version          string
	UpgradeSuggested bool
	UpgradeRequired  bool
	UpgradeAvailable bool
}

// AgentEndpoint is how an agent in a cluster is reached.
type AgentEndpoint struct {
	// CommunicationMode is Polling or Listening.
	CommunicationMode       string
	URI                     string `json:"Uri"`
	Thumbprint              string
	CertificateSignatureAlg string `json:"CertificateSignatureAlgorithm"`
	ProxyID                 string `json:"ProxyId,omitzero"`
}

// Members implements variant.Typed.
func (a AgentEndpoint) Members() []string {
	if a.CommunicationMode == "Listening" {
		return []string{"ProxyId"}
	}
	return nil
}

// ClusterAgent describes the agent in a cluster, as health checks found it.
type ClusterAgent struct {
	AgentVersion, TentacleVersion, UpgradeStatus, HelmReleaseName, KubernetesNamespace string
}

// Container names the image in which steps for a target run.
type Container struct {
	Image      string
	FeedID     string `json:"FeedId"`
	GitURL     string `json:"GitUrl"`
	Dockerfile string
}

// Destination is where packages for a machine without a network go.
type Destination struct {
	DestinationType string
	DropFolderPath  string
}

// ClusterAccess says with what a cluster is entered; AuthenticationType decides which members it has.
type ClusterAccess struct {
	AuthenticationType        string
	AccountID                 string `json:"AccountId,omitzero"`
	ClusterName               string `json:"ClusterName,omitzero"`
	ClusterResourceGroup      string `json:"ClusterResourceGroup,omitzero"`
	AdminLogin                string `json:"AdminLogin,omitzero"`
	UseInstanceRole           bool   `json:"UseInstanceRole,omitzero"`
	AssumeRole                bool   `json:"AssumeRole,omitzero"`
	AssumedRoleArn            string `json:"AssumedRoleArn,omitzero"`
	AssumedRoleSession        string `json:"AssumedRoleSession,omitzero"`
	AssumeRoleSessionDuration *int   `json:"AssumeRoleSessionDurationSeconds,omitzero"`
	AssumeRoleExternalID      string `json:"AssumeRoleExternalId,omitzero"`
	UseVMServiceAccount       bool   `json:"UseVmServiceAccount,omitzero"`
	ImpersonateServiceAccount bool   `json:"ImpersonateServiceAccount,omitzero"`
	ServiceAccountEmails      string `json:"ServiceAccountEmails,omitzero"`
	Project                   string `json:"Project,omitzero"`
	Region                    string `json:"Region,omitzero"`
	Zone                      string `json:"Zone,omitzero"`
	ClientCertificate         string `json:"ClientCertificate,omitzero"`
	TokenPath                 string `json:"TokenPath,omitzero"`
}

var _ variant.Typed = Endpoint{}

// Members implements variant.Typed.
func (a ClusterAccess) Members() []string {
	switch a.AuthenticationType {
	case "KubernetesStandard":
		return []string{"AccountId"}
	case "KubernetesAws":
		return []string{"AccountId", "ClusterName", "UseInstanceRole", "AssumeRole", "AssumedRoleArn", "AssumedRoleSession", "AssumeRoleSessionDurationSeconds", "AssumeRoleExternalId"}
	case "KubernetesAzure":
		return []string{"AccountId", "ClusterName", "ClusterResourceGroup", "AdminLogin"}
	case "KubernetesGoogleCloud":
		return []string{"AccountId", "ClusterName", "UseVmServiceAccount", "ImpersonateServiceAccount", "ServiceAccountEmails", "Project", "Region", "Zone"}
	case "KubernetesCertificate":
		return []string{"ClientCertificate"}
	case "KubernetesPodService":
		return []string{"TokenPath"}
	}
	return nil
}

// Members implements variant.Typed.
func (e Endpoint) Members() []string {
	switch e.CommunicationStyle {
	case Listening:
		return []string{"Uri", "Thumbprint", "ProxyId", "TentacleVersionDetails", "CertificateSignatureAlgorithm"}
	case Polling:
		return []string{"Uri", "Thumbprint", "TentacleVersionDetails", "CertificateSignatureAlgorithm"}
	case KubernetesAgent:
		return []string{"TentacleEndpointConfiguration", "KubernetesAgentDetails", "UpgradeLocked", "DefaultNamespace"}
	case SSH:
		return []string{"AccountId", "Host", "Port", "Fingerprint", "Uri", "ProxyId", "DotNetCorePlatform"}
	case Kubernetes:
		return []string{"ClusterCertificate", "ClusterCertificatePath", "ClusterUrl", "Namespace", "SkipTlsVerification", "ProxyId", "ContainerOptions",
			"RunningInContainer", "DefaultWorkerPoolId", "Authentication", "Container"}
	case OfflineDrop:
		return []string{"Destination", "SensitiveVariablesEncryptionPassword", "ApplicationsDirectory", "OctopusWorkingDirectory"}
	case CloudRegion:
		return []string{"DefaultWorkerPoolId"}
	case AzureWebApp:
		return []string{"AccountId", "ResourceGroupName", "WebAppName", "WebAppSlotName", "DefaultWorkerPoolId"}
	case AzureCloudService:
		return []string{"AccountId", "CloudServiceName", "StorageAccountName", "Slot", "SwapIfPossible", "UseCurrentInstanceCount", "DefaultWorkerPoolId"}
	case AzureServiceFabric:
		return []string{"ConnectionEndpoint", "SecurityMode", "ServerCertThumbprint", "ClientCertVariable", "CertificateStoreLocation", "CertificateStoreName",
			"AadCredentialType", "AadClientCredentialSecret", "AadUserCredentialUsername", "AadUserCredentialPassword", "DefaultWorkerPoolId"}
	case AwsEcs:
		return []string{"DefaultWorkerPoolId", "ClusterName", "Region", "AccountId", "UseInstanceRole", "AssumeRole", "AssumedRoleArn", "AssumedRoleSession",
			"AssumeRoleSessionDurationSeconds", "AssumeRoleExternalId"}
	case StepPackage:
		return []string{"DeploymentTargetTypeId", "StepPackageVersion", "Inputs", "DefaultWorkerPoolId"}
	}
	return nil
}
