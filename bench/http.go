package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is a keep-alive HTTP/1.1 connection that costs little: a request is one
// write, and of the answer only status and length are understood. It belongs to
// one goroutine.
type conn struct {
	net     net.Conn
	r       *bufio.Reader
	request []byte
	body    []byte // of the last answer, until the next
	auth    string
	host    string
	more    string // headers that every request has besides, each with its line's end
}

// answerIn is how long an answer may take. It is far beyond any figure: it ends a
// run that hangs.
const answerIn = 60 * time.Second

func dial(host, apiKey string) (*conn, error) {
	c, err := net.DialTimeout("tcp", host, answerIn)
	if err != nil {
		return nil, err
	}
	return &conn{net: c, r: bufio.NewReaderSize(c, 16<<10), host: host, auth: " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + apiKey + "\r\n"}, nil
}

func (c *conn) close() { c.net.Close() }

// do sends a request and gives the answer's body, which the next call overwrites.
// A status other than want is an error.
func (c *conn) do(method, path string, body []byte, want int) ([]byte, error) {
	b := append(c.request[:0], method...)
	b = append(b, ' ')
	b = append(b, path...)
	b = append(b, c.auth...)
	b = append(b, c.more...)
	if body != nil {
		b = append(b, "Content-Type: application/json\r\nContent-Length: "...)
		b = strconv.AppendInt(b, int64(len(body)), 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	c.request = append(b, body...)
	if err := c.net.SetDeadline(time.Now().Add(answerIn)); err != nil {
		return nil, err
	}
	if _, err := c.net.Write(c.request); err != nil {
		return nil, err
	}
	status, err := c.answer()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status != want {
		return nil, fmt.Errorf("%s %s was answered with %d instead of %d: %.300s", method, path, status, want, c.body)
	}
	return c.body, nil
}

var errAnswer = errors.New("the answer is not HTTP/1.1 as the generator understands it")

// answer reads one answer into c.body.
func (c *conn) answer() (status int, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, errAnswer
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, errAnswer
	}
	length, chunked, err := c.headers()
	if err != nil {
		return status, err
	}
	c.body = c.body[:0]
	switch {
	case chunked:
		return status, c.chunks()
	case length > 0:
		return status, c.read(length)
	}
	return status, nil
}

// headers reads up to the empty line.
func (c *conn) headers() (length int, chunked bool, err error) {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		switch {
		case len(line) <= 2:
			return length, chunked, nil
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[16:]))); err != nil {
				return 0, false, errAnswer
			}
		case bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked")):
			chunked = true
		}
	}
}

func (c *conn) chunks() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return errAnswer
		}
		if err := c.read(int(n)); err != nil {
			return err
		}
		if _, err := c.r.Discard(2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// read appends n bytes to the body.
func (c *conn) read(n int) error {
	have := len(c.body)
	for cap(c.body) < have+n {
		c.body = append(c.body[:cap(c.body)], 0)
	}
	c.body = c.body[:have+n]
	_, err := io.ReadFull(c.r, c.body[have:])
	return err
}

// firstID gives the value of the first field "id" in a JSON document that the
// server wrote. It is no parser.
func firstID(doc []byte) string {
	_, rest, found := bytes.Cut(doc, []byte(`"id":"`))
	if !found {
		return ""
	}
	value, _, found := bytes.Cut(rest, []byte{'"'})
	if !found {
		return ""
	}
	return string(value)
}
