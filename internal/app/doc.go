// Package app is the composition root: it turns a configuration into databases,
// services, routes and a server, and carries out the commands. All wiring is here
// and nothing else; no other package knows what the whole is made of.
package app
