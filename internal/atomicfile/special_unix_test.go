//go:build linux || darwin || freebsd

package atomicfile

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

func TestOnlyARegularFileIsReplaced(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"fifo":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"device":    func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o666, 1<<8|3) }, // null
		"socket": func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err == nil {
				t.Cleanup(func() { _ = l.Close() })
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			target, link := filepath.Join(dir, "x"), filepath.Join(dir, "history")
			if err := make(target); err != nil {
				t.Skipf("not possible here: %v", err) // a device needs root
			}
			if err := os.Symlink(target, link); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(target)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{target, link} {
				if err := WriteFile(path, []byte("tcp\n")); !errors.Is(err, errNotRegular) {
					t.Errorf("%s: %v, want %v", filepath.Base(path), err, errNotRegular)
				}
			}
			if after, err := os.Lstat(target); err != nil || after.Mode() != before.Mode() || !os.SameFile(before, after) {
				t.Errorf("it is now %v, %v, want %v as before", after, err, before.Mode())
			}
			wantNames(t, dir, "history", "x")
		})
	}
}

func TestALoopOfLinksStays(t *testing.T) {
	dir := t.TempDir()
	for name, to := range map[string]string{"a": "b", "b": "a"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	if err := WriteFile(filepath.Join(dir, "a"), []byte("new")); err == nil {
		t.Error("a loop of links is replaced")
	}
	if to, err := os.Readlink(filepath.Join(dir, "a")); err != nil || to != "b" {
		t.Errorf("the link leads to %q, %v, want b", to, err)
	}
	wantNames(t, dir, "a", "b")
}

// TestALinkIntoAClosedDirectoryStays runs as a user who may write the directory of
// the link, and may not look into the directory that it leads to.
func TestALinkIntoAClosedDirectoryStays(t *testing.T) {
	const nobody = 65534
	if home := os.Getenv("ATOMICFILE_CLOSED"); home != "" {
		if err := WriteFile(filepath.Join(home, "config.toml"), []byte("new")); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %v, want that it is not permitted", err)
		}
		return
	}
	if os.Getuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	dir, err := os.MkdirTemp("", "atomicfile") // others may not enter the parent of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	home, dotfiles := filepath.Join(dir, "home"), filepath.Join(dir, "dotfiles")
	target, link := filepath.Join(dotfiles, "config.toml"), filepath.Join(home, "config.toml")
	err = errors.Join(os.Chmod(dir, 0o755), os.Mkdir(home, 0o755), os.Chown(home, nobody, nobody), os.Mkdir(dotfiles, 0o700))
	put(t, target, "old")
	exe, exeErr := os.Executable()
	test, readErr := os.ReadFile(exe)
	copied := filepath.Join(dir, "atomicfile.test")
	if err := errors.Join(err, os.Symlink(target, link), exeErr, readErr, os.WriteFile(copied, test, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), copied, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ATOMICFILE_CLOSED="+home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if to, err := os.Readlink(link); err != nil || to != target {
		t.Errorf("the link leads to %q, %v, want %q", to, err, target)
	}
	wantText(t, target, "old")
}
