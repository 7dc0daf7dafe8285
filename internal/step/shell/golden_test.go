//go:build unix

package shell

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

type bashRow struct {
	ID     string      `json:"id"`
	Note   string      `json:"note"`
	Script string      `json:"script"`
	Raw    []byte      `json:"script_b64"`
	Vars   [][2]string `json:"vars"`
	Params string      `json:"params"`
	Files  []struct {
		Path string `json:"path"`
		Data []byte `json:"b64"`
	} `json:"files"`
	Exit   int         `json:"exit"`
	Stdout []string    `json:"stdout"`
	Stderr []string    `json:"stderr"`
	New    [][2]string `json:"new_variables"`
	Left   []string    `json:"left_files"`
}

// different are the rows in which ours is another, and what it prints instead (nil: it depends on the machine).
var different = map[string]struct {
	why    string
	stdout []string
}{
	"bash-126": {"-n is a value like any other, not an option of echo", []string{`##octopus[setVariable name="Tg==" value="LW4="]`}},
	"bash-192": {"white space and patterns in a message are printed as they are", []string{"##octopus[stdout-highlight]", "a   b  *", "##octopus[stdout-default]", "next"}},
	"bash-196": {"white space and patterns in a message are printed as they are", []string{"##octopus[stdout-wait]", "a   b  *", "##octopus[stdout-default]", "next"}},
	"bash-200": {"white space and patterns in a message are printed as they are", []string{"##octopus[stdout-warning]", "a   b  *", "##octopus[stdout-default]", "next"}},
	"bash-203": {"a message of two lines stays one of two lines", []string{"##octopus[stdout-warning]", "l1", "l2", "##octopus[stdout-default]"}},
	"bash-173": {"our own words for an artifact", []string{"##octopus[stdout-verbose]", "Artifact out.txt is taken from /deploy/work/out.txt when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL291dC50eHQ=" name="b3V0LnR4dA==" length="NQ=="]`}},
	"bash-174": {"our own words for an artifact", []string{"##octopus[stdout-verbose]", "Artifact nice name.txt is taken from /deploy/work/out.txt when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL291dC50eHQ=" name="bmljZSBuYW1lLnR4dA==" length="NQ=="]`}},
	"bash-175": {"our own words for an artifact", []string{"##octopus[stdout-verbose]", "Artifact out.txt is taken from /deploy/work/out.txt when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL291dC50eHQ=" name="b3V0LnR4dA==" length="NQ=="]`}},
	"bash-176": {"our own words for an artifact", []string{"##octopus[stdout-verbose]", "Artifact f.log is taken from /deploy/work/d/e/f.log when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL2QvZS9mLmxvZw==" name="Zi5sb2c=" length="Ng=="]`}},
	"bash-180": {"our own words for an artifact", []string{"##octopus[stdout-verbose]", "Artifact e.txt is taken from /deploy/work/e.txt when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL2UudHh0" name="ZS50eHQ=" length="MA=="]`}},
	"bash-181": {"our own words for an artifact; a directory has length 0 without a complaint", []string{"##octopus[stdout-verbose]", "Artifact dd is taken from /deploy/work/dd when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL2Rk" name="ZGQ=" length="MA=="]`, "after"}},
	"bash-182": {"our own words for an artifact", []string{"##octopus[stdout-verbose]", "Artifact f is taken from /deploy/work/f when this step ends", "##octopus[stdout-default]", `##octopus[createArtifact path="L2RlcGxveS93b3JrL2Y=" name="Zg==" length="Mg=="]`}},
	"bash-232": {"our own words for a missing manifest", []string{"##octopus[stdout-verbose]", "There is no Kubernetes manifest at 'nope.yaml', so none is reported.", "##octopus[stdout-default]"}},
	"bash-233": {why: "no key and no cipher are needed, as variables come through a pipe: decrypt functions do not exist"},
	"bash-234": {why: "the list of internal functions is ours"},
	"bash-238": {"no files with variables lie beside the script", []string{"[/home/agent]", "[single q]", "[double sub]", "[$x]", "[é]", "[Script.sh]"}},
	"bash-242": {"no files with variables lie beside the script", []string{".", "..", "Script.sh"}},
	"bash-243": {why: "there is no key"},
}

var repeated = regexp.MustCompile(`(?s)<repeat:(\d+):(.*)>`)

func expand(value string) string {
	if m := repeated.FindStringSubmatch(value); m != nil {
		n, _ := strconv.Atoi(m[1])
		return strings.Repeat(m[2], n)
	}
	return value
}

// canonical makes lines comparable: messages in one spelling, the run's directory by its recorded name, no key.
func canonical(t *testing.T, dir string, lines []string) []string {
	t.Helper()
	var all []string
	for _, l := range lines {
		if strings.HasPrefix(l, "##octopus[mask value='<") {
			continue // the key of the original, which ours has not
		}
		var p message.Parser
		m, ok := p.Line(l)
		if ok && l == strings.TrimSpace(l) && strings.HasPrefix(l, "##") && strings.HasSuffix(l, "]") {
			for i := range m.Attributes {
				m.Attributes[i].Value = strings.ReplaceAll(m.Attributes[i].Value, dir, "/deploy/work")
			}
			l = m.String()
		}
		all = append(all, strings.ReplaceAll(l, dir, "/deploy/work"))
	}
	return all
}

func lines(out []byte) []string {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(out))
	text = strings.TrimSuffix(strings.ToValidUTF8(strings.ReplaceAll(text, "\xff\xfe", "\ufffd\ufffd"), "\ufffd"), "\n")
	if text == "" && !bytes.ContainsAny(out, "\n") {
		return nil
	}
	return strings.Split(text, "\n")
}

func TestGoldenBash(t *testing.T) {
	t.Parallel()
	const file = "testdata/bash.jsonl"
	reasons := map[string]string{}
	for id, d := range different {
		reasons[id] = d.why
	}
	tally := steptest.NewTally(t, "calamari", file, reasons)
	for _, row := range steptest.Rows[bashRow](t, file) {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			want := row.recorded(t)
			got := row.run(t)
			tally.Row(t, row.ID, cmp.Diff(want, got, placeholders()))
			if d, ok := different[row.ID]; ok && d.stdout != nil {
				want.Stdout, want.Stderr = d.stdout, nil
				if row.ID == "bash-126" {
					want.New["N"] = "-n"
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("instead of the recording (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// bashResult is what a script did.
type bashResult struct {
	Exit           int
	Stdout, Stderr []string
	New            map[string]string
	Left           []string
}

// placeholders lets a recorded <word> at the end of a line stand for anything.
func placeholders() cmp.Option {
	return cmp.Comparer(func(a, b string) bool {
		if start, _, found := strings.Cut(a, ": <"); found && strings.HasSuffix(a, ">") && strings.HasPrefix(a, "  ") {
			return strings.HasPrefix(b, start+": ")
		}
		if start, _, found := strings.Cut(b, ": <"); found && strings.HasSuffix(b, ">") && strings.HasPrefix(b, "  ") {
			return strings.HasPrefix(a, start+": ")
		}
		return a == b
	})
}

func (row bashRow) recorded(t *testing.T) bashResult {
	t.Helper()
	r := bashResult{
		Exit: row.Exit, Stdout: canonical(t, "/deploy/work", row.Stdout), Stderr: canonical(t, "/deploy/work", row.Stderr),
		New: map[string]string{}, Left: row.Left,
	}
	for _, v := range row.New {
		r.New[v[0]] = v[1]
	}
	return r
}

func (row bashRow) run(t *testing.T) bashResult {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	script := row.Raw
	if script == nil {
		script = []byte(row.Script)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Script.sh", script)
	for _, f := range row.Files {
		write(f.Path, f.Data)
	}
	set := variables.NewSet()
	for _, v := range row.Vars {
		set.Add(variables.New(expand(v[0]), expand(v[1])))
	}
	before := map[string]bool{}
	for _, name := range set.Names() {
		before[name] = true
	}
	var out, errs bytes.Buffer
	r := Runner{Set: set, Environ: append(os.Environ(), "HOME=/home/agent", "LC_ALL=C.UTF-8"), Stdout: &out, Stderr: &errs}
	exit, err := r.Run(t.Context(), Script{Path: filepath.Join(dir, "Script.sh"), Parameters: row.Params})
	if err != nil {
		t.Error(err)
	}
	got := bashResult{
		Exit: exit, Stdout: canonical(t, dir, lines(out.Bytes())), Stderr: canonical(t, dir, lines(errs.Bytes())),
		New: map[string]string{}, Left: filesIn(t, dir),
	}
	for name, v := range set.All() {
		if !before[name] {
			got.New[name] = v.Text
		}
	}
	return got
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var left []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left = append(left, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(left)
	return left
}
