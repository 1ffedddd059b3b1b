package egress

import (
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// alsoDenied4 are public addresses at which clouds serve what is private.
var alsoDenied4 = []netip.Prefix{
	netip.MustParsePrefix("168.63.129.16/32"), // Azure's platform service
}

// guard decides, on the resolved address, whether a connection may be made.
type guard struct {
	guardian *ssrf.Guardian
	loopback bool // this machine may be reached, on any port
}

func newGuard(loopback bool, ports []uint16) *guard {
	allowed := append([]uint16{80, 443}, ports...)
	return &guard{ssrf.New(ssrf.WithPorts(allowed...), ssrf.WithDeniedV4Prefixes(alsoDenied4...)), loopback}
}

// control is what the dialer calls before it connects.
func (g *guard) control(network, address string, c syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return refusal(CodeAddress, err)
	}
	if g.loopback && to.Addr().IsLoopback() && !to.Addr().Is4In6() {
		return nil
	}
	// The guardian takes an IPv4 address in the form of an IPv6 one, which is the
	// IPv4 address to the kernel, for one outside of the public range, and refuses it.
	if err := g.guardian.Safe(network, address, c); err != nil {
		return refusal(CodeAddress, err)
	}
	return nil
}
