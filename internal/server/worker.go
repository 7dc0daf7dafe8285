package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/mantledeploy/mantle/internal/agent/script"
	"github.com/mantledeploy/mantle/internal/agent/transfer"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle"
)

// worker is the built-in worker: an agent inside this process, whose scripts outlive it.
type worker struct {
	agent *tentacle.Local
	home  string
	// program runs steps: this server's own, by "step".
	program string
}

func (s *Server) openWorker() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the server's own program: %w", err)
	}
	home := filepath.Join(string(s.cfg.DataDir), "worker")
	runner, err := script.NewRunner(script.Config{
		Work: filepath.Join(home, "Work"), Shim: []string{program, "shim"}, Inherited: scriptEnvironment(os.Environ()), Logger: s.log,
		Environment: script.Environment{Home: home, Applications: filepath.Join(home, "Applications"), InstanceName: "built-in worker", Executable: program, Version: productVersion()},
	})
	if err != nil {
		return err
	}
	if err := runner.Attach(); err != nil {
		return fmt.Errorf("find the built-in worker's scripts again: %w", err)
	}
	s.closeLater(func() error { runner.Close(); return nil })
	local, err := tentacle.NewLocal(append(runner.Services(), transfer.New(home).Services()...))
	s.worker = &worker{agent: local, home: home, program: program}
	return err
}

// scriptEnvironment is what scripts of the built-in worker see of this process's environment: nothing that may hold a secret of the
// server.
func scriptEnvironment(environ []string) []string {
	kept := []string{}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(plainVariables(), strings.ToUpper(name)) {
			kept = append(kept, entry)
		}
	}
	return kept
}

func plainVariables() []string {
	return []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "TERM",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PATHEXT", "COMSPEC", "USERPROFILE", "PROGRAMFILES", "PROGRAMDATA"}
}

// tools finds the agent's program for each platform: in tools/ beside this program, or, for this machine's platform, beside it.
type tools struct {
	dir string

	mu   sync.Mutex
	sums map[string]string
}

func newTools() (*tools, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the server's own program: %w", err)
	}
	return &tools{dir: filepath.Dir(program), sums: map[string]string{}}, nil
}

// Version is that of the tools: the server's.
func (t *tools) Version() string { return productVersion() }

// Open opens the tool for a platform.
func (t *tools) Open(system, arch string) (io.ReadCloser, int64, string, error) {
	extension := ""
	if system == "windows" {
		extension = ".exe"
	}
	candidates := []string{filepath.Join(t.dir, "tools", "mantle-agent-"+system+"-"+arch+extension)}
	if system == runtime.GOOS && arch == runtime.GOARCH {
		candidates = append(candidates, filepath.Join(t.dir, "mantle-agent"+extension))
	}
	for _, path := range candidates {
		file, err := os.Open(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, 0, "", err
		}
		sum, size, err := t.sum(path, file)
		if err != nil {
			file.Close()
			return nil, 0, "", err
		}
		return file, size, sum, nil
	}
	return nil, 0, "", fault.NotFound("this server carries no tool for %s/%s; put one to %s", system, arch, candidates[0])
}

// sum returns the file's SHA-256, which is computed once for each version of the file.
func (t *tools) sum(path string, file *os.File) (string, int64, error) {
	info, err := file.Stat()
	if err != nil {
		return "", 0, err
	}
	key := fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano())
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sums[key] == "" {
		hash := sha256.New()
		if _, err := io.Copy(hash, file); err != nil {
			return "", 0, err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return "", 0, err
		}
		t.sums[key] = hex.EncodeToString(hash.Sum(nil))
	}
	return t.sums[key], info.Size(), nil
}
