package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/buildinfo"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		args, env      []string
		code           int
		stdout, stderr []string
	}{
		{"version", []string{"version"}, nil, 0, []string{buildinfo.Version() + "\n"}, nil},
		{"help", []string{"server", "--help"}, nil, 0, []string{"--data-dir", "MANTLE_TASK_CAP, TASK_CAP", "[MANTLE_LISTEN]"}, nil},
		{"configuration", []string{"show-configuration", "--task-cap", "3"}, []string{"MASTER_KEY=AAECAwQFBgcICQoLDA0ODw=="}, 0,
			[]string{"task-cap              3", "flag --task-cap", "environment MASTER_KEY", "default"}, nil},
		{"wrong setting", []string{"show-configuration", "--listen", "80"}, nil, 1, nil, []string{"mantle: listen (flag --listen):"}},
		{"wrong setting of the server", []string{"server"}, []string{"MANTLE_TASK_CAP=x"}, 1, nil, []string{"environment MANTLE_TASK_CAP"}},
		{"unknown flag", []string{"server", "--lisen", ":80"}, nil, 2, nil, []string{"--lisen"}},
		{"unknown command", []string{"serve"}, nil, 2, nil, []string{"serve"}},
		{"help for a lost password", []string{"admin", "--help"}, nil, 0, []string{"--reset-password", "--new-api-key", "--data-dir", "stop it first"}, nil},
		{"admin for nobody", []string{"admin", "--new-api-key"}, nil, 2, nil, []string{"--username"}},
		{"admin for nothing", []string{"admin", "--username", "a"}, nil, 1, nil, []string{"nothing is to be changed for a"}},
		{"node without a verb", []string{"node"}, nil, 2, nil, []string{"expected one of"}},
		{"node over the API without a key", []string{"node", "list", "--server", "http://127.0.0.1:1"}, nil, 1, nil, []string{"--api-key", "OCTOPUS_API_KEY"}},
		{"node over an API that is away", []string{"queue", "show", "--server", "http://127.0.0.1:1"}, []string{"OCTOPUS_API_KEY=API-X"}, 1, nil, []string{"does not answer"}},
		{"maintenance of what", []string{"maintenance", "maybe"}, nil, 2, nil, []string{"on", "off"}},
		{"doctor before the first start", []string{"doctor", "--data-dir", "/nonexistent/mantle", "--listen", "127.0.0.1:0", "--comms-listen", "127.0.0.1:0"}, nil, 0,
			[]string{"warning  data directory  /nonexistent/mantle does not exist", "warning  database", "0 problems, 2 warnings"}, nil},
		{"doctor of a wrong setting", []string{"doctor", "--listen", "80"}, nil, 1, []string{"problem  settings  listen (flag --listen)"}, []string{"mantle: 1 problem\n"}},
		{"doctor for scripts", []string{"doctor", "--json"}, []string{"MANTLE_LISTEN=80"}, 1, []string{`"problems": 1`, `"state": "problem"`, `"check": "settings"`}, []string{"1 problem"}},
		{"no command", nil, nil, 2, nil, []string{"expected one of"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(context.Background(), tt.args, process{environ: tt.env, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}); code != tt.code {
				t.Errorf("exit code %d; want %d\n%s%s", code, tt.code, &stdout, &stderr)
			}
			contains(t, "stdout", stdout.String(), tt.stdout)
			contains(t, "stderr", stderr.String(), tt.stderr)
		})
	}
}

func contains(t *testing.T, name, got string, want []string) {
	t.Helper()
	if len(want) == 0 && got != "" {
		t.Errorf("%s: %q; want nothing", name, got)
	}
	for _, part := range want {
		if !strings.Contains(got, part) {
			t.Errorf("%s does not contain %q:\n%s", name, part, got)
		}
	}
}
