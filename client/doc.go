// Package client is the Go client of Botimum's REST API.
//
// A [Client] speaks for a workspace with one of its API keys. Its methods mirror
// the routes; what the server refuses comes back as a [Problem], with a stable
// code, and the fields that need another look. Every POST carries an
// Idempotency-Key, so that a call that was retried after a lost answer takes
// effect once.
//
//	c := client.New("https://support.example.com", os.Getenv("BOTIMUM_KEY"))
//	person, err := c.CreateContact(ctx, client.ContactChange{
//		Name:  client.String("Ada Lovelace"),
//		Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract"},
//	})
package client
