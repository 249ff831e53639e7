// Package version says which version of the project a program is of.
package version

import (
	"reflect"
	"regexp"
	"runtime/debug"
	"strings"
)

// stamped is the version of a release, set by the linker; Flag has how.
var stamped string

// Flag is the linker's flag that gives a program its version. It is empty without one.
func Flag(version string) string {
	if version == "" {
		return ""
	}
	return "-X " + reflect.TypeFor[module]().PkgPath() + ".stamped=" + version
}

// String is the release's version, or what Go knows of the build: the module's version, or the commit.
func String() string {
	if known := known(); known != "" {
		return known
	}
	return "(unknown)"
}

// Release is the version if it is that of a release, and empty otherwise: what it is written into would change with
// each commit.
func Release() string {
	if v := known(); Released(v) {
		return v
	}
	return ""
}

// Released says whether a version is a release's: v1.2.3 or v1.2.3-rc.1, and not what Go makes of a commit.
// https://go.dev/ref/mod#pseudo-versions
func Released(version string) bool {
	return semantic.MatchString(version) && !ofCommit.MatchString(version)
}

var (
	semantic = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	ofCommit = regexp.MustCompile(`[-.]\d{14}-[0-9a-f]{12}$`)
)

// module stands for the module that this package is in, whatever its path is.
type module struct{}

// known is the stamped version, or else that of the module: the program's own, or one that it requires.
func known() string {
	if stamped != "" {
		return stamped
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	own := strings.TrimSuffix(reflect.TypeFor[module]().PkgPath(), "/internal/version")
	for _, required := range info.Deps {
		if required.Path == own && required.Replace == nil {
			return required.Version
		}
	}
	return info.Main.Version
}
