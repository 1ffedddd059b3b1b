package boardsite

import (
	_ "embed"
	"net/http"
)

//go:embed static/identity.js
var identityJS []byte

// script serves the one script of the pages: that of the page to which a customer's
// website sends people with an identity token.
func script(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, err := w.Write(identityJS)
	return err
}
