package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// roleEnv makes the test binary play another program: weir itself, or a peer
// of the live tests, so that each can run in its own network namespace.
const roleEnv = "WEIR_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role := os.Getenv(roleEnv); role {
	case "":
	case "weir":
		os.Exit(Main())
	default:
		os.Exit(playPeer(role))
	}
	testscript.Main(m, map[string]func(){"weir": func() { os.Exit(Main()) }})
}

// TestScripts runs testdata/script/*.txtar: each is a session with the command
// line. They find small.pcap (see writeSmall) in their working directory.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("TZ", "UTC")
			return writeSmall(filepath.Join(env.WorkDir, "small.pcap"))
		},
	})
}

// runWeir executes one command line in this process.
func runWeir(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, bytes.NewReader(nil), &out, &errs)
	return code, out.String(), errs.String()
}
