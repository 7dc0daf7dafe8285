package script

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

func decrypt(t *testing.T, raw []byte, password string) string {
	t.Helper()
	key, err := pbkdf2.Key(sha1.New, password, []byte("Octopuss"), 1000, 16)
	must(t, err)
	block, err := aes.NewCipher(key)
	must(t, err)
	if len(raw) < 36 || len(raw)%16 != 4 || string(raw[:4]) != "IV__" {
		t.Fatalf("not an encrypted file: %d bytes", len(raw))
	}
	plain := make([]byte, len(raw)-20)
	cipher.NewCBCDecrypter(block, raw[4:20]).CryptBlocks(plain, raw[20:])
	return string(plain[:len(plain)-int(plain[len(plain)-1])])
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) {
		c.Environment = Environment{Home: "/home/octo/polling", Applications: "/home/octo/Applications", InstanceName: "polling",
			Executable: "/opt/octopus/tentacle/Tentacle", Version: "9.2.4304", CertificateAlgorithm: "sha256RSA"}
	})
	got := own(a.run(t, bash("env", "env | LC_ALL=C sort | grep -E '^(Tentacle|Calamari|Agent)' | grep -v NetFramework")).Logs)
	want := []string{
		"stdout: AgentProgramDirectoryPath=/opt/octopus/tentacle",
		"stdout: CalamariPackageRetentionJournalPath=/home/octo/polling/PackageRetentionJournal.json",
		"stdout: TentacleApplications=/home/octo/Applications",
		"stdout: TentacleCertificateSignatureAlgorithm=sha256RSA",
		"stdout: TentacleExecutablePath=/opt/octopus/tentacle/Tentacle",
		"stdout: TentacleHome=/home/octo/polling",
		"stdout: TentacleInstanceName=polling",
		"stdout: TentacleJournal=/home/octo/polling/DeploymentJournal.xml",
		"stdout: TentacleProgramDirectoryPath=/opt/octopus/tentacle",
		"stdout: TentacleProxyPort=80",
		"stdout: TentacleUseDefaultProxy=True",
		"stdout: TentacleVersion=9.2.4304",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentThatIsPassedOn(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) {
		c.Inherited = []string{"PATH=" + os.Getenv("PATH"), "TentacleHome=overridden"}
		c.Environment.Home = "/home/x"
	})
	got := own(a.run(t, bash("inherited", "echo $TentacleHome; echo [$HOME]")).Logs)
	if diff := cmp.Diff([]string{"stdout: /home/x", "stdout: []"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestEndlessLineTakesLittleMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the peak of a process's memory is read as Linux shows it")
	}
	a := newAgent(t, nil)
	a.start(t, bash("endless", "head -c 40000000 /dev/zero | tr '\\0' x; echo; grep VmHWM /proc/$PPID/status"))
	bytes, peak := 0, 0
	var after int64
	eventually(t, "the script is complete", func() bool {
		got := a.status(t, "endless", after)
		after = got.NextLogSequence
		for _, l := range got.Logs {
			if l.Source == contract.StdOut && strings.HasPrefix(l.Text, "xxxx") {
				bytes += len(l.Text)
			}
			_, _ = fmt.Sscanf(l.Text, "VmHWM: %d kB", &peak)
		}
		return got.State == contract.Complete
	})
	if bytes != 40_000_000 {
		t.Errorf("%d bytes of the line came", bytes)
	}
	// The race detector's own memory is in it, too.
	if peak == 0 || peak > 300_000 {
		t.Errorf("the process that owns the script took %d kB", peak)
	}
	t.Logf("peak %d kB", peak)
}

func TestProxyPasswordIsMasked(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) {
		c.Environment.Proxy = Proxy{Host: "proxy.example", Port: 8080, User: "bob", Password: "s3cret"}
	})
	got := own(a.run(t, bash("proxy", "env | LC_ALL=C sort | grep ^TentacleProxy; echo xs3cretx >&2; [ $TentacleProxyPassword = s3cr''et ]")).Logs)
	want := []string{"stdout: TentacleProxyHost=proxy.example", "stdout: TentacleProxyPassword=********", "stdout: TentacleProxyPort=8080", "stdout: TentacleProxyUsername=bob"}
	var out []string
	for _, l := range got {
		if strings.HasPrefix(l, "stderr: ") {
			if l != "stderr: x********x" {
				t.Errorf("%q", l)
			}
			continue
		}
		out = append(out, l)
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	// What is secret is in the environment, not on the disk.
	raw, err := os.ReadFile(filepath.Join(a.workspaceOf("proxy").Dir, ".mantle", "job.json"))
	must(t, err)
	if strings.Contains(string(raw), "s3cret") {
		t.Errorf("the job holds the password: %s", raw)
	}
}

func TestWorkspaceAsTheScriptSeesIt(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	body := "echo \"pwd=$(pwd)\"; echo \"zero=$0\"; echo \"flags=$-\"; tr '\\0' '|' < /proc/$$/cmdline; echo\r\necho \"crlf line\"\r\n" +
		"stat -c '%a %n' . Bootstrap.sh; head -c 4 Bootstrap.sh | od -An -tx1; grep -c $'\\r' Bootstrap.sh; cat scriptstate.json; echo; head -c 30 Output.log; echo; readlink /proc/$$/fd/0; ls -l /proc/$$/fd | grep -c socket; true"
	got := own(a.run(t, bash("space", body)).Logs)
	dir := a.workspaceOf("space").Dir
	want := []string{"pwd=" + dir, "zero=" + dir + "/Bootstrap.sh", "flags=hB", "/bin/bash|" + dir + "/Bootstrap.sh|", "crlf line", "755 .", "644 Bootstrap.sh", " 65 63 68 6f", "0",
		`{"Created":"T","Started":"T","Completed":null,"State":1,"ExitCode":null,"RanToCompletion":null}`, "\ufeff[\"stdout\",\"##octopus[stdout", "/dev/null", "0"}
	stamp := regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00"`)
	for i := range got {
		got[i] = stamp.ReplaceAllString(strings.TrimPrefix(got[i], "stdout: "), `"T"`)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	state, err := os.ReadFile(filepath.Join(dir, "scriptstate.json"))
	must(t, err)
	if got := stamp.ReplaceAllString(string(state), `"T"`); got != `{"Created":"T","Started":"T","Completed":"T","State":2,"ExitCode":0,"RanToCompletion":true}` {
		t.Errorf("state at the end: %s", got)
	}
}

func TestNoShell(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) { c.Bash = "/nowhere/bash" })
	got := a.run(t, bash("noshell", "echo x"))
	mine := own(got.Logs)
	if got.ExitCode != contract.ExitNoShell || len(mine) != 1 || !strings.HasPrefix(mine[0], "stderr: An exception was thrown when invoking /nowhere/bash: ") {
		t.Errorf("exit %d log %v", got.ExitCode, mine)
	}
}

func TestNoShim(t *testing.T) {
	t.Parallel()
	a := newAgent(t, func(c *Config) { c.Shim = []string{"/nowhere/agent", "shim"} })
	got := a.run(t, bash("noshim", "echo x"))
	if mine := own(got.Logs); got.ExitCode != contract.ExitFatal || len(mine) != 1 || !strings.Contains(mine[0], "/nowhere/agent") {
		t.Errorf("exit %d log %v", got.ExitCode, mine)
	}
	b := newAgent(t, func(c *Config) { c.Shim = []string{"/bin/true"} })
	got = b.run(t, bash("falseshim", "echo x"))
	if mine := own(got.Logs); got.ExitCode != contract.ExitFatal || len(mine) != 1 || !strings.Contains(mine[0], "ended before it began") {
		t.Errorf("exit %d log %v", got.ExitCode, mine)
	}
}

func TestPowerShellThatNeverBegins(t *testing.T) {
	t.Parallel()
	a := newAgent(t, nil)
	// A script that behaves as a guarded one would: it makes the first file when it begins.
	for ticket, tt := range map[string]struct {
		body string
		exit int32
	}{
		"late":    {"ls -a .octopus_powershell_should_run; sleep 314", contract.ExitPowerShellNeverStarted},
		"intime":  {"touch .octopus_powershell_started; sleep 1; exit 3", 3},
		"noguard": {"sleep 1; exit 4", 4},
	} {
		c := command{ticket: ticket, body: tt.body}
		e := newExecution(a.Runner, c)
		must(t, e.fill(c))
		if ticket != "noguard" {
			e.job.StartupGuard = 300 * time.Millisecond
			must(t, os.Remove(filepath.Join(e.workspace.Dir, ".mantle", "job.json")))
			must(t, e.workspace.SaveJob(e.job))
		}
		e.becomeReady(nil)
		a.mu.Lock()
		a.scripts[ticket] = e
		a.mu.Unlock()
		a.going.Go(e.drive)
		if got := a.finish(t, ticket); got.ExitCode != tt.exit {
			t.Errorf("%s ended with %d, want %d: %v", ticket, got.ExitCode, tt.exit, own(got.Logs))
		}
	}
}
