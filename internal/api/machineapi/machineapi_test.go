package machineapi_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/accountapi"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/machineapi"
	"github.com/mantledeploy/mantle/internal/api/tenantapi"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const (
	machines   = "/api/Spaces-1/machines"
	workers    = "/api/Spaces-1/workers"
	pools      = "/api/Spaces-1/workerpools"
	policies   = "/api/Spaces-1/machinepolicies"
	thumbprint = "34BA1D9CA40AAE94D3D2C72BD79F3868D1150A9D"
)

// server is an API with two environments, a role, a tenant with a tag, a proxy and an SSH account.
type server struct {
	*apitest.Server
	mu      sync.Mutex
	created []string // machines and workers that asked for a health check
}

func start(t *testing.T, db *store.DB) *server {
	t.Helper()
	s := &server{}
	note := func(tx *store.Tx, id string) error {
		tx.OnCommit(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.created = append(s.created, id)
		})
		return nil
	}
	s.Server = apitest.StartWith(t, db, apitest.Options{Hooks: []space.Hook{infrastructure.SpaceHook}}, func(e *api.Engine) {
		environmentapi.Register(e, environmentapi.Config{})
		tenantapi.Register(e, tenantapi.Config{})
		accountapi.Register(e, accountapi.Config{})
		machineapi.Register(e, machineapi.Config{
			Discover: func(_ context.Context, host string, port int) (string, error) {
				if host == "away" {
					return "", fmt.Errorf("discover %s:%d: connection refused", host, port)
				}
				return strings.ToLower(thumbprint), nil
			},
			OnMachineCreated: func(tx *store.Tx, m *infrastructure.Machine) error { return note(tx, m.ID) },
			OnWorkerCreated:  func(tx *store.Tx, w *infrastructure.Worker) error { return note(tx, w.ID) },
			MachineTasks: func(c *api.Call, id string) error {
				return c.JSON(200, c.Page("Task", "{s}/machines/"+id+"/tasks", []string{"skip", "take", "type"}, api.Paging{Take: 30}, 0, []any{}))
			},
			DeploymentMachines: func(_ *store.Tx, id string) ([]string, error) {
				return map[string][]string{"Deployments-1": {"Machines-1"}}[id], nil
			},
		})
	})
	for path, body := range map[string]string{
		"proxies":  `{"Name":"P","Host":"proxy.example","Port":3128,"Password":"secret"}`,
		"accounts": `{"Name":"key","AccountType":"SshKeyPair","Username":"u","PrivateKeyFile":"a2V5"}`,
		"tagsets":  `{"Name":"Kind","Tags":[{"Name":"VIP","Color":"#ECAD3F"}]}`,
		"tenants":  `{"Name":"Acme"}`,
	} {
		s.Do(t, "POST", "/api/Spaces-1/"+path, body).Want(201)
	}
	s.Do(t, "POST", "/api/Spaces-1/environments", `{"Name":"Development"}`).Want(201)
	s.Do(t, "POST", "/api/Spaces-1/environments", `{"Name":"Production"}`).Want(201)
	return s
}

func listening(name, host string) map[string]any {
	return map[string]any{
		"Name": name, "EnvironmentIds": []string{"Environments-1"}, "Roles": []string{"web"},
		"Endpoint": map[string]any{"CommunicationStyle": "TentaclePassive", "Uri": "https://" + host + ":10933/", "Thumbprint": thumbprint},
	}
}

func polling(name, subscription, print string) map[string]any {
	m := listening(name, "x")
	m["Endpoint"] = map[string]any{"CommunicationStyle": "TentacleActive", "Uri": "poll://" + subscription + "/", "Thumbprint": print}
	return m
}

func TestEchoMachine(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "MachineResource", Path: machines,
			Sample: map[string]any{
				"Name": "web01", "SpaceId": "Spaces-1", "EnvironmentIds": []string{"Environments-1", "Environments-2"}, "Roles": []string{"web", "db server"},
				"TenantedDeploymentParticipation": "TenantedOrUntenanted", "TenantIds": []string{"Tenants-1"}, "TenantTags": []string{"Kind/VIP"},
				"IsDisabled": true, "MachinePolicyId": "MachinePolicies-1", "Slug": "web-01", "SkipInitialHealthCheck": true,
				"Endpoint": map[string]any{
					"CommunicationStyle": "TentaclePassive", "ProxyId": "Proxies-1", "Thumbprint": thumbprint, "Uri": "https://machine1.example:11933/",
					"TentacleVersionDetails": nil, "CertificateSignatureAlgorithm": nil,
				},
			},
			Change: map[string]any{"IsDisabled": false, "Roles": []string{"api"}, "TenantIds": []string{}, "TenantTags": []string{}},
			Computed: []string{"Id", "LastModifiedOn", "LastModifiedBy", "Thumbprint", "Uri", "Status", "HealthStatus", "HasLatestCalamari", "StatusSummary", "IsInProcess",
				"OperatingSystem", "OperatingSystemVersion", "ShellName", "ShellVersion", "Architecture"},
		})
	})
}

// TestEndpoints posts an endpoint of every style with every member of its client type, and reads it back.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	secret := map[string]any{"HasValue": true, "NewValue": nil, "Hint": nil}
	rows := []struct {
		typ  string
		sent map[string]any
	}{
		{"ListeningTentacleEndpointResource", map[string]any{"CommunicationStyle": "TentaclePassive", "Uri": "https://h:10933", "Thumbprint": "AA", "ProxyId": "Proxies-1"}},
		{"PollingTentacleEndpointResource", map[string]any{"CommunicationStyle": "TentacleActive", "Uri": "poll://abc/", "Thumbprint": thumbprint}},
		{"SshEndpointResource", map[string]any{"CommunicationStyle": "Ssh", "AccountId": "Accounts-1", "Host": "h", "Port": 2222, "Fingerprint": "SHA256:x", "Uri": "ssh://h:2222/", "ProxyId": "Proxies-1", "DotNetCorePlatform": "linux-x64"}},
		{"CloudRegionEndpointResource", map[string]any{"CommunicationStyle": "None", "DefaultWorkerPoolId": "WorkerPools-1"}},
		{"OfflineDropEndpointResource", map[string]any{"CommunicationStyle": "OfflineDrop", "Destination": map[string]any{"DestinationType": "FileSystem", "DropFolderPath": "/drop"},
			"SensitiveVariablesEncryptionPassword": map[string]any{"HasValue": true, "NewValue": "hush"}, "ApplicationsDirectory": "/a", "OctopusWorkingDirectory": "/w"}},
		{"KubernetesEndpointResource", map[string]any{"CommunicationStyle": "Kubernetes", "ClusterCertificate": "Certificates-1", "ClusterCertificatePath": "/c", "ClusterUrl": "https://k", "Namespace": "n",
			"SkipTlsVerification": "True", "ProxyId": "Proxies-1", "ContainerOptions": "-m 1g", "DefaultWorkerPoolId": "WorkerPools-1",
			"Authentication": map[string]any{"AuthenticationType": "KubernetesStandard", "AccountId": "Accounts-1"}, "Container": map[string]any{"Image": "i", "FeedId": "Feeds-1", "GitUrl": "", "Dockerfile": ""}}},
		{"KubernetesTentacleEndpointResource", map[string]any{"CommunicationStyle": "KubernetesTentacle", "UpgradeLocked": true, "DefaultNamespace": "n",
			"TentacleEndpointConfiguration": map[string]any{"CommunicationMode": "Polling", "Uri": "poll://k8s/", "Thumbprint": thumbprint, "CertificateSignatureAlgorithm": ""}}},
		{"AzureWebAppEndpointResource", map[string]any{"CommunicationStyle": "AzureWebApp", "AccountId": "Accounts-1", "ResourceGroupName": "g", "WebAppName": "w", "WebAppSlotName": "s", "DefaultWorkerPoolId": "WorkerPools-1"}},
		{"CloudServiceEndpointResource", map[string]any{"CommunicationStyle": "AzureCloudService", "AccountId": "Accounts-1", "CloudServiceName": "c", "StorageAccountName": "s", "Slot": "Staging", "SwapIfPossible": true,
			"UseCurrentInstanceCount": true, "DefaultWorkerPoolId": "WorkerPools-1"}},
		{"ServiceFabricEndpointResource", map[string]any{"CommunicationStyle": "AzureServiceFabricCluster", "ConnectionEndpoint": "e", "SecurityMode": "SecureAzureAD", "ServerCertThumbprint": "t", "ClientCertVariable": "v",
			"CertificateStoreLocation": "l", "CertificateStoreName": "My", "AadCredentialType": "UserCredential", "AadClientCredentialSecret": "", "AadUserCredentialUsername": "u",
			"AadUserCredentialPassword": map[string]any{"HasValue": true, "NewValue": "hush"}, "DefaultWorkerPoolId": "WorkerPools-1"}},
		{"AwsEcsClusterEndpointResource", map[string]any{"CommunicationStyle": "AwsEcsCluster", "DefaultWorkerPoolId": "WorkerPools-1", "ClusterName": "c", "Region": "r", "AccountId": "Accounts-1", "UseInstanceRole": false,
			"AssumeRole": true, "AssumedRoleArn": "a", "AssumedRoleSession": "s", "AssumeRoleSessionDurationSeconds": 900, "AssumeRoleExternalId": "x"}},
		{"StepPackageEndpointResource", map[string]any{"CommunicationStyle": "StepPackage", "DeploymentTargetTypeId": "t", "StepPackageVersion": "1", "Inputs": map[string]any{"a": 1}, "DefaultWorkerPoolId": "WorkerPools-1"}},
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for i, row := range rows {
			m := listening(fmt.Sprintf("m%d", i), "x")
			m["Endpoint"] = row.sent
			created := s.Do(t, "POST", machines, m).Want(201).Object()
			got := created["Endpoint"].(map[string]any)
			for _, p := range apitest.Properties(t, row.typ) {
				value, has := got[p.Name]
				want, sent := row.sent[p.Name]
				switch {
				case p.Name == "Id" || strings.HasPrefix(p.Name, "LastModified"):
					continue
				case !has:
					t.Errorf("%s.%s is not in the answer", row.typ, p.Name)
				case p.Type == "SensitiveValue":
					if diff := cmp.Diff(secret, value); diff != "" {
						t.Errorf("%s.%s (-want +got):\n%s", row.typ, p.Name, diff)
					}
				case sent && want != "":
					if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(value)); diff != "" {
						t.Errorf("%s.%s (-sent +got):\n%s", row.typ, p.Name, diff)
					}
				}
			}
			if strings.Contains(fmt.Sprint(created), "hush") || strings.Contains(fmt.Sprint(created), "Sealed") {
				t.Errorf("%s shows its secret: %v", row.typ, created)
			}
			put := s.Do(t, "PUT", machines+"/"+created["Id"].(string), created).Want(200).Object()
			if diff := cmp.Diff(created["Endpoint"], put["Endpoint"]); diff != "" {
				t.Errorf("%s after a PUT (-before +after):\n%s", row.typ, diff)
			}
		}
	})
}

func TestMachineRules(t *testing.T) {
	t.Parallel()
	with := func(change func(m, endpoint map[string]any)) map[string]any {
		m := listening("new", "h")
		change(m, m["Endpoint"].(map[string]any))
		return m
	}
	rows := map[string]struct {
		body map[string]any
		want string
	}{
		"duplicate name":      {listening("WEB01", "h"), "exists already"},
		"no name":             {listening("", "h"), "has no name"},
		"no environment":      {with(func(m, _ map[string]any) { m["EnvironmentIds"] = []string{} }), "in no environment"},
		"unknown environment": {with(func(m, _ map[string]any) { m["EnvironmentIds"] = []string{"Environments-9"} }), "Environments-9"},
		"no role":             {with(func(m, _ map[string]any) { m["Roles"] = nil }), "no role"},
		"unknown policy":      {with(func(m, _ map[string]any) { m["MachinePolicyId"] = "MachinePolicies-9" }), "MachinePolicies-9"},
		"unknown tenant":      {with(func(m, _ map[string]any) { m["TenantIds"] = []string{"Tenants-9"} }), "Tenants-9"},
		"unknown tag":         {with(func(m, _ map[string]any) { m["TenantTags"] = []string{"a/b"} }), "a/b"},
		"unknown proxy":       {with(func(_, e map[string]any) { e["ProxyId"] = "Proxies-9" }), "Proxies-9"},
		"no thumbprint":       {with(func(_, e map[string]any) { delete(e, "Thumbprint") }), "no Thumbprint"},
		"bad thumbprint":      {with(func(_, e map[string]any) { e["Thumbprint"] = "hello" }), "hexadecimal"},
		"no address":          {with(func(_, e map[string]any) { delete(e, "Uri") }), "no Uri"},
		"wrong scheme":        {with(func(_, e map[string]any) { e["Uri"] = "http://h:10933/" }), "https://host:10933/"},
		"wrong port":          {with(func(_, e map[string]any) { e["Uri"] = "https://h:70000/" }), "1 to 65535"},
		"path in address":     {with(func(_, e map[string]any) { e["Uri"] = "https://h:1/x" }), "more than host and port"},
		"polling address":     {with(func(_, e map[string]any) { e["CommunicationStyle"] = "TentacleActive" }), "poll://subscription/"},
		"unknown style":       {with(func(_, e map[string]any) { e["CommunicationStyle"] = "Telepathy" }), "Telepathy"},
		"no style":            {with(func(_, e map[string]any) { e["CommunicationStyle"] = "" }), "CommunicationStyle"},
		"unknown mode":        {with(func(m, _ map[string]any) { m["TenantedDeploymentParticipation"] = "Sometimes" }), "Sometimes"},
	}
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "POST", machines, listening("web01", "h")).Want(201)
		for name, row := range rows {
			answer := s.Do(t, "POST", machines, row.body)
			if answer.Status/100 != 4 || !strings.Contains(string(answer.Body), row.want) {
				t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
			}
		}
		if n := s.Do(t, "GET", machines, nil).Want(200).Object()["TotalResults"]; n != 1.0 {
			t.Errorf("%v machines, want 1", n)
		}
	})
}

// TestComputedMembers sends what a registration sends: computed members, old top-level addresses, lower-case thumbprints. Those stay
// as they were sent, because clients compare them with what they read, and are found in any case.
func TestComputedMembers(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		body := listening("web01", "h")
		body["Status"], body["HealthStatus"], body["OperatingSystem"], body["IsInProcess"], body["HasLatestCalamari"] = "Online", "Healthy", "Unknown", true, true
		body["Uri"], body["Thumbprint"], body["MachinePolicyId"] = "https://old:1/", "BB", nil
		body["TenantTags"], body["Roles"] = []string{"kind/vip"}, []string{"web", "WEB", " web "}
		body["Endpoint"].(map[string]any)["Thumbprint"] = strings.ToLower(thumbprint)
		got := s.Do(t, "POST", machines, body).Want(201).Object()
		for member, want := range map[string]any{
			"HealthStatus": "Unknown", "Status": "Unknown", "OperatingSystem": "", "IsInProcess": false, "HasLatestCalamari": false,
			"Uri": "https://h:10933/", "Thumbprint": strings.ToLower(thumbprint), "MachinePolicyId": "MachinePolicies-1",
			"TenantTags": []any{"Kind/VIP"}, "Roles": []any{"web"}, "TenantIds": []any{}, "TenantedDeploymentParticipation": "Untenanted",
		} {
			if diff := cmp.Diff(want, got[member]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", member, diff)
			}
		}
		if n := s.Do(t, "GET", machines+"?thumbprint="+thumbprint, nil).Want(200).Object()["TotalResults"]; n != 1.0 {
			t.Errorf("%v machines have the thumbprint", n)
		}
		if got["Endpoint"].(map[string]any)["Thumbprint"] != strings.ToLower(thumbprint) {
			t.Errorf("the endpoint's thumbprint is %v", got["Endpoint"])
		}
		if diff := cmp.Diff([]string{"Machines-1"}, s.created); diff != "" {
			t.Errorf("health checks asked for (-want +got):\n%s", diff)
		}
		quiet := listening("quiet", "h")
		quiet["SkipInitialHealthCheck"] = true
		s.Do(t, "POST", machines, quiet).Want(201)
		if len(s.created) != 1 {
			t.Errorf("a machine that wants no health check asked for one")
		}
	})
}

func TestSubscriptionIsBound(t *testing.T) {
	t.Parallel()
	const other = "B45A028D81EA2BB7C995188057BC93E710536281"
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		first := s.Do(t, "POST", machines, polling("first", "abc", thumbprint)).Want(201).Object()
		s.Do(t, "POST", machines, polling("same agent", "ABC", thumbprint)).Want(201)
		worker := polling("worker", "abc", thumbprint)
		worker["WorkerPoolIds"] = []string{"WorkerPools-1"}
		s.Do(t, "POST", workers, worker).Want(201)
		refused := s.Do(t, "POST", machines, polling("thief", "abc", other)).Want(400).Object()
		if !strings.Contains(refused["ErrorMessage"].(string), "poll://abc/") {
			t.Errorf("the refusal does not name the subscription: %v", refused)
		}
		s.Do(t, "PUT", machines+"/Machines-1", polling("first", "abc", other)).Want(400)
		for _, path := range []string{machines + "/Machines-2", workers + "/Workers-1"} {
			s.Do(t, "DELETE", path, nil).Want(200)
		}
		// The only machine with the subscription may get a new certificate.
		s.Do(t, "PUT", machines+"/"+first["Id"].(string), polling("first", "abc", other)).Want(200)
		s.Do(t, "POST", machines, polling("not whole", "short", "AA")).Want(201)
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			trusted, err := infrastructure.Thumbprints(tx)
			if diff := cmp.Diff([]string{other}, trusted); diff != "" || err != nil {
				t.Errorf("trusted (-want +got): %v\n%s", err, diff)
			}
			got, ok, err := infrastructure.ThumbprintOf(tx, "poll://ABC")
			if got != other || !ok {
				t.Errorf("the subscription is bound to %q, %v", got, ok)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestMachineListFilters(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "POST", machines, listening("web01", "h")).Want(201)
		second := polling("Web02", "sub", "AB")
		second["EnvironmentIds"], second["Roles"], second["IsDisabled"] = []string{"Environments-2"}, []string{"Db"}, true
		second["TenantIds"], second["TenantTags"] = []string{"Tenants-1"}, []string{"Kind/VIP"}
		s.Do(t, "POST", machines, second).Want(201)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := infrastructure.SetHealth(tx, "Machines-2", infrastructure.Health{Status: infrastructure.Healthy, ShellName: "Bash", OperatingSystem: "Linux"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]string{
			"name=WEB01": "web01", "partialName=eb0": "web01,Web02", "roles=web": "web01", "roles=db,web": "web01,Web02", "isDisabled=true": "Web02", "isDisabled=False": "web01",
			"healthStatuses=Healthy": "Web02", "healthStatuses=Unknown": "web01", "commStyles=TentacleActive": "Web02", "tenantIds=Tenants-1": "Web02",
			"tenantTags=kind/vip": "Web02", "environmentIds=Environments-1": "web01", "thumbprint=ab": "Web02", "thumbprint=" + thumbprint: "web01", "shellNames=bash": "Web02",
			"deploymentId=Deployments-1": "web01", "deploymentId=Deployments-2": "", "ids=Machines-2,Machines-7": "Web02", "Name=web02": "Web02",
			"deploymentTargetTypes=TentaclePassive": "web01",
		} {
			var names []string
			for _, item := range s.Do(t, "GET", machines+"?"+query, nil).Want(200).Object()["Items"].([]any) {
				names = append(names, item.(map[string]any)["Name"].(string))
			}
			if got := strings.Join(names, ","); got != want {
				t.Errorf("%s gave %q, want %q", query, got, want)
			}
		}
		if all := s.Do(t, "GET", machines+"/all?thumbprint=AB", nil).Want(200).Array(); len(all) != 1 || all[0]["Name"] != "Web02" {
			t.Errorf("all by thumbprint: %v", all)
		}
		for path, want := range map[string]string{
			"/api/Spaces-1/machineroles/all": `["Db","web"]`, machines + "/operatingsystem/names/all": `["Linux"]`, machines + "/operatingsystem/shells/all": `["Bash"]`,
			workers + "/operatingsystem/names/all": `[]`,
		} {
			if got := string(s.Do(t, "GET", path, nil).Want(200).Body); got != want {
				t.Errorf("%s gave %s, want %s", path, got, want)
			}
		}
		if n := s.Do(t, "GET", machines+"/Web01/tasks?skip=0&take=30", nil).Want(200).Object()["TotalResults"]; n != 0.0 {
			t.Errorf("tasks: %v", n)
		}
	})
}
