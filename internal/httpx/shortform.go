package httpx

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// OrText is a part of a body that is written as an object, or in a short form as a
// text. What the text may say is for the receiver to check.
type OrText[T Kinds] struct {
	Object T
	Text   string
	IsText bool
}

// Kinds is implemented by objects of which one field says what sort of object it is.
type Kinds interface {
	// Kind gives the field's name and the words that it may hold.
	Kind() (field string, words []string)
}

// UnmarshalJSON reads either form. Anything else is a text that nobody takes.
func (o *OrText[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return json.Unmarshal(data, &o.Object)
	}
	o.IsText = true
	if json.Unmarshal(data, &o.Text) != nil {
		o.Text = string(data)
	}
	return nil
}

// Schema describes both forms. Naming the field that tells objects apart has a broken
// rule of an object reported at its field, rather than that neither form fits.
func (OrText[T]) Schema(r huma.Registry) *huma.Schema {
	var zero T
	object := r.Schema(reflect.TypeFor[T](), true, "")
	field, words := zero.Kind()
	tells := &huma.Discriminator{PropertyName: field, Mapping: map[string]string{}}
	for _, word := range words {
		tells.Mapping[word] = object.Ref
	}
	return &huma.Schema{OneOf: []*huma.Schema{object, {Type: huma.TypeString}}, Discriminator: tells}
}
