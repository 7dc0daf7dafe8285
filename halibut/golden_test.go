package halibut

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mantledeploy/mantle/halibut/dialect"
	"github.com/mantledeploy/mantle/halibut/frame"
)

// transcript is a recorded conversation of two real peers. Stack traces were cut
// out of it; messages that this changed are marked and were compressed again.
type transcript struct {
	Scenario, Mode, Service, Client string
	Steps                           []transcriptStep
	Units                           []transcriptUnit
}

type transcriptStep struct {
	Step, ClientCertificate, Received, End string
	Sent                                   []string
}

type transcriptUnit struct {
	Conn    int
	From    string // d2l: from the dialer to the listener; l2d
	Kind    string
	Data    []byte
	BSON    json.RawMessage
	Trimmed bool
}

func transcripts(t testing.TB) []transcript {
	t.Helper()
	files, err := filepath.Glob("testdata/transcripts/*.json.gz")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	var all []transcript
	for _, name := range files {
		all = append(all, readTranscript(t, name))
	}
	return all
}

func readTranscript(t testing.TB, name string) transcript {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var one transcript
	if err := json.NewDecoder(z).Decode(&one); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return one
}

func testCodec() *frame.Codec {
	return newSetup(Timeouts{}, Limits{}).codec
}

// view writes a document as the recordings have it.
func view(v bson.RawValue) any {
	switch v.Type {
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		elements, err := bson.Raw(v.Value).Elements()
		if err != nil {
			return err.Error()
		}
		if v.Type == bson.TypeArray {
			list := []any{}
			for _, e := range elements {
				list = append(list, view(e.Value()))
			}
			return list
		}
		m := map[string]any{}
		for _, e := range elements {
			m[e.Key()] = view(e.Value())
		}
		return m
	case bson.TypeString:
		return viewString(v.StringValue())
	case bson.TypeBoolean:
		return v.Boolean()
	case bson.TypeNull:
		return nil
	case bson.TypeInt32:
		return map[string]any{"$int32": float64(v.Int32())}
	case bson.TypeInt64:
		return map[string]any{"$int64": float64(v.Int64())}
	case bson.TypeDateTime:
		return map[string]any{"$date": float64(v.DateTime())}
	case bson.TypeDouble:
		text := strconv.FormatFloat(v.Double(), 'f', -1, 64)
		if v.Double() == math.Trunc(v.Double()) {
			text += ".0"
		}
		return map[string]any{"$double": text}
	case bson.TypeBinary:
		return viewBinary(v)
	}
	return v.Type.String()
}

func viewString(s string) any {
	if len(s) <= 400 {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return map[string]any{"$longString": map[string]any{
		"utf8Bytes": float64(len(s)), "sha256": hex.EncodeToString(sum[:]), "starts": s[:24]}}
}

func viewBinary(v bson.RawValue) any {
	subtype, b := v.Binary()
	m := map[string]any{"subType": fmt.Sprintf("%02x", subtype), "hex": hex.EncodeToString(b)}
	if len(b) == 16 {
		m["dotnetGuid"] = dialect.GUIDFromWire([16]byte(b)).String()
	}
	return map[string]any{"$binary": m}
}

func viewDocument(document []byte) any {
	return view(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: document})
}

func TestTranscriptsAreUnderstood(t *testing.T) {
	t.Parallel()
	codec, messages := testCodec(), 0
	for _, tr := range transcripts(t) {
		for i, u := range tr.Units {
			if u.Kind != "message" {
				checkLine(t, tr, u)
				continue
			}
			messages++
			src := bufio.NewReader(bytes.NewReader(append(bytes.Clone(u.Data), "NEXT\r\n"...)))
			document, err := codec.Decode(src)
			if err != nil {
				t.Fatalf("%s, unit %d: %v", tr.Scenario, i, err)
			}
			if rest, err := frame.ReadControl(src, 100); rest != frame.Next || err != nil {
				t.Errorf("%s, unit %d: left %q, %v", tr.Scenario, i, rest, err)
			}
			if u.Trimmed {
				continue
			}
			var want any
			if err := json.Unmarshal(u.BSON, &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, viewDocument(document)); diff != "" {
				t.Errorf("%s, unit %d: %s", tr.Scenario, i, diff)
			}
		}
	}
	if messages < 500 {
		t.Errorf("%d messages were read", messages)
	}
}

func checkLine(t *testing.T, tr transcript, u transcriptUnit) {
	t.Helper()
	src := bufio.NewReader(bytes.NewReader(u.Data))
	var again []byte
	switch u.Kind {
	case "identity":
		id, err := frame.ReadIdentity(src, 20_000)
		if err != nil {
			t.Errorf("%s: %q: %v", tr.Scenario, u.Data, err)
		}
		again = id.Bytes()
	case "control":
		word, err := frame.ReadControl(src, 20_000)
		if err != nil {
			t.Errorf("%s: %q: %v", tr.Scenario, u.Data, err)
		}
		again = frame.Line(word)
	case "preamble":
		again = []byte(frame.Preamble)
	default:
		return
	}
	if diff := cmp.Diff(string(u.Data), string(again)); diff != "" {
		t.Errorf("%s: %s", tr.Scenario, diff)
	}
}

// TestTranscriptsAreRewritten reads each message into Go values, writes these
// again, and compares the documents byte by byte.
func TestTranscriptsAreRewritten(t *testing.T) {
	t.Parallel()
	codec, registry := testCodec(), goldenRegistry(t)
	for _, tr := range transcripts(t) {
		methods := map[string]string{}
		for i, u := range tr.Units {
			if u.Kind != "message" || bytes.Contains(u.BSON, []byte(`{"Message": null}`)) {
				continue
			}
			document, err := codec.Decode(bufio.NewReader(bytes.NewReader(u.Data)))
			if err != nil {
				t.Fatal(err)
			}
			again, err := rewrite(t, registry, document, methods)
			if err != nil {
				t.Errorf("%s, unit %d: %v", tr.Scenario, i, err)
				continue
			}
			var wire []byte
			if err := codec.Encode(again, func(b []byte) error { wire = bytes.Clone(b); return nil }); err != nil {
				t.Fatal(err)
			}
			decoded, err := codec.Decode(bufio.NewReader(bytes.NewReader(wire)))
			if err != nil || !bytes.Equal(decoded, again) {
				t.Errorf("%s, unit %d: what we write is not what we read: %v", tr.Scenario, i, err)
			}
			if bytes.Contains(document, []byte("Golden.Contracts.Everything")) { // its maps have another order
				if diff := cmp.Diff(viewDocument(plain(document)), viewDocument(plain(again))); diff != "" {
					t.Errorf("%s, unit %d: %s", tr.Scenario, i, diff)
				}
			} else if !bytes.Equal(plain(document), plain(again)) {
				t.Errorf("%s, unit %d: %s", tr.Scenario, i, cmp.Diff(viewDocument(plain(document)), viewDocument(plain(again))))
			}
		}
	}
}

// plain takes out of a document what we write otherwise on purpose: endpoints,
// HalibutErrorType where older peers have none, and the name of the core library.
func plain(document []byte) []byte {
	var d bson.D
	if err := bson.Unmarshal(document, &d); err != nil {
		return document
	}
	b, err := bson.Marshal(plainValue(d))
	if err != nil {
		return document
	}
	return b
}

func plainValue(v any) any {
	switch x := v.(type) {
	case bson.D:
		out := bson.D{}
		for _, e := range x {
			if e.Key == "endpoint" || e.Key == "HalibutErrorType" && e.Value == nil {
				continue
			}
			out = append(out, bson.E{Key: e.Key, Value: plainValue(e.Value)})
		}
		return out
	case bson.A:
		for i := range x {
			x[i] = plainValue(x[i])
		}
		return x
	case string:
		return strings.ReplaceAll(x, "System.Private.CoreLib", "mscorlib")
	}
	return v
}

// rewrite reads a message into the types of its method and writes it again.
func rewrite(t *testing.T, r *Registry, document []byte, methods map[string]string) ([]byte, error) {
	if bytes.Contains(document, []byte(responseType)) {
		var in responseIn
		if _, err := r.Unmarshal(document, &in); err != nil {
			return nil, err
		}
		_, result := goldenTypes(t, methods[in.Message.ID])
		read, _, err := readReply(r, document, result)
		if err != nil {
			return nil, err
		}
		body := responseBody{ID: read.id, Error: read.err}
		if read.result.IsValid() {
			body.Result = read.result.Interface()
		}
		again, _, err := r.Marshal(root{Message: body})
		return again, err
	}
	var in requestIn
	if _, err := r.Unmarshal(document, &in); err != nil {
		return nil, err
	}
	m := in.Message
	methods[m.ID] = m.Method
	body := requestBody{ID: m.ID, ActivityID: m.ActivityID, Service: m.Service, Method: m.Method, Params: []any{}}
	params, _ := goldenTypes(t, m.Method)
	for i, p := range m.Params {
		target := reflect.New(reflect.TypeFor[any]()).Elem()
		if i < len(params) {
			target = reflect.New(params[i]).Elem()
		}
		if _, err := r.UnmarshalValue(p, target); err != nil {
			return nil, err
		}
		body.Params = append(body.Params, target.Interface())
	}
	again, _, err := r.Marshal(root{Message: body})
	if err != nil && strings.Contains(err.Error(), "twice") { // the recorded peer did; see there
		return document, nil
	}
	return again, err
}

func TestVectorsAreRewritten(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/vectors/*.bson")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, name := range files {
		document, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var wire []byte
		codec := testCodec()
		if err := codec.Encode(document, func(b []byte) error { wire = bytes.Clone(b); return nil }); err != nil {
			t.Fatal(err)
		}
		again, err := codec.Decode(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil || !bytes.Equal(again, document) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := dialect.Streams(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDotNetMessage is a response that a .NET writer compressed.
func TestDotNetMessage(t *testing.T) {
	t.Parallel()
	wire, err := os.ReadFile("testdata/vectors/response.deflate")
	if err != nil {
		t.Fatal(err)
	}
	document, err := testCodec().Decode(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil || len(document) != 339 {
		t.Fatalf("%d bytes, %v", len(document), err)
	}
	read, _, err := readReply(goldenRegistry(t), document, nil)
	if err != nil || read.id != "sdsd" || read.err == nil || read.err.Message != "foo" {
		t.Errorf("%+v, %v", read, err)
	}
}
