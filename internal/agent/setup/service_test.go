package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServiceUnit(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.mustRun("create-instance", "--instance", "svc one", "--config", "/etc/octopus/svc/tentacle.config", "--home", "/home/octo/svc")
	m.mustRun("service", "--instance", "svc one", "--install", "--dependOn", "postgres")
	data, err := os.ReadFile(filepath.Join(m.root, "units", "svc-one.service"))
	if err != nil {
		t.Fatal(err)
	}
	want := `[Unit]
Description=Mantle agent svc one
After=network.target postgres

[Service]
Type=simple
User=root
ExecStart=/opt/octopus/tentacle/Tentacle run "--instance=svc one" --noninteractive
Restart=always
KillMode=process

[Install]
WantedBy=multi-user.target
`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("unit (-want +got):\n%s", diff)
	}
}

func TestServiceOfAUser(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.program.Systemd.User = true
	m.mustRun("create-instance", "--instance", "mine")
	m.mustRun("service", "--instance", "mine", "--install", "--start")
	if diff := cmp.Diff([]string{"systemctl --user enable mine", "systemctl --user start mine"}, m.systemctl); diff != "" {
		t.Errorf("systemctl (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(m.root, "units", "mine.service"))
	if err != nil || strings.Contains(string(data), "User=") || !strings.Contains(string(data), "WantedBy=default.target") {
		t.Errorf("%s, %v", data, err)
	}
}

func TestServiceErrors(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.mustRun("create-instance", "--instance", "mine")
	for _, args := range [][]string{
		{"service", "--instance", "mine"},
		{"service", "--instance", "other", "--start"},
		{"service", "--instance", "*", "--install"},
		{"service", "--instance", "mine", "--install", "--username", "no such user"},
	} {
		if code := m.run(args...); code != ExitForeseen || m.stderr.Len() == 0 {
			t.Errorf("%q: exit code %d, %s", args, code, m.stderr.String())
		}
	}
	m.program.Systemd = nil
	if code := m.run("service", "--instance", "mine", "--start"); code != ExitForeseen {
		t.Errorf("without systemd: %d", code)
	}
}

func TestUnitQuoting(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"--instance=a":    "--instance=a",
		"--instance=a b":  `"--instance=a b"`,
		`a"b\c`:           `"a\"b\\c"`,
		"100% $HOME":      `"100%% $$HOME"`,
		"/opt/agent/run;": `"/opt/agent/run;"`,
	} {
		if got := quoteUnit(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}
