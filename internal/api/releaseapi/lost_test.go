package releaseapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/releaseapi/releasetest"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// post is a POST that makes one thing, as the client library sends it.
type post struct {
	path string
	body map[string]any
	// made is a list of all that such requests have made.
	made string
}

func releaseOf(version string) post {
	return post{"releases/create/v1", map[string]any{"projectName": "Acme", "releaseVersion": version, "packages": []string{"Acme.Web:1.0.0"}}, "releases"}
}

func deploymentOf(version string) post {
	return post{"deployments/create/untenanted/v1", map[string]any{"projectName": "Acme", "releaseVersion": version, "environmentNames": []string{"Development"}}, "deployments"}
}

func (p post) send(t *testing.T, s *releasetest.Site, key string) apitest.Answer {
	t.Helper()
	header := http.Header{"X-Octopus-Apikey": {apitest.Key}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return s.Send(t, http.MethodPost, releasetest.Space+p.path, header, p.body)
}

// count tells how many of its kind there are; each deployment has one task.
func (p post) count(t *testing.T, s *releasetest.Site) int {
	t.Helper()
	n := int(s.Do(t, "GET", releasetest.Space+p.made+"?take=100", nil).Want(200).Object()["TotalResults"].(float64))
	if p.made == "deployments" {
		if tasks := int(s.Do(t, "GET", releasetest.Space+"tasks?name=Deploy", nil).Want(200).Object()["TotalResults"].(float64)); tasks != n {
			t.Errorf("%d deployments have %d tasks", n, tasks)
		}
	}
	return n
}

// A release and a deployment are made once where the answer to the commit is lost, on either side, with an Idempotency-Key and without.
func TestReleasesAndDeploymentsLoseTheirAnswers(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 0, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		s := releasetest.Start(t, db)
		for i, how := range storetest.Losses() {
			for j, key := range []string{"", "key-" + fmt.Sprint(i)} {
				version := fmt.Sprintf("1.%d.%d", i, j)
				for _, p := range []post{releaseOf(version), deploymentOf(version)} {
					before, lost := p.count(t, s), commits.Lost()
					if key != "" {
						key += p.made
					}
					commits.Lose(1, how)
					first := p.send(t, s, key).Want(http.StatusCreated)
					if n := p.count(t, s) - before; n != 1 || commits.Lost() != lost+1 {
						t.Errorf("%s %s with the key %q: made %d, %d answers lost", p.path, how, key, n, commits.Lost()-lost)
					}
					if key == "" {
						continue
					}
					again := p.send(t, s, key).Want(http.StatusCreated)
					if string(again.Body) != string(first.Body) || p.count(t, s)-before != 1 {
						t.Errorf("%s %s: sent again: %s", p.path, how, again.Body)
					}
				}
			}
		}
	})
}

// Where nobody knows whether it was made the client is told so, and with an Idempotency-Key it may simply ask again.
func TestReleasesAndDeploymentsThatMayHaveBeenMade(t *testing.T) {
	t.Parallel()
	storetest.RunLosing(t, 200*time.Millisecond, func(t *testing.T, db *store.DB, commits *storetest.Commits) {
		s := releasetest.Start(t, db)
		for i, how := range storetest.Losses() {
			version := fmt.Sprintf("1.0.%d", i)
			for _, p := range []post{releaseOf(version), deploymentOf(version)} {
				before, key := p.count(t, s), p.made+version
				commits.LoseForLong(1, how)
				unknown := p.send(t, s, key)
				if unknown.Status < 500 || !strings.Contains(string(unknown.Body), "whether it was made is not known") {
					t.Errorf("%s %s: %d %s", p.path, how, unknown.Status, unknown.Body)
				}
				commits.SetAway(false)
				again := p.send(t, s, key).Want(http.StatusCreated)
				if replayed := again.Header.Get("Idempotent-Replayed") == "true"; replayed != (how == storetest.After) || p.count(t, s)-before != 1 {
					t.Errorf("%s %s: replayed %v, made %d", p.path, how, replayed, p.count(t, s)-before)
				}
			}
		}
	})
}
