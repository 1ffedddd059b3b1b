package request

import (
	"context"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

// shownRecords is how many records of a section a page shows of one contact; the
// export has all of them.
const shownRecords = 100

// Section is what is held of one sort, such as messages.
type Section struct {
	Name    string
	Records []any // opened, as the holder hands them out
	More    int   // how many there are beyond those
}

// HeldOf is all that is held about one contact.
type HeldOf struct {
	Held
	Sections []Section
}

// Held gives what is held about the person, contact by contact, in the holders'
// order.
func (s *Service) Held(ctx context.Context, p Person) ([]HeldOf, error) {
	out := make([]HeldOf, 0, len(p.Contacts))
	for _, c := range p.Contacts {
		h := HeldOf{Held: c}
		at := map[string]int{}
		err := s.Privacy.Export(ctx, privacy.Subject{WorkspaceID: p.WorkspaceID, ContactID: c.ID}, func(section string, record any) error {
			i, known := at[section]
			if !known {
				i = len(h.Sections)
				at[section] = i
				h.Sections = append(h.Sections, Section{Name: section})
			}
			if len(h.Sections[i].Records) >= shownRecords {
				h.Sections[i].More++
				return nil
			}
			h.Sections[i].Records = append(h.Sections[i].Records, record)
			return nil
		})
		if fault.Is(err, fault.KindGone) || fault.Is(err, fault.KindNotFound) {
			continue // erased this moment
		}
		if err != nil {
			return nil, fault.Wrap("request.Held", err)
		}
		out = append(out, h)
	}
	return out, nil
}
