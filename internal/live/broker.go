package live

import (
	"context"
	"sync"
)

// Broker carries short messages between nodes. A message may be lost; then Missed
// is called, or the table is polled in time.
type Broker interface {
	// Publish sends to all other nodes.
	Publish(ctx context.Context, subject string, payload []byte) error
	// Subscribe has each message of other nodes given to l until cancel is called.
	Subscribe(l Listener) (cancel func(), err error)
}

// Listener receives what other nodes publish, one message at a time.
type Listener struct {
	Message func(subject string, payload []byte)
	// Missed says that messages may have been lost.
	Missed func()
}

// MemoryBroker connects hubs of one process. Each hub takes one with Node. It is
// for tests, and for a server that has more than one hub.
type MemoryBroker struct {
	mu    sync.Mutex
	nodes map[*memoryNode]Listener
}

// NewMemoryBroker gives a broker.
func NewMemoryBroker() *MemoryBroker {
	return &MemoryBroker{nodes: map[*memoryNode]Listener{}}
}

// Node gives a connection for one hub.
func (b *MemoryBroker) Node() Broker { return &memoryNode{b} }

type memoryNode struct{ broker *MemoryBroker }

// Publish implements Broker.
func (n *memoryNode) Publish(_ context.Context, subject string, payload []byte) error {
	n.broker.mu.Lock()
	var others []Listener
	for node, l := range n.broker.nodes {
		if node != n {
			others = append(others, l)
		}
	}
	n.broker.mu.Unlock()
	for _, l := range others {
		l.Message(subject, payload)
	}
	return nil
}

// Subscribe implements Broker.
func (n *memoryNode) Subscribe(l Listener) (cancel func(), err error) {
	n.broker.mu.Lock()
	defer n.broker.mu.Unlock()
	n.broker.nodes[n] = l
	return func() {
		n.broker.mu.Lock()
		defer n.broker.mu.Unlock()
		delete(n.broker.nodes, n)
	}, nil
}
