// Package script tests the command lines of the programs with testscript: a file area_behaviour.txt for each
// behaviour. The programs run as processes of their own.
package script

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mantledeploy/mantle/internal/agent/setup"
	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/step"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mantle-agent": func() {
			program := setup.NewProgram(buildinfo.Version())
			program.Step = step.Main
			os.Exit(program.Main(setup.Interruptible(os.Args[1:])))
		},
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	server, mount := buildServer(t), mayMount(t)
	commands := serverCommands()
	maps.Copy(commands, limitCommands())
	maps.Copy(commands, storageCommands(t))
	commands["waitport"] = waitPort
	testscript.Run(t, testscript.Params{
		Dir: ".",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", server+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("SERVER_DIR", server)
			env.Setenv("POSTGRES", storetest.PostgresURL(t)) // one for each script
			env.Values[servers{}] = map[string]*running{}
			return prepare(env)
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "mount":
				return mount, nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: commands,
	})
}

// prepare gives every script a home and a machine-wide configuration directory of its own, and a free port.
func prepare(env *testscript.Env) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := ln.Addr().(*net.TCPAddr).Port
	if err := ln.Close(); err != nil {
		return err
	}
	for dir := env.WorkDir; dir != filepath.Clean(os.TempDir()) && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if err := pass(dir); err != nil {
			return err
		}
	}
	env.Setenv("PORT", strconv.Itoa(port))
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("TentacleMachineConfigurationHomeDirectory", filepath.Join(env.WorkDir, "etc"))
	return nil
}

// pass lets others into a directory, for plainuser.
func pass(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode()&0o055 == 0o055 {
		return err
	}
	return os.Chmod(dir, info.Mode()|0o055)
}

// waitPort waits until something listens on a port of this machine.
func waitPort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitport PORT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ; ctx.Err() == nil; <-tick.C {
		var d net.Dialer
		if conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", args[0])); err == nil {
			ts.Check(conn.Close())
			return
		}
	}
	ts.Fatalf("nothing listens on port %s", args[0])
}
