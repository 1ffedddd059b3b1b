// Package pages renders the public pages: the privacy notice of a workspace, the
// demo website that carries the widget, and the page of the REST API. They are
// documents: they work without JavaScript and load nothing from elsewhere.
package pages
