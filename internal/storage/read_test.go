package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/botimum/botimum/internal/storage"
)

func TestReadSeesOneSnapshot(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Write(t.Context(), putting("a")); err != nil {
			t.Fatal(err)
		}
		err := db.Read(t.Context(), func(tx *storage.Tx) error {
			before, err := columnIn(tx, "SELECT id FROM notes")
			if err != nil {
				return err
			}
			if err := db.Write(context.Background(), putting("b")); err != nil {
				return err
			}
			after, err := columnIn(tx, "SELECT id FROM notes")
			expect(t, "before", before, "a")
			expect(t, "after, in the same Read", after, "a")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "in a new Read", notes(t, db), "a", "b")
	})
}

func TestReadCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		if err := db.Read(t.Context(), putting("a")); err == nil {
			t.Error("a Read could insert")
		}
		expect(t, "notes", notes(t, db))
	})
}

func TestReadStopsWhenItsCallerHasGone(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Read(ctx, func(tx *storage.Tx) error {
			if _, err := columnIn(tx, "SELECT id FROM notes"); err != nil {
				return err
			}
			cancel()
			_, err := columnIn(tx, "SELECT id FROM notes")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Read gave %v, want context.Canceled", err)
		}
	})
}

func TestReadAfterAPanicInOne(t *testing.T) {
	each(t, func(t *testing.T, db *storage.DB) {
		func() {
			defer func() {
				if v := recover(); v != "stop" {
					t.Errorf("recovered %v, want what the function panicked with", v)
				}
			}()
			_ = db.Read(t.Context(), func(tx *storage.Tx) error {
				_, _ = tx.Query("SELECT id FROM notes") //nolint:sqlclosecheck // left open on purpose
				panic("stop")
			})
		}()
		if err := db.Write(t.Context(), putting("a")); err != nil {
			t.Fatal(err)
		}
		expect(t, "notes", notes(t, db), "a")
	})
}
