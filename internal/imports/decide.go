package imports

import (
	"cmp"
	"context"
	"slices"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

// known is somebody of a batch who is there already.
type known struct {
	*person
	who      *contacts.Known
	edit     *contacts.Edit // nil: the profile says so already
	consents []privacy.Imported
	belongs  contacts.Belongs
}

// plan is what is to be done with a batch.
type plan struct {
	fresh   []*contacts.Draft
	decided []privacy.Imported // of the fresh
	created int64
	there   []known

	companies []string // of the fresh
	tally     ImportTally
}

func (w *worker) try(ctx context.Context, some []*person) error {
	p, newcomers, err := w.decide(ctx, some)
	if err != nil {
		return err
	}
	if err := w.makeCompanies(ctx, p, newcomers); err != nil {
		return err
	}
	if w.r.state == StateChecking {
		p.created = int64(len(newcomers))
		return w.commit(ctx, p, some)
	}
	if err := w.prepare(ctx, p, newcomers); err != nil {
		return err
	}
	return w.commit(ctx, p, some)
}

// decide looks up who is there and says what becomes of each row.
func (w *worker) decide(ctx context.Context, some []*person) (*plan, []*person, error) {
	by := w.c.settings.MatchBy
	keys, external := make([]string, len(some)), make([]string, len(some))
	for i, p := range some {
		if !p.failed() {
			keys[i], external[i] = p.key, matchValue(p.change, toExternal)
		}
	}
	people, err := w.Contacts.Find(ctx, w.r.workspaceID, by, keys)
	if err != nil {
		return nil, nil, err
	}
	owners := people
	if _, mapped := w.c.at[toExternal]; mapped && by != toExternal {
		if owners, err = w.Contacts.Find(ctx, w.r.workspaceID, toExternal, external); err != nil {
			return nil, nil, err
		}
	}
	if err := w.findCompanies(ctx, some); err != nil {
		return nil, nil, err
	}
	tags, err := w.tagsOf(ctx, people)
	if err != nil {
		return nil, nil, err
	}
	out := &plan{}
	var newcomers []*person
	var read []string
	for i, p := range some {
		who := people[i]
		if !p.failed() && external[i] != "" && by != toExternal && owners[i] != nil && (who == nil || owners[i].ID() != who.ID()) {
			p.say(w.column(toExternal), "belongs to another contact")
		}
		switch {
		case p.failed():
		case who == nil:
			newcomers = append(newcomers, p)
		default:
			read = append(read, who.ID())
			if err := w.meet(ctx, out, p, who, tags[who.ID()]); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(read) > 0 {
		w.Audit.Access(ctx, read, "import")
	}
	return out, newcomers, nil
}

// meet decides about a row of somebody who is there.
func (w *worker) meet(ctx context.Context, out *plan, p *person, who *contacts.Known, tags []string) error {
	if w.c.settings.OnMatch == "skip" {
		out.tally.Unchanged++
		return nil
	}
	edit, err := w.Contacts.PrepareEdit(ctx, w.c.rules, who, p.change, &p.basis, w.c.settings.OnMatch == "fill")
	if e := fault.As(err); e != nil && e.Kind == fault.KindInvalid {
		for _, f := range e.Fields {
			p.say(w.column(f.Field), f.Detail)
		}
		return nil
	}
	if err != nil {
		return err
	}
	k := known{person: p, who: who, edit: edit}
	for _, d := range p.consents {
		sub := privacy.Subject{WorkspaceID: w.r.workspaceID, ContactID: who.ID()}
		k.consents = append(k.consents, w.Privacy.SealImported(who.Key(), sub, d.purpose, d.action, d.evidence, d.at, actor.From(ctx)))
	}
	var belongs bool
	k.belongs, belongs = w.belongs(p, who, tags)
	if edit == nil && len(k.consents) == 0 && !belongs {
		out.tally.Unchanged++
		return nil
	}
	out.there = append(out.there, k)
	return nil
}

// prepare makes the keys of those who are new, and seals what is said of them.
func (w *worker) prepare(ctx context.Context, out *plan, newcomers []*person) (err error) {
	many := make([]contacts.Newcomer, len(newcomers))
	for i, p := range newcomers {
		many[i] = contacts.Newcomer{Change: p.change, Basis: p.basis, Tags: p.tags}
		if p.companyID != "" {
			many[i].Change.CompanyID = &p.companyID
			out.companies = append(out.companies, p.companyID)
		}
	}
	if out.fresh, err = w.Contacts.PrepareMany(ctx, w.r.workspaceID, w.r.id, w.c.rules, many); err != nil {
		return err
	}
	for i, p := range newcomers {
		for _, d := range p.consents {
			sub := privacy.Subject{WorkspaceID: w.r.workspaceID, ContactID: out.fresh[i].ID()}
			out.decided = append(out.decided, w.Privacy.SealImported(out.fresh[i].Key(), sub, d.purpose, d.action, d.evidence, d.at, actor.From(ctx)))
		}
	}
	out.created = int64(len(newcomers))
	slices.SortFunc(out.there, func(a, b known) int { return cmp.Compare(a.who.ID(), b.who.ID()) }) // all lock in one order
	return nil
}
