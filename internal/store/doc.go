// Package store is the only importer of database/sql: it opens the database, runs transactions, and reads and writes
// documents. It knows no product type; the packages of the product declare their tables as Collections, or write
// plain SQL with a Tx.
//
// One text of SQL serves both engines, PostgreSQL and SQLite; the few differences are members of dialect. What holds
// everywhere:
//
//   - A placeholder is $1, $2 …; a time is a BIGINT of microseconds since 1970 UTC (see Time); text is compared by
//     bytes (collation "C"), so whatever is compared without regard to case is folded in Go into a column of its own.
//   - Migrations use the type words @text, @bytes, @time, @bool, @json, which the dialect replaces.
//   - No JSON operators, no LIKE on unfolded text, no lower(), no data-modifying CTE, no = ANY.
//
// # Transactions
//
// Write runs its function in a transaction and commits; the function may run more than once (a deadlock, a lost
// connection, a serialisation failure), so it changes nothing but the database and its own local variables, and
// leaves the rest to Tx.OnCommit. The ID and the revision that a Collection writes into a document are put back where the
// transaction does not commit. A commit whose answer was lost is settled with the write's mark: a row under a random ID
// that the transaction inserted; inserting it again waits for the first one's end and then tells whether it committed.
// A commit that did not wait for the synchronous standby, one to which no answer came for as long as Options.Patience (5 s at least), and one whose
// disk failed on SQLite, are lost answers too.
// Where even that cannot be found out in time, Write returns a fault of kind UnknownResult. A lost database is
// waited for with a bound (Options.Patience); then the fault is of kind Unavailable.
//
// Driver errors never leave this package unclassified: see classify.
package store
