// Package api is the door: the guard before every route of the REST API and the
// widget, and the routes that belong to no domain.
//
// The guard knows who asks (a key, an operator's session with its CSRF token, a
// visitor's session), checks the permission that the route table names, limits
// the rate, and keeps answers for Idempotency-Key. What an operator can do on the
// screen a key with the same permissions can do here, since both come through
// this one place.
package api
