package inbox

import (
	"strings"
	"sync"
)

// maxOwners bounds what is remembered: some 4 MB.
const maxOwners = 16_384

// owners remembers whose each conversation is, as far as it was asked of late. It
// holds ids, nothing else. A message can then be sealed without a look at the
// database; that it is still true is checked by the statement that moves the
// conversation, in the message's transaction.
type owners struct {
	mu sync.RWMutex
	of map[ownedKey]string
}

type ownedKey struct{ workspaceID, conversationID string }

func (o *owners) get(k ownedKey) (contactID string, known bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	contactID, known = o.of[k]
	return contactID, known
}

func (o *owners) put(k ownedKey, contactID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of = make(map[ownedKey]string)
	}
	for some := range o.of { // any: the map's order is chance
		if len(o.of) < maxOwners {
			break
		}
		delete(o.of, some)
	}
	k.conversationID = strings.Clone(k.conversationID) // not the whole of the request that it was in
	o.of[k] = contactID
}

func (o *owners) forget(k ownedKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.of, k)
}
