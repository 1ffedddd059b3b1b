package live

import "time"

// How much a feed keeps. A stream that falls further behind is cut. An audience of
// operators shares one feed in a workspace, so it may be long.
const (
	operatorEntries, operatorBytes = 4096, 4 << 20
	contactEntries, contactBytes   = 256, 256 << 10
)

// keepTicks is how long, in ticks of a second, a feed keeps what everybody has
// been told: for streams that are just being opened.
const keepTicks = 15

// entry is a frame for one audience.
type entry struct {
	sequence int64 // 0: typing or presence
	tick     int64 // when it came
	bit      uint32
	event    *Event // nil: typing or presence
	frame    []byte
}

// feed is what one audience is told: the operators of a workspace, or a contact.
// Each stream is a place in it. The room's lock guards it.
type feed struct {
	entries    []entry
	base       int64 // place of the first entry; places only grow
	floor      int64 // every event for this audience after this sequence, up to the room's head, is among the entries
	bytes      int
	maxEntries int
	maxBytes   int
	streams    []*Stream
	used       int64 // tick of the last change of its streams
}

func (f *feed) end() int64 { return f.base + int64(len(f.entries)) }

func (f *feed) append(e entry) {
	f.entries = append(f.entries, e)
	f.bytes += len(e.frame)
	for len(f.entries) > f.maxEntries || f.bytes > f.maxBytes && len(f.entries) > 1 {
		f.drop(1)
	}
}

// drop forgets the first n entries.
func (f *feed) drop(n int) {
	for i := range f.entries[:n] {
		e := &f.entries[i]
		f.bytes -= len(e.frame)
		f.floor = max(f.floor, e.sequence)
		*e = entry{}
	}
	f.entries = f.entries[n:]
	f.base += int64(n)
	if len(f.entries) == 0 {
		f.entries = nil // an idle feed holds no memory
	}
}

// trim forgets what is old and what everybody has been told.
func (f *feed) trim(tick int64) {
	told := f.end()
	for _, s := range f.streams {
		if s.live {
			told = min(told, s.place)
		}
	}
	n := 0
	for n < len(f.entries) && f.base+int64(n) < told && f.entries[n].tick+keepTicks < tick {
		n++
	}
	if n > 0 {
		f.drop(n)
	}
}

// after gives the place that follows a sequence which is not below the floor.
func (f *feed) after(sequence int64) int64 {
	place := f.end()
	for place > f.base && f.entries[place-1-f.base].sequence > sequence {
		place--
	}
	return place
}

// redact leaves nothing but ids in the frames that show a contact, but for what a
// redaction at a moment told: it shows what is left.
func (f *feed) redact(contactID string, but time.Time) {
	for i := range f.entries {
		e := &f.entries[i]
		told := e.event != nil && e.event.Type == MessageRedacted && e.event.OccurredAt.UnixMicro() == but.UnixMicro()
		if e.event != nil && e.event.ContactID == contactID && !told {
			f.bytes -= len(e.frame)
			e.frame = e.event.bareFrame()
			f.bytes += len(e.frame)
		}
	}
}

// wake gives the streams that have something to write and are not at it, and adds
// those that have fallen too far behind to cut.
func (f *feed) wake(wake, cut []*Stream) (toWake, toCut []*Stream) {
	for _, s := range f.streams {
		switch {
		case !s.live:
		case !s.active:
			s.active = true
			wake = append(wake, s)
		case s.place < f.base:
			cut = append(cut, s)
		}
	}
	return wake, cut
}

func (f *feed) add(s *Stream) {
	s.index = len(f.streams)
	f.streams = append(f.streams, s)
}

func (f *feed) remove(s *Stream) {
	last := len(f.streams) - 1
	moved := f.streams[last]
	f.streams[s.index], moved.index = moved, s.index
	f.streams[last] = nil
	f.streams = f.streams[:last]
	if last == 0 {
		f.streams = nil
	}
}
