package dialect_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mantledeploy/mantle/halibut/dialect"
)

type (
	colour int32
	inner  struct {
		Name string
		Next *inner
	}
	base struct{ Label string }
	all  struct {
		Text     string
		Nullable string `halibut:"Nullable,nullable"`
		Renamed  int64  `halibut:"id"`
		Hidden   int    `halibut:"-"`
		Small    int8
		Plain    int
		Big      uint64
		Flag     bool
		Real     float64
		Span     time.Duration
		When     time.Time
		ID       dialect.GUID `halibut:"guid"`
		Bytes    []byte
		List     []string
		NullList []string `halibut:"NullList,nullable"`
		Map      map[string]int32
		Inner    *inner
		Colour   colour
		Colours  map[colour]string
		Object   any
		Stream   *dialect.DataStream
		base
	}
)

func (c *colour) UnmarshalText(text []byte) error {
	if strings.EqualFold(string(text), "blue") || string(text) == "7" {
		*c = 7
	}
	return nil
}

func (c colour) MarshalText() ([]byte, error) { return []byte("Blue"), nil }

func registry(t testing.TB) *dialect.Registry {
	t.Helper()
	r, err := dialect.NewRegistry(
		dialect.Type{Name: "T.Inner, T", Aliases: []string{"Old.Inner, Old"}, Value: inner{}},
		dialect.Type{Name: "T.All, T", Value: &all{}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r := registry(t)
	want := all{
		Text: "grüße \x00 漢", Renamed: math.MaxInt64, Small: -8, Plain: -1 << 31, Big: math.MaxUint64, Flag: true, Real: -0.5,
		Span: 36*time.Hour + 1500*time.Millisecond, When: time.UnixMilli(1709212455678).UTC(), ID: dialect.NewGUID(),
		Bytes: []byte{0, 255}, List: []string{"a", ""}, Map: map[string]int32{"k": 1, "": 2},
		Inner: &inner{"a", &inner{"b", nil}}, Colour: 7, Colours: map[colour]string{7: "x"}, Object: inner{Name: "o"}, base: base{"embedded"},
	}
	document, streams, err := r.Marshal(want)
	if err != nil || len(streams) != 0 {
		t.Fatal(err)
	}
	if err := bson.Raw(document).Validate(); err != nil {
		t.Fatal(err)
	}
	var got all
	if _, err := r.Unmarshal(document, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(all{}), cmp.Comparer(func(a, b *dialect.DataStream) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsWritten(t *testing.T) {
	t.Parallel()
	document, _, err := registry(t).Marshal(struct {
		Empty  []string
		Null   []string `halibut:"Null,nullable"`
		Text   string   `halibut:"Text,nullable"`
		Object any
		Words  any
		Bytes  any
		Bad    string
	}{Object: &inner{}, Words: []string{"a"}, Bytes: []byte{1}, Bad: "a\xffb"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Empty": [],"Null": null,"Text": null,"Object": {"$type": "T.Inner, T","Name": "","Next": null},` +
		`"Words": {"$type": "System.String[], mscorlib","$values": ["a"]},"Bytes": {"$type": "System.Byte[], mscorlib","$value": {"$binary":{"base64":"AQ==","subType":"00"}}},"Bad": "a` + "\uFFFD" + `b"}`
	if diff := cmp.Diff(want, bson.Raw(document).String()); diff != "" {
		t.Error(diff)
	}
}

func TestCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := dialect.StreamBytes(nil)
	loop := &inner{}
	loop.Next = loop
	for name, v := range map[string]any{
		"an unregistered type in an object": struct{ A any }{struct{}{}},
		"a large int":                       struct{ A int }{math.MaxInt32 + 1},
		"a stream twice":                    struct{ A, B *dialect.DataStream }{s, s},
		"a stream by value":                 struct{ A any }{A: struct{ S dialect.DataStream }{}},
		"a channel":                         struct{ A chan int }{make(chan int)},
		"a loop":                            loop,
		"no struct":                         "text",
	} {
		if _, _, err := registry(t).Marshal(v); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func TestTolerance(t *testing.T) {
	t.Parallel()
	guid, err := dialect.ParseGUID("00112233-4455-6677-8899-AABBCCDDEEFF")
	if err != nil {
		t.Fatal(err)
	}
	wire := guid.Wire()
	tests := []struct {
		name string
		in   bson.D
		want all
	}{
		{"integers of another size", bson.D{{Key: "id", Value: int32(7)}, {Key: "Small", Value: int64(-3)}, {Key: "Plain", Value: 7.0}}, all{Renamed: 7, Small: -3, Plain: 7}},
		{"an integer as text", bson.D{{Key: "Plain", Value: "7"}}, all{Plain: 7}},
		{"names in another case", bson.D{{Key: "TEXT", Value: "x"}, {Key: "SPAN", Value: "00:00:01"}}, all{Text: "x", Span: time.Second}},
		{"unknown members", bson.D{{Key: "Nope", Value: bson.D{{Key: "$type", Value: "Evil, Evil"}}}}, all{}},
		{"nulls", bson.D{{Key: "Text", Value: nil}, {Key: "Small", Value: nil}, {Key: "List", Value: nil}, {Key: "Inner", Value: nil}}, all{}},
		{"a GUID as text", bson.D{{Key: "guid", Value: guid.String()}}, all{ID: guid}},
		{"a GUID of another subtype", bson.D{{Key: "guid", Value: bson.Binary{Subtype: 3, Data: wire[:]}}}, all{ID: guid}},
		{"a date as text", bson.D{{Key: "When", Value: "2024-01-02T03:04:05+02:00"}}, all{When: time.Date(2024, 1, 2, 1, 4, 5, 0, time.UTC)}},
		{"old binary", bson.D{{Key: "Bytes", Value: bson.Binary{Subtype: 2, Data: []byte{1, 2}}}}, all{Bytes: []byte{1, 2}}},
		{"bytes as base64", bson.D{{Key: "Bytes", Value: "AQI="}}, all{Bytes: []byte{1, 2}}},
		{"a wrapped array", bson.D{{Key: "List", Value: bson.D{{Key: "$type", Value: "System.String[], System.Private.CoreLib"}, {Key: "$values", Value: bson.A{"a"}}}}}, all{List: []string{"a"}}},
		{"an enum's name", bson.D{{Key: "Colour", Value: "blue"}}, all{Colour: 7}},
		{"booleans", bson.D{{Key: "Flag", Value: int32(1)}}, all{Flag: true}},
		{"a type's alias and suffix", bson.D{{Key: "Object", Value: bson.D{{Key: "$type", Value: "old.inner, Old, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"}, {Key: "Name", Value: "x"}}}}, all{Object: inner{Name: "x"}}},
		{"an object without a type", bson.D{{Key: "Object", Value: bson.D{{Key: "a", Value: int32(1)}}}}, all{Object: map[string]any{"a": int64(1)}}},
		{"the longest span", bson.D{{Key: "Span", Value: "10675199.02:48:05.4775807"}}, all{Span: math.MaxInt64}},
	}
	for _, test := range tests {
		b, err := bson.Marshal(test.in)
		if err != nil {
			t.Fatal(err)
		}
		var got all
		if _, err := registry(t).Unmarshal(b, &got); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(all{}), cmp.Comparer(func(a, b *dialect.DataStream) bool { return a == b }), cmp.Comparer(time.Time.Equal)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	deep := bson.D{}
	for range 100 {
		deep = bson.D{{Key: "Next", Value: deep}}
	}
	for name, in := range map[string]bson.D{
		"an unknown type":       {{Key: "Object", Value: bson.D{{Key: "$type", Value: "System.Diagnostics.Process, System"}}}},
		"a type of another use": {{Key: "Inner", Value: bson.D{{Key: "$type", Value: "T.All, T"}}}},
		"a type that is number": {{Key: "Object", Value: bson.D{{Key: "$type", Value: int32(1)}}}},
		"an integer too large":  {{Key: "Small", Value: int64(300)}},
		"text for a number":     {{Key: "Plain", Value: "seven"}},
		"a document for text":   {{Key: "Text", Value: bson.D{}}},
		"a span of nonsense":    {{Key: "Span", Value: "25:00:00"}},
		"depth":                 {{Key: "Inner", Value: deep}},
		"a GUID of three bytes": {{Key: "guid", Value: bson.Binary{Subtype: 4, Data: []byte{1, 2, 3}}}},
		"a stream twice":        {{Key: "Stream", Value: bson.D{}}, {Key: "stream", Value: bson.D{}}},
		"an object twice":       {{Key: "Object", Value: "a"}, {Key: "Object", Value: "b"}},
		"a key twice":           {{Key: "Map", Value: bson.D{{Key: "a", Value: int32(1)}, {Key: "a", Value: int32(1)}}}},
		"a symbol":              {{Key: "Object", Value: bson.Symbol("x")}},
	} {
		b, err := bson.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := registry(t).Unmarshal(b, &all{}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for name, b := range map[string][]byte{"nothing": nil, "a short length": {4, 0, 0, 0}, "a long length": {9, 0, 0, 0, 0}, "no end": {5, 0, 0, 0, 1}, "a negative length": {255, 255, 255, 255, 0}} {
		if _, err := registry(t).Unmarshal(b, &all{}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestStreamsInDocumentOrder(t *testing.T) {
	t.Parallel()
	r := registry(t)
	a, b, c := dialect.StreamBytes([]byte("a")), dialect.StreamBytes(nil), dialect.StreamBytes([]byte("ccc"))
	type holder struct {
		First  any
		List   []*dialect.DataStream
		Second *dialect.DataStream
		ID     dialect.GUID `halibut:"id"`
	}
	document, streams, err := r.Marshal(holder{First: c, List: []*dialect.DataStream{a, nil}, Second: b, ID: dialect.NewGUID()})
	if err != nil {
		t.Fatal(err)
	}
	var got holder
	read, err := r.Unmarshal(document, &got)
	if err != nil {
		t.Fatal(err)
	}
	found, err := dialect.Streams(document)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []*dialect.DataStream{c, a, b} {
		if streams[i] != want || read[i].ID != want.ID || found[i].ID != want.ID || read[i].Length != want.Length {
			t.Errorf("stream %d is %v, %v, %v", i, streams[i].ID, read[i].ID, found[i].ID)
		}
	}
	if len(streams) != 3 || len(read) != 3 || len(found) != 3 || got.Second != read[2] {
		t.Errorf("%d, %d and %d streams", len(streams), len(read), len(found))
	}
}

func TestRegistryRefuses(t *testing.T) {
	t.Parallel()
	for name, types := range map[string][]dialect.Type{
		"no name":      {{Value: inner{}}},
		"no value":     {{Name: "A, A"}},
		"a type twice": {{Name: "A, A", Value: inner{}}, {Name: "B, B", Value: inner{}}},
		"a name twice": {{Name: "A, A", Value: inner{}}, {Name: "a,A", Value: base{}}},
		"an unknown option": {{Name: "A, A", Value: struct {
			X int `halibut:"X,omitempty"`
		}{}}},
		"a member twice": {{Name: "A, A", Value: struct {
			X, x2 int `halibut:"X"`
			Y     int `halibut:"x"`
		}{}}},
	} {
		if _, err := dialect.NewRegistry(types...); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestTimeSpan(t *testing.T) {
	t.Parallel()
	for text, d := range map[string]time.Duration{
		"00:00:00": 0, "00:02:00": 2 * time.Minute, "00:00:01.5000000": 1500 * time.Millisecond, "1.12:00:00": 36 * time.Hour,
		"24.20:31:23.6470000": math.MaxInt32 * time.Millisecond, "-00:00:00.0000001": -100, "10675199.02:48:05.4775807": math.MaxInt64,
		"-10675199.02:48:05.4775808": math.MinInt64,
	} {
		if got := dialect.FormatTimeSpan(d); got != text {
			t.Errorf("%v is written %s, not %s", d, got, text)
		}
		if got, err := dialect.ParseTimeSpan(text); got != d || err != nil {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	for text, d := range map[string]time.Duration{"5": 120 * time.Hour, "01:02": 62 * time.Minute, "00:00:00.5": 500 * time.Millisecond} {
		if got, err := dialect.ParseTimeSpan(text); got != d || err != nil {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-", "x", "1:2:3:4", "24:00:00", "00:60:00", "00:00:00.", "00:00:00.12345678", "1.", "-1.-1:00"} {
		if got, err := dialect.ParseTimeSpan(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestGUID(t *testing.T) {
	t.Parallel()
	const text = "00112233-4455-6677-8899-aabbccddeeff"
	g, err := dialect.ParseGUID(strings.ToUpper(text))
	if err != nil || g.String() != text {
		t.Errorf("%s, %v", g, err)
	}
	want := [16]byte{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	if g.Wire() != want || dialect.GUIDFromWire(want) != g {
		t.Errorf("% x", g.Wire())
	}
	for _, bad := range []string{"", "x", text[1:], text + "0", "{" + text, strings.Replace(text, "0", "g", 1)} {
		if _, err := dialect.ParseGUID(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	if one, other := dialect.NewGUID(), dialect.NewGUID(); one == other {
		t.Error("two new GUIDs are the same")
	}
}

func FuzzUnmarshal(f *testing.F) {
	r := registry(f)
	seed, _, err := r.Marshal(all{Text: "x", List: []string{"a"}, Object: inner{}, Stream: dialect.StreamBytes(nil), When: time.UnixMilli(0)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte("\x0e\x00\x00\x00\x0aMessage\x00\x00"))
	f.Fuzz(func(t *testing.T, document []byte) {
		_, _ = dialect.Streams(document)
		var v all
		if _, err := r.Unmarshal(document, &v); err != nil {
			return
		}
		again, _, err := r.Marshal(v)
		if err != nil {
			return // for instance a map without a registered name in an object
		}
		var w all
		if _, err := r.Unmarshal(again, &w); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
