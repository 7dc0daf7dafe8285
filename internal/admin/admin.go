// Package admin carries out the administration commands of the program mantle: accounts that were locked out, nodes, the master
// key, where files are kept. It works on the database itself, without the API, for who has no key to it: whoever may read the server's settings is
// trusted. It parses no flags; cmd/mantle imports it, and nobody else.
package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Tool is what the commands work with.
type Tool struct {
	Config config.Config
	// API is what commands about nodes and the queue ask instead of the database.
	API API
	// In is where a password is read from that is not on the command line; Out gets what a command shows.
	In  io.Reader
	Out io.Writer
	// Err gets what is shown while a command works; nil: nobody looks.
	Err io.Writer
	// OpenFiles opens stores of files; nil: directories alone.
	OpenFiles blob.Opener
}

// withDatabase opens the database of the settings for f. It makes no database and no schema.
func (t Tool) withDatabase(ctx context.Context, f func(*store.DB) error) (err error) {
	path, embedded := t.Config.Database.SQLite()
	if embedded {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fault.NotFound("there is no database file %s; say with --data-dir or --database where the server keeps it", path)
		}
	}
	db, err := store.Open(ctx, store.Options{URL: t.Config.Database.URL.Reveal(), Application: "mantle command", MaxConnections: 2})
	if errors.Is(err, store.ErrInUse) {
		return fault.Conflict("the server runs, and keeps the database file %s to itself: stop it for this command and start it again, or use its API. (With PostgreSQL the command works while servers run.)", path).Because(err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.RequireSchema(ctx); err != nil {
		return err
	}
	return f(db)
}

func (t Tool) say(format string, args ...any) error {
	_, err := fmt.Fprintf(t.Out, format+"\n", args...)
	return err
}
