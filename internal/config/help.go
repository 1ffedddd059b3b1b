package config

import (
	"fmt"
	"io"
	"strings"
)

// HelpAll writes what commands there are.
func HelpAll(w io.Writer) error {
	var b strings.Builder
	b.WriteString("botimum COMMAND [flags]\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-14s %s\n", c.Name, c.Summary)
	}
	b.WriteString("\nbotimum help COMMAND tells its flags.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Help writes what a command does and its flags, with their twins in the
// environment.
func Help(w io.Writer, command string) error {
	c, rest, found := Find(strings.Fields(command))
	if !found || len(rest) > 0 {
		return fmt.Errorf("there is no command %q%s", command, suggest(command, commandNames()))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "botimum %s: %s.\n", c.Name, c.Summary)
	for _, s := range c.settings() {
		b.WriteString("\n  " + s.usage() + "\n")
		for _, line := range wrap(s.Doc+s.byDefault(), 76) {
			b.WriteString("      " + line + "\n")
		}
		b.WriteString("      " + strings.Join(s.Variables(), ", ") + "\n")
	}
	if len(c.Settings) > 0 {
		b.WriteString("\nA flag wins over its variable. A variable whose name ends in _FILE names a file\nthat holds the value.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// usage gives the flags with what follows them.
func (s Setting) usage() string {
	if s.Arg == "" {
		return "--" + s.Name
	}
	var forms []string
	for _, f := range s.Flags() {
		arg := s.Arg
		if f != s.Name {
			arg = "FILE"
		}
		forms = append(forms, "--"+f+" "+arg)
	}
	return strings.Join(forms, " | ")
}

func (s Setting) byDefault() string {
	if s.Default == "" {
		return ""
	}
	return " Default: " + s.Default + "."
}

// Markdown gives a command's settings as a table, for the documentation.
func Markdown(command string) string {
	c, _, _ := Find(strings.Fields(command))
	var b strings.Builder
	b.WriteString("| flag | variable | default | what it is for |\n|---|---|---|---|\n")
	for _, s := range c.settings() {
		usage := "`" + strings.ReplaceAll(s.usage(), " | ", "`<br>`") + "`"
		variables := "`" + strings.Join(s.Variables(), "`<br>`") + "`"
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", usage, variables, s.Default, s.Doc)
	}
	return b.String()
}

// wrap breaks text into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
