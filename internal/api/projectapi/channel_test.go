package projectapi_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/projectapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestChannelLife(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		used := false
		cfg := projectapi.Config{}
		cfg.ChannelUsers = append(cfg.ChannelUsers, func(*store.Tx, string) ([]string, error) {
			if used {
				return []string{"it has releases"}, nil
			}
			return nil, nil
		})
		s := start(t, db, cfg)
		newProject(t, s, "P")
		newProject(t, s, "Q")
		ch := create(t, s, "channels", object{"Name": "Beta", "ProjectId": "Projects-1", "LifecycleId": "", "Rules": []any{object{"VersionRange": "[1.0,2.0)", "Tag": "^$", "ActionPackages": nil}}})
		if ch["Type"] != "Lifecycle" || ch["LifecycleId"] != nil || ch["Slug"] != "beta" || ch["IsDefault"] != false {
			t.Errorf("channel %v", ch)
		}
		rule := ch["Rules"].([]any)[0].(object)
		if rule["Id"] == "" || rule["ActionPackages"] == nil {
			t.Errorf("rule %v", rule)
		}
		for name, want := range map[string]string{"Self": "/api/Spaces-1/channels/" + ch["Id"].(string), "Releases": "/api/Spaces-1/channels/" + ch["Id"].(string) + "/releases{?skip,take,searchByVersion}", "Project": "/api/Spaces-1/projects/Projects-1"} {
			if got := ch["Links"].(object)[name]; got != want {
				t.Errorf("link %s: %v", name, got)
			}
		}
		// Every project has a channel Default: by its slug it is found in its project only.
		s.Do(t, http.MethodGet, inSpace+"channels/default", nil).Want(http.StatusNotFound)
		if got := get(t, s, "projects/q/channels/Default"); got["ProjectId"] != "Projects-2" || got["Slug"] != "default" {
			t.Errorf("the default channel of Q: %v", got)
		}
		s.Do(t, http.MethodPost, inSpace+"channels", object{"Name": "BETA", "ProjectId": "Projects-1"}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodPost, inSpace+"channels", object{"Name": "X", "ProjectId": "Projects-9"}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodPost, inSpace+"channels", object{"Name": "X", "ProjectId": "Projects-1", "Rules": []any{object{"VersionRange": "[1"}}}).Want(http.StatusBadRequest)
		s.Do(t, http.MethodDelete, inSpace+"channels/Channels-1", nil).Want(http.StatusBadRequest)
		ch["IsDefault"] = true
		s.Do(t, http.MethodPut, inSpace+"channels/"+ch["Id"].(string), ch).Want(http.StatusOK)
		if old := get(t, s, "channels/Channels-1"); old["IsDefault"] != false {
			t.Error("a project has two default channels")
		}
		ch["IsDefault"] = false
		s.Do(t, http.MethodPut, inSpace+"channels/"+ch["Id"].(string), ch).Want(http.StatusBadRequest)
		used = true
		s.Do(t, http.MethodDelete, inSpace+"channels/Channels-1", nil).Want(http.StatusBadRequest)
		used = false
		s.Do(t, http.MethodDelete, inSpace+"projects/p/channels/Default", nil).Want(http.StatusOK)
		made := s.Do(t, http.MethodPost, inSpace+"projects/p/channels", object{"Name": "Hot fix"}).Want(http.StatusCreated).Object()
		made["Description"] = "urgent"
		if put := s.Do(t, http.MethodPut, inSpace+"projects/p/channels/hot-fix", made).Want(http.StatusOK).Object(); put["Description"] != "urgent" || put["ProjectId"] != "Projects-1" {
			t.Errorf("put %v", put)
		}
	})
}

func TestChannelRuleTest(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, projectapi.Config{})
		for _, c := range []struct {
			version, rangeText, tag, feed string
			want                          object
		}{
			{"1.5.0", "[1.0,2.0)", "^$", "", object{"SatisfiesVersionRange": true, "SatisfiesPreReleaseTag": true, "Errors": []any{}}},
			{"2.5.0-beta", "[1.0,2.0)", "^beta", "NuGet", object{"SatisfiesVersionRange": false, "SatisfiesPreReleaseTag": true, "Errors": []any{}}},
			{"1.0-SNAPSHOT", "[1.0-SNAPSHOT,2)", "", "Maven", object{"SatisfiesVersionRange": true, "SatisfiesPreReleaseTag": true, "Errors": []any{}}},
		} {
			q := url.Values{"version": {c.version}, "versionRange": {c.rangeText}, "preReleaseTag": {c.tag}, "feedType": {c.feed}}
			if diff := cmp.Diff(c.want, get(t, s, "channels/rule-test?"+q.Encode())); diff != "" {
				t.Errorf("%v (-want +got):\n%s", c, diff)
			}
			body := object{"Version": c.version, "VersionRange": c.rangeText, "PreReleaseTag": c.tag, "FeedType": c.feed}
			if diff := cmp.Diff(c.want, s.Do(t, http.MethodPost, inSpace+"channels/rule-test", body).Want(http.StatusOK).Object()); diff != "" {
				t.Errorf("posted %v (-want +got):\n%s", c, diff)
			}
		}
		for _, bad := range []object{{"Version": "one"}, {"Version": "1.0", "VersionRange": "[1"}, {"Version": "1.0", "PreReleaseTag": "("}} {
			got := s.Do(t, http.MethodPost, inSpace+"channels/rule-test", bad).Want(http.StatusOK).Object()
			if len(got["Errors"].([]any)) != 1 {
				t.Errorf("%v: %v", bad, got)
			}
		}
	})
}
