package api

import (
	"reflect"
	"strconv"

	"github.com/mantledeploy/mantle/internal/secret"
)

// sealSecrets goes through a document: each secret.Sensitive keeps what old holds in the same place where the client sent
// nothing new, and is sealed for the document's ID. Items of a list are matched by Id, or by Name, or by position.
func sealSecrets(keys *secret.Keyring, doc, old any, id string) error {
	var before reflect.Value
	if old != nil {
		before = reflect.ValueOf(old)
	}
	return sealValue(keys, reflect.ValueOf(doc), before, id)
}

var sensitiveType = reflect.TypeFor[secret.Sensitive]()

func sealValue(keys *secret.Keyring, v, old reflect.Value, id string) error {
	if old.IsValid() && old.Type() != v.Type() {
		old = reflect.Value{}
	}
	if v.Type() == sensitiveType {
		return sealOne(keys, v, old, id)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if old.IsValid() && !old.IsNil() {
			return sealValue(keys, v.Elem(), old.Elem(), id)
		}
		return sealValue(keys, v.Elem(), reflect.Value{}, id)
	case reflect.Struct:
		return sealStruct(keys, v, old, id)
	case reflect.Slice:
		return sealSlice(keys, v, old, id)
	case reflect.Map:
		return sealMap(keys, v, old, id)
	}
	return nil
}

func sealOne(keys *secret.Keyring, v, old reflect.Value, id string) error {
	s := v.Addr().Interface().(*secret.Sensitive)
	var previous secret.Sensitive
	if old.IsValid() {
		previous = old.Interface().(secret.Sensitive)
	}
	s.Keep(previous)
	return s.Seal(keys, id)
}

func sealStruct(keys *secret.Keyring, v, old reflect.Value, id string) error {
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		var before reflect.Value
		if old.IsValid() {
			before = old.Field(i)
		}
		if err := sealValue(keys, v.Field(i), before, id); err != nil {
			return err
		}
	}
	return nil
}

func sealSlice(keys *secret.Keyring, v, old reflect.Value, id string) error {
	if !holdsSecrets(v.Type().Elem(), 0) {
		return nil
	}
	known := map[string]reflect.Value{}
	if old.IsValid() {
		for i := range old.Len() {
			known[itemKey(old.Index(i), i)] = old.Index(i)
		}
	}
	for i := range v.Len() {
		if err := sealValue(keys, v.Index(i), known[itemKey(v.Index(i), i)], id); err != nil {
			return err
		}
	}
	return nil
}

// itemKey names an item of a list.
func itemKey(item reflect.Value, position int) string {
	for item.Kind() == reflect.Pointer && !item.IsNil() {
		item = item.Elem()
	}
	if item.Kind() == reflect.Struct {
		for _, name := range []string{"ID", "Id", "Name"} {
			if f := item.FieldByName(name); f.IsValid() && f.Kind() == reflect.String && f.Len() > 0 {
				return name + "=" + f.String()
			}
		}
	}
	return "#" + strconv.Itoa(position)
}

func sealMap(keys *secret.Keyring, v, old reflect.Value, id string) error {
	if !holdsSecrets(v.Type().Elem(), 0) {
		return nil
	}
	for _, key := range v.MapKeys() {
		item := reflect.New(v.Type().Elem()).Elem() // a map's item cannot be changed in place
		item.Set(v.MapIndex(key))
		var before reflect.Value
		if old.IsValid() {
			before = old.MapIndex(key)
		}
		if err := sealValue(keys, item, before, id); err != nil {
			return err
		}
		v.SetMapIndex(key, item)
	}
	return nil
}

// holdsSecrets reports whether a type can hold a Sensitive; deep types are taken to.
func holdsSecrets(t reflect.Type, depth int) bool {
	if t == sensitiveType || depth > 8 {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return holdsSecrets(t.Elem(), depth+1)
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() && holdsSecrets(t.Field(i).Type, depth+1) {
				return true
			}
		}
	}
	return false
}
