package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// schema is as much of JSON Schema as the description of the API uses for bodies.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Properties map[string]schema
	Required   []string
	Items      *schema
	Minimum    *float64
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct {
		Name, In string
		Schema   schema
	}
	RequestBody *struct {
		Content map[string]struct{ Schema schema }
	} `json:"requestBody"`
}

type description struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct{ Schemas map[string]schema }
}

func (d *description) resolve(s schema) schema {
	for s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// fair gives a value that a schema takes, or nearly.
func (d *description) fair(s schema, depth int) any {
	s = d.resolve(s)
	kind := fmt.Sprint(s.Type)
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case strings.Contains(kind, "string"):
		return "x"
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case strings.Contains(kind, "boolean"):
		return true
	case strings.Contains(kind, "array"):
		if s.Items == nil || depth > 3 {
			return []any{}
		}
		return []any{d.fair(*s.Items, depth+1)}
	default:
		return d.object(s, depth)
	}
}

// object gives a body with what a schema insists on.
func (d *description) object(s schema, depth int) map[string]any {
	out := map[string]any{}
	for _, name := range s.Required {
		if depth <= 3 {
			out[name] = d.fair(s.Properties[name], depth+1)
		}
	}
	return out
}

// hostile are values that no field is meant for.
func hostile() []any {
	deep := any("x")
	for range 60 {
		deep = []any{deep}
	}
	wide := map[string]any{}
	for i := range 300 {
		wide[fmt.Sprintf("k%d", i)] = i
	}
	return []any{nil, "", " ", "\u0000", "a\u0000b", "\u202eevil\u200f", "🙂", strings.Repeat("é", 70_000), "__proto__", "'; DROP TABLE contacts; --", "%_%", "../../etc/passwd",
		"9999-99-99T99:99:99Z", "0000-01-01T00:00:00Z", -1, 0, 1e300, -9007199254740993, 18446744073709551615.0, true, []any{}, []any{nil}, []any{"x", 1, map[string]any{}},
		map[string]any{}, map[string]any{"": ""}, deep, wide, "con_01jdb2k8q5e6r7s8t9v0w1x2y3", "con_", "wsp_01jdb2k8q5e6r7s8t9v0w1x2y3"}
}

// No route breaks, whatever stands in a field of its body or in its query: what is
// refused is refused with a problem document.
func TestNoRouteBreaks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var d description
		w.do(t, call{method: "GET", path: "/openapi.json"}).json(t, &d)
		ids := someIDs(t, w)
		tried := 0
		for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
			if !strings.HasPrefix(path, "/api/v1/") || strings.Contains(path, "/stream") || strings.Contains(path, "session") || strings.Contains(path, "account") {
				continue
			}
			for method, raw := range d.Paths[path] {
				var op operation
				if json.Unmarshal(raw, &op) != nil || op.OperationID == "" {
					continue
				}
				tried += w.attack(t, &d, strings.ToUpper(method), path, op, ids)
			}
		}
		if tried < 2000 {
			t.Errorf("only %d requests were made", tried)
		}
	})
}

// someIDs gives a thing of each sort, by the part of the path before its id.
func someIDs(t *testing.T, w *world) map[string]string {
	t.Helper()
	conversationID, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
	out := map[string]string{"conversations": conversationID, "contacts": contactID, "segments": segmentID(t, w)}
	out["boards"], out["posts"], out["comments"] = boardIDs(t, w)
	return out
}

func (w *world) attack(t *testing.T, d *description, method, path string, op operation, ids map[string]string) (tried int) {
	t.Helper()
	area, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/v1/"), "/{")
	id := ids[area]
	if id == "" {
		id = "con_01jdb2k8q5e6r7s8t9v0w1x2y3"
	}
	target := pathParameter.ReplaceAllString(path, id)
	send := func(path, body string) {
		tried++
		a := w.do(t, call{method: method, path: path, body: body, header: bearer(w.made.APIKey)})
		if a.status >= 500 {
			t.Errorf("%s %s with %.200s: %d %s", method, path, body, a.status, a.body)
		}
		if a.status >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s with %.200s: %d as %s", method, path, body, a.status, a.header.Get("Content-Type"))
		}
	}
	if method == http.MethodDelete {
		return 0
	}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		for _, value := range hostile() {
			if text, ok := value.(string); ok && len(text) < 1000 {
				send(target+"?"+p.Name+"="+url.QueryEscape(text), "")
			}
		}
	}
	for _, bad := range []string{"%00", "a%FFb", "%E2%80%AE", "con_", "%27%20OR%201=1"} {
		send(strings.ReplaceAll(target, id, bad), "{}")
	}
	if op.RequestBody == nil {
		return tried
	}
	body := d.resolve(op.RequestBody.Content["application/json"].Schema)
	for _, value := range append(hostile(), d.object(body, 0)) {
		raw, _ := json.Marshal(value)
		send(target, string(raw))
	}
	for _, name := range slices.Sorted(maps.Keys(body.Properties)) {
		for _, value := range hostile() {
			one := d.object(body, 0)
			one[name] = value
			raw, _ := json.Marshal(one)
			send(target, string(raw))
		}
		inner := d.resolve(body.Properties[name])
		for _, sub := range slices.Sorted(maps.Keys(inner.Properties)) {
			for _, value := range hostile() {
				one := d.object(body, 0)
				within := d.object(inner, 1)
				within[sub] = value
				one[name] = within
				raw, _ := json.Marshal(one)
				send(target, string(raw))
			}
		}
	}
	return tried
}
