package store

import (
	"database/sql"
	"strings"
)

// Engine names a kind of database.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// dialect is everything in which the two engines differ.
type dialect struct {
	engine Engine
	types  *strings.Replacer
	// forUpdate, forShare and skipLocked are appended to a SELECT; SQLite has one writer and needs none.
	forUpdate, forShare, skipLocked string
	// marks tells whether a commit's answer can be lost, so that writes leave a mark.
	marks bool
	// writeTx and readTx are the options of the two kinds of transaction.
	readTx *sql.TxOptions
	// classify turns a driver's error into one of this package's.
	classify func(error) error
}

var (
	sqliteTypes   = strings.NewReplacer("@text", "TEXT", "@bytes", "BLOB", "@time", "BIGINT", "@bool", "BOOLEAN", "@json", "TEXT")
	postgresTypes = strings.NewReplacer("@text", `TEXT COLLATE "C"`, "@bytes", "BYTEA", "@time", "BIGINT", "@bool", "BOOLEAN", "@json", "TEXT")
)

func sqliteDialect() dialect {
	return dialect{engine: SQLite, types: sqliteTypes, classify: classifySQLite}
}

func postgresDialect() dialect {
	return dialect{
		engine: Postgres, types: postgresTypes,
		forUpdate: " FOR UPDATE", forShare: " FOR SHARE", skipLocked: " FOR UPDATE SKIP LOCKED",
		marks:    true,
		readTx:   &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		classify: classifyPostgres,
	}
}
