package setup

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/agent/setup/identity"
	"github.com/mantledeploy/mantle/internal/agent/setup/instance"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
)

const (
	goldenMachineID = "0123456789abcdef0123456789abcdef"
	fixedThumbprint = "34BA1D9CA40AAE94D3D2C72BD79F3868D1150A9D"
)

// commandRow is one command line that a Tentacle of version 9.2 carried out, in their order. Rows that are held out
// have no result: they are carried out for what follows.
type commandRow struct {
	N           int
	Group       string
	Argv        []string
	Exit        int
	HeldOut     bool `json:"held_out"`
	Stdout      string
	ConfigAfter string `json:"config_after"`
	Systemctl   []string
}

// commandDeviations are the rows where the Tentacle is at fault, and what this agent does.
func commandDeviations() map[int]deviation {
	return map[int]deviation{
		21:  {0, "without --config the configuration lies in the machine's configuration directory, not in the current directory"},
		58:  {1, "99999 is no port"},
		80:  {1, "'not a thumbprint' is no thumbprint; nothing is changed"},
		81:  {0, "so there is nothing to remove either"},
		92:  {0, "--file writes the file"},
		163: {0, "the address that is added is polled, under the subscription that there is"},
		114: {0, "--keep works also when a listening server is trusted"},
		115: {0, "and so does clearing all"},
		191: {0, "the same"},
		195: {0, "--file takes a relative path"},
		196: {0, "--file takes a path of a file that does not exist yet"},
	}
}

type deviation struct {
	exit   int
	reason string
}

// elsewhere are commands that need a server, a port or systemd; they have tests of their own. Two rows of agent end in
// another way here: SIGTERM is a clean stop, exit code 0, also in a terminal (row 180: 143); and an agent that neither
// listens nor polls says so and ends with 100 (row 217: it runs and does nothing).
func (r commandRow) elsewhere() string {
	switch {
	case len(r.Argv) == 0:
		return ""
	case slices.Contains([]string{"agent", "run"}, r.Argv[0]) && !slices.Contains(r.Argv, "missing"):
		return "TestScripts"
	case r.Group == "hs1" && slices.Contains([]string{"poll-server", "register-with", "register-worker"}, r.Argv[0]) && !slices.Contains(r.Argv, "--reuse-server-thumbprint"):
		return "TestExchanges"
	case r.Argv[0] == "register-with" && r.HeldOut:
		return "TestExchanges"
	case r.Argv[0] == "service" && r.Group == "cli1":
		return "TestServiceRows: no systemctl on the recording machine"
	}
	return ""
}

// machine is a machine in a directory: what lay at /etc/octopus, /home/octo and /tmp lies below root.
type machine struct {
	t         *testing.T
	root      string
	program   *Program
	stdout    bytes.Buffer
	stderr    bytes.Buffer
	systemctl []string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, root: t.TempDir()}
	for _, dir := range []string{"etc/octopus", "home/octo", "tmp", "units"} {
		if err := os.MkdirAll(filepath.Join(m.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	key, err := identity.KeyFromMachineID(goldenMachineID)
	if err != nil {
		t.Fatal(err)
	}
	m.program = &Program{
		Stdin: strings.NewReader(""), Stdout: &m.stdout, Stderr: &m.stderr,
		Getenv:     func(string) string { return "" },
		Hostname:   func() (string, error) { return "tentacle-host", nil },
		Executable: func() (string, error) { return "/opt/octopus/tentacle/Tentacle", nil },
		Now:        time.Now,
		Version:    "9.2.4304",
		Directories: instance.Directories{ConfigurationHome: m.path("/etc/octopus"), DataHome: m.path("/home/octo"),
			Applications: "/home/Octopus/Applications"},
		Protector:      func(string) (identity.Protector, error) { return key, nil },
		HandshakePause: time.Millisecond,
		Systemd: &Systemd{UnitDirectory: filepath.Join(m.root, "units"), Run: func(_ context.Context, args ...string) error {
			m.systemctl = append(m.systemctl, "systemctl "+strings.Join(args, " "))
			return nil
		}},
	}
	return m
}

var machinePath = regexp.MustCompile(`(^|[=" '])(/etc/octopus|/home/octo\b|/tmp\b)`) //nolint:gochecknoglobals // a compiled constant

// path returns where a path of the recording machine lies.
func (m *machine) path(text string) string {
	if strings.Contains(text, m.root) {
		return text
	}
	return machinePath.ReplaceAllString(text, "${1}"+m.root+"${2}")
}

// unpath is the reverse.
func (m *machine) unpath(text string) string { return strings.ReplaceAll(text, m.root, "") }

func (m *machine) run(args ...string) int {
	m.t.Helper()
	m.stdout.Reset()
	m.stderr.Reset()
	m.systemctl = nil
	me, err := user.Current()
	if err != nil {
		m.t.Fatal(err)
	}
	mapped := make([]string, len(args))
	for i, a := range args {
		// The service's user of the recording machine is not there.
		mapped[i] = strings.Replace(m.path(a), "octouser", me.Username, 1)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return m.program.Main(ctx, mapped)
}

// configuration returns the configuration file of the instance that a command line names.
func (m *machine) configuration(argv []string) *settings.File {
	name := ""
	for i, a := range argv {
		if a == "--instance" && i+1 < len(argv) {
			name = argv[i+1]
		}
		if a == "--config" && i+1 < len(argv) {
			f, err := settings.Open(m.path(argv[i+1]))
			if err != nil {
				m.t.Fatal(err)
			}
			return f
		}
	}
	i, err := m.program.find(name)
	if err != nil {
		m.t.Fatal(err)
	}
	f, err := settings.Open(i.ConfigurationFile)
	if err != nil {
		m.t.Fatal(err)
	}
	return f
}

var randomSubscription = regexp.MustCompile(`poll://[a-z2-9]{20}/`) //nolint:gochecknoglobals // a compiled constant

// comparable replaces what is random: subscriptions by numbers in their order, new certificates by a word.
func comparable(values map[string]string) map[string]string {
	out := maps.Clone(values)
	delete(out, settings.KeyCertificate)
	delete(out, settings.KeyCertificateThumbprint)
	seen := map[string]string{}
	if text, ok := out[settings.KeyTrustedServers]; ok {
		out[settings.KeyTrustedServers] = randomSubscription.ReplaceAllStringFunc(text, func(id string) string {
			if seen[id] == "" {
				seen[id] = fmt.Sprintf("poll://random-%d/", len(seen)+1)
			}
			return seen[id]
		})
	}
	return out
}

func values(f *settings.File) map[string]string {
	out := map[string]string{}
	for _, k := range f.Keys() {
		out[k], _ = f.Get(k)
	}
	return out
}

// goldenValues parses a recorded configuration file.
func (m *machine) goldenValues(text string) map[string]string {
	path := filepath.Join(m.root, "golden.config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	f, err := settings.Open(path)
	if err != nil {
		m.t.Fatal(err)
	}
	out := values(f)
	for k, v := range out {
		out[k] = m.path(v)
	}
	return out
}

// adopt goes on from the recorded state after a deviation; the certificate stays ours.
func (m *machine) adopt(f *settings.File, golden map[string]string) {
	for _, k := range f.Keys() {
		if k != settings.KeyCertificate && k != settings.KeyCertificateThumbprint {
			f.Remove(k)
		}
	}
	for k, v := range golden {
		if k != settings.KeyCertificate && k != settings.KeyCertificateThumbprint {
			f.Set(k, v)
		}
	}
	if err := f.Save(); err != nil {
		m.t.Fatal(err)
	}
}

func readRows[T any](t *testing.T, name string) []T {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	return decodeRows[T](t, file)
}

func decodeRows[T any](t *testing.T, r io.Reader) []T {
	t.Helper()
	var rows []T
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil || len(rows) == 0 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows
}

// TestCommands carries out the recorded command lines one after the other, on one machine, and compares exit codes,
// configuration files, and the output that scripts read.
func TestCommands(t *testing.T) {
	m := newMachine(t)
	copyFile(t, filepath.Join("identity", "testdata", "fixed.pfx"), m.path("/tmp/fixed.pfx"))
	rows := readRows[commandRow](t, "commands.jsonl")
	t.Chdir(m.path("/home/octo"))
	deviations := commandDeviations()
	checked := 0
	for _, r := range rows {
		name := fmt.Sprintf("row %d %q", r.N, r.Argv)
		restore := m.prepare(r)
		if r.elsewhere() == "" {
			code := m.run(m.withExport(r.Argv)...)
			want, deviates := r.Exit, false
			if d, ok := deviations[r.N]; ok {
				want, deviates = d.exit, true
			}
			if !r.HeldOut && code != want {
				t.Errorf("%s: exit code %d, want %d\n%s%s", name, code, want, m.stdout.String(), m.stderr.String())
			}
			if code != 0 && m.stderr.Len() == 0 && len(r.Argv) > 0 {
				t.Errorf("%s: failed without a word", name)
			}
			if !deviates && !r.HeldOut {
				checked++
				m.compareOutput(name, r)
			}
			if deviates || r.HeldOut {
				if r.ConfigAfter != "" {
					m.adopt(m.configuration(r.Argv), m.goldenValues(r.ConfigAfter))
				} else if deviates {
					restore()
				}
				continue
			}
		}
		if r.ConfigAfter == "" {
			continue
		}
		golden := m.goldenValues(r.ConfigAfter)
		if r.elsewhere() != "" && golden[settings.KeyCertificate] != "" {
			m.run("new-certificate", "--if-blank", r.Argv[1], r.Argv[2])
		}
		f := m.configuration(r.Argv)
		if r.elsewhere() == "" {
			m.compareConfiguration(name, f, golden)
		}
		m.adopt(f, golden)
	}
	if checked < 120 {
		t.Errorf("only %d rows were compared", checked)
	}
	t.Logf("golden: area=tentacle file=commands.jsonl rows=%d agree=%d differ=%d", checked+len(deviations), checked, len(deviations))
}

// prepare does what was done by hand before a row. The function that it returns takes back what the row changes.
func (m *machine) prepare(r commandRow) (restore func()) {
	if r.N == 192 {
		f := m.configuration(r.Argv)
		var servers []settings.TrustedServer
		for i, host := range []string{"a", "b", "c"} {
			address, id := "https://"+host+".example:10943/", fmt.Sprintf("poll://x%d/", i)
			servers = append(servers, settings.TrustedServer{Thumbprint: "B45A028D81EA2BB7C995188057BC93E710536281",
				CommunicationStyle: settings.Polling, Address: &address, SubscriptionID: &id})
		}
		if err := f.SetTrustedServers(servers); err != nil {
			m.t.Fatal(err)
		}
		if err := f.Save(); err != nil {
			m.t.Fatal(err)
		}
	}
	if _, deviates := commandDeviations()[r.N]; !deviates || r.Argv[0] == "create-instance" {
		return func() {}
	}
	before := m.configuration(r.Argv)
	return func() {
		if err := before.Save(); err != nil {
			m.t.Fatal(err)
		}
	}
}

func (m *machine) compareConfiguration(name string, f *settings.File, golden map[string]string) {
	m.t.Helper()
	if diff := cmp.Diff(comparable(golden), comparable(values(f))); diff != "" {
		m.t.Errorf("%s: configuration (-Tentacle +this):\n%s", name, diff)
	}
	got, _ := f.Get(settings.KeyCertificateThumbprint)
	if want := golden[settings.KeyCertificateThumbprint]; want == fixedThumbprint && got != want || (want == "") != (got == "") {
		m.t.Errorf("%s: thumbprint %q, want %q", name, got, want)
	}
}

func (m *machine) compareOutput(name string, r commandRow) {
	m.t.Helper()
	if r.Systemctl != nil {
		if diff := cmp.Diff(r.Systemctl, m.systemctl); diff != "" {
			m.t.Errorf("%s: systemctl (-Tentacle +this):\n%s", name, diff)
		}
	}
	if r.Stdout == "" {
		return
	}
	want, got := r.Stdout, m.unpath(m.stdout.String())
	want, got = randomSubscription.ReplaceAllString(want, "poll://random/"), randomSubscription.ReplaceAllString(got, "poll://random/")
	if r.Group == "hs1" {
		// This instance has a certificate of its own in each run.
		thumbprint := regexp.MustCompile(`"CertificateThumbprint": "[0-9A-F]{40}"`)
		want, got = thumbprint.ReplaceAllString(want, ""), thumbprint.ReplaceAllString(got, "")
	}
	if strings.TrimSpace(want) != strings.TrimSpace(got) {
		m.t.Errorf("%s: output (-Tentacle +this):\n%s", name, cmp.Diff(want, got))
	}
}

// withExport replaces the shortened base64 text of a row by what this machine exported.
func (m *machine) withExport(argv []string) []string {
	out := slices.Clone(argv)
	for i, a := range out {
		if strings.HasSuffix(a, " characters)") {
			text, err := os.ReadFile(m.path("/tmp/cli1.b64"))
			if err != nil {
				m.t.Fatal(err)
			}
			out[i] = string(text)
		}
	}
	return out
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
