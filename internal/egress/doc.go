// Package egress is the only way out: the HTTP client for every request that
// Botimum makes because somebody wrote down an address, such as webhooks,
// enrichment and the unfurling of links.
//
// # Guarantees
//
//   - Where it connects to is decided at the moment of connecting, on the address
//     that the name has just been resolved to (code.dny.dev/ssrf in the dialer), so
//     that a name cannot be checked as one address and used as another. Loopback,
//     private, link-local (with the metadata services of clouds), shared (RFC 6598),
//     multicast, documentation and reserved addresses are refused, in IPv4 and IPv6,
//     and IPv6 forms that carry an IPv4 address (mapped, 6to4, NAT64, Teredo).
//   - http and https only; ports 80 and 443, unless [Options.Ports] adds others; no
//     user name in the URL; no proxy from the environment; no cookies.
//   - A redirect is followed at most three times and only to the same host and port,
//     or from http to https on the same host; everything above holds for it again,
//     and https never becomes http.
//   - Connecting, the TLS handshake, waiting for the answer's header and the whole
//     exchange have time limits; the answer's header and its body have size limits.
//     The body's holds for what comes out of decompression: reading past it is the
//     error [ErrTooLarge], never a body that was silently cut.
//
// # What it never does
//
// It never puts an address or URL into an error of its own: the error's code says what
// was wrong. Errors from the network stay inside as causes, for the log. It holds no
// personal data.
package egress
