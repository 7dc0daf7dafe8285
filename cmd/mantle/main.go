// Command mantle is the server and its administration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/mantledeploy/mantle/internal/blob/cloud"
	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/server"
)

func main() {
	if exit, done := tool(os.Args[1:]); done {
		os.Exit(exit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], process{environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}))
}

// commands is the command line: a field for each command, named by its word.
type commands struct {
	Server            serverCommand            `cmd:"" help:"Run the server."`
	Admin             adminCommand             `cmd:"" help:"Set a user's password, make an API key, make an administrator."`
	MasterKey         masterKeyCommand         `cmd:"" help:"Show, check or replace the master key."`
	Node              nodeCommand              `cmd:"" help:"List, drain and change the nodes of the installation."`
	Queue             queueCommand             `cmd:"" help:"Pause the queue of tasks, or let it go on."`
	Maintenance       maintenanceCommand       `cmd:"" help:"Begin or end maintenance mode."`
	Path              pathCommand              `cmd:"" help:"Show, set and move where files are kept."`
	Doctor            doctorCommand            `cmd:"" help:"Look at everything that the server needs, and say what is wrong."`
	ShowConfiguration showConfigurationCommand `cmd:"" help:"Show every setting without its secrets, and where it came from."`
	Version           versionCommand           `cmd:"" help:"Show the version."`
}

// process is what a command may use of the process that it runs in.
type process struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run carries out one command line and returns the exit code: 0, 1 for an error, 2 for a wrong command line.
func run(ctx context.Context, args []string, p process) int {
	flags := config.NewFlags()
	cli := commands{
		Server:            serverCommand{Plugins: kong.Plugins{flags.Struct()}, flags: flags},
		Admin:             adminCommand{place: newPlace()},
		MasterKey:         masterKeyCommand{Show: masterKeyShowCommand{newPlace()}, Verify: masterKeyVerifyCommand{newPlace()}, Rotate: masterKeyRotateCommand{place: newPlace()}},
		Node:              newNodeCommand(),
		Queue:             newQueueCommand(),
		Maintenance:       maintenanceCommand{desk: newDesk()},
		Path:              pathCommand{place: newPlace()},
		Doctor:            newDoctorCommand(),
		ShowConfiguration: showConfigurationCommand{Plugins: kong.Plugins{flags.Struct()}, flags: flags},
	}
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("mantle"),
		kong.Description("A deployment server that speaks the API of Octopus Deploy and the protocol of its agents."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	)
	if err != nil {
		return complain(p.stderr, err, 2)
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help has printed
		return exit
	}
	if err != nil {
		return complain(p.stderr, fmt.Errorf("%w; see mantle --help", err), 2)
	}
	if err := command.Run(); err != nil && !errors.Is(err, context.Canceled) {
		return complain(p.stderr, err, 1)
	}
	return 0
}

func complain(w io.Writer, err error, code int) int {
	fmt.Fprintf(w, "mantle: %v\n", err)
	return code
}

type showConfigurationCommand struct {
	kong.Plugins
	flags config.Flags
}

// Run prints the configuration that the server would run with.
func (c *showConfigurationCommand) Run(p process) error {
	cfg, err := config.Load(c.flags.Values(), p.environ)
	if err != nil {
		return err
	}
	return cfg.Print(p.stdout)
}

type versionCommand struct{}

// Run prints the version alone, for scripts.
func (versionCommand) Run(p process) error {
	_, err := fmt.Fprintln(p.stdout, buildinfo.Version())
	return err
}

type serverCommand struct {
	kong.Plugins
	flags config.Flags
}

// Run serves until the context ends.
func (c *serverCommand) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(c.flags.Values(), p.environ)
	if err != nil {
		return err
	}
	return server.Run(ctx, cfg, cloud.Open, slog.New(slog.NewTextHandler(p.stderr, nil)), p.stdout)
}
