package octodiff

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
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

func (r recorded) check(t *testing.T, what string, got []byte) {
	t.Helper()
	if sum := fmt.Sprintf("%x", sha256.Sum256(got)); len(got) != r.Len || sum != r.SHA256 {
		t.Errorf("%s: %d bytes %s, recorded %d bytes %s", what, len(got), sum, r.Len, r.SHA256)
	}
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

// TestGoldenDeltas: signatures are the recorded bytes; recorded deltas build the new file; ours build
// it too and are not bigger than the recorded ones.
func TestGoldenDeltas(t *testing.T) {
	t.Parallel()
	for _, r := range readRows[deltaRow](t, "delta.jsonl") {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			basis := r.Basis.bytes()
			o := SignatureOptions{Rolling: r.Roll}
			if r.Chunk != nil {
				o.ChunkSize = *r.Chunk
			}
			var sig bytes.Buffer
			err := WriteSignature(&sig, bytes.NewReader(basis), o)
			if r.Error && (r.Chunk == nil || *r.Chunk != 0) {
				if err == nil {
					t.Errorf("a chunk size of %d is taken", *r.Chunk)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Error {
				return // a chunk size of 0 is the default here
			}
			r.ResultBasis.check(t, "basis", basis)
			r.Signature.check(t, "signature", sig.Bytes())
			want := r.newFile(t, basis)
			if r.Delta.B64 != nil {
				checkPatch(t, "recorded delta", basis, r.Delta.B64, want)
			}
			delta := makeDelta(t, sig.Bytes(), want)
			checkPatch(t, "our delta", basis, delta, want)
			if len(delta) > r.Delta.Len+8 {
				t.Errorf("%s: our delta has %d bytes, the recorded one %d", r.Note, len(delta), r.Delta.Len)
			}
		})
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

type rollingRow struct {
	ID          string
	Alg         Rolling
	Block       content
	Size, Steps int
	Value       uint32
	Rotate      [][3]any
}

// TestGoldenRolling: the checksum of a block, and of the window after each rotation. The recorded
// program rotates Adler32V2 wrongly; what counts is the direct computation.
func TestGoldenRolling(t *testing.T) {
	t.Parallel()
	for _, r := range readRows[rollingRow](t, "rolling.jsonl") {
		block := r.Block.bytes()
		size := r.Size
		if size == 0 {
			size = len(block)
		}
		sum := newRolling(r.Alg, block[:size])
		if sum.sum() != r.Value {
			t.Errorf("%s: %08x, recorded %08x", r.ID, sum.sum(), r.Value)
		}
		want := map[int]string{}
		for _, x := range r.Rotate {
			want[int(x[0].(float64))] = x[2].(string)
		}
		for i := range r.Steps {
			sum.rotate(block[i], block[i+size], size)
			if w, ok := want[i+1]; ok && fmt.Sprintf("%08x", sum.sum()) != w {
				t.Errorf("%s: after %d rotations %08x, recorded %s", r.ID, i+1, sum.sum(), w)
			}
		}
	}
}

type cliRow struct {
	ID, Note string
	Args     []string
	Files    map[string][]byte
	Exit     *int
	Output   int    `json:"output_len"`
	SHA256   string `json:"output_sha256"`
}

// stricter names the recorded calls that succeed, and that this package refuses.
func stricter() map[string]string {
	return map[string]string{
		"odcli-037": "a chunk of no bytes has no use but to mislead",
		"odcli-058": "an unknown command is the sign of a newer format or of damage",
		"odcli-059": "a copy past the end of the basis has the wrong basis",
		"odcli-063": "a negative length is damage",
	}
}

// TestGoldenCommands makes the recorded calls of the program with this package.
func TestGoldenCommands(t *testing.T) {
	t.Parallel()
	basis := generator{G: "lcg", Seed: 1, N: 5000}.bytes()
	files := map[string][]byte{
		"basis": basis, "other": generator{G: "lcg", Seed: 2, N: 5000}.bytes(), "empty": {},
		"new": slices.Insert(slices.Clone(basis), 100, []byte("INSERT")...),
	}
	var sig bytes.Buffer
	if err := WriteSignature(&sig, bytes.NewReader(basis), SignatureOptions{}); err != nil {
		t.Fatal(err)
	}
	files["sig"] = sig.Bytes()
	files["d"] = makeDelta(t, files["sig"], files["new"])
	for _, r := range readRows[cliRow](t, "cli.jsonl") {
		file := func(i int) []byte {
			if b, ok := r.Files[r.Args[i]]; ok {
				return b
			}
			return files[r.Args[i]]
		}
		out, err := runRecorded(r, file)
		ok := r.Exit != nil && *r.Exit == 0
		_, strict := stricter()[r.ID]
		if want := ok && !strict; (err == nil) != want {
			t.Errorf("%s %s: %v, recorded success is %v", r.ID, r.Note, err, ok)
		}
		if ok && strict && err == nil {
			t.Errorf("%s agrees; remove it from the stricter ones", r.ID)
		}
		if ok && err == nil && r.Args[0] != "delta" && (len(out) != r.Output || fmt.Sprintf("%x", sha256.Sum256(out)) != r.SHA256) {
			t.Errorf("%s %s: another output of %d bytes, recorded %d", r.ID, r.Note, len(out), r.Output)
		}
	}
}

func runRecorded(r cliRow, file func(int) []byte) ([]byte, error) {
	var out bytes.Buffer
	switch strings.ToLower(r.Args[0])[:3] {
	case "sig":
		o := SignatureOptions{}
		for _, a := range r.Args {
			if n, ok := strings.CutPrefix(a, "--chunk-size="); ok {
				o.ChunkSize, _ = strconv.Atoi(n)
			}
		}
		err := WriteSignature(&out, bytes.NewReader(file(1)), o)
		return out.Bytes(), err
	case "del":
		s, err := ReadSignature(bytes.NewReader(file(1)))
		if err != nil {
			return nil, err
		}
		b := file(2)
		err = WriteDelta(&out, s, bytes.NewReader(b), int64(len(b)))
		return out.Bytes(), err
	}
	b := file(1)
	err := Patch(&out, bytes.NewReader(b), int64(len(b)), bufio.NewReader(bytes.NewReader(file(2))), 0)
	if errors.Is(err, ErrMismatch) && slices.Contains(r.Args, "--skip-verification") {
		err = nil
	}
	return out.Bytes(), err
}
