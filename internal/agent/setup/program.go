// Package setup is the command line of an agent: its instances, configuration, certificate, trust and registration,
// with the commands, options, exit codes and files of a Tentacle, so that scripts written for one work with either.
// It decides what an agent is; what an agent does is internal/agent. Only cmd/mantle-agent may import it.
//
// The nouns have packages of their own: option (command lines), instance (which agents this machine has), settings
// (the configuration file), identity (the certificate), registration (the server's REST API). This package has the
// verbs, a file for a family of commands.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/setup/identity"
	"github.com/mantledeploy/mantle/internal/agent/setup/instance"
	"github.com/mantledeploy/mantle/internal/agent/setup/option"
	"github.com/mantledeploy/mantle/internal/agent/setup/registration"
	"github.com/mantledeploy/mantle/internal/agent/shim"
	"github.com/mantledeploy/mantle/internal/fault"
)

// The exit codes of every command.
const (
	ExitDone      = 0
	ExitForeseen  = 1   // a mistake in the command line, or a server that refuses the request
	ExitUnknown   = 2   // no such command
	ExitException = 100 // everything else
)

// Program is what a command may use of the process and the machine that it runs on.
type Program struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Hostname       func() (string, error)
	Executable     func() (string, error)
	Now            func() time.Time
	Version        string
	Directories    instance.Directories
	// Protector opens the key that encrypts the secrets in a configuration file.
	Protector func(configurationFile string) (identity.Protector, error)
	// DialContext opens connections for the REST API; nil means the network's own way.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// StartupWait is how long a server that does not answer yet is asked again.
	StartupWait time.Duration
	// HandshakePause is the first pause between two checks of a communications port; 0 is the usual one.
	HandshakePause time.Duration
	// Systemd carries out systemctl; nil where there is no systemd.
	Systemd *Systemd
	// Step carries out `mantle-agent step …`.
	Step func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

// NewProgram returns the program of this process, without Step.
func NewProgram(version string) *Program {
	dirs := instance.StandardDirectories(os.Getenv)
	return &Program{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Hostname: os.Hostname, Executable: os.Executable, Now: time.Now,
		Version:     version,
		Directories: dirs,
		Protector:   func(file string) (identity.Protector, error) { return identity.Machine(dirs.ConfigurationHome, file) },
		StartupWait: time.Minute,
		Systemd:     findSystemd(os.Getenv),
	}
}

// Main carries out one command line and returns the exit code.
func (p *Program) Main(ctx context.Context, args []string) int {
	if len(args) == 0 {
		p.printCommands(p.Stdout)
		return ExitUnknown
	}
	name := strings.ToLower(args[0])
	if name == "step" && p.Step != nil {
		return p.Step(ctx, args[1:], p.Stdin, p.Stdout, p.Stderr)
	}
	if name == "shim" && len(args) == 2 {
		return p.exitCode(shim.Run(args[1]))
	}
	if name == "--help" || name == "-h" || name == "/?" || name == "-?" {
		name = "help"
	}
	if name == "--version" {
		name = "version"
	}
	c := p.command(name)
	if c == nil {
		fmt.Fprintf(p.Stderr, "There is no command %q.\n", args[0])
		fmt.Fprintln(p.Stdout, "See: mantle-agent help")
		return ExitUnknown
	}
	return p.exitCode(p.carryOut(ctx, c, args[1:]))
}

func (p *Program) carryOut(ctx context.Context, c *command, args []string) error {
	a := c.action(p)
	var help, ignored bool
	a.options.Flag("help|h|?", "Show what this command does and its options", &help)
	for _, common := range []string{"console", "nologo", "noconsolelogging", "noninteractive"} {
		if !a.has(common) {
			a.options.Flag(common, "", &ignored).Hide()
		}
	}
	rest, err := a.options.Parse(args)
	if help {
		p.printOptions(p.Stdout, c, a)
		return nil
	}
	if err != nil {
		return err
	}
	if len(rest) > a.operands {
		return fault.Invalid("mantle-agent %s does not know: %s (see mantle-agent help %s)", c.name, strings.Join(rest[a.operands:], " "), c.name)
	}
	a.arguments = rest
	return a.run(ctx, a)
}

// exitCode prints an error and returns the code that stands for its kind.
func (p *Program) exitCode(err error) int {
	if err == nil {
		return ExitDone
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(p.Stderr, "Interrupted.")
		return ExitException
	}
	fmt.Fprintln(p.Stderr, message(err))
	var answer *registration.Error
	var kind *fault.Error
	if errors.As(err, &answer) && answer.Rejected() || errors.As(err, &kind) {
		return ExitForeseen
	}
	return ExitException
}

func message(err error) string {
	var kind *fault.Error
	if errors.As(err, &kind) && len(kind.Details) > 0 {
		return kind.Message + "\n - " + strings.Join(kind.Details, "\n - ")
	}
	var answer *registration.Error
	if errors.As(err, &answer) && answer.Status == 401 {
		return err.Error() + "\nThe server does not accept the API key, token or session. Make a key in the server's portal (profile, API keys) and pass it with --apiKey."
	}
	return err.Error()
}

// say prints a line for the person who typed the command.
func (p *Program) say(format string, args ...any) { fmt.Fprintf(p.Stdout, format+"\n", args...) }

// restartNeeded follows every change that a running agent does not see.
func (p *Program) restartNeeded() { p.say("A running agent takes this up when it is restarted.") }

// reloaded follows a change of the trusted servers, which a running agent follows.
func (p *Program) reloaded() { p.say("A running agent takes this up within seconds.") }

// action is a command with its options, ready to be parsed.
type action struct {
	options   *option.Set
	operands  int // how many words without an option it takes
	arguments []string
	run       func(ctx context.Context, a *action) error
}

func newAction() *action { return &action{options: option.New()} }

func (a *action) has(name string) bool {
	for _, o := range a.options.All() {
		for _, n := range o.Names {
			if strings.EqualFold(n, name) {
				return true
			}
		}
	}
	return false
}

// Interruptible returns the context of a command line, which ends when the process is told to stop. A shim is not
// interruptible: it owns its script until the script ends, and what stops the agent does not stop it.
func Interruptible(args []string) (context.Context, []string) {
	if len(args) > 0 && args[0] == "shim" {
		return context.Background(), args
	}
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:govet // for the life of the process
	return ctx, args
}
