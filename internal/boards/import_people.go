package boards

import (
	"context"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/storage"
)

// people finds who of the file is here, and adds who is not. Who has neither address
// nor id stays nobody, and so do those who run the other board.
func (w *importing) people(ctx context.Context, keys []string) error {
	a := actor.From(ctx)
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
		p := w.t.People[k]
		return p.Staff || p.Email == "" && p.ExternalID == ""
	})
	known, err := w.known(ctx, keys)
	if err != nil {
		return err
	}
	rules, err := w.s.Contacts.RulesOf(ctx, a.WorkspaceID)
	if err != nil {
		return err
	}
	var fresh []contacts.Newcomer
	var whose [][]string
	at := map[string]int{}
	for i, key := range keys {
		p := w.t.People[key]
		email := strings.ToLower(p.Email)
		switch {
		case known[i] != nil:
			if err := w.take(ctx, key, known[i]); err != nil {
				return err
			}
		case email != "" && w.byEmail[email] != "":
			w.contacts[key] = w.byEmail[email]
		default:
			if n, there := at[email]; there && email != "" {
				whose[n] = append(whose[n], key)
				continue
			}
			change := contacts.Change{Email: orNil(p.Email), Name: orNil(printable(p.Name)), ExternalID: orNil(p.ExternalID)}
			if bad := rules.Check(change); len(bad) > 0 {
				w.m.Report.problem("people", "somebody has a "+bad[0].Field+" that "+bad[0].Detail)
				continue
			}
			at[email] = len(fresh)
			fresh, whose = append(fresh, contacts.Newcomer{Change: change, Basis: w.basis}), append(whose, []string{key})
		}
	}
	return w.add(ctx, rules, fresh, whose)
}

// known gives who of some people is here already: by address, else by id.
func (w *importing) known(ctx context.Context, keys []string) ([]*contacts.Known, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	emails, ids := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		emails[i], ids[i] = w.t.People[k].Email, w.t.People[k].ExternalID
	}
	known, err := w.s.Contacts.Find(ctx, workspaceID, "email", emails)
	if err != nil {
		return nil, err
	}
	byID, err := w.s.Contacts.Find(ctx, workspaceID, "external_id", ids)
	if err != nil {
		return nil, err
	}
	for i := range known {
		if known[i] == nil {
			known[i] = byID[i]
		}
	}
	return known, nil
}

// take notes who somebody of the file is.
func (w *importing) take(ctx context.Context, key string, k *contacts.Known) error {
	if k.Restricted() || k.Binned() {
		w.barred[key] = true
		w.m.Report.problem("people", "somebody is restricted or in the bin here: what they wrote and voted for is left out")
		return nil
	}
	who, err := w.s.Contacts.SurvivorOf(ctx, actor.From(ctx).WorkspaceID, k.ID())
	if err != nil {
		return err
	}
	w.contacts[key] = who
	if k.ByImport() != w.m.ID {
		w.m.Report.Known++
	}
	return nil
}

func (w *importing) add(ctx context.Context, rules contacts.Rules, fresh []contacts.Newcomer, whose [][]string) error {
	if len(fresh) == 0 {
		return nil
	}
	a := actor.From(ctx)
	drafts, err := w.s.Contacts.PrepareMany(ctx, a.WorkspaceID, w.m.ID, rules, fresh)
	if err != nil {
		return err
	}
	err = w.s.DB.Write(ctx, func(tx *storage.Tx) error { return w.s.Contacts.InsertMany(tx, drafts) })
	if err != nil {
		return err
	}
	for i, d := range drafts {
		for _, key := range whose[i] {
			w.contacts[key] = d.ID()
		}
		if fresh[i].Change.Email != nil {
			w.byEmail[strings.ToLower(*fresh[i].Change.Email)] = d.ID()
		}
	}
	w.m.Report.People += len(drafts)
	return nil
}
