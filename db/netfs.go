package db

import (
	"os"
	"path/filepath"
	"strings"
)

// NetworkFS returns the name of the network file system that the store at path is on, or would be
// created on; empty for a local one, and where that is not known. Readers and writer share the index of
// SQLite's log in memory, which they can't across machines, and locks are less reliable
// (https://www.sqlite.org/wal.html, https://www.sqlite.org/howtocorrupt.html).
func NetworkFS(path string) string {
	dir := filepath.Dir(resolve(path))
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return networkFS(dir)
		}
		dir = filepath.Dir(dir)
	}
}

// networkTypes are the names of mount(8) for network file systems. Cluster file systems are included;
// 9p is not, because virtual machines mount local disks of their host with it.
var networkTypes = map[string]string{
	"nfs": "NFS", "nfs4": "NFS", "cifs": "SMB", "smb3": "SMB", "smbfs": "SMB", "afs": "AFS", "coda": "Coda", "ncpfs": "NCP",
	"ceph": "Ceph", "lustre": "Lustre", "gfs2": "GFS2", "ocfs2": "OCFS2", "beegfs": "BeeGFS", "davfs": "WebDAV",
	"fuse.sshfs": "SSHFS", "fuse.glusterfs": "GlusterFS", "fuse.ceph": "Ceph", "fuse.ceph-fuse": "Ceph", "fuse.rclone": "rclone", "fuse.s3fs": "s3fs", "fuse.curlftpfs": "FTP",
}

// typeOfMount returns the type of the mounted file system with a device number, from the text of
// /proc/self/mountinfo (proc(5)).
func typeOfMount(mountinfo, device string) string {
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		fields, types := strings.Fields(before), strings.Fields(after)
		if ok && len(fields) > 2 && fields[2] == device && len(types) > 0 {
			return types[0]
		}
	}
	return ""
}
