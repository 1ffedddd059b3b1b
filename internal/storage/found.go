package storage

// FoundSQL gives the condition of an UPDATE or DELETE on a table for the rows that
// where tells of, by their key: the columns of its primary key, apart by commas.
//
// SQLite has no statistics. Given the workspace and one thing more, it takes the
// primary key, which begins with the workspace, for as good as an index of both, and
// walks all of the workspace's rows; it finds the keys alone through the index.
func FoundSQL(table, key, where string) string {
	return ` WHERE (` + key + `) IN (SELECT ` + key + ` FROM ` + table + ` WHERE ` + where + `)`
}

// Delete deletes the rows of a table that where tells of, found as [FoundSQL] says, and
// tells how many.
func Delete(tx *Tx, table, key, where string, args ...any) (int64, error) {
	return tx.Exec(`DELETE FROM `+table+FoundSQL(table, key, where), args...)
}
