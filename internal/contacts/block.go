package contacts

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/vault"
)

// What an entry of the blocklist is about.
const (
	BlockEmail   = "email"
	BlockDomain  = "domain"
	BlockNetwork = "network"
)

// A network changes hands, so nobody is kept out by one for longer than this.
const (
	networkBlocked = 30 * 24 * time.Hour // unless said otherwise
	maxNetwork     = 90 * 24 * time.Hour
	maxBlocks      = 10_000 // entries of a workspace
)

// NewBlock says why and until when a person is not let in.
type NewBlock struct {
	Reason    string     `json:"reason" enum:"spam,abuse,fraud,other"`
	Until     *time.Time `json:"until,omitempty" doc:"Until it is lifted if absent."`
	Addresses bool       `json:"addresses,omitempty" doc:"Their e-mail addresses go on the blocklist too, so that they do not come back as somebody new."`
	Networks  bool       `json:"networks,omitempty" doc:"So do the networks that technical data was kept of: for 30 days, or until the end if that is sooner."`
	Outlives  bool       `json:"outlives,omitempty" doc:"Their addresses stay on the blocklist when they are erased: as keyed tokens, which tell nobody's address."`
}

// ContactBlock is why and until when a person is not let in, and who said so.
type ContactBlock struct {
	Reason    string     `json:"reason" enum:"spam,abuse,fraud,other"`
	Until     *time.Time `json:"until" doc:"Null: until it is lifted."`
	By        actor.Ref  `json:"by"`
	CreatedAt time.Time  `json:"created_at"`
}

// NewBlockEntry puts an address, a domain or a network on the blocklist: exactly one.
type NewBlockEntry struct {
	Email    string     `json:"email,omitempty" maxLength:"254" doc:"It is kept as a keyed token, which tells nobody's address."`
	Domain   string     `json:"domain,omitempty" maxLength:"253" doc:"With all names under it. It is kept as it is: block an address instead where a domain tells who somebody is."`
	Network  string     `json:"network,omitempty" maxLength:"64" doc:"An address, or a network. It is shortened to a /24, or the /48 of an IPv6 address, and kept as a keyed token."`
	Reason   string     `json:"reason" enum:"spam,abuse,fraud,other"`
	Until    *time.Time `json:"until,omitempty" doc:"Until it is lifted if absent. A network is let in again after 90 days at most, and after 30 if absent."`
	Outlives bool       `json:"outlives,omitempty" doc:"An address stays on the blocklist when the contact who has it is erased."`
}

// BlockEntry is an address, a domain or a network that nobody is let in with.
type BlockEntry struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" enum:"email,domain,network"`
	Domain    string     `json:"domain" doc:"Of a domain; an address and a network are not kept."`
	ContactID *string    `json:"contact_id" doc:"The contact with whose block it came; null if it stands alone."`
	Reason    string     `json:"reason" enum:"spam,abuse,fraud,other"`
	Until     *time.Time `json:"until" doc:"Null: until it is lifted."`
	Outlives  bool       `json:"outlives" doc:"Whether an address stays when the contact who has it is erased."`
	By        actor.Ref  `json:"by"`
	CreatedAt time.Time  `json:"created_at"`
}

// BlockedError is what somebody hears who is not let in. It says neither why nor by
// whom, and where their rights are.
func BlockedError() error {
	return &fault.Error{Kind: fault.KindForbidden, Code: "blocked",
		Detail: "Nothing is taken from you here at the moment. Your rights over your data stay as they are: use them on the privacy page."}
}

func checkReason(reason string, until *time.Time, now time.Time) error {
	if !slices.Contains([]string{"spam", "abuse", "fraud", "other"}, reason) {
		return fault.Invalid("reason", "must be spam, abuse, fraud or other")
	}
	if until != nil && (!until.After(now) || until.After(now.AddDate(100, 0, 0))) {
		return fault.Invalid("until", "must lie ahead")
	}
	return nil
}

// networkUntil gives the end of a network's block.
func networkUntil(until *time.Time, now time.Time) *time.Time {
	end := now.Add(networkBlocked)
	if until != nil && until.Before(now.Add(maxNetwork)) {
		end = *until
	} else if until != nil {
		end = now.Add(maxNetwork)
	}
	return &end
}

// token gives the kind of an entry, its token and the domain that it shows.
func (n NewBlockEntry) token(ix *vault.Index) (kind string, token []byte, domain string, err error) {
	given := 0
	for _, one := range []string{n.Email, n.Domain, n.Network} {
		if one != "" {
			given++
		}
	}
	if given != 1 {
		return "", nil, "", fault.Invalid("email", "or domain or network is needed: exactly one")
	}
	switch {
	case n.Email != "":
		if emailProblem(n.Email) != "" {
			return "", nil, "", fault.Invalid("email", "is not an e-mail address; write it as name@example.org")
		}
		return BlockEmail, ix.Equal(tokenEmail, n.Email), "", nil
	case n.Domain != "":
		domain, ok := blockedDomain(n.Domain)
		if !ok {
			return "", nil, "", fault.Invalid("domain", "must be a name with a dot, such as example.com")
		}
		return BlockDomain, ix.Equal("blocked_domain", domain), domain, nil
	}
	network := givenNetwork(n.Network)
	if network == "" {
		return "", nil, "", fault.Invalid("network", "must be a public network address such as 203.0.113.7, or a network such as 203.0.113.0/24")
	}
	return BlockNetwork, networkToken(ix, network), "", nil
}

func networkToken(ix *vault.Index, short string) []byte { return ix.Equal("blocked_network", short) }

// givenNetwork gives the shortened network of what was typed; "" for what is none, for
// one larger than what is blocked at once, and for one that everybody has at home.
func givenNetwork(s string) string {
	s = strings.TrimSpace(s)
	if p, err := netip.ParsePrefix(s); err == nil {
		least := 48
		if p.Addr().Is4() {
			least = 24
		}
		if p.Bits() < least {
			return ""
		}
		s = p.Addr().String()
	}
	ip, err := netip.ParseAddr(s)
	if err != nil || !ip.Unmap().IsGlobalUnicast() || ip.Unmap().IsPrivate() {
		return ""
	}
	return httpx.ShortNetwork(s)
}

// blockedDomain gives a domain in its one form (RFC 5891).
func blockedDomain(s string) (string, bool) {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "@"), "."))
	if err != nil || len(ascii) > 253 || !strings.Contains(strings.Trim(ascii, "."), ".") || strings.Contains(ascii, "..") || strings.HasPrefix(ascii, ".") {
		return "", false
	}
	if _, err := netip.ParseAddr(ascii); err == nil {
		return "", false
	}
	return strings.ToLower(ascii), true
}

// domainTokens gives the tokens of the domain of an address and of those above it.
func domainTokens(ix *vault.Index, email string) [][]byte {
	domain, ok := blockedDomain(email[strings.LastIndexByte(email, '@')+1:])
	var out [][]byte
	for ok && strings.Contains(domain, ".") && len(out) < 10 {
		out = append(out, ix.Equal("blocked_domain", domain))
		_, domain, _ = strings.Cut(domain, ".")
	}
	return out
}
