package db

import (
	"path/filepath"
	"testing"

	"weir/internal/disktest"
)

func TestTheFileSystemOfAStoreIsKnown(t *testing.T) {
	dir := disktest.Small(t, "1m")
	if got := mountType(dir); got != "tmpfs" {
		t.Errorf("%s is a %q, want a tmpfs", dir, got)
	}
	if got := NetworkFS(filepath.Join(dir, "not", "yet", "weir.db")); got != "" {
		t.Errorf("a tmpfs is %s", got)
	}
}

func TestNetworkFileSystemsAreKnown(t *testing.T) {
	const mounts = `21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
36 21 0:44 / /mnt/a\040b rw,relatime shared:2 - nfs4 server:/export rw,vers=4.2
37 21 0:45 / /mnt/home rw,nosuid shared:3 master:1 - fuse.sshfs me@host: rw
38 21 0:46 / /mnt/share rw - cifs //server/share rw
39 21 0:47 / /host rw - 9p host rw
`
	for device, want := range map[string]string{"254:0": "", "0:44": "NFS", "0:45": "SSHFS", "0:46": "SMB", "0:47": "", "0:48": ""} {
		if got := networkTypes[typeOfMount(mounts, device)]; got != want {
			t.Errorf("device %s is on %q, want %q", device, got, want)
		}
	}
}
