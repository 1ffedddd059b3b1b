package egresstest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Resolver gives a resolver that asks a name server of our own on this machine. A list
// with "then" in it is answered part by part, one each time the name is asked for.
func Resolver(t *testing.T, names map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = conn.Close(); <-done })
	go func() {
		defer close(done)
		answers(conn, names)
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answers serves DNS (RFC 1035) until conn is closed.
func answers(conn net.PacketConn, names map[string][]string) {
	asked := map[string]int{} // how often for an address of version 4
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.Answers, m.Additionals = true, nil, nil
		all, known := names[q.Name.String()]
		if !known {
			m.RCode = dnsmessage.RCodeNameError
		}
		turn := asked[q.Name.String()]
		if q.Type == dnsmessage.TypeA {
			asked[q.Name.String()]++
		}
		for _, a := range part(all, turn) {
			addr := netip.MustParseAddr(a)
			h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 0}
			switch {
			case q.Type == dnsmessage.TypeA && addr.Is4():
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: addr.As4()}})
			case q.Type == dnsmessage.TypeAAAA && !addr.Is4():
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
			}
		}
		if packed, err := m.Pack(); err == nil {
			_, _ = conn.WriteTo(packed, from)
		}
	}
}

// part gives the addresses of one turn of a list; the last part stays.
func part(all []string, turn int) []string {
	parts := strings.Split(strings.Join(all, " "), " then ")
	return strings.Fields(parts[min(turn, len(parts)-1)])
}
