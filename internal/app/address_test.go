package app

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	tests := []struct{ name, peer, forwarded, want string }{
		{"no proxy", "203.0.113.7:1234", "", "203.0.113.7:1234"},
		{"a stranger's word", "203.0.113.7:1234", "198.51.100.1", "203.0.113.7:1234"},
		{"a proxy's word", "10.0.0.1:1234", "198.51.100.1", "198.51.100.1"},
		{"what the client made up before it", "10.0.0.1:1234", "127.0.0.1, 198.51.100.1", "198.51.100.1"},
		{"two proxies", "10.0.0.1:1234", "198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"noise", "10.0.0.1:1234", "unknown", "10.0.0.1:1234"},
		{"mapped", "[::ffff:10.0.0.1]:1234", "198.51.100.1", "198.51.100.1"},
	}
	for _, tt := range tests {
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{}}
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := clientAddress(r, trusted); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for listen, want := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "localhost:80": true, ":80": false, "0.0.0.0:80": false, "192.0.2.1:80": false, "x": false} {
		if got := isLoopback(listen); got != want {
			t.Errorf("isLoopback(%q) = %v", listen, got)
		}
	}
}
