package accessapi_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/environmentapi"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// A change that one node has answered is honoured by the other at once: two nodes with caches of their own over one database, asked thousands of times.
func TestWhatOneNodeHasChangedTheOtherHonours(t *testing.T) {
	t.Parallel()
	url := storetest.PostgresURL(t)
	var nodes [2]*apitest.Server
	for i := range nodes {
		nodes[i] = apitest.Start(t, storetest.Open(t, url), apitest.Ground, func(e *api.Engine) { environmentapi.Register(e, environmentapi.Config{}) })
	}
	const people, changes = 4, 100
	var asked, stale atomic.Int64
	var group sync.WaitGroup
	for i := range people {
		name := fmt.Sprintf("user-%d", i)
		key := nodes[0].User(t, name, "userroles-environmentmanager", "Spaces-1")
		me := nodes[0].DoAs(t, key, http.MethodGet, "/api/users/me", nil).Want(http.StatusOK).Object()
		teams := nodes[0].Do(t, http.MethodGet, "/api/teams?take=100&partialName=Team+of+"+name, nil).Want(http.StatusOK).Object()["Items"].([]any)
		user, team := "/api/users/"+me["Id"].(string), "/api/teams/"+teams[0].(map[string]any)["Id"].(string)
		group.Go(func() {
			for n := range changes {
				changed, other := nodes[n%2], nodes[(n+1)%2]
				allowed, refusal := n%4 >= 2, http.StatusForbidden
				if n%8 < 4 { // in the team, or not
					members := []string{}
					if allowed {
						members = append(members, me["Id"].(string))
					}
					alter(t, changed, team, "MemberUserIds", members)
				} else { // active, or not
					alter(t, changed, user, "IsActive", allowed)
					refusal = http.StatusUnauthorized
				}
				want := http.StatusOK
				if !allowed {
					want = refusal
				}
				for _, s := range []*apitest.Server{other, changed, other, other, changed} {
					asked.Add(1)
					if got := s.DoAs(t, key, http.MethodGet, "/api/Spaces-1/environments", nil).Status; got != want && !(want == http.StatusForbidden && got == http.StatusNotFound) {
						stale.Add(1)
						t.Errorf("%s, change %d: %d, want %d", name, n, got, want)
					}
				}
			}
		})
	}
	group.Wait()
	if asked.Load() < 2000 || stale.Load() > 0 {
		t.Errorf("%d answers, %d of them stale", asked.Load(), stale.Load())
	}
}

// alter changes one member of a document through a node.
func alter(t *testing.T, s *apitest.Server, path, member string, value any) {
	t.Helper()
	doc := s.Do(t, http.MethodGet, path, nil).Object()
	doc[member] = value
	if a := s.Do(t, http.MethodPut, path, doc); a.Status != http.StatusOK {
		t.Errorf("PUT %s: %d %s", path, a.Status, a.Body)
	}
}
