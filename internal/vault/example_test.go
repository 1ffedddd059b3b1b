package vault_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/vault"
)

// A message is sealed for the row that it is stored in. Once the person is
// erased, no copy of that row says anything any more.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "vault-example-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	root, err := vault.LoadRoot(vault.RootOptions{Path: filepath.Join(dir, "keys", "root.json"), CreateIfVaultEmpty: true})
	if err != nil {
		panic(err)
	}
	v, err := vault.Open(ctx, "sqlite://"+filepath.Join(dir, "vault.db"),
		vault.Deps{Root: root, Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer v.Close()

	anna := vault.Subject{Workspace: "wsp_1", ID: "con_1"}
	if err := v.Create(ctx, anna); err != nil {
		panic(err)
	}
	key, err := v.Key(ctx, anna)
	if err != nil {
		panic(err)
	}
	place := vault.Place{Table: "messages", Column: "body_sealed", Row: "msg_1"}
	sealed := key.Seal(place, []byte("Where is my parcel?"))
	plain, err := key.Open(place, sealed)
	fmt.Printf("%s %v\n", plain, err)

	if err := v.Erase(ctx, anna); err != nil {
		panic(err)
	}
	_, err = v.Key(ctx, anna)
	fmt.Println(fault.As(err).Code)
	// Output:
	// Where is my parcel? <nil>
	// subject_erased
}
