package mainjob

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// PlainAgent runs test/plainagent, which has a Tentacle's own services alone, and registers it as a target. v1 leaves it version 1
// of the script service only. The program must have been built with the others.
func (h *House) PlainAgent(s *Server, name, environmentID string, roles []string, v1 bool) *Process {
	h.t.Helper()
	home := h.Path("agents", name)
	if err := os.MkdirAll(home, 0o755); err != nil {
		h.t.Fatal(err)
	}
	address := "127.0.0.1:" + strconv.Itoa(freePort(h.t))
	trust := s.Get("/api/certificates/certificate-global").Text("Thumbprint")
	args := []string{"-home", home, "-listen", address, "-trust", trust, "-shim", h.programs.Path("mantle-agent"), fmt.Sprintf("-v1=%t", v1)}
	p := h.Start("agent-"+name, h.programs.Path("plainagent"), args, h.environ(home))
	var thumbprint []byte
	Eventually(h.t, 20*time.Second, "the plain agent listens", func() (ok bool) {
		var err error
		thumbprint, err = os.ReadFile(h.Path("agents", name, "thumbprint"))
		return err == nil
	})
	s.Post("machines", Object{"Name": name, "EnvironmentIds": []string{environmentID}, "Roles": roles, "TenantedDeploymentParticipation": "Untenanted",
		"Endpoint": Object{"CommunicationStyle": "TentaclePassive", "Uri": "https://" + address + "/", "Thumbprint": string(thumbprint)}})
	return p
}
