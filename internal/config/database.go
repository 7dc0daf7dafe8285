package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mantledeploy/mantle/internal/secret"
)

const sqlitePrefix = "sqlite:"

// Database says which database a server uses. It may hold a password, and prints without it.
type Database struct {
	// URL is "sqlite:" and an absolute path, or PostgreSQL's URL as it was given.
	URL secret.Text
}

func sqliteIn(path string) Database {
	return Database{URL: secret.NewText(sqlitePrefix + path)}
}

// SQLite returns the path of the SQLite file, and whether there is one.
func (d Database) SQLite() (path string, is bool) {
	return strings.CutPrefix(d.URL.Reveal(), sqlitePrefix)
}

// UnmarshalText checks which database is meant. Only the driver knows whether the rest is right.
func (d *Database) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if path, is := strings.CutPrefix(s, sqlitePrefix); is {
		if path == "" || strings.HasPrefix(path, "//") {
			return errors.New("SQLite's file is missing; write sqlite:PATH, such as sqlite:/var/lib/mantle/mantle.db")
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		*d = sqliteIn(path)
		return nil
	}
	if strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://") {
		d.URL = secret.NewText(s)
		return nil
	}
	if isSQLServer(s) {
		return errors.New("this is a connection string of SQL Server, and Mantle keeps its data in PostgreSQL; " +
			"to move, make an empty PostgreSQL database, write postgres://USER:PASSWORD@HOST:5432/DATABASE here, " +
			"and copy the projects over through the REST API of the Octopus Server while it still runs")
	}
	// The text itself may hold a password, so it is not repeated here.
	scheme, _, found := strings.Cut(s, ":")
	if !found || len(scheme) > 16 || strings.ContainsAny(scheme, "=@; /") {
		return errors.New("write sqlite:PATH or postgres://USER:PASSWORD@HOST:5432/DATABASE")
	}
	return fmt.Errorf("%s is not a database that Mantle can use; write sqlite:PATH or postgres://USER:PASSWORD@HOST:5432/DATABASE", scheme)
}

// isSQLServer recognises ADO.NET's `Server=…;Database=…;User Id=…` and the URL form.
func isSQLServer(s string) bool {
	lower := strings.ToLower(s)
	if strings.HasPrefix(lower, "sqlserver:") || strings.HasPrefix(lower, "mssql:") {
		return true
	}
	return regexp.MustCompile(`(^|;)\s*(server|data source|addr|address|network address|initial catalog|integrated security)\s*=`).MatchString(lower)
}

// String returns the URL without its passwords.
func (d Database) String() string {
	s := d.URL.Reveal()
	// Not net/url: it refuses several hosts with ports. A password may hold any character but "@" and "/" unescaped;
	// up to the last "@" before the path is the safe reading.
	s = regexp.MustCompile(`^([a-z]+://[^:@/?]*):.*@`).ReplaceAllString(s, "${1}:"+secret.Redacted+"@")
	return regexp.MustCompile(`(?i)([?&](?:ssl)?password=)[^&]*`).ReplaceAllString(s, "${1}"+secret.Redacted)
}
