// Package bootstrap writes the scripts that a server sends to a target, and reads the lines that they print.
//
// A wrapped script runs its body once for each ticket: it makes the ticket's directory on the target atomically,
// refuses to run when it exists, writes the body's exit code there last, and prints an end line. That holds whatever
// carried the script there: both script services of an agent, SSH, the built-in worker. The package also has the
// functions that users' scripts call (get_octopusvariable and the like), for bash, Python and PowerShell.
//
// It makes and reads text only: it starts nothing and writes no files. The server's executors and the tool on the
// target import it.
//
// States of a ticket's directory:
//
//	Absent ── mkdir ──> Running ── exit written ──> Finished
//	                       └── processes gone, no exit ──> Lost (the result is unknown)
package bootstrap

import (
	"embed"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Exit codes of the bootstrap itself.
const (
	// ExitRefused means that the ticket's directory existed; a state line was printed and nothing was run.
	ExitRefused = 240
	// ExitFailed means that the ticket's directory or its files could not be made; nothing was run.
	ExitFailed = 241
)

//go:embed scripts
var scripts embed.FS

// Shell is the language of a script that a target is asked to run.
type Shell string

// The shells. Bash scripts of this package keep to POSIX sh; PowerShell ones to Windows PowerShell 5.1.
const (
	Bash       Shell = "Bash"
	PowerShell Shell = "PowerShell"
)

// Run names one run of one script.
type Run struct {
	// Ticket is the directory's name: 1 to 128 of A-Z a-z 0-9 _ and -.
	Ticket string
	// Nonce is in every line that the bootstrap prints: 8 to 64 of A-Z a-z 0-9. It must be the same whenever the same
	// ticket is sent again.
	Nonce string
	// Root is where tickets' directories are; "" is Tickets in the agent's home, else in ~/.mantle.
	Root string
}

var (
	ticketForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	nonceForm   = regexp.MustCompile(`^[A-Za-z0-9]{8,64}$`)
	versionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,100}$`)
)

func (r Run) check() error {
	if !ticketForm.MatchString(r.Ticket) {
		return fmt.Errorf("ticket %q is not 1 to 128 letters, digits, - and _", r.Ticket)
	}
	if !nonceForm.MatchString(r.Nonce) {
		return fmt.Errorf("nonce %q is not 8 to 64 letters and digits", r.Nonce)
	}
	return nil
}

// Wrap returns the script that runs body once for the run's ticket.
func Wrap(sh Shell, run Run, body string) (string, error) {
	if err := run.check(); err != nil {
		return "", err
	}
	if strings.ContainsRune(body, 0) {
		return "", fmt.Errorf("script of ticket %s contains a NUL character, which no shell reads", run.Ticket)
	}
	if sh == PowerShell {
		return fill(sh, run, "ticket", "wrap", "@BODY@", base64.StdEncoding.EncodeToString([]byte(body)))
	}
	delimiter := "MANTLE_BODY_" + run.Nonce
	body = unixLines(body)
	for strings.Contains(body, delimiter) {
		delimiter += "_"
	}
	launch := mustRead("process.sh") + mustRead("launch.sh")
	return fill(sh, run, "ticket", "wrap", "@LAUNCH@", quoteSh(launch), "@DELIMITER@", delimiter, "@BODY@", body)
}

// Query returns a script that prints the state of the ticket's directory, changes nothing, and exits with 0.
func Query(sh Shell, run Run) (string, error) {
	if err := run.check(); err != nil {
		return "", err
	}
	return fill(sh, run, "ticket", "query")
}

// fill puts the named script files together and replaces their placeholders, all in one pass, so that what is put in
// is never looked at again.
func fill(sh Shell, run Run, first, second string, pairs ...string) (string, error) {
	var text, root string
	switch sh {
	case Bash:
		text = "#!/bin/bash\n" + strings.ReplaceAll(mustRead(first+".sh"), "@PROCESS@", mustRead("process.sh")) + mustRead(second+".sh")
		root = quoteSh(run.Root)
	case PowerShell:
		text = mustRead(first+".ps1") + mustRead(second+".ps1")
		root = quotePowerShell(run.Root)
	default:
		return "", fmt.Errorf("no bootstrap for the shell %q: use %s or %s", sh, Bash, PowerShell)
	}
	pairs = append(pairs,
		"@TICKET@", run.Ticket, "@NONCE@", run.Nonce, "@ROOT@", root,
		"@REFUSED@", strconv.Itoa(ExitRefused), "@FAILED@", strconv.Itoa(ExitFailed))
	return strings.NewReplacer(pairs...).Replace(text), nil
}

// mustRead returns a script of this package; a missing one is a defect of the build.
func mustRead(name string) string {
	b, err := scripts.ReadFile("scripts/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// quoteSh makes one word of any text, for POSIX shells.
func quoteSh(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// quotePowerShell makes one string of any text; PowerShell takes the typographic quotes for quotes too.
func quotePowerShell(s string) string {
	return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(s) + "'"
}

func unixLines(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n")
}
