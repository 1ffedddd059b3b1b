// Package workspacetest makes workspaces and operators for tests: real ones, in a
// real database and with a real vault, quickly.
package workspacetest
