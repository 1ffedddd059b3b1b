package export_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// conforms checks a document against a schema, as far as the schemas made here go,
// and says what does not.
func conforms(t *testing.T, schema []byte, document string) []string {
	t.Helper()
	var s, d any
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		t.Fatal(err)
	}
	return check("$", s.(map[string]any), d)
}

func check(at string, schema map[string]any, value any) (wrong []string) {
	if types := typesOf(schema); len(types) > 0 && !slices.Contains(types, typeOf(value)) && (typeOf(value) != "integer" || !slices.Contains(types, "number")) {
		return []string{fmt.Sprintf("%s is %s, want %v", at, typeOf(value), types)}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		wrong = append(wrong, fmt.Sprintf("%s is none of %v", at, enum))
	}
	switch v := value.(type) {
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, one := range v {
			wrong = append(wrong, check(fmt.Sprintf("%s[%d]", at, i), items, one)...)
		}
	case map[string]any:
		wrong = append(wrong, checkObject(at, schema, v)...)
	}
	return wrong
}

func checkObject(at string, schema, value map[string]any) (wrong []string) {
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			wrong = append(wrong, at+" lacks "+name.(string))
		}
	}
	for name, one := range value {
		property, known := properties[name].(map[string]any)
		if !known && schema["additionalProperties"] == false {
			wrong = append(wrong, at+" has "+name+", which the schema does not know")
		}
		if known {
			wrong = append(wrong, check(at+"."+name, property, one)...)
		}
	}
	return wrong
}

func typesOf(schema map[string]any) (types []string) {
	switch t := schema["type"].(type) {
	case string:
		types = []string{t}
	case []any:
		for _, one := range t {
			types = append(types, one.(string))
		}
	}
	return types
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "object"
}
