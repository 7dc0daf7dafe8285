package machineapi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// TestRootLinks: a client drops a filter silently whose name is not in the link's template.
func TestRootLinks(t *testing.T) {
	t.Parallel()
	s := start(t, storetest.SQLite(t))
	links := s.Do(t, "GET", "/api/Spaces-1", nil).Want(200).Object()["Links"].(map[string]any)
	form := regexp.MustCompile(`^(/api/Spaces-1/[a-z/-]+)(\{/id\})?(?:\{\?([A-Za-z,]+)\})?$`)
	for name, want := range map[string]string{
		"Environments":         "environments{/id} name,skip,ids,take,partialName",
		"EnvironmentSortOrder": "environments/sortorder",
		"EnvironmentsSummary":  "environments/summary ids,partialName,machinePartialName,roles,isDisabled,healthStatuses,commStyles,tenantIds,tenantTags,hideEmptyEnvironments",
		"Machines":             "machines{/id} skip,take,name,ids,partialName,roles,isDisabled,healthStatuses,commStyles,tenantIds,tenantTags,environmentIds,thumbprint,deploymentId,shellNames,deploymentTargetTypes",
		"DiscoverMachine":      "machines/discover host,port,type,proxyId",
		"DiscoverWorker":       "workers/discover host,port,type,proxyId",
		"MachinePolicies":      "machinepolicies{/id} skip,take,ids,partialName", "MachinePolicyTemplate": "machinepolicies/template",
		"MachineRoles": "machineroles/all", "MachineOperatingSystems": "machines/operatingsystem/names/all", "MachineShells": "machines/operatingsystem/shells/all",
		"WorkerOperatingSystems": "workers/operatingsystem/names/all", "WorkerShells": "workers/operatingsystem/shells/all",
		"Workers":     "workers{/id} skip,take,name,ids,partialName,isDisabled,healthStatuses,commStyles,workerPoolIds,thumbprint,shellNames",
		"WorkerPools": "workerpools{/id} name,skip,ids,take,partialName", "WorkerPoolsSortOrder": "workerpools/sortorder", "WorkerPoolsSupportedTypes": "workerpools/supportedtypes",
		"WorkerPoolsDynamicWorkerTypes": "workerpools/dynamicworkertypes", "WorkerPoolsSummary": "workerpools/summary ids,partialName,machinePartialName,isDisabled,healthStatuses,commStyles,hideEmptyWorkerPools",
		"Proxies": "proxies{/id} skip,take,ids,partialName", "Accounts": "accounts{/id} skip,take,ids,partialName,accountType",
		"Tenants": "tenants{/id} skip,projectId,name,tags,take,ids,clone,partialName,isDisabled,clonedFromTenantId", "TenantsStatus": "tenants/status", "TenantTagTest": "tenants/tag-test tenantIds,tags",
		"TagSets": "tagsets{/id} skip,take,ids,partialName,scopes", "TagSetSortOrder": "tagsets/sortorder",
	} {
		link, _ := links[name].(string)
		m := form.FindStringSubmatch(link)
		if m == nil {
			t.Errorf("%s is %q", name, link)
			continue
		}
		path, variables, _ := strings.Cut(want, " ")
		if got := strings.TrimPrefix(m[1], "/api/Spaces-1/") + m[2]; got != path {
			t.Errorf("%s leads to %s, want %s", name, got, path)
		}
		has := strings.Split(m[3], ",")
		for _, v := range strings.Split(variables, ",") {
			if !slices.Contains(has, v) && v != "" {
				t.Errorf("%s has no %s: %s", name, v, link)
			}
		}
	}
}
