package db

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// networkFS returns the name of the network file system of a directory; empty if it is a local one.
func networkFS(dir string) string { return networkTypes[mountType(dir)] }

// mountType returns the type of the file system of a directory, as mount(8) calls it. statfs(2) has one
// number for all file systems in user space.
func mountType(dir string) string {
	var st unix.Stat_t
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || unix.Stat(dir, &st) != nil {
		return ""
	}
	device := uint64(st.Dev) //nolint:unconvert // of 32 bits on some machines
	return typeOfMount(string(mounts), fmt.Sprintf("%d:%d", unix.Major(device), unix.Minor(device)))
}
