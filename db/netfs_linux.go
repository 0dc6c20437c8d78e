package db

import (
	"fmt"
	"os"
	"syscall"
)

// networkFS returns the name of the network file system of a directory; empty if it is a local one.
func networkFS(dir string) string { return networkTypes[mountType(dir)] }

// mountType returns the type of the file system of a directory, as mount(8) calls it. statfs(2) has one
// number for all file systems in user space.
func mountType(dir string) string {
	var st syscall.Stat_t
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || syscall.Stat(dir, &st) != nil {
		return ""
	}
	device := uint64(st.Dev) //nolint:unconvert // of 32 bits on some machines
	major, minor := device>>8&0xfff|device>>32&^uint64(0xfff), device&0xff|device>>12&^uint64(0xff)
	return typeOfMount(string(mounts), fmt.Sprintf("%d:%d", major, minor))
}
