package export

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"

	"github.com/botimum/botimum/internal/privacy"
)

// Schema gives the JSON Schema (2020-12) of data.json, made from the types of what
// the holders hand out. docs/export-schema.json is a copy.
func Schema(sections ...privacy.Section) ([]byte, error) {
	head := schemaOf(reflect.TypeFor[Head]())
	parts := object{}
	for _, s := range sections { // those of contacts and of operators, of which some are in both
		parts[s.Name] = object{"type": "array", "items": schemaOf(reflect.TypeOf(s.Record))}
	}
	properties := head["properties"].(object)
	properties["sections"] = object{"type": "object", "properties": parts, "additionalProperties": false,
		"description": "What is held, by section. An export to take along has only the sections that hold what the person gave."}
	head["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	head["title"] = "data.json of a Botimum export, version 1"
	head["required"] = append(head["required"].([]string), "sections")
	return json.MarshalIndent(head, "", "  ")
}

type object = map[string]any

// schemaOf describes a Go type as encoding/json writes it.
func schemaOf(t reflect.Type) object {
	if t == timeType {
		return object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := schemaOf(t.Elem())
		inner["type"] = []string{inner["type"].(string), "null"}
		return inner
	case reflect.Struct:
		return structSchema(t)
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Interface:
		return object{} // any value
	}
	return object{"type": "integer"}
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" { // its fields stand among those of the outer one
			inner := structSchema(f.Type)
			maps.Copy(properties, inner["properties"].(object))
			required = append(required, inner["required"].([]string)...)
			continue
		}
		if name == "-" || name == "" {
			continue
		}
		one := schemaOf(f.Type)
		if doc := f.Tag.Get("doc"); doc != "" {
			one["description"] = doc
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			one["enum"] = strings.Split(enum, ",")
		}
		properties[name] = one
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
