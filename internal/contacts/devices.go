package contacts

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// maxDevices is how many records of browsers are kept of a contact: the newest.
const maxDevices = 20

// DeviceFacts is what is kept of a browser, sealed with the person's key.
type DeviceFacts struct {
	Network   string `json:"network" doc:"The shortened network address; empty for those who do not see addresses."`
	Place     string `json:"place" doc:"The approximate country (ISO 3166-1): where the browser's clock or language says it is, not where it was seen." example:"DE"`
	PlaceFrom string `json:"place_from" enum:",time_zone,language"`
	Browser   string `json:"browser" example:"Firefox"`
	System    string `json:"system" example:"Windows"`
	Language  string `json:"language" example:"de-AT"`
	Page      string `json:"page"`
	Referrer  string `json:"referrer"`
}

// Device is what was kept of a browser in which somebody did something. What was not
// switched on then is empty.
type Device struct {
	ID string `json:"id"`
	DeviceFacts
	SeenAt time.Time `json:"seen_at"`
}

func devicePlace(row string) vault.Place {
	return vault.Place{Table: "contact_devices", Column: "data_sealed", Row: row}
}

// NoteBrowser keeps the facts about a visitor's browser that the workspace switched
// on, if the person's data may be used for the purpose that it gave. It keeps nothing
// of whom it may not, and of nobody who is not there.
func (s *Service) NoteBrowser(ctx context.Context, contactID string, b Browser, t workspace.Technical) error {
	f := b.chosen(t)
	if f == (DeviceFacts{}) {
		return nil
	}
	sub := privacy.Subject{WorkspaceID: actor.From(ctx).WorkspaceID, ContactID: contactID}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if fault.Is(err, fault.KindGone) || fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return fault.Wrap("contacts.NoteBrowser", err)
	}
	plain, err := json.Marshal(f)
	if err != nil {
		return fault.Wrap("contacts.NoteBrowser", err)
	}
	row := s.ids.New(id.Device)
	sealed := key.Seal(devicePlace(row), plain)
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		return s.saveDevice(tx, sub, key, row, sealed, t.Purpose)
	})
	if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindInvalid) {
		return nil // restricted, objected, in the bin, erased, no consent, or no such purpose any more
	}
	return fault.Wrap("contacts.NoteBrowser", err)
}

const (
	insertDevice  = `INSERT INTO contact_devices (workspace_id, contact_id, id, data_sealed, seen_at) VALUES ($1, $2, $3, $4, $5)`
	deleteSurplus = `DELETE FROM contact_devices WHERE workspace_id = $1 AND contact_id = $2 AND id NOT IN (
		SELECT id FROM contact_devices WHERE workspace_id = $1 AND contact_id = $2 ORDER BY seen_at DESC, id DESC LIMIT $3)`
	selectBasisOf = `SELECT COUNT(*) FROM processing_bases WHERE workspace_id = $1 AND contact_id = $2 AND purpose = $3 AND lawful_basis = $4`
)

func (s *Service) saveDevice(tx *storage.Tx, sub privacy.Subject, key *vault.Key, row string, sealed []byte, purpose string) error {
	if _, err := LockGroup(tx, sub); err != nil {
		return err
	}
	p, err := s.use.Purpose(tx, sub.WorkspaceID, purpose)
	if err != nil {
		return err
	}
	if err := s.use.MayUse(tx, sub, p); err != nil {
		return err
	}
	now := s.clock.Now()
	var have int
	if err := tx.QueryRow(selectBasisOf, sub.WorkspaceID, sub.ContactID, p.Key, p.LawfulBasis).Scan(&have); err != nil {
		return err
	}
	if have == 0 {
		basis := privacy.Basis{Purpose: p.Key, LawfulBasis: p.LawfulBasis, Evidence: "technical data, switched on in the settings"}
		if err := privacy.InsertBasis(tx, privacy.SealBasis(key, s.ids, sub, basis, "widget", now)); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(insertDevice, sub.WorkspaceID, sub.ContactID, row, sealed, clock.Micros(now)); err != nil {
		return err
	}
	_, err = tx.Exec(deleteSurplus, sub.WorkspaceID, sub.ContactID, maxDevices)
	return err
}

const selectDevices = `SELECT id, data_sealed, seen_at FROM contact_devices WHERE workspace_id = $1 AND contact_id = $2 ORDER BY seen_at DESC, id DESC`

// devicesOf gives what is kept of one contact's browsers, the newest first.
func devicesOf(tx *storage.Tx, key *vault.Key, sub privacy.Subject) ([]Device, error) {
	rows, err := tx.Query(selectDevices, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Device
	for rows.Next() {
		var d Device
		var sealed []byte
		var seen int64
		if err := rows.Scan(&d.ID, &sealed, &seen); err != nil {
			return nil, err
		}
		plain, err := key.Open(devicePlace(d.ID), sealed)
		if err != nil {
			return nil, fault.Wrap("open device "+d.ID, err)
		}
		if err := json.Unmarshal(plain, &d.DeviceFacts); err != nil {
			return nil, err
		}
		d.SeenAt = clock.FromMicros(seen)
		out = append(out, d)
	}
	return out, rows.Err()
}

// Devices gives what is kept of a person's browsers, with whichever of their contacts,
// the newest first: at most 20. Who does not see addresses is not shown the network.
func (s *Service) Devices(ctx context.Context, contactID string) ([]Device, error) {
	a := actor.From(ctx)
	var ids []string
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		members, err := Group(tx, a.WorkspaceID, contactID)
		ids = IDsOf(members)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("contacts.Devices", err)
	}
	out := []Device{}
	for _, one := range ids {
		key, err := s.vault.Key(ctx, vault.Subject{Workspace: a.WorkspaceID, ID: one})
		if fault.Is(err, fault.KindGone) || fault.Is(err, fault.KindNotFound) {
			if one == contactID {
				return nil, fault.NotFound("contact")
			}
			continue // erased; an old copy was put back
		}
		if err == nil {
			err = s.db.Read(ctx, func(tx *storage.Tx) error {
				some, err := devicesOf(tx, key, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: one})
				out = append(out, some...)
				return err
			})
		}
		if err != nil {
			return nil, fault.Wrap("contacts.Devices", err)
		}
	}
	slices.SortFunc(out, func(a, b Device) int {
		if d := b.SeenAt.Compare(a.SeenAt); d != 0 {
			return d
		}
		return strings.Compare(b.ID, a.ID)
	})
	out = out[:min(len(out), maxDevices)]
	if !a.Can(seesAddresses) {
		for i := range out {
			out[i].Network = ""
		}
	}
	s.audit.Access(ctx, []string{ids[0]}, "contact.devices")
	return out, nil
}

const (
	selectWithDevices = `SELECT DISTINCT workspace_id FROM contact_devices`
	// Whom a restriction or a hold keeps as they are is left alone.
	oldDevices = ` FROM contact_devices d WHERE d.workspace_id = $1 AND d.seen_at < $2`
	unspared   = ` AND EXISTS (SELECT 1 FROM contacts c WHERE c.workspace_id = d.workspace_id AND c.id = d.contact_id
		AND c.restricted_at IS NULL AND (c.held_until IS NULL OR c.held_until <= $3))`
)

// ExpireDevices removes technical data that is older than its workspace keeps it: at
// most limit of each. It gives how many went.
func (s *Service) ExpireDevices(ctx context.Context, limit int, keep func(ctx context.Context, workspaceID string) (workspace.Technical, error)) (int64, error) {
	var workspaces []string
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(selectWithDevices)
		if err != nil {
			return err
		}
		workspaces, err = scanIDs(rows)
		return err
	})
	var gone int64
	for _, workspaceID := range workspaces {
		if err != nil {
			break
		}
		var t workspace.Technical
		if t, err = keep(ctx, workspaceID); err != nil {
			break
		}
		var n int64
		now := s.clock.Now()
		err = s.db.Write(ctx, func(tx *storage.Tx) (err error) {
			n, err = tx.Exec(`DELETE FROM contact_devices WHERE workspace_id = $1 AND (contact_id, id) IN (SELECT d.contact_id, d.id`+oldDevices+unspared+
				` ORDER BY d.seen_at LIMIT $4)`, workspaceID, clock.Micros(now.Add(-t.Keep())), clock.Micros(now), limit)
			return err
		})
		gone += n
	}
	return gone, fault.Wrap("contacts.ExpireDevices", err)
}

// retainDevices removes what is older than a rule of the workspace allows.
func retainDevices(tx *storage.Tx, r privacy.Rule) (int64, error) {
	n, err := tx.Exec(`DELETE FROM contact_devices WHERE workspace_id = $1 AND (contact_id, id) IN (SELECT d.contact_id, d.id`+oldDevices+r.Of("d")+
		` ORDER BY d.seen_at LIMIT $3)`, r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("contact_devices", n)
	return n, err
}

// DeviceExport is what is kept of a browser, as it is handed to the person.
type DeviceExport struct {
	Network   string    `json:"network"`
	Place     string    `json:"place"`
	PlaceFrom string    `json:"place_from"`
	Browser   string    `json:"browser"`
	System    string    `json:"system"`
	Language  string    `json:"language"`
	Page      string    `json:"page"`
	Referrer  string    `json:"referrer"`
	SeenAt    time.Time `json:"seen_at"`
}

// exportDevices hands out what is kept of the person's browsers.
func exportDevices(tx *storage.Tx, key *vault.Key, sub privacy.Subject, out privacy.Export) error {
	devices, err := devicesOf(tx, key, sub)
	if err != nil {
		return err
	}
	for _, d := range devices {
		err := out("devices", DeviceExport{d.Network, d.Place, d.PlaceFrom, d.Browser, d.System, d.Language, d.Page, d.Referrer, d.SeenAt})
		if err != nil {
			return err
		}
	}
	return nil
}
