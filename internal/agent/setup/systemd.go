package setup

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Systemd installs and controls services: those of the machine for root, the user's own otherwise.
type Systemd struct {
	UnitDirectory string
	User          bool // systemctl --user
	// Run carries out systemctl with these arguments.
	Run func(ctx context.Context, args ...string) error
}

// findSystemd returns nil on systems that have none.
func findSystemd(getenv func(string) string) *Systemd {
	if runtime.GOOS != "linux" {
		return nil
	}
	s := &Systemd{UnitDirectory: "/etc/systemd/system", Run: systemctl}
	if os.Geteuid() != 0 {
		s.User = true
		config := getenv("XDG_CONFIG_HOME")
		if !filepath.IsAbs(config) {
			config = filepath.Join(getenv("HOME"), ".config")
		}
		s.UnitDirectory = filepath.Join(config, "systemd", "user")
	}
	return s
}

func systemctl(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "systemctl", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("systemctl %s: %w %s", strings.Join(args, " "), err, strings.TrimSpace(out.String()))
	}
	return nil
}

func (s *Systemd) control(ctx context.Context, args ...string) error {
	if s.User {
		args = append([]string{"--user"}, args...)
	}
	return s.Run(ctx, args...)
}

// unit is what a service's file says.
type unit struct {
	name       string
	executable string
	instance   string
	user       string // "" for the one that installs
	dependOn   string
}

func (s *Systemd) path(name string) string { return filepath.Join(s.UnitDirectory, name+".service") }

func (s *Systemd) text(u unit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[Unit]\nDescription=Mantle agent %s\nAfter=%s\n\n", escapePercent(u.instance), strings.TrimSpace("network.target "+u.dependOn))
	b.WriteString("[Service]\nType=simple\n")
	if !s.User {
		user := u.user
		if user == "" {
			user = "root"
		}
		fmt.Fprintf(&b, "User=%s\n", user)
	}
	// Scripts that run when the agent is stopped or updated go on: only the agent itself is ended.
	fmt.Fprintf(&b, "ExecStart=%s run %s --noninteractive\nRestart=always\nKillMode=process\n\n", quoteUnit(u.executable), quoteUnit("--instance="+u.instance))
	target := "multi-user.target"
	if s.User {
		target = "default.target"
	}
	fmt.Fprintf(&b, "[Install]\nWantedBy=%s\n", target)
	return b.String()
}

func escapePercent(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// quoteUnit writes one word of a command line as systemd reads it.
func quoteUnit(word string) string {
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$").Replace(word)
	if strings.ContainsAny(word, " \t'\"\\;") {
		return `"` + word + `"`
	}
	return word
}

func (s *Systemd) write(u unit) error {
	if err := os.MkdirAll(s.UnitDirectory, 0o755); err != nil {
		return fmt.Errorf("create the directory of services: %w", err)
	}
	if err := os.WriteFile(s.path(u.name), []byte(s.text(u)), 0o644); err != nil {
		return fmt.Errorf("write the service: %w", err)
	}
	return nil
}

func (s *Systemd) installed(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}
