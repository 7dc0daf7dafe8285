package main

import (
	"context"

	"github.com/alecthomas/kong"
	"github.com/mantledeploy/mantle/internal/admin"
	"github.com/mantledeploy/mantle/internal/blob/cloud"
	"github.com/mantledeploy/mantle/internal/config"
)

type doctorCommand struct {
	kong.Plugins
	flags config.Flags
	JSON  bool `name:"json" help:"Print JSON."`
}

func newDoctorCommand() doctorCommand {
	flags := config.NewFlags()
	return doctorCommand{Plugins: kong.Plugins{flags.Struct()}, flags: flags}
}

// Help tells what the flags do not.
func (doctorCommand) Help() string {
	return "Looks at the settings, the data directory, HTTPS, the addresses, the database, the master key, the stores of files, the nodes and the queue, as the server does at its " +
		"start, and changes nothing. Give it the settings of the server and run it as the server's user; whether the server runs does not matter. " +
		"Each line says ok, warning or problem. The exit code is 1 when anything is a problem."
}

// Run looks at everything.
func (c *doctorCommand) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(c.flags.Values(), p.environ)
	t := admin.Tool{Config: cfg, In: p.stdin, Out: p.stdout, Err: p.stderr, OpenFiles: cloud.Open}
	return t.Doctor(ctx, admin.Examination{Settings: err, JSON: c.JSON})
}
