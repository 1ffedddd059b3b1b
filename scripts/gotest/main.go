// Command gotest reads what go test -json writes and prints what a person wants
// to see: a line for each package, all output of what failed, and as the last line
// how many tests passed, failed and were skipped. It ends with status 1 if
// anything failed, or if no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is a line of go test -json; see go doc cmd/test2json.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build
	Test        string
	Output      string
	FailedBuild string
}

// name tells tests of different packages apart.
type name struct{ pkg, test string }

type summary struct {
	out                     io.Writer
	output                  map[name][]string
	passed, failed, skipped int
	brokenPackages          int
}

func main() {
	s := &summary{out: os.Stdout, output: make(map[name][]string)}
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	if s.failed+s.brokenPackages > 0 || s.passed == 0 {
		os.Exit(1)
	}
}

func (s *summary) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil {
				s.take(e)
			} else {
				fmt.Fprintf(s.out, "%s", line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) take(e event) {
	who := name{e.Package, e.Test}
	switch e.Action {
	case "output":
		s.output[who] = append(s.output[who], e.Output)
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "pass", "skip":
		s.good(e, who)
		delete(s.output, who)
	case "fail":
		s.bad(e, who)
		delete(s.output, who)
	}
}

// good counts a test, or prints the line of a package.
func (s *summary) good(e event, who name) {
	switch {
	case e.Test == "":
		for _, line := range s.output[who] {
			if strings.HasPrefix(line, "ok") || strings.HasPrefix(line, "?") {
				fmt.Fprint(s.out, line)
			}
		}
	case e.Action == "skip":
		s.skipped++
		fmt.Fprintf(s.out, "skipped %s %s:%s\n", e.Package, e.Test, reason(s.output[who]))
	default:
		s.passed++
	}
}

// bad prints all that the test or package has said.
func (s *summary) bad(e event, who name) {
	fmt.Fprint(s.out, strings.Join(s.output[who], ""))
	if e.Test != "" {
		s.failed++
		return
	}
	s.brokenPackages++
	// A test that never ended, as when the process died, has said why itself.
	for left, lines := range s.output {
		if left.pkg == e.Package && left.test != "" {
			fmt.Fprint(s.out, strings.Join(lines, ""))
			s.failed++
			delete(s.output, left)
		}
	}
}

// reason gives what a skipped test said.
func reason(lines []string) string {
	var said []string
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			said = append(said, line)
		}
	}
	return " " + strings.Join(said, " ")
}
