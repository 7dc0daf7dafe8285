package setup

import "io/fs"

// fileID: here the time of the last change is precise enough.
func fileID(fs.FileInfo) string { return "" }
