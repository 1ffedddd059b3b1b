package storage_test

import (
	"context"
	"fmt"
	"os"

	"github.com/botimum/botimum/internal/storage"
)

func ExampleDB_Write() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, err := storage.Open(ctx, storage.Options{URL: "sqlite://" + dir + "/notes.db", Migrations: notebook})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	err = db.Write(ctx, func(tx *storage.Tx) error {
		tx.OnCommit(func() { fmt.Println("it is on disk") })
		_, err := tx.Exec("INSERT INTO notes (id, body) VALUES ($1, $2)", "not_1", "Call Ada back.")
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = db.Read(ctx, func(tx *storage.Tx) error {
		var body string
		if err := tx.QueryRow("SELECT body FROM notes WHERE id = $1", "not_1").Scan(&body); err != nil {
			return err
		}
		fmt.Println(body)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// it is on disk
	// Call Ada back.
}
