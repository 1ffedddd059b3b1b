package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/logx"
)

// Version is what this release calls itself.
const Version = "0.1.0"

// Process is what a command gets from the operating system.
type Process struct {
	Args, Env      []string
	Stdout, Stderr io.Writer
}

// command carries out what the program was told. Its error is one plain line.
type command func(ctx context.Context, p Process, cfg *config.Config) error

func commands() map[string]command {
	return map[string]command{
		"serve": serve, "setup": setup, "backup": backUp, "restore": restore, "migrate": migrate, "doctor": doctor,
		"audit verify": auditVerify, "vault rotate": vaultRotate, "openapi": printOpenAPI,
	}
}

// Run carries out a command and gives the exit code: 0 done, 1 failed, 2 not
// understood. When the context ends, a server drains and that is done.
func Run(ctx context.Context, p Process) int {
	c, rest, found := config.Find(p.Args)
	if !found {
		return help(p)
	}
	if len(rest) > 0 && (rest[0] == "-h" || rest[0] == "--help" || rest[0] == "-help") {
		_ = config.Help(p.Stdout, c.Name)
		return 0
	}
	cfg, err := config.Load(c.Name, rest, p.Env)
	if err != nil {
		fmt.Fprintln(p.Stderr, "botimum: "+plain(err))
		return 2
	}
	if err := commands()[c.Name](ctx, p, cfg); err != nil {
		fmt.Fprintln(p.Stderr, "botimum: "+plain(err))
		return 1
	}
	return 0
}

// help answers `help`, `version` and what is not a command.
func help(p Process) int {
	switch {
	case len(p.Args) > 0 && (p.Args[0] == "version" || p.Args[0] == "--version"):
		fmt.Fprintln(p.Stdout, "botimum "+Version)
		return 0
	case len(p.Args) > 1 && p.Args[0] == "help":
		if config.Help(p.Stdout, strings.Join(p.Args[1:], " ")) == nil {
			return 0
		}
	case len(p.Args) > 0 && (p.Args[0] == "help" || p.Args[0] == "--help" || p.Args[0] == "-h"):
		_ = config.HelpAll(p.Stdout)
		return 0
	}
	_ = config.HelpAll(p.Stderr)
	return 2
}

// plain gives an error as one line: what a fault says to people, and the cause
// for those who run the server.
func plain(err error) string {
	var e *fault.Error
	text := err.Error()
	if errors.As(err, &e) && e.Detail != "" {
		text = e.Detail
		for _, f := range e.Fields {
			text += " " + f.Field + " " + f.Detail + "."
		}
		if e.Err != nil {
			text += " (" + e.Err.Error() + ")"
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")
}

func options(cfg *config.Config) logx.Options {
	return logx.Options{Format: cfg.LogFormat, Level: cfg.LogLevel, RequestID: httpx.RequestID}
}
