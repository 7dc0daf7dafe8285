package systemapi_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/api/systemapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

const maintenancePath = "/api/maintenanceconfiguration"

func TestMaintenanceMode(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := apitest.Start(t, db, func(e *api.Engine) {
			apitest.Ground(e)
			environmentapi.Register(e, environmentapi.Config{})
		})
		bob := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
		const environments = "/api/Spaces-1/environments"
		create := func(key, name string) int {
			return s.DoAs(t, key, http.MethodPost, environments, map[string]any{"Name": name}).Status
		}
		modes := func() (own, status any) {
			own = s.DoAs(t, bob, http.MethodGet, maintenancePath, nil).Want(http.StatusOK).Object()["IsInMaintenanceMode"]
			return own, s.DoAs(t, bob, http.MethodGet, "/api/serverstatus", nil).Want(http.StatusOK).Object()["IsInMaintenanceMode"]
		}
		set := func(key string, on bool) apitest.Answer {
			return s.DoAs(t, key, http.MethodPut, maintenancePath, map[string]any{"IsInMaintenanceMode": on})
		}
		if a, b := modes(); a != false || b != false {
			t.Errorf("at first: %v, %v", a, b)
		}
		if got := create(bob, "Before"); got != http.StatusCreated {
			t.Fatalf("before: %d", got)
		}
		set(bob, true).Want(http.StatusForbidden)
		set(apitest.Key, true).Want(http.StatusOK)
		if a, b := modes(); a != true || b != true {
			t.Errorf("in it: %v, %v", a, b)
		}
		refused := s.DoAs(t, bob, http.MethodPost, environments, map[string]any{"Name": "Meanwhile"}).Want(http.StatusForbidden).Object()
		if text := refused["ErrorMessage"].(string); text == "" {
			t.Error("no reason")
		}
		if got := create(apitest.Key, "By an administrator"); got != http.StatusCreated {
			t.Errorf("an administrator: %d", got)
		}
		s.DoAs(t, bob, http.MethodGet, environments, nil).Want(http.StatusOK)
		s.DoAs(t, "", http.MethodPost, "/api/users/login", map[string]any{"Username": "bob", "Password": apitest.Password}).Want(http.StatusOK)
		set(apitest.Key, false).Want(http.StatusOK)
		if got := create(bob, "After"); got != http.StatusCreated {
			t.Errorf("after: %d", got)
		}
	})
}

// Nothing of others commits once the call that began maintenance mode has returned.
func TestMaintenanceModeIsTheLastWordForWritesThatGoOn(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	s := apitest.Start(t, db, func(e *api.Engine) {
		systemapi.Register(e, apitest.Parts(&apitest.OneNode{}))
		environmentapi.Register(e, environmentapi.Config{})
	})
	bob := s.User(t, "bob", "userroles-environmentmanager", "Spaces-1")
	count := func() float64 {
		return s.Do(t, http.MethodGet, "/api/Spaces-1/environments?take=0", nil).Want(http.StatusOK).Object()["TotalResults"].(float64)
	}
	var number atomic.Int64
	for range 3 {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for ctx.Err() == nil {
					s.DoAs(t, bob, http.MethodPost, "/api/Spaces-1/environments", map[string]any{"Name": fmt.Sprint("E", number.Add(1))})
				}
			})
		}
		before := count()
		storetest.Eventually(t, "writes go on", func() bool { return count() > before })
		s.Do(t, http.MethodPut, maintenancePath, map[string]any{"IsInMaintenanceMode": true}).Want(http.StatusOK)
		at := count()
		stop()
		group.Wait()
		if after := count(); after != at {
			t.Fatalf("%v environments when the call returned, %v later", at, after)
		}
		s.Do(t, http.MethodPut, maintenancePath, map[string]any{"IsInMaintenanceMode": false}).Want(http.StatusOK)
	}
}
