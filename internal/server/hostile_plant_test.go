package server

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/store"
)

// object is a JSON object.
type object = map[string]any

// planted is what plant has made: for the first word of a path the ID of a document, and the secrets.
type planted struct {
	ids     map[string]string
	secrets []string
}

// visible is in the name of every document that plant makes: it tells what a response shows.
const visible = "Canary"

// secret returns a new secret to be planted, as clients send one.
func (p *planted) secret(where string) object {
	return object{"HasValue": true, "NewValue": p.plain(where)}
}

func (p *planted) plain(where string) string {
	text := "hush-" + where + "-hush"
	p.secrets = append(p.secrets, text)
	return text
}

// plant makes a document of every kind in the default space, with a secret in each place for one.
func plant(t *testing.T, n *node) *planted {
	t.Helper()
	p := &planted{ids: map[string]string{"users": "Users-1", "feeds": "feeds-builtin", "userroles": "userroles-projectlead", "octopusservernodes": "OctopusServerNodes-node-1", "packages": "packages-Acme.1.0.0",
		"retentionpolicies": "LifecycleReleaseRetentionDefault-Spaces-1", "certificates": "certificate-global", "configuration": "certificate-global"}}
	add := func(path string, document object) object {
		if document["Name"] == nil {
			document["Name"] = visible + " " + path
		}
		made := n.make(t, "/api/Spaces-1/"+path, document)
		p.ids[path], _ = made["Id"].(string)
		return made
	}
	environment := add("environments", object{})["Id"].(string)
	add("tagsets", object{"Tags": []any{object{"Name": visible, "Color": "#ECAD3F"}}})
	add("proxies", object{"Host": "proxy", "Port": 80, "ProxyType": "HTTP", "Username": "u", "Password": p.secret("proxy")})
	p.accounts(add)
	p.feeds(add)
	p.machines(add, environment)
	add("projectgroups", object{})
	add("lifecycles", object{})
	add("libraryvariablesets", object{"ContentType": "Variables", "Templates": []any{object{"Name": "T", "DefaultValue": p.secret("library-template"), "DisplaySettings": object{"Octopus.ControlType": "Sensitive"}}}})
	project := add("projects", object{"ProjectGroupId": p.ids["projectgroups"], "LifecycleId": p.ids["lifecycles"], "IncludedLibraryVariableSetIds": []string{p.ids["libraryvariablesets"]},
		"Templates": []any{object{"Name": "T", "DefaultValue": p.secret("project-template"), "DisplaySettings": object{"Octopus.ControlType": "Sensitive"}}}})["Id"].(string)
	add("tenants", object{"ProjectEnvironments": object{project: []string{environment}}})
	add("channels", object{"ProjectId": project})
	p.ids["deploymentsettings"], p.ids["deploymentprocesses"], p.ids["variables"] = project, "deploymentprocess-"+project, "variableset-"+project
	n.put(t, "variables/variableset-"+project, object{"Version": 0, "Variables": []any{
		object{"Name": "Secret", "Value": p.plain("variable"), "Type": "Sensitive"}, object{"Name": visible, "Value": visible, "Type": "String"},
	}})
	action := object{"Name": "Run", "ActionType": "Octopus.Script", "Properties": object{"Octopus.Action.RunOnServer": "true", "Octopus.Action.Script.ScriptBody": "echo", "Password": p.secret("process-property")}}
	n.put(t, "projects/"+project+"/deploymentprocesses", object{"Version": 0, "Steps": []any{object{"Name": "Run", "Properties": object{}, "Actions": []any{action}}}})
	n.make(t, "/api/users", object{"Username": visible, "DisplayName": visible, "IsActive": true, "Password": p.plain("password")})
	team := n.make(t, "/api/teams", object{"Name": visible + " team"})
	p.ids["teams"] = team["Id"].(string)
	p.ids["scopeduserroles"] = n.make(t, "/api/scopeduserroles", object{"TeamId": team["Id"], "UserRoleId": "userroles-projectlead", "SpaceId": "Spaces-1"})["Id"].(string)
	key := n.make(t, "/api/users/me/apikeys", object{"Purpose": visible})
	p.secrets = append(p.secrets, key["ApiKey"].(string))
	p.ids["tasks"] = n.make(t, "/api/tasks", object{"Name": "Health", "Description": visible, "Arguments": object{"EnvironmentId": environment}})["Id"].(string)
	p.ids["events"] = "Events-1"
	n.upload(t, adminKey, "Acme.1.0.0.zip")
	p.release(t, n, add, project, environment)
	return p
}

// release makes a release, a deployment of it, and an artifact of that.
func (p *planted) release(t *testing.T, n *node, add func(string, object) object, project, environment string) {
	t.Helper()
	release := add("releases", object{"ProjectId": project, "Version": "1.0.0", "ReleaseNotes": visible})["Id"]
	deployment := add("deployments", object{"ReleaseId": release, "EnvironmentId": environment, "Comments": visible})
	p.ids["progression"] = project
	p.ids["artifacts"] = "Artifacts-1"
	err := n.db.Write(t.Context(), func(tx *store.Tx) error {
		return n.keepArtifact(tx, deployment["TaskId"].(string), visible, "", "artifacts/Spaces-1/none", 1)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *planted) accounts(add func(string, object) object) {
	for kind, members := range map[string][]string{
		"UsernamePassword": {"Password"}, "SshKeyPair": {"PrivateKeyFile", "PrivateKeyPassphrase"}, "Token": {"Token"}, "AmazonWebServicesAccount": {"SecretKey"},
		"AzureServicePrincipal": {"Password"}, "AzureSubscription": {"CertificateBytes"}, "GoogleCloudAccount": {"JsonKey"},
	} {
		id := "12345678-1234-1234-1234-123456789012"
		document := object{"Name": visible + " " + kind, "AccountType": kind, "Username": "u", "AccessKey": "AK", "SubscriptionNumber": id, "ClientId": id, "TenantId": id}
		for _, m := range members {
			document[m] = p.secret(kind + "-" + m)
		}
		add("accounts", document)
	}
}

func (p *planted) feeds(add func(string, object) object) {
	add("feeds", object{"Name": visible + " nuget", "FeedType": "NuGet", "FeedUri": "https://feed.example/v3/index.json", "Username": "u", "Password": p.secret("feed")})
	add("feeds", object{"Name": visible + " ecr", "FeedType": "AwsElasticContainerRegistry", "AccessKey": "AK", "Region": "r", "SecretKey": p.secret("feed-ecr")})
}

func (p *planted) machines(add func(string, object) object, environment string) {
	add("workerpools", object{"WorkerPoolType": "StaticWorkerPool"})
	add("machinepolicies", object{})
	add("workers", object{"WorkerPoolIds": []string{p.ids["workerpools"]}, "MachinePolicyId": p.ids["machinepolicies"], "Endpoint": object{
		"CommunicationStyle": "TentaclePassive", "Uri": "https://w.example:10933/", "Thumbprint": strings.Repeat("A", 40)}})
	add("machines", object{"Roles": []string{"web"}, "EnvironmentIds": []string{environment}, "MachinePolicyId": p.ids["machinepolicies"], "Endpoint": object{
		"CommunicationStyle": "OfflineDrop", "Destination": object{"DestinationType": "FileSystem", "DropFolderPath": "/d"}, "SensitiveVariablesEncryptionPassword": p.secret("machine-drop"),
		"ApplicationsDirectory": "/a", "OctopusWorkingDirectory": "/w"}})
	add("machines", object{"Name": visible + " fabric", "Roles": []string{"web"}, "EnvironmentIds": []string{environment}, "MachinePolicyId": p.ids["machinepolicies"], "Endpoint": object{
		"CommunicationStyle": "AzureServiceFabricCluster", "ConnectionEndpoint": "https://f", "SecurityMode": "SecureAzureAD", "AadCredentialType": "UserCredential", "AadUserCredentialUsername": "u",
		"AadUserCredentialPassword": p.secret("machine-fabric")}})
}

func (n *node) put(t *testing.T, path string, document object) {
	t.Helper()
	if a := n.do(t, adminKey, http.MethodPut, "/api/Spaces-1/"+path, document); a.status != http.StatusOK {
		t.Fatalf("PUT %s: %d %s", path, a.status, a.body)
	}
}

// upload pushes a package that is an archive of one small file.
func (n *node) upload(t *testing.T, key, name string) {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	w, err := archive.Create("a.txt")
	if err == nil {
		_, err = io.WriteString(w, "text")
	}
	if err != nil || archive.Close() != nil {
		t.Fatal(err)
	}
	if a := n.do(t, key, http.MethodPost, "/api/Spaces-1/packages/raw?fileName="+name, file.String()); a.status != http.StatusCreated {
		t.Fatalf("push %s: %d %s", name, a.status, a.body)
	}
}

// fill puts IDs of what was planted into an operation's path.
func (p *planted) fill(path string) string {
	words := strings.Split(path, "/")
	for i, word := range words {
		if !strings.HasPrefix(word, "{") {
			continue
		}
		switch id := p.ids[strings.ToLower(words[0])]; {
		case word == "{space}":
			words[i] = "Spaces-1"
		case word == "{id}" && words[0] == "spaces":
			words[i] = "Spaces-1"
		case word == "{channel}":
			words[i] = p.ids["channels"]
		case word == "{packageId}":
			words[i] = "Acme"
		case word == "{function}":
			words[i] = "Search()"
		case word == "{file}":
			words[i] = "index.json"
		case strings.HasSuffix(strings.ToLower(word), "version}"):
			words[i] = "1.0.0"
		case id != "":
			words[i] = id
		default:
			panic(fmt.Sprintf("nothing is planted for the path %s; add it to plant", path))
		}
	}
	return strings.Join(words, "/")
}
