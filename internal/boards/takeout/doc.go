// Package takeout reads what other feedback boards hand out: Fider's backup (a ZIP
// file of tables) and its CSV of posts, what Canny's API lists (JSON), and any CSV whose
// columns are named as these are.
//
// It reads what is there and guesses nothing about people: somebody is a person only
// where the file has their address or a name to quote. Rows that cannot be read are
// told with their number, and hold up no others.
//
// Never does: store, fetch or log anything.
package takeout
