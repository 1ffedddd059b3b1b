package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// natsPrefix stands before every subject, so that a NATS server can be shared.
const natsPrefix = "botimum.live.1."

// NATS is a Broker over a NATS server. It reconnects for ever; what is published
// meanwhile is kept up to 8 MB and sent then.
type NATS struct {
	conn   *nats.Conn
	log    *slog.Logger
	missed chan struct{} // messages may have been lost
}

// ConnectNATS gives a broker. A server that cannot be reached yet is no error: a
// warning is logged and the connection made when it can be. A wrong URL is.
func ConnectNATS(address string, log *slog.Logger) (*NATS, error) {
	n := &NATS{log: log, missed: make(chan struct{}, 1)}
	conn, err := nats.Connect(address,
		nats.Name("botimum"), nats.NoEcho(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(500*time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, time.Second),
		nats.PingInterval(10*time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(5*time.Second),
		nats.ConnectHandler(func(*nats.Conn) { n.note() }),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("live: NATS is back"); n.note() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("live: NATS is gone; other nodes are polled until it is back", "error", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Error("live: NATS reports an error", "error", err)
			n.note()
		}))
	if err != nil {
		return nil, fmt.Errorf("live: NATS cannot be used: %w; write its address as nats://host:4222", withoutURL(err))
	}
	if !conn.IsConnected() {
		log.Warn("live: NATS cannot be reached; trying on")
	}
	n.conn = conn
	return n, nil
}

// withoutURL gives an error that does not repeat the address, which may hold a
// password.
func withoutURL(err error) error {
	if wrong := (*url.Error)(nil); errors.As(err, &wrong) {
		return errors.New("its address cannot be read")
	}
	return err
}

// note remembers that messages may have been lost. It never waits.
func (n *NATS) note() {
	select {
	case n.missed <- struct{}{}:
	default:
	}
}

// Publish implements Broker. It does not wait for the server.
func (n *NATS) Publish(_ context.Context, subject string, payload []byte) error {
	return n.conn.Publish(natsPrefix+subject, payload)
}

// Subscribe implements Broker.
func (n *NATS) Subscribe(l Listener) (cancel func(), err error) {
	sub, err := n.conn.Subscribe(natsPrefix+">", func(m *nats.Msg) {
		l.Message(strings.TrimPrefix(m.Subject, natsPrefix), m.Data)
	})
	if err != nil {
		return nil, fmt.Errorf("live: NATS takes no subscription: %w", err)
	}
	// What is published from now on is to be heard: the server must know of the
	// subscription. If it is away, Missed is called when it is back.
	if n.conn.IsConnected() {
		_ = n.conn.FlushTimeout(2 * time.Second)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-n.missed:
				l.Missed()
			case <-stop:
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			n.log.Debug("live: leaving NATS", "error", err)
		}
	}, nil
}

// Close sends what is waiting and ends the connection. Close the hub first.
func (n *NATS) Close() {
	if n.conn.IsConnected() {
		_ = n.conn.FlushTimeout(time.Second)
	}
	n.conn.Close()
}
