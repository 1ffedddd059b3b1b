package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/botimum/botimum/internal/mail"
)

// The account that a server with WithAuth knows.
const (
	Username = "botimum"
	Password = "a word between servers"
)

// Received is one mail that the server took.
type Received struct {
	From, To string
	Raw      []byte
	TLS      bool
	User     string
}

// Message reads the mail.
func (r Received) Message(t testing.TB) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(r.Raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ErrDrop has the server hang up instead of answering.
var ErrDrop = errors.New("mailtest: hang up")

// Server is an SMTP server. Set its hooks before the first mail; they may be nil.
type Server struct {
	// OnMail, OnRcpt and OnData answer the steps of an exchange: nil to go on, Reply
	// to refuse, ErrDrop to hang up. OnData is asked before the mail counts as taken.
	OnMail func(from string) error
	OnRcpt func(to string) error
	OnData func(r Received) error
	// AfterData is called when the mail is taken and before the server says so.
	AfterData func(r Received) error

	server *smtp.Server
	host   string
	port   int
	roots  *x509.CertPool
	auth   bool

	implicit bool

	mu    sync.Mutex
	mails []Received
	conns int
}

// Reply gives an answer with a code such as 451.
func Reply(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// Option changes a server before it starts.
type Option func(*Server)

// WithTLS has the server offer STARTTLS, with a certificate that Settings trusts.
func WithTLS(s *Server) {
	certificate, roots := certificate()
	s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.roots = roots
}

// WithImplicitTLS has the server speak TLS from the first byte.
func WithImplicitTLS(s *Server) {
	WithTLS(s)
	s.implicit = true
}

// WithAuth has the server ask for Username and Password.
func WithAuth(s *Server) { s.auth = true }

// New starts a server, which is stopped with the test.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = "mx.example"
	s.server.AllowInsecureAuth = true
	s.server.ErrorLog = discard{}
	for _, o := range options {
		o(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	s.host, s.port = addr.IP.String(), addr.Port
	if s.implicit {
		l = tls.NewListener(l, s.server.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = s.server.Close()
		<-done
	})
	return s
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// Settings gives how to reach the server.
func (s *Server) Settings() *mail.Server {
	to := &mail.Server{Host: s.host, Port: s.port, TLS: mail.TLSOff, Timeout: 10 * time.Second}
	if s.server.TLSConfig != nil {
		to.TLS, to.Roots = mail.TLSStart, s.roots
	}
	if s.implicit {
		to.TLS = mail.TLSImplicit
	}
	if s.auth {
		to.Username, to.Password = Username, Password
	}
	return to
}

// Mails gives what was taken so far.
func (s *Server) Mails() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Connections counts those made so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns++
	return &session{server: s, conn: c}, nil
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	mail   Received
	user   string
}

func (s *session) answer(err error) error {
	if errors.Is(err, ErrDrop) {
		_ = s.conn.Conn().Close()
	}
	return err
}

// AuthMechanisms gives what the server offers.
func (s *session) AuthMechanisms() []string {
	if !s.server.auth {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth signs in.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != Username || password != Password {
			return Reply(535, "authentication failed")
		}
		s.user = username
		return nil
	}), nil
}

// Mail begins a mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.auth && s.user == "" {
		return Reply(530, "authentication required")
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = Received{From: from, TLS: encrypted, User: s.user}
	if s.server.OnMail != nil {
		return s.answer(s.server.OnMail(from))
	}
	return nil
}

// Rcpt names its recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = to
	if s.server.OnRcpt != nil {
		return s.answer(s.server.OnRcpt(to))
	}
	return nil
}

// Data takes it.
func (s *session) Data(r io.Reader) (err error) {
	if s.mail.Raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if s.server.OnData != nil {
		if err := s.server.OnData(s.mail); err != nil {
			return s.answer(err)
		}
	}
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, s.mail)
	s.server.mu.Unlock()
	if s.server.AfterData != nil {
		return s.answer(s.server.AfterData(s.mail))
	}
	return nil
}

// Reset forgets the mail.
func (s *session) Reset() { s.mail = Received{} }

// Logout ends the connection.
func (s *session) Logout() error { return nil }

// certificate makes one for loopback, and the pool that trusts it.
func certificate() (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	must(err)
	parsed, err := x509.ParseCertificate(der)
	must(err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func must(err error) {
	if err != nil {
		panic("mailtest: " + err.Error())
	}
}
