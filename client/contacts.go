package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Contact is a person who uses the website.
type Contact struct {
	ID           string         `json:"id"`
	ExternalID   string         `json:"external_id"`
	Email        string         `json:"email"`
	Name         string         `json:"name"`
	FirstName    string         `json:"first_name"`
	LastName     string         `json:"last_name"`
	Phone        string         `json:"phone"`
	AvatarURL    string         `json:"avatar_url"`
	Attributes   map[string]any `json:"attributes"`
	Tags         []string       `json:"tags"`
	Locale       string         `json:"locale"`
	Timezone     string         `json:"timezone"`
	Source       string         `json:"source"`
	Verified     bool           `json:"verified"`
	RestrictedAt *time.Time     `json:"restricted_at"`
	DeletedAt    *time.Time     `json:"deleted_at"`
	LastSeenAt   *time.Time     `json:"last_seen_at"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
}

// ContactChange is what to set: nil leaves a field, "" clears it.
type ContactChange struct {
	ExternalID *string        `json:"external_id,omitempty"`
	Email      *string        `json:"email,omitempty"`
	Name       *string        `json:"name,omitempty"`
	FirstName  *string        `json:"first_name,omitempty"`
	LastName   *string        `json:"last_name,omitempty"`
	Phone      *string        `json:"phone,omitempty"`
	AvatarURL  *string        `json:"avatar_url,omitempty"`
	Locale     *string        `json:"locale,omitempty"`
	Timezone   *string        `json:"timezone,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
	Basis      *Basis         `json:"basis,omitempty"`
}

// Basis says why personal data may be processed (GDPR article 6).
type Basis struct {
	Purpose     string `json:"purpose"`
	LawfulBasis string `json:"lawful_basis"`
	Evidence    string `json:"evidence,omitempty"`
}

// ContactQuery says whom to look for: by one of its fields.
type ContactQuery struct {
	Email      string `json:"email,omitempty"`
	Phone      string `json:"phone,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	Q          string `json:"q,omitempty"`
}

// Receipt proves an erasure.
type Receipt struct {
	ID           string           `json:"id"`
	ContactID    string           `json:"contact_id"`
	ErasedAt     time.Time        `json:"erased_at"`
	Rows         map[string]int64 `json:"rows"`
	KeyDestroyed bool             `json:"key_destroyed"`
	Statement    string           `json:"statement"`
	Signature    string           `json:"signature"`
	PublicKey    string           `json:"public_key"`
	KeyID        string           `json:"key_id"`
}

// CreateContact adds a contact.
func (c *Client) CreateContact(ctx context.Context, change ContactChange) (out Contact, err error) {
	return out, c.Do(ctx, http.MethodPost, "/contacts", nil, change, &out)
}

// UpsertContact changes the contact with the external id, or adds one.
func (c *Client) UpsertContact(ctx context.Context, externalID string, change ContactChange) (out Contact, err error) {
	return out, c.Do(ctx, http.MethodPut, "/contacts/by-external-id/"+url.PathEscape(externalID), nil, change, &out)
}

// Contact gives one contact.
func (c *Client) Contact(ctx context.Context, contactID string) (out Contact, err error) {
	return out, c.Do(ctx, http.MethodGet, "/contacts/"+url.PathEscape(contactID), nil, nil, &out)
}

// Contacts gives a page of contacts, newest first.
func (c *Client) Contacts(ctx context.Context, p Page) (out List[Contact], err error) {
	return out, c.Do(ctx, http.MethodGet, "/contacts", p.query(), nil, &out)
}

// SearchContacts finds contacts.
func (c *Client) SearchContacts(ctx context.Context, q ContactQuery, p Page) (out List[Contact], err error) {
	return out, c.Do(ctx, http.MethodPost, "/contacts/search", p.query(), q, &out)
}

// UpdateContact changes a contact.
func (c *Client) UpdateContact(ctx context.Context, contactID string, change ContactChange) (out Contact, err error) {
	return out, c.Do(ctx, http.MethodPatch, "/contacts/"+url.PathEscape(contactID), nil, change, &out)
}

// TagContact gives a contact a tag, and gives all they have then.
func (c *Client) TagContact(ctx context.Context, contactID, tag string) ([]string, error) {
	return c.tag(ctx, http.MethodPut, contactID, tag)
}

// UntagContact takes a tag from a contact, and gives those that are left.
func (c *Client) UntagContact(ctx context.Context, contactID, tag string) ([]string, error) {
	return c.tag(ctx, http.MethodDelete, contactID, tag)
}

func (c *Client) tag(ctx context.Context, method, contactID, tag string) ([]string, error) {
	var out struct {
		Tags []string `json:"tags"`
	}
	err := c.Do(ctx, method, "/contacts/"+url.PathEscape(contactID)+"/tags/"+url.PathEscape(tag), nil, nil, &out)
	return out.Tags, err
}

// ContactTag is a tag, and how many people have it.
type ContactTag struct {
	Tag   string `json:"tag"`
	Count int    `json:"count"`
}

// ContactTags gives a page of the tags that contacts have, in order.
func (c *Client) ContactTags(ctx context.Context, p Page) (out List[ContactTag], err error) {
	return out, c.Do(ctx, http.MethodGet, "/contact-tags", p.query(), nil, &out)
}

// ContactNote is what operators wrote down about a person.
type ContactNote struct {
	ID         string     `json:"id"`
	ContactID  string     `json:"contact_id"`
	Body       string     `json:"body"`
	Author     Author     `json:"author"`
	EditedBy   *Author    `json:"edited_by"`
	EditedAt   *time.Time `json:"edited_at"`
	Masked     []string   `json:"masked"`
	Flagged    []string   `json:"flagged"`
	Restricted bool       `json:"restricted"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// ContactNotes gives a page of the notes about a contact, newest first.
func (c *Client) ContactNotes(ctx context.Context, contactID string, p Page) (out List[ContactNote], err error) {
	return out, c.Do(ctx, http.MethodGet, "/contacts/"+url.PathEscape(contactID)+"/notes", p.query(), nil, &out)
}

// AddContactNote writes something down about a contact.
func (c *Client) AddContactNote(ctx context.Context, contactID, body string) (out ContactNote, err error) {
	return out, c.Do(ctx, http.MethodPost, "/contacts/"+url.PathEscape(contactID)+"/notes", nil, map[string]string{"body": body}, &out)
}

// EditContactNote changes what a note says.
func (c *Client) EditContactNote(ctx context.Context, contactID, noteID, body string) (out ContactNote, err error) {
	return out, c.Do(ctx, http.MethodPatch, "/contacts/"+url.PathEscape(contactID)+"/notes/"+url.PathEscape(noteID), nil, map[string]string{"body": body}, &out)
}

// RemoveContactNote removes a note for good.
func (c *Client) RemoveContactNote(ctx context.Context, contactID, noteID string) error {
	return c.Do(ctx, http.MethodDelete, "/contacts/"+url.PathEscape(contactID)+"/notes/"+url.PathEscape(noteID), nil, nil, nil)
}

// BulkAct says what to do with whom: one of ContactIDs, SegmentID, All and Bin.
type BulkAct struct {
	Action     string   `json:"action"` // tag, untag, bin, restore, erase, restrict
	Tag        string   `json:"tag,omitempty"`
	ContactIDs []string `json:"contact_ids,omitempty"`
	SegmentID  string   `json:"segment_id,omitempty"`
	All        bool     `json:"all,omitempty"`
	Bin        bool     `json:"bin,omitempty"`
	Expect     *int64   `json:"expect,omitempty"` // how many people are meant; needed to erase
}

// BulkJob is one act on many people.
type BulkJob struct {
	ID        string           `json:"id"`
	Action    string           `json:"action"`
	Tag       string           `json:"tag"`
	State     string           `json:"state"` // running, done, cancelled
	Total     int64            `json:"total"`
	Done      int64            `json:"done"`
	Outcomes  map[string]int64 `json:"outcomes"`
	CreatedAt time.Time        `json:"created_at"`
	EndedAt   *time.Time       `json:"ended_at"`
}

// BeginBulk has something done with many contacts, in the background.
func (c *Client) BeginBulk(ctx context.Context, act BulkAct) (out BulkJob, err error) {
	return out, c.Do(ctx, http.MethodPost, "/contacts/bulk", nil, act, &out)
}

// BulkJob gives how far an act on many contacts is.
func (c *Client) BulkJob(ctx context.Context, jobID string) (out BulkJob, err error) {
	return out, c.Do(ctx, http.MethodGet, "/bulk-jobs/"+url.PathEscape(jobID), nil, nil, &out)
}

// BulkJobs gives a page of acts on many contacts, newest first.
func (c *Client) BulkJobs(ctx context.Context, p Page) (out List[BulkJob], err error) {
	return out, c.Do(ctx, http.MethodGet, "/bulk-jobs", p.query(), nil, &out)
}

// CancelBulk stops an act on many contacts; what was done stays done.
func (c *Client) CancelBulk(ctx context.Context, jobID string) (out BulkJob, err error) {
	return out, c.Do(ctx, http.MethodPost, "/bulk-jobs/"+url.PathEscape(jobID)+"/cancel", nil, nil, &out)
}

// BinContact moves a contact to the bin, where they are erased after 30 days.
func (c *Client) BinContact(ctx context.Context, contactID string) error {
	return c.Do(ctx, http.MethodDelete, "/contacts/"+url.PathEscape(contactID), nil, nil, nil)
}

// EraseContact erases a contact at once and for good.
func (c *Client) EraseContact(ctx context.Context, contactID string) (out Receipt, err error) {
	return out, c.Do(ctx, http.MethodDelete, "/contacts/"+url.PathEscape(contactID), url.Values{"erase": {"true"}}, nil, &out)
}
