package egress

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/botimum/botimum/internal/fault"
)

func TestAddresses(t *testing.T) {
	public := []string{"1.1.1.1", "8.8.8.8", "93.184.215.14", "[2606:4700:4700::1111]", "[2a00:1450:4001:82a::200e]"}
	private := map[string]string{
		"this network":              "0.0.0.0",
		"this network, any":         "0.1.2.3",
		"private 10":                "10.0.0.1",
		"private 172.16":            "172.16.0.1",
		"private 172.31":            "172.31.255.255",
		"private 192.168":           "192.168.1.1",
		"shared (CGNAT)":            "100.64.0.1",
		"shared, Alibaba metadata":  "100.100.100.200",
		"loopback":                  "127.0.0.1",
		"loopback, other":           "127.8.9.10",
		"link-local, metadata":      "169.254.169.254",
		"link-local, ECS":           "169.254.170.2",
		"Azure's platform":          "168.63.129.16",
		"IETF, Oracle metadata":     "192.0.0.192",
		"documentation":             "192.0.2.1",
		"6to4 relay":                "192.88.99.1",
		"benchmarking":              "198.18.0.1",
		"multicast":                 "224.0.0.1",
		"reserved":                  "240.0.0.1",
		"broadcast":                 "255.255.255.255",
		"IPv6 any":                  "[::]",
		"IPv6 loopback":             "[::1]",
		"IPv6 link-local":           "[fe80::1]",
		"IPv6 link-local, zone":     "[fe80::1%lo]",
		"IPv6 site-local":           "[fec0::1]",
		"IPv6 unique local":         "[fd00::1]",
		"IPv6 AWS metadata":         "[fd00:ec2::254]",
		"IPv6 multicast":            "[ff02::1]",
		"IPv6 documentation":        "[2001:db8::1]",
		"IPv6 discard":              "[100::1]",
		"mapped loopback":           "[::ffff:127.0.0.1]",
		"mapped metadata":           "[::ffff:169.254.169.254]",
		"mapped private":            "[::ffff:10.0.0.1]",
		"mapped public":             "[::ffff:8.8.8.8]",
		"compatible loopback":       "[::127.0.0.1]",
		"NAT64 of loopback":         "[64:ff9b::7f00:1]",
		"NAT64, local":              "[64:ff9b:1::a00:1]",
		"6to4 of private":           "[2002:a00:1::1]",
		"Teredo":                    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
		"SRv6":                      "[5f00::1]",
		"translated (RFC 2765) any": "[::ffff:0:127.0.0.1]",
	}
	for _, allow := range []bool{false, true} {
		g := newGuard(allow, nil)
		for _, address := range public {
			if err := g.control(network(address), address+":443", nil); err != nil {
				t.Errorf("%s is refused: %v", address, err)
			}
		}
		for name, address := range private {
			err := g.control(network(address), address+":443", nil)
			if isLoopback := name == "loopback" || name == "loopback, other" || name == "IPv6 loopback"; isLoopback && allow {
				if err != nil {
					t.Errorf("%s (%s) is refused although it is allowed: %v", name, address, err)
				}
				continue
			}
			if f := fault.As(err); f == nil || f.Code != CodeAddress {
				t.Errorf("%s (%s) with loopback %v: %v", name, address, allow, err)
			}
		}
	}
}

func network(address string) string {
	if address[0] == '[' {
		return "tcp6"
	}
	return "tcp4"
}

func TestPortsAndNetworks(t *testing.T) {
	for _, c := range []struct {
		network, address string
		ports            []uint16
		ok               bool
	}{
		{"tcp4", "1.1.1.1:80", nil, true},
		{"tcp4", "1.1.1.1:443", nil, true},
		{"tcp4", "1.1.1.1:22", nil, false},
		{"tcp4", "1.1.1.1:8443", nil, false},
		{"tcp4", "1.1.1.1:8443", []uint16{8443}, true},
		{"tcp4", "10.0.0.1:8443", []uint16{8443}, false},
		{"udp4", "1.1.1.1:443", nil, false},
		{"unix", "/run/docker.sock", nil, false},
		{"tcp4", "example.org:443", nil, false}, // a name: must not come here unresolved
	} {
		if err := newGuard(false, c.ports).control(c.network, c.address, nil); (err == nil) != c.ok {
			t.Errorf("%s %s with %v: %v", c.network, c.address, c.ports, err)
		}
	}
}

func TestURLs(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://example.org/hook":  true,
		"http://example.org":        true,
		"https://ada@example.org/":  false,
		"https://a:b@example.org/":  false,
		"ftp://example.org/":        false,
		"file:///etc/passwd":        false,
		"gopher://example.org/":     false,
		"http:example.org":          false,
		"//example.org/":            false,
		"/hook":                     false,
		"http:///hook":              false,
		"HTTPS://example.org:443/x": true,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkURL(u); (err == nil) != ok {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if checkURL(nil) == nil {
		t.Error("no URL passes")
	}
}

func TestRedirectsStayWhereTheyAre(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"https://example.org/a", "https://example.org/b", true},
		{"https://example.org/a", "https://EXAMPLE.org:443/b", true},
		{"http://example.org/a", "https://example.org/a", true},
		{"http://example.org:80/a", "https://example.org:443/a", true},
		{"https://example.org/a", "http://example.org/a", false},
		{"http://example.org:8080/a", "https://example.org:8443/a", false},
		{"https://example.org/a", "https://example.org:8443/a", false},
		{"https://example.org/a", "https://www.example.org/a", false},
		{"https://example.org/a", "https://169.254.169.254/latest/meta-data", false},
		{"https://example.org/a", "https://ada@example.org/a", false},
		{"https://example.org/a", "file:///etc/passwd", false},
	} {
		request := func(raw string) *http.Request {
			u, err := url.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			return &http.Request{URL: u}
		}
		if err := checkRedirect(request(c.to), []*http.Request{request(c.from)}); (err == nil) != c.ok {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
	}
}
