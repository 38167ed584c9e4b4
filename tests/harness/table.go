package harness

import (
	"fmt"
	"os"
	"path/filepath"
)

// Publish prints a table of a test. The go command keeps the output of passing tests to itself, so where
// CI_OIDC_TRUST_TABLES names a folder the table goes there too, for `make test` to print at its end.
func Publish(name, table string) error {
	fmt.Println(table)
	folder := os.Getenv("CI_OIDC_TRUST_TABLES")
	if folder == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(folder, name), []byte(table), 0o644)
}
