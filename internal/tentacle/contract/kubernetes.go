package contract

import "time"

// The messages of IKubernetesScriptServiceV1: scripts that run in a pod of their own.

// StartKubernetesScriptCommandV1 starts a script in a pod, or asks for the state of the one that has this ticket.
type StartKubernetesScriptCommandV1 struct {
	ScriptTicket                *ScriptTicket
	TaskId                      string
	ScriptBody                  string
	Arguments                   []string
	Isolation                   IsolationLevel
	ScriptIsolationMutexTimeout time.Duration
	IsolationMutexName          string `halibut:"IsolationMutexName,nullable"`
	PodImageConfiguration       *PodImageConfigurationV1
	ScriptPodServiceAccountName string `halibut:"ScriptPodServiceAccountName,nullable"`
	Scripts                     map[ScriptType]string
	Files                       []ScriptFile
	IsRawScript                 bool
	AuthContext                 *KubernetesAuthContext
	ScriptPodPlatform           string `halibut:"ScriptPodPlatform,nullable"`
	CalamariImageConfiguration  *CalamariImageConfiguration
}

// PodImageConfigurationV1 says which image the pod runs, and how to fetch it.
type PodImageConfigurationV1 struct {
	Image        string `halibut:"Image,nullable"`
	FeedUrl      string `halibut:"FeedUrl,nullable"`
	FeedUsername string `halibut:"FeedUsername,nullable"`
	FeedPassword string `halibut:"FeedPassword,nullable"`
}

// KubernetesAuthContext says on whose behalf the script runs.
type KubernetesAuthContext struct {
	SpaceSlug        string `halibut:"SpaceSlug,nullable"`
	ProjectSlug      string `halibut:"ProjectSlug,nullable"`
	ProjectGroupSlug string `halibut:"ProjectGroupSlug,nullable"`
	EnvironmentSlug  string `halibut:"EnvironmentSlug,nullable"`
	TenantSlug       string `halibut:"TenantSlug,nullable"`
	StepSlug         string `halibut:"StepSlug,nullable"`
}

// CalamariImageConfiguration names the image that carries the step tool.
type CalamariImageConfiguration struct {
	Name    string `halibut:"Name,nullable"`
	Version string `halibut:"Version,nullable"`
}

// KubernetesScriptStatusRequestV1 asks for the state, and for the log lines after LastLogSequence.
type KubernetesScriptStatusRequestV1 struct {
	ScriptTicket    *ScriptTicket
	LastLogSequence int64
}

// CancelKubernetesScriptCommandV1 asks the agent to end the script.
type CancelKubernetesScriptCommandV1 struct {
	ScriptTicket    *ScriptTicket
	LastLogSequence int64
}

// CompleteKubernetesScriptCommandV1 deletes the pod and the workspace. It has no answer.
type CompleteKubernetesScriptCommandV1 struct {
	ScriptTicket *ScriptTicket
}

// KubernetesScriptStatusResponseV1 is the answer to the first three.
type KubernetesScriptStatusResponseV1 struct {
	ScriptTicket    *ScriptTicket
	Logs            []ProcessOutput
	NextLogSequence int64
	State           ProcessState
	ExitCode        int32
}
