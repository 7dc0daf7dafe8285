package mainjob

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Plain is an agent with a Tentacle's own services alone; its processes come and go.
type Plain struct {
	house *House
	name  string
	args  []string
	// ID is the target's; Address where it listens.
	ID, Address string
	process     *Process
}

// PlainAgent runs test/plainagent, which has a Tentacle's own services alone, and registers it as a target. v1 leaves it version 1
// of the script service only. The program must have been built with the others.
func (h *House) PlainAgent(s *Server, name, environmentID string, roles []string, v1 bool) *Plain {
	h.t.Helper()
	p := &Plain{house: h, name: name, Address: "127.0.0.1:" + strconv.Itoa(freePort(h.t))}
	if err := os.MkdirAll(p.Home(), 0o755); err != nil {
		h.t.Fatal(err)
	}
	trust := s.Get("/api/certificates/certificate-global").Text("Thumbprint")
	p.args = []string{"-home", p.Home(), "-listen", p.Address, "-trust", trust, "-shim", h.programs.Path("mantle-agent"), fmt.Sprintf("-v1=%t", v1)}
	p.Restart()
	var thumbprint []byte
	Eventually(h.t, 20*time.Second, "the plain agent listens", func() (ok bool) {
		var err error
		thumbprint, err = os.ReadFile(h.Path("agents", name, "thumbprint"))
		return err == nil
	})
	p.ID = s.Post("machines", Object{"Name": name, "EnvironmentIds": []string{environmentID}, "Roles": roles, "TenantedDeploymentParticipation": "Untenanted",
		"Endpoint": Object{"CommunicationStyle": "TentaclePassive", "Uri": "https://" + p.Address + "/", "Thumbprint": string(thumbprint)}}).ID()
	return p
}

// Home is the agent's directory.
func (p *Plain) Home() string { return p.house.Path("agents", p.name) }

// Kill kills the process; scripts of it run on.
func (p *Plain) Kill() { p.process.Kill() }

// Restart runs it again, as the same agent, with further arguments.
func (p *Plain) Restart(more ...string) {
	p.house.t.Helper()
	p.process = p.house.Start("agent-"+p.name, p.house.programs.Path("plainagent"), append(p.args[:len(p.args):len(p.args)], more...), p.house.environ(p.Home()))
}
