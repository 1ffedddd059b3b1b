package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSecretFile is the most bytes that are read from a _FILE.
const maxSecretFile = 64 << 10

// Load reads the settings of a command from its arguments and from the
// environment, given as os.Environ gives it, and checks them. It gives
// flag.ErrHelp when the arguments ask for help; any other error is one plain line.
func Load(command string, args, environ []string) (*Config, error) {
	cmd, rest, found := Find(strings.Fields(command))
	if !found || len(rest) > 0 {
		return nil, fmt.Errorf("there is no command %q%s", command, suggest(command, commandNames()))
	}
	env, err := environment(environ)
	if err != nil {
		return nil, err
	}
	c := &Config{Command: cmd.Name, RateLimit: 100, MaxBody: 1 << 20, LogFormat: "text", Data: "data", Listen: "127.0.0.1:8080"}
	given, err := parse(cmd, args)
	if err != nil {
		return nil, err
	}
	for _, s := range cmd.settings() {
		if err := s.load(c, given, env); err != nil {
			return nil, err
		}
	}
	for _, name := range cmd.Required {
		if s := find(name); !given.has(s) && env[s.variable()] == "" {
			return nil, fmt.Errorf("%s needs --%s %s: %s", cmd.Name, s.Flags()[0], s.Arg, lowerFirst(s.Doc))
		}
	}
	return c, c.complete()
}

// environment gives the variables that are Botimum's, and refuses those that
// nobody knows.
func environment(environ []string) (map[string]string, error) {
	known := variables()
	env := make(map[string]string)
	for _, pair := range environ {
		name, content, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, prefix+"TEST_") {
			continue
		}
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no setting %s%s; unset it if it is not meant for botimum", name, suggest(name, known))
		}
		if content != "" {
			env[name] = content
		}
	}
	return env, nil
}

func variables() []string {
	var all []string
	for _, s := range settings {
		all = append(all, s.Variables()...)
	}
	return all
}

// arguments holds the texts of the flags that were given.
type arguments map[string][]string

func (a arguments) has(s Setting) bool {
	return slices.ContainsFunc(s.Flags(), func(f string) bool { return len(a[f]) > 0 })
}

// parse reads the arguments without knowing what they mean.
func parse(cmd Command, args []string) (arguments, error) {
	given := make(arguments)
	flags := flag.NewFlagSet(cmd.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	var names []string
	for _, s := range cmd.settings() {
		for _, name := range s.Flags() {
			names = append(names, name)
			note := func(text string) error {
				given[name] = append(given[name], text)
				return nil
			}
			if s.Arg == "" {
				flags.BoolFunc(name, "", note)
			} else {
				flags.Func(name, "", note)
			}
		}
	}
	if err := flags.Parse(args); err != nil {
		return nil, flagError(cmd, err, names)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%s takes no arguments but flags; see botimum help %s", cmd.Name, cmd.Name)
	}
	return given, nil
}

// flagError says what the flag package found in our own words.
func flagError(cmd Command, err error, names []string) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	what := err.Error()
	if name, ok := strings.CutPrefix(what, "flag provided but not defined: -"); ok {
		if s := slices.IndexFunc(settings, func(s Setting) bool { return s.Secrecy == Only && s.Name == name }); s >= 0 {
			return fmt.Errorf("--%s would show the secret to every user of this machine; use --%s-file FILE or %s", name, name, settings[s].variable())
		}
		return fmt.Errorf("%s has no flag --%s%s", cmd.Name, name, suggest(name, names))
	}
	if name, ok := strings.CutPrefix(what, "flag needs an argument: -"); ok {
		return fmt.Errorf("--%s needs a value after it", name)
	}
	return fmt.Errorf("the flags cannot be read; see botimum help %s", cmd.Name)
}

// load fills in one setting: from its flag, or else from its variable.
func (s Setting) load(c *Config, given arguments, env map[string]string) error {
	variable := s.variable()
	if given.has(s) {
		return s.apply(c, "--"+s.Name, given[s.Name], "--"+s.Name+"-file", given[s.Name+"-file"])
	}
	var values, files []string
	if v := env[variable]; v != "" {
		values = []string{v}
	}
	if s.Secrecy != Open && env[variable+"_FILE"] != "" {
		files = []string{env[variable+"_FILE"]}
	}
	return s.apply(c, variable, values, variable+"_FILE", files)
}

// apply sets the values that came from one source, under the names by which the
// user knows them.
func (s Setting) apply(c *Config, valueName string, values []string, fileName string, files []string) error {
	if len(values) > 0 && len(files) > 0 {
		return fmt.Errorf("both %s and %s are set; keep one of them", valueName, fileName)
	}
	if len(files) > 0 {
		path := files[len(files)-1]
		if s.Name == "root-key" { // the vault reads it, and rewrites it when it rotates
			c.RootKeyFile = path
			return nil
		}
		content, err := secretFile(fileName, path)
		if err != nil {
			return err
		}
		values, valueName = []string{content}, fileName
	}
	for _, v := range values {
		if err := s.bind(c).set(v); err != nil {
			return fmt.Errorf("%s %w", valueName, err)
		}
	}
	if s.Name == "public-url" {
		c.publicURLGiven = len(values) > 0
	}
	return nil
}

// secretFile reads a secret without the newline that editors leave at its end.
func secretFile(name, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", name, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", name, err)
	}
	secret := strings.TrimRight(string(content), "\r\n")
	switch {
	case len(content) > maxSecretFile:
		return "", fmt.Errorf("%s names a file of more than 64 KiB; that is no secret", name)
	case secret == "":
		return "", fmt.Errorf("%s names an empty file", name)
	case !utf8.ValidString(secret):
		return "", fmt.Errorf("%s names a file that is not text", name)
	}
	return secret, nil
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
