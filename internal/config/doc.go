// Package config reads how Botimum is to run, from flags and from the
// environment, for each of its commands.
//
// # What it is
//
// One table describes every setting: its flag, its twin in the environment, what
// it takes, what it is by default, and a line that says what it is for. [Load],
// [Help] and the table in docs/self-hosting.md all come from that table, so that
// they cannot disagree.
//
// # Rules
//
//   - A flag --public-url has the twin BOTIMUM_PUBLIC_URL. The flag wins.
//   - A setting that holds a secret has also a _FILE twin, which names a file
//     whose content is the value. To give both is refused.
//   - What is secret and nothing else (a password, the root key) has no flag for
//     its value, since every user of a machine can read the arguments of its
//     processes; it has a flag that names a file.
//   - A variable that is set to nothing counts as not set, as compose files have
//     it.
//   - A variable that begins with BOTIMUM_ and is not in the table is refused: a
//     misspelt setting must not be a setting left out. Those that begin with
//     BOTIMUM_TEST_ are for tests and are left alone.
//
// # What it never does
//
// It opens no connection and makes no file. An error is one plain line that says
// what to write instead and never repeats the value of a secret. [Config] gives
// its secrets away neither when it is printed nor when it is logged.
package config
