package machineapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestEchoOthers(t *testing.T) {
	t.Parallel()
	script := func(body string) map[string]any { return map[string]any{"RunType": "Inline", "ScriptBody": body} }
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		computed := []string{"Id", "LastModifiedOn", "LastModifiedBy"}
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "WorkerResource", Path: workers,
			Sample: map[string]any{
				"Name": "w1", "SpaceId": "Spaces-1", "WorkerPoolIds": []string{"WorkerPools-1"}, "IsDisabled": false, "MachinePolicyId": "MachinePolicies-1", "Slug": "w1", "SkipInitialHealthCheck": false,
				"Endpoint": map[string]any{"CommunicationStyle": "TentacleActive", "Uri": "poll://mysubscription/", "Thumbprint": thumbprint, "TentacleVersionDetails": nil, "CertificateSignatureAlgorithm": nil},
			},
			Change: map[string]any{"IsDisabled": true},
			Computed: append([]string{"Thumbprint", "Uri", "Status", "HealthStatus", "HasLatestCalamari", "StatusSummary", "IsInProcess", "OperatingSystem", "OperatingSystemVersion", "ShellName",
				"ShellVersion", "Architecture"}, computed...),
		})
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "WorkerPoolResource", Path: pools, Computed: computed,
			Sample: map[string]any{"Name": "builders", "Description": "d", "IsDefault": false, "SortOrder": 4, "SpaceId": "Spaces-1", "Slug": "builders", "WorkerPoolType": "StaticWorkerPool"},
			Change: map[string]any{"Description": "e"},
		})
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "ProxyResource", Path: "/api/Spaces-1/proxies", Computed: computed,
			Sample: map[string]any{"Name": "P2", "Host": "h", "Port": 8080, "ProxyType": "HTTP", "Username": "u", "Password": map[string]any{"HasValue": true, "NewValue": "hush"}, "SpaceId": "Spaces-1"},
			Change: map[string]any{"Host": "g", "Password": map[string]any{"HasValue": true}},
		})
		apitest.Echo(t, s.Server, apitest.EchoRow{
			Type: "MachinePolicyResource", Path: policies, Computed: computed,
			Sample: map[string]any{
				"Name": "strict", "Description": "d", "IsDefault": false, "SpaceId": "Spaces-1",
				"MachineHealthCheckPolicy": map[string]any{
					"TentacleEndpointHealthCheckPolicy": script("a"), "PowerShellHealthCheckPolicy": script("b"), "SshEndpointHealthCheckPolicy": script("c"), "BashHealthCheckPolicy": script("d"),
					"HealthCheckInterval": "1.02:03:04", "HealthCheckCron": nil, "HealthCheckCronTimezone": "UTC", "HealthCheckType": "OnlyConnectivity",
				},
				"MachineConnectivityPolicy":          map[string]any{"MachineConnectivityBehavior": "MayBeOfflineAndCanBeSkipped"},
				"MachineCleanupPolicy":               map[string]any{"DeleteMachinesBehavior": "DeleteUnavailableMachines", "DeleteMachinesElapsedTimeSpan": "00:20:00"},
				"MachineUpdatePolicy":                map[string]any{"CalamariUpdateBehavior": "UpdateAlways", "TentacleUpdateBehavior": "Update", "KubernetesAgentUpdateBehavior": "Update", "TentacleUpdateAccountId": "Accounts-1"},
				"MachineRpcCallRetryPolicy":          map[string]any{"Enabled": false, "RetryDuration": "00:00:10", "HealthCheckRetryDuration": "00:00:20"},
				"MachinePackageCacheRetentionPolicy": map[string]any{"Strategy": "Quantities", "QuantityOfPackagesToKeep": 3, "PackageUnit": "Items", "QuantityOfVersionsToKeep": 4, "VersionUnit": "Items"},
				"PollingRequestQueueTimeout":         "00:01:30", "PollingRequestMaximumMessageProcessingTimeout": "00:11:00", "ConnectionRetrySleepInterval": "00:00:02",
				"ConnectionRetryCountLimit": 6, "ConnectionRetryTimeLimit": "00:06:00", "ConnectionConnectTimeout": "00:01:10",
			},
			Change: map[string]any{"Description": "e", "ConnectionRetryCountLimit": 7},
		})
	})
}

// TestPoliciesAreComplete: one policy with an empty word or an odd time span breaks every client that lists policies.
func TestPoliciesAreComplete(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		zero := s.Do(t, "POST", policies, `{"Name":"zero","ConnectionRetryCountLimit":0,"ConnectionConnectTimeout":"00:00:00","PollingRequestQueueTimeout":null,"MachineHealthCheckPolicy":{"HealthCheckInterval":null,"HealthCheckCron":"","HealthCheckCronTimezone":"","BashHealthCheckPolicy":{}}}`).Want(201).Object()
		template := s.Do(t, "GET", policies+"/template", nil).Want(200).Object()
		standard := s.Do(t, "GET", policies+"/MachinePolicies-1", nil).Want(200).Object()
		if standard["IsDefault"] != true || standard["Name"] != "Default Machine Policy" {
			t.Errorf("the default policy: %v", standard)
		}
		for name, policy := range map[string]map[string]any{"zero": zero, "template": template, "default": standard} {
			for member, want := range map[string]any{
				"PollingRequestQueueTimeout": "00:02:00", "PollingRequestMaximumMessageProcessingTimeout": "00:10:00", "ConnectionRetrySleepInterval": "00:00:01",
				"ConnectionRetryCountLimit": 5.0, "ConnectionRetryTimeLimit": "00:05:00", "ConnectionConnectTimeout": "00:01:00",
			} {
				if policy[member] != want {
					t.Errorf("%s: %s is %v, want %v", name, member, policy[member], want)
				}
			}
			health := policy["MachineHealthCheckPolicy"].(map[string]any)
			if health["HealthCheckCronTimezone"] != "UTC" || health["HealthCheckCron"] != nil || health["BashHealthCheckPolicy"].(map[string]any)["RunType"] != "InheritFromDefault" {
				t.Errorf("%s: health checks are %v", name, health)
			}
		}
		for _, bad := range []string{`{"Name":"x","ConnectionConnectTimeout":"soon"}`, `{"Name":"x","ConnectionConnectTimeout":"25:00:00"}`, `{"Name":"x","ConnectionConnectTimeout":5}`,
			`{"Name":"zero"}`, `{"Name":"x","MachineUpdatePolicy":{"CalamariUpdateBehavior":"Never"}}`} {
			if answer := s.Do(t, "POST", policies, bad); answer.Status/100 != 4 {
				t.Errorf("%s gave %d", bad, answer.Status)
			}
		}
		// There is always exactly one default, and it is not deleted.
		s.Do(t, "DELETE", policies+"/MachinePolicies-1", nil).Want(400)
		standard["IsDefault"] = false
		s.Do(t, "PUT", policies+"/MachinePolicies-1", standard).Want(400)
		zero["IsDefault"] = true
		s.Do(t, "PUT", policies+"/"+zero["Id"].(string), zero).Want(200)
		if got := s.Do(t, "GET", policies+"/MachinePolicies-1", nil).Want(200).Object(); got["IsDefault"] != false {
			t.Errorf("two default policies")
		}
		s.Do(t, "POST", machines, listening("web01", "h")).Want(201)
		if list := s.Do(t, "GET", policies+"/"+zero["Id"].(string)+"/machines", nil).Want(200).Object(); list["TotalResults"] != 1.0 {
			t.Errorf("machines of the new default: %v", list["TotalResults"])
		}
		s.Do(t, "DELETE", policies+"/MachinePolicies-1", nil).Want(200)
	})
}

func TestPools(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		pool := s.Do(t, "POST", pools, `{"Name":"Builders","CanAddWorkers":false}`).Want(201).Object()
		if pool["CanAddWorkers"] != true || pool["Slug"] != "builders" || pool["SortOrder"] != 1.0 || pool["WorkerPoolType"] != "StaticWorkerPool" {
			t.Errorf("a new pool: %v", pool)
		}
		dynamic := s.Do(t, "POST", pools, `{"Name":"Cloud","WorkerPoolType":"DynamicWorkerPool","WorkerType":"Ubuntu2204"}`).Want(201).Object()
		if dynamic["CanAddWorkers"] != false || dynamic["WorkerType"] != "Ubuntu2204" {
			t.Errorf("a dynamic pool: %v", dynamic)
		}
		worker := listening("w", "h")
		worker["WorkerPoolIds"] = []any{pool["Id"]}
		s.Do(t, "POST", workers, worker).Want(201)
		s.Do(t, "POST", workers, worker).Want(400)
		worker["Name"], worker["WorkerPoolIds"] = "w2", []string{}
		s.Do(t, "POST", workers, worker).Want(400)
		if list := s.Do(t, "GET", pools+"/builders/workers", nil).Want(200).Object(); list["TotalResults"] != 1.0 {
			t.Errorf("workers of the pool: %v", list)
		}
		summary := s.Do(t, "GET", pools+"/summary", nil).Want(200).Object()
		if summary["TotalMachines"] != 1.0 || len(summary["WorkerPoolSummaries"].([]any)) != 3 {
			t.Errorf("summary: %v", summary)
		}
		refused := s.Do(t, "DELETE", pools+"/"+pool["Id"].(string), nil).Want(400).Object()
		if !strings.Contains(refused["ErrorMessage"].(string), "workers: w") {
			t.Errorf("the refusal: %v", refused)
		}
		s.Do(t, "DELETE", pools+"/WorkerPools-1", nil).Want(400)
		s.Do(t, "PUT", pools+"/sortorder", fmt.Sprintf(`[%q]`, pool["Id"])).Want(200)
		if all := s.Do(t, "GET", pools+"/all", nil).Want(200).Array(); all[0]["Name"] != "Builders" || all[1]["Name"] != "Default Worker Pool" {
			t.Errorf("the order: %v", all)
		}
		if types := s.Do(t, "GET", pools+"/supportedtypes", nil).Want(200).Object(); fmt.Sprint(types["SupportedPoolTypes"]) != "[StaticWorkerPool]" {
			t.Errorf("supported types: %v", types)
		}
		s.Do(t, "GET", pools+"/dynamicworkertypes", nil).Want(200)
	})
}

func TestHealthIsShown(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.Do(t, "POST", machines, listening("web01", "h")).Want(201)
		fresh := s.Do(t, "GET", machines+"/Machines-1/connection", nil).Want(200).Object()
		if fresh["Status"] != "Unknown" || fresh["LastChecked"] != nil || len(fresh["Logs"].([]any)) != 0 {
			t.Errorf("before the first check: %v", fresh)
		}
		set := func(h infrastructure.Health) (before string) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
				before, err = infrastructure.SetHealth(tx, "Machines-1", h)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return before
		}
		before := set(infrastructure.Health{
			Status: infrastructure.HasWarnings, Summary: "Disk is nearly full.", TaskID: "ServerTasks-7", AgentVersion: "9.2.4304", OperatingSystem: "Linux", OperatingSystemVersion: "Debian 13",
			ShellName: "Bash", ShellVersion: "5.2", Architecture: "X64", SignatureAlgorithm: "sha256RSA", HasLatestTool: true, UpgradeAvailable: true, Latency: 12 * time.Millisecond,
		})
		if before != infrastructure.Unknown {
			t.Errorf("the status before was %q", before)
		}
		got := s.Do(t, "GET", machines+"/web01", nil).Want(200).Object()
		for member, want := range map[string]any{
			"HealthStatus": "HasWarnings", "Status": "Online", "StatusSummary": "Disk is nearly full.", "HasLatestCalamari": true, "OperatingSystem": "Linux", "OperatingSystemVersion": "Debian 13",
			"ShellName": "Bash", "ShellVersion": "5.2", "Architecture": "X64",
		} {
			if got[member] != want {
				t.Errorf("%s is %v, want %v", member, got[member], want)
			}
		}
		endpoint := got["Endpoint"].(map[string]any)
		if diff := cmp.Diff(map[string]any{"UpgradeLocked": false, "Version": "9.2.4304", "UpgradeSuggested": true, "UpgradeRequired": false, "UpgradeAvailable": true}, endpoint["TentacleVersionDetails"]); diff != "" {
			t.Errorf("version details (-want +got):\n%s", diff)
		}
		for _, list := range []string{"/all", "?take=2147483647", "?take=5"} {
			body := string(s.Do(t, "GET", machines+list, nil).Want(200).Body)
			if !strings.Contains(body, `"HealthStatus":"HasWarnings"`) || !strings.Contains(body, `"Version":"9.2.4304"`) {
				t.Errorf("%s shows no health: %s", list, body)
			}
		}
		// What was found out survives a PUT of the whole document, and is not stored in it.
		s.Do(t, "PUT", machines+"/Machines-1", got).Want(200)
		set(infrastructure.Health{Status: infrastructure.Unavailable, Summary: "No answer."})
		away := s.Do(t, "GET", machines+"/Machines-1", nil).Want(200).Object()
		if away["HealthStatus"] != "Unavailable" || away["OperatingSystem"] != "Linux" || away["Status"] != "Offline" {
			t.Errorf("an unavailable machine: %v", away)
		}
		link := s.Do(t, "GET", machines+"/Machines-1/connection", nil).Want(200).Object()
		if link["Status"] != "Offline" || link["CurrentTentacleVersion"] != "9.2.4304" || link["MachineId"] != "Machines-1" {
			t.Errorf("connection: %v", link)
		}
		away["IsDisabled"] = true
		if got := s.Do(t, "PUT", machines+"/Machines-1", away).Want(200).Object(); got["Status"] != "Disabled" {
			t.Errorf("a disabled machine has the status %v", got["Status"])
		}
	})
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t))
	got := s.Do(t, "GET", machines+"/discover?host=Web01.example&port=10933&type=TentaclePassive", nil).Want(200).Object()
	if got["Thumbprint"] != thumbprint || got["Uri"] != "https://web01.example:10933/" {
		t.Errorf("discovered: %v", got)
	}
	s.Do(t, "GET", workers+"/discover?host=web01", nil).Want(200)
	for query, status := range map[string]int{"host=": 400, "host=away": 400, "host=h&port=0": 400, "host=a/b": 400, "host=h&type=Ssh": 501} {
		if answer := s.Do(t, "GET", machines+"/discover?"+query, nil); answer.Status != status {
			t.Errorf("%s gave %d, want %d", query, answer.Status, status)
		}
	}
}

// TestUsedThings: what machines refer to is not deleted under them.
func TestUsedThings(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		m := listening("web01", "h")
		m["Endpoint"] = map[string]any{"CommunicationStyle": "Ssh", "AccountId": "Accounts-1", "Host": "h", "Fingerprint": "SHA256:x", "ProxyId": "Proxies-1"}
		m["TenantIds"], m["TenantedDeploymentParticipation"] = []string{"Tenants-1"}, "Tenanted"
		created := s.Do(t, "POST", machines, m).Want(201).Object()
		if endpoint := created["Endpoint"].(map[string]any); endpoint["Port"] != 22.0 || endpoint["Uri"] != "ssh://h:22/" {
			t.Errorf("the SSH endpoint: %v", endpoint)
		}
		for _, path := range []string{"accounts/Accounts-1", "proxies/Proxies-1", "environments/Environments-1", "tenants/Tenants-1"} {
			answer := s.Do(t, "DELETE", "/api/Spaces-1/"+path, nil).Want(400)
			if !strings.Contains(string(answer.Body), "web01") {
				t.Errorf("%s: the refusal does not name the machine: %s", path, answer.Body)
			}
		}
		usages := s.Do(t, "GET", "/api/Spaces-1/accounts/Accounts-1/usages", nil).Want(200).Object()
		if diff := cmp.Diff([]any{map[string]any{"TargetName": "web01", "TargetId": "Machines-1"}}, usages["Targets"]); diff != "" {
			t.Errorf("usages (-want +got):\n%s", diff)
		}
	})
}
