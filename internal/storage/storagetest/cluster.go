//go:build unix

package storagetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// A cluster is a PostgreSQL server in the temporary directory that all test
// processes of one user share.
//
// Whoever needs it holds a shared lock on the file "users" until it ends,
// however it ends. Whoever finds the server down starts a small shell script
// with it, which waits for the last lock to go, gives the next process a
// moment, and stops the server. The file "start" is locked by whoever starts
// or stops. Data stays behind, so that the next start is quick; it is thrown
// away when a server does not come up with it.
type cluster struct {
	dir  string              // holds data, socket, log and the lock files
	bin  string              // PostgreSQL's programs
	as   *syscall.Credential // who runs the server; nil: the same user
	held *os.File            // keeps the shared lock on "users"
}

// clusterLayout is raised when settings below change, so that an older
// checkout's server is left alone.
const clusterLayout = "1"

// settings trade durability, which a test database does not need, for speed.
var settings = []string{
	"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off",
	"-c", "max_connections=500", "-c", "shared_buffers=128MB", "-c", "autovacuum=off",
	"-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=256MB",
	"-c", "checkpoint_timeout=1d", "-c", "deadlock_timeout=50ms", "-c", "log_min_messages=warning",
}

const supervise = `
"$@" & server=$!
while :; do
	flock users true
	sleep 3
	exec 9<start
	flock 9
	if flock -n users true; then
		kill -INT $server
		wait $server
		exit
	fi
	flock -u 9
done`

// joinCluster gives the running cluster, started if need be, and keeps it
// running for as long as this process lives.
func joinCluster() (*cluster, error) {
	c := &cluster{dir: filepath.Join(fastDir(), "botimum-postgres-"+strconv.Itoa(os.Getuid())+"-"+clusterLayout)}
	if len(c.socketDir()) > 85 { // a socket's path has at most 107 bytes
		c.dir = filepath.Join("/tmp", filepath.Base(c.dir))
	}
	var err error
	if c.bin, err = findServer(); err != nil {
		return nil, err
	}
	if c.as, err = serverUser(); err != nil {
		return nil, err
	}
	if err := c.makeDir(); err != nil {
		return nil, err
	}
	unlock, err := lockFile(c.path("start"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if c.answers() != nil {
		if err := c.startOrStartAfresh(); err != nil {
			return nil, err
		}
	}
	c.held, err = os.Open(c.path("users"))
	if err != nil {
		return nil, err
	}
	if err := flock(c.held, syscall.LOCK_SH); err != nil {
		return nil, err
	}
	return c, c.tidy()
}

// fastDir prefers memory: a database is many small files, and making one takes
// 35 ms there against 250 ms on a disk.
func fastDir() string {
	const memory, room = "/dev/shm", 2 << 30
	var fs syscall.Statfs_t
	if syscall.Statfs(memory, &fs) == nil && fs.Bavail*uint64(fs.Bsize) > room { //nolint:gosec // a size
		return memory
	}
	return os.TempDir()
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }
func (c *cluster) socketDir() string       { return c.path("socket") }
func (c *cluster) templateLock() string    { return c.path("templates") }

func (c *cluster) url() string {
	query := url.Values{"host": {c.socketDir()}, "sslmode": {"disable"}}
	return "postgres://botimum@/postgres?" + query.Encode()
}

// makeDir makes the directory and its lock files, and refuses one that somebody
// else has made.
func (c *cluster) makeDir() error {
	if err := os.Mkdir(c.dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(c.dir)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(st.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to somebody else; remove it", c.dir)
	}
	for _, name := range []string{"start", "users", "templates"} {
		f, err := os.OpenFile(c.path(name), os.O_CREATE|os.O_RDONLY, 0o644) //nolint:gosec // the server's user locks them too
		if err != nil {
			return err
		}
		f.Close()
	}
	return nil
}

// startOrStartAfresh starts the server on the data that is there, or else on
// new data.
func (c *cluster) startOrStartAfresh() error {
	if _, err := os.Stat(c.path("data/PG_VERSION")); err == nil {
		if c.start() == nil {
			return nil
		}
	}
	for _, name := range []string{"data", "socket"} {
		if err := os.RemoveAll(c.path(name)); err != nil {
			return err
		}
		if err := os.Mkdir(c.path(name), 0o700); err != nil {
			return err
		}
		if c.as != nil {
			if err := os.Chown(c.path(name), int(c.as.Uid), int(c.as.Gid)); err != nil {
				return err
			}
		}
	}
	initdb := c.command(filepath.Join(c.bin, "initdb"), "-D", c.path("data"), "-U", "botimum",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return c.start()
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), isPGVariable), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.as}
	return cmd
}

func isPGVariable(pair string) bool { return len(pair) > 2 && pair[:2] == "PG" }

// start runs the server under its supervisor and waits until it answers.
func (c *cluster) start() error {
	log, err := os.Create(c.path("log"))
	if err != nil {
		return err
	}
	defer log.Close()
	args := append([]string{"-c", supervise, "sh", filepath.Join(c.bin, "postgres"),
		"-D", c.path("data"), "-k", c.socketDir()}, settings...)
	cmd := c.command("/bin/sh", args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := cmd.Process.Release(); err != nil {
		return err
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := c.answers()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(c.path("log"))
			return fmt.Errorf("the PostgreSQL server does not come up: %w\n%s", err, said)
		}
	}
}

func (c *cluster) answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// tidy drops the databases of processes that have ended, and the templates when
// there are many.
func (c *cluster) tidy() error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	const candidates = `SELECT datname FROM pg_database WHERE datname LIKE 't\_%'
		OR (datname LIKE 'template\_%' AND (SELECT count(*) FROM pg_database WHERE datname LIKE 'template\_%') > 100)`
	rows, err := conn.Query(ctx, candidates)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if ownerLives(name) {
			continue
		}
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil && pgCode(err) != "55006" {
			return err // 55006: somebody copies the template just now
		}
	}
	return nil
}

// ownerLives tells whether the process that made a test's database still runs.
func ownerLives(database string) bool {
	var pid int
	if _, err := fmt.Sscanf(database, "t_%d_", &pid); err != nil {
		return false
	}
	return syscall.Kill(pid, 0) != syscall.ESRCH
}

// findServer gives the directory of the newest installed server's programs.
func findServer() (string, error) {
	for _, tool := range []string{"flock", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", err
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return "", errors.New("there is no postgres in /usr/lib/postgresql/*/bin or on the PATH")
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return majorOf(a) - majorOf(b) })), nil
}

// majorOf reads the version from /usr/lib/postgresql/VERSION/bin/postgres.
func majorOf(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// serverUser gives the user postgres when run by root, whom the server refuses.
func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// lockFile waits for the only lock on a file.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o644) //nolint:gosec // the server's user locks it too
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
