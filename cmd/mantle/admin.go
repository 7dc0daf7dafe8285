package main

import (
	"context"
	"time"

	"github.com/alecthomas/kong"
	"github.com/mantledeploy/mantle/internal/admin"
	"github.com/mantledeploy/mantle/internal/blob/cloud"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/secret"
)

// place is the flags that say where the server keeps its data.
type place struct {
	kong.Plugins
	flags config.Flags
}

func newPlace() place {
	flags := config.NewFlags("data-dir", "database", "master-key")
	return place{Plugins: kong.Plugins{flags.Struct()}, flags: flags}
}

func (f place) tool(p process) (admin.Tool, error) {
	cfg, err := config.Load(f.flags.Values(), p.environ)
	return admin.Tool{Config: cfg, In: p.stdin, Out: p.stdout, Err: p.stderr, OpenFiles: cloud.Open}, err
}

type adminCommand struct {
	place
	Username      string `required:"" placeholder:"NAME" help:"The user. Required."`
	ResetPassword bool   `help:"Set a random password and show it once. The user is signed out everywhere."`
	Password      string `placeholder:"…" help:"Set this password; - reads it from the input, where other users of the machine do not see it."`
	NewAPIKey     bool   `name:"new-api-key" help:"Make an API key and show it once. Older keys stay valid."`
	Email         string `placeholder:"ADDRESS" help:"Set the e-mail address."`
	Administrator bool   `help:"Make the user an administrator, active, and create it where there is none."`
}

// Help tells what the flags do not.
func (adminCommand) Help() string {
	return "For lost passwords and keys, and for the first administrator of a database that lost its own. Give it the same settings as the server " +
		"(flags, MANTLE_ variables or --config), so that it finds the database. With PostgreSQL servers may run on; with SQLite the server keeps the " +
		"file to itself, so stop it first.\n\nExample: mantle admin --data-dir ./data --username admin --reset-password --new-api-key"
}

// Run changes the account.
func (c *adminCommand) Run(ctx context.Context, p process) error {
	t, err := c.tool(p)
	if err != nil {
		return err
	}
	return t.ChangeAccount(ctx, admin.AccountChange{
		Username: c.Username, Administrator: c.Administrator, ResetPassword: c.ResetPassword, Password: c.Password, NewAPIKey: c.NewAPIKey, Email: c.Email,
	})
}

type masterKeyCommand struct {
	Show   masterKeyShowCommand   `cmd:"" help:"Print the master key, to keep a copy in a safe place."`
	Verify masterKeyVerifyCommand `cmd:"" help:"Check that the master key opens the database's secrets."`
	Rotate masterKeyRotateCommand `cmd:"" help:"Replace the master key while all nodes run."`
}

// Help tells what the flags do not.
func (masterKeyCommand) Help() string {
	return "The key is that of --master-key or MANTLE_MASTER_KEY, else that of the file master.key in the data directory. Without it nobody reads the " +
		"secrets in the database."
}

type masterKeyShowCommand struct{ place }

// Run prints the key.
func (c *masterKeyShowCommand) Run(p process) error {
	t, err := c.tool(p)
	if err != nil {
		return err
	}
	return t.ShowMasterKey()
}

type masterKeyVerifyCommand struct{ place }

// Run checks the key.
func (c *masterKeyVerifyCommand) Run(ctx context.Context, p process) error {
	t, err := c.tool(p)
	if err != nil {
		return err
	}
	return t.VerifyMasterKey(ctx)
}

type masterKeyRotateCommand struct {
	place
	NewKey string        `placeholder:"BASE64" help:"The new master key. Default: a random one."`
	Finish bool          `help:"End the rotation although nodes that are offline still have the old key."`
	Wait   time.Duration `default:"30s" placeholder:"TIME" help:"How long to wait for the nodes that run. Default: 30s."`
}

// Help tells what the flags do not.
func (masterKeyRotateCommand) Help() string {
	return "Shows the new key, hands it to the nodes that have theirs in a file, and ends when every node has it. Until then a node can start with either key, " +
		"and the command can be run again. Nodes that have the key from a setting need it changed there. With SQLite stop the server first."
}

// Run rotates the key.
func (c *masterKeyRotateCommand) Run(ctx context.Context, p process) error {
	t, err := c.tool(p)
	if err != nil {
		return err
	}
	r := admin.Rotation{Finish: c.Finish, Wait: c.Wait}
	if c.NewKey != "" {
		if r.Key, err = secret.ParseMasterKey(c.NewKey); err != nil {
			return err
		}
	}
	return t.RotateMasterKey(ctx, r)
}
