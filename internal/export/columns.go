package export

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// column is one value of a record: a field, or a field of a struct inside.
type column struct {
	name string // as in JSON, joined by dots
	at   []int
}

var timeType = reflect.TypeFor[time.Time]()

// columnsOf gives the columns of a record's type, in the order of its fields.
func columnsOf(t reflect.Type) []column {
	return appendColumns(nil, t, "", nil)
}

func appendColumns(all []column, t reflect.Type, prefix string, at []int) []column {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		path := append(append([]int(nil), at...), i)
		switch {
		case !f.IsExported() || name == "-":
		case f.Type.Kind() == reflect.Struct && f.Type != timeType && f.Anonymous && name == "":
			all = appendColumns(all, f.Type, prefix, path)
		case f.Type.Kind() == reflect.Struct && f.Type != timeType:
			all = appendColumns(all, f.Type, prefix+named(name, f)+".", path)
		default:
			all = append(all, column{prefix + named(name, f), path})
		}
	}
	return all
}

func named(name string, f reflect.StructField) string {
	if name == "" {
		return f.Name
	}
	return name
}

// cell is a value as text. Only text that came from somebody can be mistaken for a
// formula: numbers, times and answers to yes or no are made here.
type cell struct {
	text     string
	fromText bool
}

func (c column) of(record reflect.Value) (cell, error) {
	return cellOf(record.FieldByIndex(c.at))
}

func cellOf(v reflect.Value) (cell, error) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return cell{}, nil
		}
		v = v.Elem()
	}
	if t, ok := v.Interface().(time.Time); ok {
		if t.IsZero() {
			return cell{}, nil
		}
		return cell{text: t.UTC().Format(time.RFC3339Nano)}, nil
	}
	switch v.Kind() {
	case reflect.String:
		return cell{v.String(), true}, nil
	case reflect.Bool:
		return cell{text: strconv.FormatBool(v.Bool())}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cell{text: strconv.FormatInt(v.Int(), 10)}, nil
	case reflect.Float64, reflect.Float32:
		return cell{text: strconv.FormatFloat(v.Float(), 'g', -1, 64)}, nil
	}
	if (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
		return cell{}, nil
	}
	raw, err := json.Marshal(v.Interface())
	return cell{string(raw), true}, err
}
