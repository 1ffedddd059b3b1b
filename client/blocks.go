package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Block says why a contact is kept out, until when, and with what of theirs.
type Block struct {
	Reason    string     `json:"reason"` // spam, abuse, fraud, other
	Until     *time.Time `json:"until,omitempty"`
	Addresses bool       `json:"addresses,omitempty"`
	Networks  bool       `json:"networks,omitempty"`
	Outlives  bool       `json:"outlives,omitempty"`
}

// ContactBlock is why and until when a contact is kept out, and who said so.
type ContactBlock struct {
	Reason    string     `json:"reason"`
	Until     *time.Time `json:"until"` // nil: until it is lifted
	By        Author     `json:"by"`
	CreatedAt time.Time  `json:"created_at"`
}

// NewBlockEntry says what goes on the blocklist: one of Email, Domain and Network.
type NewBlockEntry struct {
	Email    string     `json:"email,omitempty"`
	Domain   string     `json:"domain,omitempty"`
	Network  string     `json:"network,omitempty"`
	Reason   string     `json:"reason"`
	Until    *time.Time `json:"until,omitempty"`
	Outlives bool       `json:"outlives,omitempty"`
}

// BlockEntry is an address, a domain or a network that nobody is let in with. Only a
// domain can be read.
type BlockEntry struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"` // email, domain, network
	Domain    string     `json:"domain"`
	ContactID *string    `json:"contact_id"` // nil: it stands alone
	Reason    string     `json:"reason"`
	Until     *time.Time `json:"until"`
	Outlives  bool       `json:"outlives"`
	By        Author     `json:"by"`
	CreatedAt time.Time  `json:"created_at"`
}

// BlockContact keeps a contact out; their rights over their data stay.
func (c *Client) BlockContact(ctx context.Context, contactID string, b Block) (out ContactBlock, err error) {
	return out, c.Do(ctx, http.MethodPut, "/contacts/"+url.PathEscape(contactID)+"/block", nil, b, &out)
}

// UnblockContact lets a contact in again.
func (c *Client) UnblockContact(ctx context.Context, contactID string) error {
	return c.Do(ctx, http.MethodDelete, "/contacts/"+url.PathEscape(contactID)+"/block", nil, nil, nil)
}

// BlockedContacts gives a page of the contacts who are kept out, newest first.
func (c *Client) BlockedContacts(ctx context.Context, p Page) (out List[Contact], err error) {
	query := p.query()
	query.Set("blocked", "true")
	return out, c.Do(ctx, http.MethodGet, "/contacts", query, nil, &out)
}

// Blocks gives a page of the blocklist, newest first.
func (c *Client) Blocks(ctx context.Context, p Page) (out List[BlockEntry], err error) {
	return out, c.Do(ctx, http.MethodGet, "/blocks", p.query(), nil, &out)
}

// AddBlock puts an address, a domain or a network on the blocklist.
func (c *Client) AddBlock(ctx context.Context, e NewBlockEntry) (out BlockEntry, err error) {
	return out, c.Do(ctx, http.MethodPost, "/blocks", nil, e, &out)
}

// BlocksOn gives the entries by which an address is kept out.
func (c *Client) BlocksOn(ctx context.Context, email string) ([]BlockEntry, error) {
	var out List[BlockEntry]
	err := c.Do(ctx, http.MethodPost, "/blocks/search", nil, map[string]string{"email": email}, &out)
	return out.Data, err
}

// RemoveBlock takes an entry off the blocklist.
func (c *Client) RemoveBlock(ctx context.Context, entryID string) error {
	return c.Do(ctx, http.MethodDelete, "/blocks/"+url.PathEscape(entryID), nil, nil, nil)
}
