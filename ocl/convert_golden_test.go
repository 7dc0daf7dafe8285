package ocl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The types of the recorded rows, see testdata/README.md.

type Simple struct {
	Name, Notes *string
	Count       int32
	Enabled     bool
	Ratio       Decimal
	Grade       Char
	Big         int64
	Maybe       *int32
	MaybeFlag   *bool
	Small       uint8
}

type Floats struct {
	D  float64
	F  float32
	M  Decimal
	U  uint32
	UL uint64
	S  int16
	US uint16
	SB *int8
}

type Nested struct {
	Title, Zed, Alpha *string
	Inner             *Simple
	Child             *Nested
}

type Lists struct {
	Tags    []*string
	Codes   []*string
	Numbers []int32
	Set     []*string `ocl:",set"`
	Prices  []Decimal
	Flags   []bool
	Items   []*Simple
	Map     map[string]*string
	Any     Dictionary
}

type Named struct {
	FeedIdOrName                               *string `ocl:"feed"`
	MyURLValue, HTTPServer2Port, Already_Snake *string
	X                                          *string
	AB                                         *string `ocl:"a_b" json:"aB"`
	Renamed                                    *string `ocl:"Custom-Name"`
	RenamedBlock                               *Simple `ocl:"thing"`
	Value1A                                    *string
}

type Colour int32

func (Colour) OCLNames() []string { return []string{"Red", "Green", "BlueSky"} }

type WithEnum struct {
	Colour Colour
	Other  Colour `ocl:",default=Green"`
	Maybe  *Colour
}

type ReadOnlyProp struct {
	Name   *string
	Fixed  *string   `ocl:",readonly"`
	Items  []*string `ocl:",readonly"`
	Blocks []*Simple
}

type Labelled struct {
	Key    *string `ocl:",label"`
	Second *string `ocl:",label"`
	Value  *string
	Inner  *Labelled
}

type LabelledList struct {
	Title   *string
	Entries []*Labelled
}

func newRecorded(name string) any {
	fixed := "fixed"
	return map[string]any{
		"Simple": &Simple{Ratio: "0.0"}, "Floats": &Floats{M: "0.0"}, "Nested": &Nested{}, "Lists": &Lists{}, "Named": &Named{}, "WithEnum": &WithEnum{},
		"ReadOnlyProp": &ReadOnlyProp{Fixed: &fixed, Items: []*string{}, Blocks: []*Simple{}}, "Labelled": &Labelled{}, "LabelledList": &LabelledList{},
		"List<Simple>": &[]*Simple{},
	}[name]
}

func TestGoldenToOCL(t *testing.T) {
	t.Parallel()
	runGolden(t, "to-ocl.jsonl", func(r row) string {
		v := newRecorded(r.Type)
		load(reflect.ValueOf(v).Elem(), decode[any](r.Obj))
		return marshalled(v, r)
	})
}

func TestGoldenFromOCL(t *testing.T) {
	t.Parallel()
	runGolden(t, "from-ocl.jsonl", func(r row) string {
		doc, err := Parse(r.In)
		v := newRecorded(r.Type)
		if err == nil {
			err = Unmarshal(doc, v)
		}
		if r.Obj == nil {
			return sameError(r.Error, err)
		}
		if err != nil {
			return err.Error()
		}
		if diff := cmp.Diff(decode[any](r.Obj), dump(reflect.ValueOf(v))); diff != "" {
			return diff
		}
		return marshalled(v, r)
	})
}

func marshalled(v any, r row) string {
	doc, err := Marshal(v)
	if r.Error != nil {
		return sameError(r.Error, err)
	}
	if err != nil {
		return err.Error()
	}
	text, err := Format(doc, Options{})
	return cmp.Diff(*r.Text, text) + cmp.Diff(nil, err)
}

// load fills v from JSON, by the names of the fields.
func load(v reflect.Value, from any) {
	if from == nil {
		return
	}
	if names := enumNames(v.Type()); names != nil {
		v.SetInt(int64(slices.Index(names, from.(string))))
		return
	}
	switch v.Interface().(type) {
	case Char:
		v.SetInt(int64([]rune(from.(string))[0]))
		return
	case Dictionary:
		v.Set(reflect.ValueOf(anyDictionary(from.(map[string]any))))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		load(v.Elem(), from)
	case reflect.Struct:
		for key, item := range from.(map[string]any) {
			load(fieldByJSON(v, key), item)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		for _, item := range from.([]any) {
			p := reflect.New(v.Type().Elem()).Elem()
			load(p, item)
			v.Set(reflect.Append(v, p))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for key, item := range from.(map[string]any) {
			p := reflect.New(v.Type().Elem()).Elem()
			load(p, item)
			v.SetMapIndex(reflect.ValueOf(key), p)
		}
	case reflect.String:
		v.SetString(fmt.Sprint(from))
	case reflect.Bool:
		v.SetBool(from.(bool))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(number(from))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(number(from)))
	default:
		v.SetInt(int64(number(from)))
	}
}

func fieldByJSON(v reflect.Value, key string) reflect.Value {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Name == key || f.Tag.Get("json") == key {
			return v.Field(i)
		}
	}
	panic("no field " + key)
}

func number(from any) float64 {
	if s, ok := from.(string); ok && s != "" {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	n, _ := from.(float64)
	return n
}

func anyDictionary(from map[string]any) Dictionary {
	d := Dictionary{}
	for key, item := range from {
		e := Entry{Key: key, Value: Null{}}
		switch item := item.(type) {
		case string:
			e.Value = String(item)
		case bool:
			e.Value = Bool(item)
		case float64:
			e.Value = Int(item)
		}
		d = append(d, e)
	}
	return d
}

// dump is the inverse of load.
func dump(v reflect.Value) any {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil
		}
		return dump(v.Elem())
	}
	switch own := v.Interface().(type) {
	case Decimal:
		return number(string(own))
	case Char:
		return string(rune(own))
	case Null:
		return nil
	case Heredoc:
		return own.Text
	case Dictionary:
		return dumpDictionary(own)
	}
	if names := enumNames(v.Type()); names != nil {
		if name := enumName(names, v.Int()); slices.Contains(names, name) {
			return name
		}
		return float64(v.Int())
	}
	switch v.Kind() {
	case reflect.Struct:
		m := map[string]any{}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if tag := v.Type().Field(i).Tag.Get("json"); tag != "" {
				name = tag
			}
			m[name] = dump(v.Field(i))
		}
		return m
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		l := []any{}
		for i := range v.Len() {
			l = append(l, dump(v.Index(i)))
		}
		return l
	case reflect.Map:
		return dumpMap(v)
	}
	return plainJSON(v)
}

func dumpDictionary(d Dictionary) any {
	if d == nil {
		return nil
	}
	m := map[string]any{}
	for _, e := range d {
		m[e.Key] = dump(reflect.ValueOf(e.Value))
	}
	return m
}

func dumpMap(v reflect.Value) any {
	if v.IsNil() {
		return nil
	}
	m := map[string]any{}
	for key, item := range v.Seq2() {
		m[key.String()] = dump(item)
	}
	return m
}

func plainJSON(v reflect.Value) any {
	b, err := json.Marshal(v.Interface())
	if err != nil {
		panic(err)
	}
	return decode[any](b)
}
