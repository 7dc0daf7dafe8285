package halibut

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The contracts of the recorded conversations.
type (
	goldenTicket struct {
		TaskID string `halibut:"TaskId"`
	}
	goldenUpload struct {
		Name  string
		Data  *DataStream
		Again *DataStream
		More  []*DataStream `halibut:"More,nullable"`
	}
	goldenInner struct {
		Name   string
		Number int32
		Next   *goldenInner
	}
	goldenCircle struct {
		Radius float64
		Label  string
	}
	goldenSquare struct {
		Side  int64
		Label string
	}
	goldenList   []*string
	goldenColour int32

	goldenEverything struct {
		Text, NullText                                  *string
		Letter                                          string
		Int                                             int32
		Short                                           int16
		Byte                                            uint8
		UInt                                            uint32
		Long                                            int64
		ULong                                           uint64
		Float                                           float32
		Double, Decimal                                 float64
		Yes, No                                         bool
		NullableSet, NullableNull                       *int32
		Colour                                          goldenColour
		MaybeColour                                     *goldenColour
		Guid                                            GUID
		UtcTime, LocalTime, UnspecifiedTime, OffsetTime time.Time
		Span, LongSpan                                  time.Duration
		Bytes                                           []byte
		Link, Version                                   *string
		Inner                                           *goldenInner
		Strings                                         []*string               `halibut:"Strings,nullable"`
		Inners                                          []*goldenInner          `halibut:"Inners,nullable"`
		Array                                           []string                `halibut:"Array,nullable"`
		Ints                                            []int32                 `halibut:"Ints,nullable"`
		EmptyList                                       []string                `halibut:"EmptyList,nullable"`
		Map                                             map[string]*string      `halibut:"Map,nullable"`
		ColourMap                                       map[string]string       `halibut:"ColourMap,nullable"`
		InnerMap                                        map[string]*goldenInner `halibut:"InnerMap,nullable"`
		Shape                                           any
		Shapes                                          []any `halibut:"Shapes,nullable"`
		Derived                                         *goldenInner
		WriteOnlyByCtor                                 *string
	}
)

const goldenListName = "System.Collections.Generic.List`1[[System.String, mscorlib]], mscorlib"

func goldenRegistry(t testing.TB) *Registry {
	t.Helper()
	name := func(class string) string { return "Golden.Contracts." + class + ", Golden.Contracts" }
	r, err := NewRegistry(
		Type{Name: name("Ticket"), Value: goldenTicket{}},
		Type{Name: name("Upload"), Value: goldenUpload{}},
		Type{Name: name("Everything"), Value: goldenEverything{}},
		Type{Name: name("Circle"), Value: goldenCircle{}},
		Type{Name: name("Square"), Value: goldenSquare{}},
		Type{Name: goldenListName, Aliases: []string{strings.ReplaceAll(goldenListName, "mscorlib", "System.Private.CoreLib")}, Value: goldenList{}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// goldenGen is the notation for long contents: gen:a:N:x is N letters, gen:b64:N:seed
// is base64 of the hashes of seed:0, seed:1 and so on.
func goldenGen(spec string) []byte {
	parts := strings.SplitN(spec, ":", 4)
	if len(parts) < 4 || parts[0] != "gen" {
		return []byte(spec)
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil || n < 0 || n > 1<<20 {
		return []byte(spec)
	}
	if parts[1] == "a" {
		return bytes.Repeat([]byte("a"), n)
	}
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		sum := sha256.Sum256([]byte(parts[3] + ":" + strconv.Itoa(i)))
		b.WriteString(base64.StdEncoding.EncodeToString(sum[:]))
	}
	return b.Bytes()[:n]
}

func goldenHash(s *DataStream) string {
	if s == nil {
		return "null"
	}
	b, err := s.ReadAll()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d:%x", len(b), sha256.Sum256(b))
}

// goldenMethods is the recorded service. Methods that .NET refuses because of its
// overloads are here with the types that were sent.
func goldenMethods() map[string]any {
	return map[string]any{
		"Echo":       func(_ context.Context, s *string) (*string, error) { return s, nil },
		"Add":        func(_ context.Context, a, b int64) (int64, error) { return a + b, nil },
		"ReturnNull": func(context.Context) (*string, error) { return nil, nil },
		"DoNothing":  func(context.Context, *string) error { return nil },
		"MakeTicket": func(_ context.Context, in *goldenTicket) (*goldenTicket, error) {
			if in == nil {
				return nil, nil
			}
			return &goldenTicket{TaskID: in.TaskID + "!"}, nil
		},
		"MakeList": func(_ context.Context, a, b string) (goldenList, error) { return goldenList{&a, &b}, nil },
		"TakeList": func(_ context.Context, list goldenList) (string, error) {
			var words []string
			for _, s := range list {
				if s == nil {
					s = new(string)
				}
				words = append(words, *s)
			}
			return strings.Join(words, "|"), nil
		},
		"Fail": func(_ context.Context, s string) error {
			return &Exception{Type: "System.InvalidOperationException", Message: s}
		},
		"FailInner": func(_ context.Context, s string) error {
			return &Exception{Type: "System.IO.IOException", Message: "outer " + s,
				Inner: &Exception{Type: "System.ArgumentException", Message: "inner " + s + " (Parameter 'param')"}}
		},
		"Pick":     func(context.Context, *string) error { return errors.New("not an overload") },
		"AddInts":  func(_ context.Context, a, b int32) (int32, error) { return a + b, nil },
		"TakeMany": func(context.Context, GUID, bool, float64, goldenColour) (string, error) { return "", nil },
		"Hash":     func(_ context.Context, s *DataStream) (string, error) { return goldenHash(s), nil },
		"HashTwo": func(_ context.Context, a, b *DataStream) (string, error) {
			return goldenHash(a) + "|" + goldenHash(b), nil
		},
		"MakeStream": func(_ context.Context, spec *string) (*DataStream, error) {
			if spec == nil {
				return nil, nil
			}
			return StreamBytes(goldenGen(*spec)), nil
		},
		"HashUpload": func(_ context.Context, u goldenUpload) (string, error) {
			more := "null"
			if u.More != nil {
				var hashes []string
				for _, s := range u.More {
					hashes = append(hashes, goldenHash(s))
				}
				more = strings.Join(hashes, ",")
			}
			return u.Name + "|" + goldenHash(u.Data) + "|" + goldenHash(u.Again) + "|" + more, nil
		},
		"MakeUpload": func(_ context.Context, content string) (goldenUpload, error) {
			return goldenUpload{Name: "made", Data: StreamBytes([]byte(content)), Again: StreamBytes(goldenGen("gen:b64:9:again")),
				More: []*DataStream{StreamBytes([]byte{1, 2, 3}), nil, StreamBytes(nil)}}, nil
		},
		"Transform": func(_ context.Context, e *goldenEverything) (*goldenEverything, error) { return e, nil },
		"TakeGuid":  func(_ context.Context, g GUID) (string, error) { return g.String(), nil },
		"TakeBoolDouble": func(_ context.Context, b bool, f float64) (string, error) {
			return strings.ToUpper(strconv.FormatBool(b)[:1]) + strconv.FormatBool(b)[1:] + "|" + strconv.FormatFloat(f, 'g', -1, 64), nil
		},
		"TakeBytes": func(_ context.Context, b []byte) (string, error) { return strings.ToUpper(hex.EncodeToString(b)), nil },
		"Slow":      func(_ context.Context, ms int64) (string, error) { return fmt.Sprintf("slept %d", ms), nil },
	}
}

func goldenServices(t testing.TB) *Services {
	t.Helper()
	s, err := NewServices(ServicesConfig{Registry: goldenRegistry(t), Services: []Service{
		{Name: "IGoldenService", ClrType: "Golden.Contracts.GoldenService", Methods: goldenMethods()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goldenTypes returns the types of a method's parameters and result.
func goldenTypes(t testing.TB, method string) (params []reflect.Type, result reflect.Type) {
	t.Helper()
	f, ok := goldenMethods()[method]
	if !ok {
		return nil, nil
	}
	ft := reflect.TypeOf(f)
	for i := 1; i < ft.NumIn(); i++ {
		params = append(params, ft.In(i))
	}
	if ft.NumOut() == 2 {
		result = ft.Out(0)
	}
	return params, result
}
