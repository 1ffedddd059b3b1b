// Package dashboard serves the operators' interface, built by web/dashboard and
// embedded in the binary. Every path that is not a file is the interface's own
// and gets its page; without a build, a page says how to make one. The content
// security policy allows nothing inline and nothing from elsewhere.
package dashboard
