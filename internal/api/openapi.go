package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
)

// DocumentOperation serves the OpenAPI document.
func (e *Engine) DocumentOperation() Operation {
	return Operation{Method: http.MethodGet, Path: "swagger.json", Where: InSystem, Anonymous: true, Summary: "This document",
		Handler: func(c *Call) error { return c.JSON(http.StatusOK, e.Document()) }}
}

// schema is a part of the OpenAPI document.
type schema map[string]any

// Document returns the OpenAPI document of everything that is registered.
func (e *Engine) Document() any {
	d := &document{schemas: map[string]schema{}, names: map[reflect.Type]string{}}
	paths := map[string]map[string]any{}
	for _, op := range e.operations {
		for _, pattern := range op.documented() {
			if paths[pattern] == nil {
				paths[pattern] = map[string]any{}
			}
			paths[pattern][strings.ToLower(op.Method)] = d.operation(op, pattern)
		}
	}
	d.schemas["Failure"] = d.object(reflect.TypeFor[Failure]())
	return schema{
		"openapi": "3.0.3",
		"info":    schema{"title": "Mantle", "version": e.Version, "description": "The REST API of this server, made of what it serves."},
		"servers": []schema{{"url": e.BasePath + "/"}},
		"paths":   paths,
		"components": schema{"schemas": d.schemas, "securitySchemes": schema{
			"apiKey": schema{"type": "apiKey", "in": "header", "name": "X-Octopus-ApiKey"},
			"bearer": schema{"type": "http", "scheme": "bearer"},
		}},
		"security": []schema{{"apiKey": []string{}}, {"bearer": []string{}}},
	}
}

// documented leaves the alias /api/spaces/{space} out.
func (o *Operation) documented() []string {
	return slices.DeleteFunc(o.patterns(), func(p string) bool { return strings.HasPrefix(p, "/api/spaces/{space}/") })
}

type document struct {
	schemas map[string]schema
	names   map[reflect.Type]string
}

func (d *document) operation(op *Operation, pattern string) schema {
	out := schema{"summary": op.Summary, "operationId": operationID(op.Method, pattern)}
	if parameters := d.parameters(op, pattern); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	switch {
	case op.Permission != "":
		out["x-permission"] = string(op.Permission)
	case op.Anonymous:
		out["security"] = []schema{}
	}
	if op.In != nil {
		out["requestBody"] = schema{"required": true, "content": schema{"application/json": schema{"schema": d.of(typeOf(op.In))}}}
	}
	success := schema{"description": "done"}
	if t := typeOf(op.Out); t != nil {
		body := d.of(t)
		if op.List {
			body = d.page(body, typeOf(op.Beside))
		}
		success["content"] = schema{"application/json": schema{"schema": body}}
	}
	code := "200"
	if op.Method == http.MethodPost && op.In != nil && op.Out != nil {
		code = "201"
	}
	out["responses"] = schema{code: success, "default": schema{"description": "an error", "content": schema{"application/json": schema{"schema": ref("Failure")}}}}
	return out
}

func operationID(method, pattern string) string {
	words := strings.FieldsFunc(pattern, func(r rune) bool { return strings.ContainsRune("/{}-.*", r) })
	return strings.ToLower(method) + "_" + strings.Join(words, "_")
}

func (d *document) parameters(op *Operation, pattern string) []schema {
	var list []schema
	for segment := range strings.SplitSeq(pattern, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			list = append(list, schema{"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": schema{"type": "string"}})
		}
	}
	for _, name := range op.Queries {
		kind := "string"
		if name == "skip" || name == "take" {
			kind = "integer"
		}
		list = append(list, schema{"name": name, "in": "query", "schema": schema{"type": kind}})
	}
	return list
}

func (d *document) page(item schema, beside reflect.Type) schema {
	number := schema{"type": "integer"}
	properties := schema{
		"ItemType": schema{"type": "string"}, "TotalResults": number, "ItemsPerPage": number, "NumberOfPages": number, "LastPageNumber": number,
		"Items": schema{"type": "array", "items": item}, "Links": schema{"type": "object", "additionalProperties": schema{"type": "string"}},
	}
	if beside != nil {
		for f := range beside.Fields() {
			properties[f.Name] = d.of(f.Type)
		}
	}
	return schema{"type": "object", "properties": properties}
}

func ref(name string) schema { return schema{"$ref": "#/components/schemas/" + name} }

// of returns the schema of a type; a struct becomes a named one.
func (d *document) of(t reflect.Type) schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return schema{}
	case reflect.TypeFor[secret.Text]():
		return schema{"type": "string", "writeOnly": true}
	case reflect.TypeFor[secret.Sensitive]():
		return schema{"type": "object", "properties": schema{"HasValue": schema{"type": "boolean"}, "NewValue": schema{"type": "string", "nullable": true}, "Hint": schema{"type": "string", "nullable": true}}}
	}
	if t.Kind() == reflect.Int64 && t.Implements(reflect.TypeFor[json.Marshaler]()) { // a length of time, written as a text
		return schema{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return schema{"type": "number"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return schema{"type": "integer"}
	case reflect.Slice, reflect.Array:
		return schema{"type": "array", "items": d.of(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": d.of(t.Elem())}
	case reflect.Struct:
		if t.Name() == "" {
			return d.object(t)
		}
		return ref(d.named(t))
	}
	return schema{}
}

// named puts the struct among the named schemas, once. Two types of one name are told apart by their package.
func (d *document) named(t reflect.Type) string {
	if name, ok := d.names[t]; ok {
		return name
	}
	name := capital(t.Name())
	if _, taken := d.schemas[name]; taken {
		pkg := t.PkgPath()
		name = capital(pkg[strings.LastIndex(pkg, "/")+1:]) + name
	}
	if _, taken := d.schemas[name]; taken {
		name = fmt.Sprintf("%s%d", name, len(d.schemas))
	}
	d.names[t], d.schemas[name] = name, schema{} // before its members: a type may hold itself
	d.schemas[name] = d.object(t)
	return name
}

func (d *document) object(t reflect.Type) schema {
	properties := schema{}
	d.members(t, properties)
	return schema{"type": "object", "properties": properties}
}

func (d *document) members(t reflect.Type, into schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case f.Anonymous && tag == "" && inner.Kind() == reflect.Struct:
			d.members(inner, into)
		case tag == "-" || !f.IsExported():
		default:
			name := f.Name
			if tag != "" {
				name = tag
			}
			s := d.of(f.Type)
			if _, isRef := s["$ref"]; f.Type.Kind() == reflect.Pointer && !isRef {
				s["nullable"] = true
			}
			into[name] = s
		}
	}
}
