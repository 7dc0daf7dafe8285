package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// asProgram makes the test's own program behave as mantle-agent, so that the shims it starts are itself too.
const asProgram = "MANTLE_AGENT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// installation is the program on a machine of its own.
type installation struct {
	t    *testing.T
	root string
}

func (i installation) command(args ...string) *exec.Cmd {
	i.t.Helper()
	executable, err := os.Executable()
	must(i.t, err)
	cmd := exec.Command(executable, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "HOME="+i.root, "TentacleMachineConfigurationHomeDirectory="+filepath.Join(i.root, "etc"))
	return cmd
}

func (i installation) run(args ...string) string {
	i.t.Helper()
	var out, errs bytes.Buffer
	cmd := i.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		i.t.Fatalf("%q: %v\n%s%s", args, err, &out, &errs)
	}
	return strings.TrimSpace(out.String())
}

// TestARealProgramRunsAScript sets an agent up with its commands, runs it as a process, and calls it as a server does.
func TestARealProgramRunsAScript(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the script is for bash")
	}
	i := installation{t, t.TempDir()}
	server, err := halibut.NewCertificate("Server")
	must(t, err)
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	home := filepath.Join(i.root, "home")
	i.run("create-instance", "--instance", "a", "--home", home)
	i.run("new-certificate")
	i.run("configure", "--port", port, "--listenIpAddress", "127.0.0.1", "--trust", halibut.Thumbprint(server))
	thumbprint := i.run("show-thumbprint")

	agent := i.command("run", "--noninteractive")
	var log bytes.Buffer
	agent.Stdout, agent.Stderr = &log, &log
	must(t, agent.Start())
	t.Cleanup(func() {
		_ = agent.Process.Kill()
		_ = agent.Wait()
	})

	registry, err := contract.Registry()
	must(t, err)
	client, err := halibut.NewClient(halibut.ClientConfig{Certificate: server, Registry: registry})
	must(t, err)
	t.Cleanup(func() { must(t, client.Close()) })
	endpoint := halibut.Endpoint{URI: "https://" + address + "/", Thumbprint: thumbprint}
	last, text := script(t, client, endpoint, `echo "hello from $TentacleInstanceName in $PWD"; exit 3`)
	if last.ExitCode != 3 {
		t.Errorf("exit code %d, want 3\n%s", last.ExitCode, text)
	}
	if !strings.Contains(text, "hello from a in "+home) {
		t.Errorf("the script said:\n%s", text)
	}
}

func script(t *testing.T, client *halibut.Client, endpoint halibut.Endpoint, body string) (*contract.ScriptStatusResponseV2, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticket := &contract.ScriptTicket{TaskId: "programtest0000000001"}
	call := func(method string, parameter any) *contract.ScriptStatusResponseV2 {
		t.Helper()
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			answer, err := halibut.Call[*contract.ScriptStatusResponseV2](ctx, client, endpoint, contract.ScriptServiceV2, method, parameter)
			if err == nil {
				return answer
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%s: %v", method, err)
			case <-tick.C:
			}
		}
	}
	status := call("StartScript", contract.StartScriptCommandV2{ScriptTicket: ticket, ScriptBody: body, TaskId: "ServerTasks-1",
		ScriptIsolationMutexTimeout: contract.NoMutexTimeout, IsolationMutexName: "RunningScript"})
	var text strings.Builder
	for {
		for _, l := range status.Logs {
			text.WriteString(l.Text + "\n")
		}
		if status.State == contract.Complete {
			return status, text.String()
		}
		status = call("GetStatus", contract.ScriptStatusRequestV2{Ticket: ticket, LastLogSequence: status.NextLogSequence})
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer ln.Close()
	return ln.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
