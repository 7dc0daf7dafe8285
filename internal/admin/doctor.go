package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// States of what Doctor finds.
const (
	fine    = "ok"
	warning = "warning"
	problem = "problem"
)

// Finding is what one check found.
type Finding struct {
	// State is ok, warning or problem.
	State string `json:"state"`
	Check string `json:"check"`
	Found string `json:"found"`
	// Remedy is the way out, where Found does not name it.
	Remedy string `json:"remedy,omitempty"`
}

// Examination says what Doctor works with.
type Examination struct {
	// Settings is why the settings cannot be read: then there is nothing else to look at.
	Settings error
	JSON     bool
}

// Doctor looks at the settings, this machine, the database, the stores of files and the cluster, changes nothing, and shows what it found. It
// returns a fault when anything is a problem. What cannot be looked at is a problem of its own, and keeps nothing else from being looked at.
func (t Tool) Doctor(ctx context.Context, e Examination) error {
	d := &doctor{t: t, silence: 8 * time.Second, patience: 8 * time.Second}
	d.look(ctx, e.Settings)
	if err := ctx.Err(); err != nil {
		return err
	}
	show := showFindings
	if e.JSON {
		show = showFindingsJSON
	}
	if err := show(t.Out, d.found); err != nil {
		return err
	}
	if n := count(d.found, problem); n > 0 {
		return fault.Conflict("%s", counted(n, "problem"))
	}
	return nil
}

// doctor gathers findings.
type doctor struct {
	t     Tool
	found []Finding
	// taken: a server runs on the data directory.
	taken bool
	// silence is how long a node may renew nothing before it is said, patience how long the database is waited for.
	silence, patience time.Duration
}

func (d *doctor) look(ctx context.Context, settings error) {
	if settings != nil {
		d.problem("settings", settings.Error(), "nothing else can be looked at before the settings are right")
		return
	}
	d.fine("settings", "%s", d.settings())
	d.machine(ctx)
	d.database(ctx)
}

func (d *doctor) fine(check, format string, args ...any) {
	d.found = append(d.found, Finding{State: fine, Check: check, Found: fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(check, found, remedy string) {
	d.found = append(d.found, Finding{State: warning, Check: check, Found: found, Remedy: remedy})
}

func (d *doctor) problem(check, found, remedy string) {
	d.found = append(d.found, Finding{State: problem, Check: check, Found: found, Remedy: remedy})
}

// read asks the database; that it cannot be asked is a finding.
func (d *doctor) read(ctx context.Context, db *store.DB, check string, f func(tx *store.Tx) error) bool {
	err := db.Read(ctx, f)
	if err != nil {
		d.problem(check, fmt.Sprintf("it could not be looked at: %v", err), "")
	}
	return err == nil
}

// settings tells where they came from.
func (d *doctor) settings() string {
	given, from := 0, map[string]bool{}
	var names []string
	for _, s := range d.t.Config.Show() {
		if s.Origin == "default" {
			continue
		}
		given++
		source, _, _ := strings.Cut(s.Origin, " line ")
		for prefix, name := range map[string]string{"flag ": "flags", "environment ": "the environment"} {
			if strings.HasPrefix(source, prefix) {
				source = name
			}
		}
		if !from[source] {
			from[source] = true
			names = append(names, source)
		}
	}
	if given == 0 {
		return "all of them are defaults"
	}
	return fmt.Sprintf("%d are given, by %s", given, strings.Join(names, ", "))
}

func count(all []Finding, state string) (n int) {
	for _, f := range all {
		if f.State == state {
			n++
		}
	}
	return n
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// showFindings writes a line for each check, the way out below it, and the sum.
func showFindings(out io.Writer, all []Finding) error {
	width := 0
	for _, f := range all {
		width = max(width, len(f.Check))
	}
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "%-8s %-*s  %s\n", f.State, width, f.Check, strings.ReplaceAll(f.Found, "\n", "\n         "))
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%-8s %-*s  → %s\n", "", width, "", f.Remedy)
		}
	}
	fmt.Fprintf(&b, "\n%s, %s, %d ok\n", counted(count(all, problem), problem), counted(count(all, warning), warning), count(all, fine))
	_, err := io.WriteString(out, b.String())
	return err
}

func showFindingsJSON(out io.Writer, all []Finding) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Problems int       `json:"problems"`
		Warnings int       `json:"warnings"`
		Checks   []Finding `json:"checks"`
	}{count(all, problem), count(all, warning), all})
}
