package octodiff

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// generator says how the bytes of a recorded input come about.
type generator struct {
	G        string `json:"g"`
	Seed     uint32 `json:"seed"`
	N        int    `json:"n"`
	Byte     byte   `json:"byte"`
	S        string `json:"s"`
	Times    int    `json:"times"`
	From, To int
}

func (g generator) bytes() []byte {
	var out []byte
	s := g.Seed
	switch g.G {
	case "lcg":
		for range g.N {
			s = s*1664525 + 1013904223
			out = append(out, byte(s>>24))
		}
	case "xorshift":
		for range g.N {
			s ^= s << 13
			s ^= s >> 17
			s ^= s << 5
			out = append(out, byte(s))
		}
	case "fill":
		out = bytes.Repeat([]byte{g.Byte}, g.N)
	case "count":
		for i := range g.N {
			out = append(out, byte(i))
		}
	case "text":
		out = []byte(strings.Repeat(g.S, g.Times))
	case "hex":
		out, _ = hex.DecodeString(g.S)
	case "lines":
		for i := g.From; i < g.To; i++ {
			out = fmt.Appendf(out, "line %06d of the file\n", i)
		}
	default:
		panic("unknown generator " + g.G)
	}
	return out
}

// content is one generator or several in a row.
type content []generator

func (c *content) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]generator)(c))
	}
	*c = make(content, 1)
	return json.Unmarshal(b, &(*c)[0])
}

func (c content) bytes() []byte {
	var out []byte
	for _, g := range c {
		out = append(out, g.bytes()...)
	}
	return out
}

type edit struct {
	E               string
	At, N, From, To int
	Byte            byte
	Data            content
}

func (e edit) apply(b []byte) []byte {
	b = slices.Clone(b)
	switch e.E {
	case "insert":
		return slices.Insert(b, e.At, e.Data.bytes()...)
	case "delete":
		return slices.Delete(b, e.At, e.At+e.N)
	case "replace":
		copy(b[e.At:], e.Data.bytes())
		return b
	case "append":
		return append(b, e.Data.bytes()...)
	case "move":
		cut := slices.Clone(b[e.From : e.From+e.N])
		return slices.Insert(slices.Delete(b, e.From, e.From+e.N), e.To, cut...)
	case "copy":
		return slices.Insert(b, e.To, slices.Clone(b[e.From:e.From+e.N])...)
	case "xor":
		for i := range e.N {
			b[e.At+i] ^= e.Byte
		}
		return b
	case "reverse":
		slices.Reverse(b)
		return b
	}
	panic("unknown edit " + e.E)
}

// recorded is the length and hash of a file, and its bytes if they are few.
type recorded struct {
	Len    int
	SHA256 string
	B64    []byte
}

func (r recorded) diff(what string, got []byte) string {
	if sum := fmt.Sprintf("%x", sha256.Sum256(got)); len(got) != r.Len || sum != r.SHA256 {
		return fmt.Sprintf("%s: %d bytes %s, recorded %d bytes %s", what, len(got), sum, r.Len, r.SHA256)
	}
	return ""
}

type deltaRow struct {
	ID, Note    string
	Chunk       *int
	Roll        Rolling
	Basis       content
	Edits       []edit
	New         json.RawMessage // a generator, or the recorded file when there are edits
	ResultNew   recorded        `json:"result_new"`
	ResultBasis recorded        `json:"result_basis"`
	Signature   recorded
	Delta       recorded
	Commands    [][]any
	Error       bool
}

func (r deltaRow) newFile(t *testing.T, basis []byte) []byte {
	t.Helper()
	if r.Edits == nil {
		var c content
		if err := json.Unmarshal(r.New, &c); err != nil {
			t.Fatal(err)
		}
		return c.bytes()
	}
	for _, e := range r.Edits {
		basis = e.apply(basis)
	}
	return basis
}

func readRows[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []T
	for d := json.NewDecoder(f); ; {
		var r T
		if err := d.Decode(&r); errors.Is(err, io.EOF) {
			return rows
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
}

// tally counts the rows of a file that agree. Those that differ on purpose are listed with the reason.
type tally struct {
	file          string
	differing     map[string]string
	agree, differ int
}

func (c *tally) row(t *testing.T, id, diff string) {
	t.Helper()
	reason, listed := c.differing[id]
	delete(c.differing, id)
	if diff == "" {
		c.agree++
	} else {
		c.differ++
	}
	switch {
	case diff == "" && listed:
		t.Errorf("%s agrees, but is listed as differing (%s); take it off the list", id, reason)
	case diff != "" && !listed:
		t.Errorf("%s: %s", id, diff)
	}
}

func (c *tally) log(t *testing.T) {
	t.Helper()
	for id := range c.differing {
		t.Errorf("%s is listed as differing, and does not exist", id)
	}
	t.Logf("golden: area=octodiff file=%s rows=%d agree=%d differ=%d", c.file, c.agree+c.differ, c.agree, c.differ)
}

// TestGoldenDeltas: signatures are the recorded bytes; recorded deltas are read as recorded, and build the new file; ours
// build it too and are not bigger than the recorded ones.
func TestGoldenDeltas(t *testing.T) {
	t.Parallel()
	c := tally{file: "delta.jsonl", differing: map[string]string{}}
	for _, r := range readRows[deltaRow](t, c.file) {
		if r.Chunk != nil && *r.Chunk == 0 {
			c.differing[r.ID] = "a chunk size of 0 is the default"
		}
		c.row(t, r.ID, r.check(t))
	}
	c.log(t)
}

func (r deltaRow) check(t *testing.T) string {
	t.Helper()
	basis := r.Basis.bytes()
	o := SignatureOptions{Rolling: r.Roll}
	if r.Chunk != nil {
		o.ChunkSize = *r.Chunk
	}
	var sig bytes.Buffer
	err := WriteSignature(&sig, bytes.NewReader(basis), o)
	if err != nil || r.Error {
		return cmp.Diff(r.Error, err != nil)
	}
	want := r.newFile(t, basis)
	diff := r.ResultBasis.diff("basis", basis) + r.Signature.diff("signature", sig.Bytes())
	if r.Delta.B64 != nil {
		checkPatch(t, "recorded delta", basis, r.Delta.B64, want)
		diff += cmp.Diff(r.Commands, commandsOf(t, r.Delta.B64)[:len(r.Commands)])
	}
	delta := makeDelta(t, sig.Bytes(), want)
	checkPatch(t, "our delta", basis, delta, want)
	if len(delta) > r.Delta.Len+8 {
		diff += fmt.Sprintf("our delta has %d bytes, the recorded one %d", len(delta), r.Delta.Len)
	}
	return diff
}

// commandsOf lists what a delta does, as the rows have it.
func commandsOf(t *testing.T, delta []byte) [][]any {
	t.Helper()
	r, err := newDeltaReader(bytes.NewReader(delta))
	if err != nil {
		t.Fatal(err)
	}
	list := [][]any{}
	for {
		c, err := r.next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.data == nil {
			list = append(list, []any{"copy", float64(c.offset), float64(c.length)})
			continue
		}
		if _, err := io.CopyN(io.Discard, c.data, c.length); err != nil {
			t.Fatal(err)
		}
		list = append(list, []any{"data", float64(c.length)})
	}
}

func makeDelta(t *testing.T, sig, file []byte) []byte {
	t.Helper()
	s, err := ReadSignature(bytes.NewReader(sig))
	if err != nil {
		t.Fatal(err)
	}
	var delta bytes.Buffer
	if err := WriteDelta(&delta, s, bytes.NewReader(file), int64(len(file))); err != nil {
		t.Fatal(err)
	}
	return delta.Bytes()
}

func checkPatch(t *testing.T, what string, basis, delta, want []byte) {
	t.Helper()
	var out bytes.Buffer
	if err := Patch(&out, bytes.NewReader(basis), int64(len(basis)), bytes.NewReader(delta), int64(len(want))+1); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("%s makes another file", what)
	}
}

// TestGoldenRolling: the checksum of a block, and of the window after each rotation, which must be what is computed directly.
func TestGoldenRolling(t *testing.T) {
	t.Parallel()
	c := tally{file: "rolling.jsonl", differing: map[string]string{}}
	for _, r := range readRows[rollingRow](t, c.file) {
		if r.Differs > 0 && r.Alg == Adler32V2 {
			c.differing[r.ID] = "the recorded program rotates this checksum wrongly, so that it finds less"
		}
		block := r.Block.bytes()
		size := r.Size
		if size == 0 {
			size = len(block)
		}
		sum := newRolling(r.Alg, block[:size])
		diff := cmp.Diff(r.Value, sum.sum())
		want, direct := map[int]string{}, map[int]string{}
		for _, x := range r.Rotate {
			want[int(x[0].(float64))], direct[int(x[0].(float64))] = x[1].(string), x[2].(string)
		}
		for i := range r.Steps {
			sum.rotate(block[i], block[i+size], size)
			got := fmt.Sprintf("%08x", sum.sum())
			if w, ok := want[i+1]; ok && got != w {
				diff += fmt.Sprintf("after %d rotations %s, recorded %s\n", i+1, got, w)
			}
			if w, ok := direct[i+1]; ok && got != w {
				t.Errorf("%s: after %d rotations %s, computed directly %s", r.ID, i+1, got, w)
			}
		}
		c.row(t, r.ID, diff)
	}
	c.log(t)
}

type cliRow struct {
	ID, Note string
	Args     []string
	Files    map[string][]byte
	Exit     *int
	Stdout   *string // where it is no message and no help
	File     string  `json:"output_file"`
	Output   *int    `json:"output_len"`
	SHA256   string  `json:"output_sha256"`
}

// TestGoldenCommands carries out the recorded command lines, and compares exit codes, the files that were written, and
// what was listed.
func TestGoldenCommands(t *testing.T) {
	t.Parallel()
	c := tally{file: "cli.jsonl", differing: map[string]string{
		"odcli-042": "a copy past the end of the basis has the wrong basis, and is refused as soon as it is read",
		"odcli-043": "a copy past the end of the basis has the wrong basis, and is refused as soon as it is read",
		"odcli-059": "a copy past the end of the basis has the wrong basis, and is refused as soon as it is read",
		"odcli-058": "an unknown command is the sign of a newer format or of damage",
		"odcli-063": "a negative length is damage",
		"odcli-036": "nothing is written before the signature is read",
		"odcli-082": "the recorded program never ends",
	}}
	basis := generator{G: "lcg", Seed: 1, N: 5000}.bytes()
	base := map[string][]byte{
		"basis": basis, "other": generator{G: "lcg", Seed: 2, N: 5000}.bytes(), "empty": {},
		"new": slices.Insert(slices.Clone(basis), 100, []byte("INSERT")...),
	}
	var sig bytes.Buffer
	if err := WriteSignature(&sig, bytes.NewReader(basis), SignatureOptions{}); err != nil {
		t.Fatal(err)
	}
	base["sig"] = sig.Bytes()
	base["d"] = makeDelta(t, base["sig"], base["new"])
	// The bytes of these deltas are not recorded; they are the first one with another magic, version or hash.
	changed := map[string][]byte{
		"odcli-049": append([]byte("X"), base["d"][1:]...), "odcli-050": bytes.Replace(base["d"], []byte{'A', 1}, []byte{'A', 2}, 1),
		"odcli-053": bytes.Replace(base["d"], []byte("SHA1"), []byte("SHA2"), 1),
	}
	for _, r := range readRows[cliRow](t, c.file) {
		if delta := changed[r.ID]; delta != nil {
			r.Files = map[string][]byte{"xd": delta}
		}
		c.row(t, r.ID, r.check(t, base))
	}
	c.log(t)
}

func (r cliRow) check(t *testing.T, base map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for _, files := range []map[string][]byte{base, r.Files} {
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	var stdout bytes.Buffer
	exit := Command(dir, r.Args, &stdout)
	diff := cmp.Diff(r.Exit, &exit)
	if r.Stdout != nil {
		diff += cmp.Diff(*r.Stdout, stdout.String())
	}
	if exit != 0 && stdout.Len() == 0 {
		t.Errorf("%s %s: exit %d without a word", r.ID, r.Note, exit)
	}
	if r.File == "" {
		return diff
	}
	got, err := os.ReadFile(filepath.Join(dir, r.File))
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		t.Fatal(err)
	case (err == nil) != (r.Output != nil):
		diff += fmt.Sprintf("%s: %v, recorded a file: %v\n", r.File, err, r.Output != nil)
	case err == nil:
		diff += recorded{Len: *r.Output, SHA256: r.SHA256}.diff(r.File, got)
	}
	return diff
}

type rollingRow struct {
	ID          string
	Alg         Rolling
	Block       content
	Size, Steps int
	Value       uint32
	Rotate      [][3]any
	Differs     int `json:"rotate_differs_from_direct"`
}
