package contract

import "github.com/mantledeploy/mantle/halibut"

const (
	legacyPrefix = "Octopus.Shared.Contracts."
	legacySuffix = ", Octopus.Shared"
	prefix       = "Octopus.Tentacle.Contracts."
	suffix       = ", Octopus.Tentacle.Contracts"
)

// Registry returns the types of every contract under the names that they have on the wire. The first script
// service's are written under their old names, which every Tentacle since 3.x reads, and read under either.
func Registry() (*halibut.Registry, error) { return halibut.NewRegistry(types()...) }

func types() []halibut.Type {
	return []halibut.Type{
		legacy("StartScriptCommand", StartScriptCommand{}),
		legacy("ScriptStatusRequest", ScriptStatusRequest{}),
		legacy("ScriptStatusResponse", ScriptStatusResponse{}),
		legacy("CancelScriptCommand", CancelScriptCommand{}),
		legacy("CompleteScriptCommand", CompleteScriptCommand{}),
		legacy("ScriptTicket", ScriptTicket{}),
		legacy("ScriptFile", ScriptFile{}),
		legacy("UploadResult", UploadResult{}),
		modern("Capabilities.CapabilitiesResponseV2", CapabilitiesResponseV2{}),
		modern("ScriptServiceV2.StartScriptCommandV2", StartScriptCommandV2{}),
		modern("ScriptServiceV2.ScriptStatusRequestV2", ScriptStatusRequestV2{}),
		modern("ScriptServiceV2.CancelScriptCommandV2", CancelScriptCommandV2{}),
		modern("ScriptServiceV2.CompleteScriptCommandV2", CompleteScriptCommandV2{}),
		modern("ScriptServiceV2.ScriptStatusResponseV2", ScriptStatusResponseV2{}),
		modern("KubernetesScriptServiceV1.StartKubernetesScriptCommandV1", StartKubernetesScriptCommandV1{}),
		modern("KubernetesScriptServiceV1.KubernetesScriptStatusRequestV1", KubernetesScriptStatusRequestV1{}),
		modern("KubernetesScriptServiceV1.CancelKubernetesScriptCommandV1", CancelKubernetesScriptCommandV1{}),
		modern("KubernetesScriptServiceV1.CompleteKubernetesScriptCommandV1", CompleteKubernetesScriptCommandV1{}),
		modern("KubernetesScriptServiceV1.KubernetesScriptStatusResponseV1", KubernetesScriptStatusResponseV1{}),
	}
}

func legacy(name string, value any) halibut.Type {
	return halibut.Type{Name: legacyPrefix + name + legacySuffix, Aliases: []string{prefix + name + suffix}, Value: value}
}

func modern(name string, value any) halibut.Type {
	return halibut.Type{Name: prefix + name + suffix, Value: value}
}
