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
	// writeTx and readTx are the options of the two kinds of transaction.
	readTx *sql.TxOptions
	// classify turns a driver's error into one of this package's.
	classify func(error) error
	// certain tells whether a classified error at COMMIT says that nothing was committed.
	certain func(error) bool
}

var (
	sqliteTypes   = strings.NewReplacer("@text", "TEXT", "@bytes", "BLOB", "@time", "BIGINT", "@bool", "BOOLEAN", "@json", "TEXT")
	postgresTypes = strings.NewReplacer("@text", `TEXT COLLATE "C"`, "@bytes", "BYTEA", "@time", "BIGINT", "@bool", "BOOLEAN", "@json", "TEXT")
)

func sqliteDialect() dialect {
	return dialect{engine: SQLite, types: sqliteTypes, classify: classifySQLite, certain: certainSQLite}
}

func postgresDialect() dialect {
	return dialect{
		engine: Postgres, types: postgresTypes,
		forUpdate: " FOR UPDATE", forShare: " FOR SHARE", skipLocked: " FOR UPDATE SKIP LOCKED",
		readTx:   &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		classify: classifyPostgres,
		certain:  certainPostgres,
	}
}
