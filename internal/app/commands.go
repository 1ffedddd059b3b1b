package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/botimum/botimum/internal/activity"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/backup"
	"github.com/botimum/botimum/internal/blob"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/children"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/company"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/enrich"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/imports"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/logx"
	"github.com/botimum/botimum/internal/mail"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/retention"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/webhook"
	"github.com/botimum/botimum/internal/workspace"
)

// setup makes a workspace and its owner and prints, as one line of JSON, what
// code needs to begin.
func setup(ctx context.Context, p Process, cfg *config.Config) error {
	s, err := Build(ctx, cfg, logx.New(p.Stderr, options(cfg)), Options{})
	if err != nil {
		return err
	}
	made, err := s.Workspaces.Setup(ctx, workspace.SetupInput{Workspace: cfg.Workspace, Name: cfg.Name, Email: cfg.Email,
		Password: cfg.Password, Origins: cfg.Origins, KeyName: "setup"})
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	return json.NewEncoder(p.Stdout).Encode(map[string]string{"workspace_id": made.Workspace.ID, "workspace_key": made.Workspace.Key,
		"operator_id": made.OperatorID, "api_key": made.APIKey})
}

// backUp writes the data, and the vault where it is asked for, to files.
func backUp(ctx context.Context, p Process, cfg *config.Config) error {
	log := logx.New(p.Stderr, options(cfg))
	db, err := backup.Open(ctx, backup.Data, cfg.DatabaseURL, log)
	if err != nil {
		return err
	}
	src := backup.Source{Kind: backup.Data, DB: db, Files: cfg.Files(), Temp: cfg.Data, Clock: clock.System{}}
	m, err := backup.ToFile(ctx, src, cfg.To)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "wrote %s: %d entries, as of %s\n", cfg.To, len(m.Entries), m.CreatedAt.Format(time.RFC3339))
	if cfg.VaultTo == "" {
		return nil
	}
	keys, err := backup.Open(ctx, backup.Vault, cfg.VaultURL, log)
	if err != nil {
		return err
	}
	_, err = backup.ToFile(ctx, backup.Source{Kind: backup.Vault, DB: keys, Temp: cfg.Data, Clock: clock.System{}}, cfg.VaultTo)
	if err = errors.Join(err, keys.Close()); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "wrote %s: the vault; keep it apart from the data, and for a shorter time\n", cfg.VaultTo)
	return nil
}

// restore puts a backup into an empty place.
func restore(ctx context.Context, p Process, cfg *config.Config) error {
	log := logx.New(p.Stderr, options(cfg))
	report, err := backup.Restore(ctx, backup.Plan{From: cfg.From, VaultFrom: cfg.VaultFrom, Dir: cfg.Data, DatabaseURL: cfg.DatabaseURL,
		VaultURL: cfg.VaultURL, Files: cfg.Files(), Keep: []string{cfg.RootKeyFile}, Purge: purge(), Logger: log})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "restored the data as of %s; %d erased people were removed from it\n",
		report.Data.CreatedAt.Format(time.RFC3339), report.Purged)
	if report.NoVault {
		fmt.Fprintln(p.Stdout, "there is no vault yet: put it and the root key back before the server starts, or nothing can be read")
	}
	return nil
}

// migrate brings both databases to what this release expects.
func migrate(ctx context.Context, p Process, cfg *config.Config) error {
	stores, err := openStores(ctx, cfg, clock.System{}, logx.New(p.Stderr, options(cfg)))
	if err != nil {
		return err
	}
	version, err := stores.DB.Version(ctx)
	if err = errors.Join(err, stores.Close()); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "the database is at version %d\n", version)
	return nil
}

// auditVerify proves that nothing was removed from the audit log or changed in it.
func auditVerify(ctx context.Context, p Process, cfg *config.Config) error {
	log := logx.New(p.Stderr, options(cfg))
	stores, err := openStores(ctx, cfg, clock.System{}, log)
	if err != nil {
		return err
	}
	seed, err := stores.Vault.Secret(ctx, "audit")
	if err == nil {
		var verifier string
		if verifier, err = audit.VerifierKey(seed); err == nil {
			err = audit.Verify(ctx, stores.DB, verifier, p.Stdout)
		}
	}
	return errors.Join(err, stores.Close())
}

// vaultRotate gives the vault a new root key.
func vaultRotate(ctx context.Context, p Process, cfg *config.Config) error {
	unlock, err := storage.LockDir(cfg.Data)
	if err != nil {
		return err
	}
	defer unlock()
	stores, err := openStores(ctx, cfg, clock.System{}, logx.New(p.Stderr, options(cfg)))
	if err != nil {
		return err
	}
	done, err := stores.Vault.RotateRoot(ctx, nil)
	if err = errors.Join(err, stores.Close()); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "wrapped %d keys with a new root key; keep a copy of %s apart from the backups\n", done.Done, cfg.RootKeyFile)
	return nil
}

// printOpenAPI prints the document that describes the REST API. It needs no data.
func printOpenAPI(ctx context.Context, p Process, _ *config.Config) error {
	dir, err := os.MkdirTemp("", "botimum-openapi-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cfg := &config.Config{Data: dir, Listen: "127.0.0.1:8080", PublicURL: "http://127.0.0.1:8080", RootKeyFile: filepath.Join(dir, "root.json"),
		DatabaseURL: "sqlite://" + filepath.Join(dir, "data.db"), VaultURL: "sqlite://" + filepath.Join(dir, "vault.db")}
	s, err := Build(ctx, cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), Options{})
	if err != nil {
		return err
	}
	doc, err := s.Router.OpenAPI()
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	var tidy any
	if err := json.Unmarshal(doc, &tidy); err != nil {
		return err
	}
	enc := json.NewEncoder(p.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(tidy)
}

// purge removes what a restored backup brought back of somebody erased. The
// services it is made of only delete: they need neither vault nor clock.
func purge() backup.Purge {
	return func(ctx context.Context, tx *storage.Tx, sub vault.Subject) error {
		s := &System{}
		if err := s.wirePurge(); err != nil {
			return err
		}
		if sub.ID == "" {
			return nil // workspaces are not erased in this release
		}
		if sub.Workspace == "" {
			return s.Privacy.PurgeOperator(tx, sub.ID)
		}
		return s.Privacy.Purge(ctx, tx, privacy.Subject{WorkspaceID: sub.Workspace, ContactID: sub.ID})
	}
}

// doctor looks for what is wrong and says what to do. It changes nothing but what
// opening the databases does.
func doctor(ctx context.Context, p Process, cfg *config.Config) error {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	failed := 0
	check := func(what string, err error) {
		if err == nil {
			fmt.Fprintf(p.Stdout, "ok    %s\n", what)
			return
		}
		failed++
		fmt.Fprintf(p.Stdout, "WRONG %s: %s\n", what, plain(err))
	}
	check("the data directory can be written", canWrite(cfg.Data))
	check("the root key file is for its owner alone", isPrivate(cfg))
	stores, err := openStores(ctx, cfg, clock.System{}, log)
	check("the database and the vault open, and the root key fits", err)
	if err == nil {
		stats, err := stores.Vault.Stats(ctx)
		check(fmt.Sprintf("the vault answers (%d keys, %d erased)", stats.Keys, stats.Erased), err)
		check("the databases close", stores.Close())
	}
	if !isLoopback(cfg.Listen) && len(cfg.PublicURL) > 5 && cfg.PublicURL[:5] == "http:" {
		check("browsers reach the server by https", errors.New("the public URL is http; cookies and messages could be read on the way: serve TLS or put a proxy before it"))
	}
	check("uploaded files can be stored, read and removed", canStore(ctx, cfg))
	if server := mailServer(cfg); server != nil {
		check("the mail server answers and lets us in", mail.New(mail.Deps{Server: server, PublicURL: cfg.PublicURL}).Check(ctx))
	}
	if failed > 0 {
		return fmt.Errorf("%d things need a hand", failed)
	}
	return nil
}

func canWrite(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func canStore(ctx context.Context, cfg *config.Config) error {
	files, err := openFiles(cfg, clock.System{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return blob.Check(ctx, files)
}

func isPrivate(cfg *config.Config) error {
	info, err := os.Stat(cfg.RootKeyFile)
	if cfg.RootKey != "" || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return errors.New("others may read it; run chmod 600 on it")
	}
	return nil
}

// wirePurge makes just the holders, for deleting.
func (s *System) wirePurge() error {
	s.Search = search.New(search.Deps{Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler)})
	s.Privacy = privacy.New(privacy.Deps{ReceiptSeed: make([]byte, 32)})
	s.Contacts = contacts.New(contacts.Deps{})
	s.Inbox = inbox.New(inbox.Deps{Search: s.Search})
	s.Activity = activity.New(activity.Deps{})
	s.Files = files.New(files.Deps{Clock: clock.System{}})
	s.Boards = boards.New(boards.Deps{Search: s.Search, Files: s.Files})
	s.Workspaces, s.Mail, s.Requests = new(workspace.Service), new(mail.Service), new(request.Service)
	s.Retention, s.Children, s.Webhooks = new(retention.Service), new(children.Service), new(webhook.Service)
	s.Enrich = new(enrich.Service)
	s.Imports = new(imports.Service)
	s.Companies = new(company.Service)
	return s.Privacy.Hold(s.holders()...)
}
