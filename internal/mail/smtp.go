package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// How the connection to a server is made safe.
const (
	TLSStart    = "starttls" // in the clear first, then STARTTLS or nothing (RFC 3207)
	TLSImplicit = "implicit" // from the first byte (RFC 8314)
	TLSOff      = "off"      // not at all: for a server on this machine
)

// Server is the mail server that takes our mails. The administrator names it.
type Server struct {
	Host     string
	Port     int
	Username string // empty: without signing in
	Password string
	TLS      string

	// Roots are trusted instead of the machine's, for tests. Nil: the machine's.
	Roots *x509.CertPool
	// Timeout bounds each step of the exchange. Zero: 30 s.
	Timeout time.Duration
}

const stepLimit = 30 * time.Second

// letter is a mail that is ready to go.
type letter struct {
	from, to    netmail.Address
	messageID   string
	date        time.Time
	lang        string
	subject     string
	text, html  string
	unsubscribe string
}

// message writes the letter in the form of RFC 5322. All of its texts have been
// through oneLine; what is not ASCII is encoded by go-mail (RFC 2047).
func (l letter) message() (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&l.from)
	m.ToMailAddress(&l.to)
	m.EnvelopeFromMailAddress(&netmail.Address{Address: l.from.Address})
	m.Subject(l.subject)
	m.SetMessageIDWithValue(l.messageID)
	m.SetDateWithValue(l.date)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", l.lang)
	if l.unsubscribe != "" {
		if err := m.SetListUnsubscribeOneClick(l.unsubscribe); err != nil {
			return nil, err
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, l.text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.html)
	return m, nil
}

// send speaks with the server about one letter.
func (sv *Server) send(ctx context.Context, hello string, l letter) outcome {
	m, err := l.message()
	if err != nil {
		return outcome{is: refused, code: CodeNotRendered}
	}
	line := &line{server: sv}
	defer line.hangUp()
	c, err := sv.client(hello, line)
	if err != nil {
		return outcome{is: putOff, code: CodeUnreachable, off: true}
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return classifyDial(err, line.conn != nil)
	}
	defer context.AfterFunc(ctx, line.hangUp)()
	err = c.SendWithSMTPClient(conn, m)
	if m.IsDelivered() { // what goes wrong after that does not matter
		_ = conn.Quit()
		return outcome{is: sentNow}
	}
	return classifySend(err)
}

// Check connects to the server and signs in, and sends nothing. Its error is the
// code of what went wrong.
func (s *Service) Check(ctx context.Context) error {
	line := &line{server: s.Server}
	defer line.hangUp()
	c, err := s.Server.client(s.host(), line)
	if err != nil {
		return err
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return errors.New(classifyDial(err, line.conn != nil).code)
	}
	return conn.Quit()
}

func (sv *Server) client(hello string, l *line) (*gomail.Client, error) {
	limit := sv.Timeout
	if limit == 0 {
		limit = stepLimit
	}
	options := []gomail.Option{gomail.WithPort(sv.Port), gomail.WithTimeout(limit), gomail.WithHELO(hello), gomail.WithDialContextFunc(l.dial),
		gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutSMTPUTF8(), gomail.WithoutNoop()}
	if sv.TLS == TLSStart {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(sv.tls()))
	}
	if sv.Username != "" {
		auth := gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5)
		options = append(options, auth, gomail.WithUsername(sv.Username), gomail.WithPassword(sv.Password))
	}
	return gomail.NewClient(sv.Host, options...)
}

func (sv *Server) tls() *tls.Config {
	return &tls.Config{ServerName: sv.Host, RootCAs: sv.Roots, MinVersion: tls.VersionTLS12}
}

// Address gives host and port.
func (sv *Server) Address() string { return net.JoinHostPort(sv.Host, strconv.Itoa(sv.Port)) }

// line is the connection of one exchange, which is hung up whatever happens.
type line struct {
	server *Server
	conn   net.Conn
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	if l.server.TLS != TLSImplicit {
		return conn, nil
	}
	secure := tls.Client(conn, l.server.tls())
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errHandshake{err}
	}
	return secure, nil
}

func (l *line) hangUp() {
	if l.conn != nil {
		l.conn.Close()
	}
}

// errHandshake marks what went wrong while a connection was made safe.
type errHandshake struct{ error }

func (e errHandshake) Unwrap() error { return e.error }

// classifyDial says what an error before the letter means. None of them is about the
// letter, so each is tried again.
func classifyDial(err error, connected bool) outcome {
	o := outcome{is: putOff, code: CodeUnreachable, smtp: replyCode(err), off: true}
	var handshake errHandshake
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case !connected:
	case errors.As(err, &handshake), errors.As(err, &certificate), errors.As(err, &record), strings.Contains(err.Error(), "STARTTLS"):
		o.code = CodeTLSFailed
	case o.smtp == 454 || o.smtp >= 530 && o.smtp <= 538, strings.Contains(err.Error(), "AUTH"): // RFC 4954 section 6
		o.code = CodeSignInRefused
	case o.smtp >= 400 && o.smtp < 500:
		o.code = CodeServerBusy
	case errors.As(err, &timeout) && timeout.Timeout():
		o.code = CodeConnectionLost
	}
	return o
}

// classifySend says what an error during the exchange means.
func classifySend(err error) outcome {
	o := outcome{is: putOff, code: CodeConnectionLost, smtp: replyCode(err)}
	if o.smtp == 0 {
		o.off = true
		return o
	}
	if o.smtp < 500 {
		o.code = CodeServerBusy
		return o
	}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return o
	}
	switch failed.Reason {
	case gomail.ErrSMTPMailFrom: // about our settings, which can be put right
		o.code, o.off = CodeSenderRefused, true
	case gomail.ErrSMTPRcptTo:
		o.is, o.code = refused, CodeRecipientRefused
	default:
		o.is, o.code = refused, CodeContentRefused
	}
	return o
}

// replyCode gives the server's three digits, or 0.
func replyCode(err error) int {
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.ErrorCode() != 0 {
		return failed.ErrorCode()
	}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}
