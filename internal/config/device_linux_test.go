package config

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestSaveLeavesALinkToADeviceAlone(t *testing.T) {
	dir := t.TempDir()
	null, path := filepath.Join(dir, "null"), filepath.Join(dir, "screen.toml")
	if err := syscall.Mknod(null, syscall.S_IFCHR|0o666, 1<<8|3); err != nil { // not /dev/null: this test may fail
		t.Skipf("needs root, to make a device: %v", err)
	}
	if err := os.Symlink(null, path); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, File{Theme: "dark"}); err == nil {
		t.Error("Save replaces a device")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device is now %v, %v", info, err)
	}
}
