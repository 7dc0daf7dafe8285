package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/api"
)

// anonymous are the operations that are open to everyone.
func anonymous() []string {
	return []string{"GET ", "POST users/login", "POST users/logout", "GET authentication", "GET octopusservernodes/ping", "GET swagger.json"}
}

// openToAll are the operations that answer every user who is signed in, with nothing that belongs to a space.
func openToAll() []string {
	return []string{
		"GET ", "GET authentication", "GET octopusservernodes/ping", "GET swagger.json", "POST users/login", "POST users/logout",
		"GET spaces", "GET spaces/all", "GET users", "GET users/all", "GET users/{id}", "GET users/me", "PUT users/{id}", "GET users/authentication", "GET users/authentication/{id}",
		"GET permissions/all", "GET userroles", "GET userroles/all", "GET userroles/{id}", "GET tasks/taskTypes",
		"GET maintenanceconfiguration", "GET serverstatus", "GET serverstatus/health", "GET serverstatus/timezones", "GET serverstatus/extensions",
		"GET configuration/certificates", "GET certificates/certificate-global", "GET configuration/certificates/certificate-global", "GET configuration/certificates/certificate-global/public-cer",
		"GET configuration/feature-toggles", "GET capabilities",
	}
}

// addresses are the paths of an operation with IDs of what was planted.
func addresses(p *planted, op *api.Operation) []string {
	path := p.fill(op.Path)
	list := []string{"/api/" + path}
	if op.Where != api.InSystem {
		list = append(list, "/api/Spaces-1/"+path, "/api/spaces/Spaces-1/"+path, "/api/default/"+path)
	}
	return list
}

func body(op *api.Operation) any {
	if op.Method == http.MethodPost || op.Method == http.MethodPut {
		return "{}"
	}
	return nil
}

// Every operation that is registered is called without a key, and with one that is not valid.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	n := start(t)
	p := plant(t, n)
	for _, op := range n.engine.Operations() {
		name := op.Method + " " + op.Path
		if slices.Contains(anonymous(), name) {
			continue
		}
		for _, address := range append(addresses(p, op), addresses(p, op)[0]+"?take=1&ids=x&filter=y") {
			for _, key := range []string{"", "API-NOSUCHKEYNOSUCHKEYNOSUCHKEY"} {
				if a := n.do(t, key, op.Method, address, body(op)); a.status != http.StatusUnauthorized || strings.Contains(a.body, visible) {
					t.Errorf("%s %s with the key %q: %d %s", op.Method, address, key, a.status, a.body)
				}
			}
		}
		if op.Where != api.InSystem {
			if a := n.do(t, "", op.Method, "/api/Spaces-99/"+p.fill(op.Path), body(op)); a.status != http.StatusUnauthorized {
				t.Errorf("%s in a space that does not exist: %d; strangers could find out which do", name, a.status)
			}
		}
	}
}

// Every operation is called by a user whom nothing is granted.
func TestWhomNothingIsGrantedSeesAndChangesNothing(t *testing.T) {
	t.Parallel()
	n := start(t)
	p := plant(t, n)
	_, key := n.nobody(t, "nobody")
	before := n.do(t, adminKey, http.MethodGet, "/api/serverstatus/counts", nil).body
	for _, op := range n.engine.Operations() {
		name := op.Method + " " + op.Path
		for _, address := range addresses(p, op) {
			a := n.do(t, key, op.Method, address, body(op))
			// Users and roles are known to all; what lies in the space is not.
			if strings.Contains(a.body, visible) && !strings.HasPrefix(op.Path, "users") {
				t.Errorf("%s %s tells of what is in the space: %d %s", op.Method, address, a.status, a.body)
			}
			switch {
			case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden, a.status == http.StatusNotFound:
			case slices.Contains(openToAll(), name) && a.status < http.StatusInternalServerError:
			case op.Path == "octopusservernodes/ping" && a.status == http.StatusServiceUnavailable: // a slow machine
			case op.Method == http.MethodGet && a.status == http.StatusOK && isEmpty(a.body):
			default:
				t.Errorf("%s %s: %d %s", op.Method, address, a.status, a.body)
			}
		}
	}
	if after := n.do(t, adminKey, http.MethodGet, "/api/serverstatus/counts", nil).body; after != before {
		t.Errorf("documents before: %s\nafter: %s", before, after)
	}
}

// isEmpty reports whether a body is a list without items.
func isEmpty(text string) bool {
	var page struct{ Items []any }
	if json.Unmarshal([]byte(text), &page) == nil && strings.Contains(text, `"Items":`) {
		return len(page.Items) == 0
	}
	return strings.TrimSpace(text) == "[]"
}
