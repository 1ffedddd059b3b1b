package httpx

import (
	"net/netip"
	"strings"
)

// maxUserAgent is how many bytes of a User-Agent are looked at.
const maxUserAgent = 2000

// ShortNetwork gives the /24 of an IPv4 address or network and the /48 of an IPv6
// one: what a street or a company shares; "" for what is none.
func ShortNetwork(network string) string {
	address, _, _ := strings.Cut(network, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

type told struct{ word, means string }

var (
	// Browsers also call themselves by the names of those that they want to be taken
	// for: the most particular comes first.
	browsers = []told{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = []told{{"iPhone", "iOS"}, {"iPad", "iOS"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}}
)

// BrowserOf gives the family of the browser and its system that a User-Agent tells
// of, in words of ours alone; "" where it tells nothing that is known.
func BrowserOf(userAgent string) (browser, system string) {
	userAgent = userAgent[:min(len(userAgent), maxUserAgent)]
	find := func(all []told) string {
		for _, t := range all {
			if strings.Contains(userAgent, t.word) {
				return t.means
			}
		}
		return ""
	}
	return find(browsers), find(systems)
}
