package api

import "strings"

// absent returns what a path is about that Octopus has and this server has not, by the words of its segments; nothing where it
// is about something else. Whoever calls it knows the feature and not the path.
func absent(path string) string {
	features := map[string]string{
		"runbooks": "runbooks", "runbooksnapshots": "runbooks", "runbookprocesses": "runbooks", "runbookruns": "runbooks", "runbook-runs": "runbooks",
		"projecttriggers": "triggers", "triggers": "triggers", "build-information": "build information", "ephemeral": "ephemeral environments",
		"parentenvironments": "parent environments", "git": "projects in Git repositories", "git-credentials": "Git credentials", "certificates": "certificates",
		"actiontemplates": "step templates", "communityactiontemplates": "step templates", "deploymentfreezes": "deployment freezes", "subscriptions": "subscriptions",
		"interruptions": "interruptions", "platformhub": "a platform hub", "oidcidentities": "OIDC identities of service accounts",
	}
	for segment := range strings.SplitSeq(strings.ToLower(path), "/") {
		if feature := features[segment]; feature != "" {
			return feature
		}
	}
	return ""
}
