package feed

import (
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// Search selects packages of a space. The zero value of a field asks for nothing.
type Search struct {
	SpaceID string
	// PackageID is compared without regard to case; Term is a part of the ID or the title.
	PackageID, Term string
	// Extension is that of the files: ".nupkg". Stable leaves prereleases out.
	Extension string
	Stable    bool
	// Latest keeps the newest of these versions of each package alone.
	Latest bool
	// Skip and Take page; Take 0 is no limit.
	Skip, Take int
}

// where makes the conditions, and the arguments.
func (s Search) where() (string, []any) {
	text, args := "p.space_id = $1", []any{s.SpaceID}
	if s.PackageID != "" {
		args = append(args, store.Fold(s.PackageID))
		text += " AND p.package_fold = $" + strconv.Itoa(len(args))
	}
	if s.Term != "" {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(store.Fold(s.Term))+"%")
		text += " AND p.name_fold LIKE $" + strconv.Itoa(len(args)) + ` ESCAPE '\'`
	}
	same := ""
	if s.Extension != "" {
		args = append(args, s.Extension)
		same += " AND {row}.extension = $" + strconv.Itoa(len(args))
	}
	if s.Stable {
		args = append(args, false)
		same += " AND {row}.prerelease = $" + strconv.Itoa(len(args))
	}
	kind := func(row string) string { return strings.ReplaceAll(same, "{row}", row) }
	text += kind("p")
	if s.Latest {
		text += " AND NOT EXISTS (SELECT 1 FROM package n WHERE n.space_id = p.space_id AND n.package_fold = p.package_fold AND n.version_key > p.version_key" + kind("n") + ")"
	}
	return text, args
}

// Find returns the packages of one page, by ID, the newest version first, and how many there are in all.
func (s Search) Find(tx *store.Tx) (list []*Package, total int, err error) {
	where, args := s.where()
	if err := tx.QueryRow("SELECT COUNT(*) FROM package p WHERE "+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	query := "SELECT " + columns + " FROM package p WHERE " + where + " ORDER BY package_fold, version_key DESC"
	if s.Take > 0 {
		query += " LIMIT " + strconv.Itoa(s.Take)
	} else {
		query += " LIMIT 9223372036854775807"
	}
	query += " OFFSET " + strconv.Itoa(s.Skip)
	list = []*Package{}
	err = tx.Query(query, args, func(row *store.Row) error {
		p, err := scan(row)
		list = append(list, p)
		return err
	})
	return list, total, err
}

// Versions selects the versions of one package.
type Versions struct {
	SpaceID, PackageID string
	// Range is a range of versions in NuGet's notation; Tag a regular expression for the labels; Filter a part of the version.
	Range, Tag, Filter string
	// Prerelease lets versions with labels in.
	Prerelease bool
	Skip, Take int
}

// Find returns the versions of one page, the newest first, and how many there are in all.
func (s Versions) Find(tx *store.Tx) (list []*Package, total int, err error) {
	admits, err := s.Admits()
	if err != nil {
		return nil, 0, err
	}
	list = []*Package{}
	query := "SELECT " + columns + " FROM package WHERE space_id = $1 AND package_fold = $2 ORDER BY version_key DESC"
	err = tx.Query(query, []any{s.SpaceID, store.Fold(s.PackageID)}, func(row *store.Row) error {
		p, err := scan(row)
		if err != nil || !admits(p.Version) {
			return err
		}
		if total >= s.Skip && (s.Take == 0 || len(list) < s.Take) {
			list = append(list, p)
		}
		total++
		return nil
	})
	return list, total, err
}

// Admits returns what tells whether a version is one of those that are asked for.
func (s Versions) Admits() (func(version string) bool, error) {
	if s.PackageID == "" {
		return nil, fault.Invalid("the query does not name a package; add packageId=…")
	}
	rule, err := versioning.ParseChannelRule(versioning.FormatSemver, s.Range, s.Tag)
	if err != nil {
		return nil, fault.Invalid("the filter of versions cannot be read: %v", err)
	}
	return func(version string) bool {
		v, err := versioning.ParseSemVer(version)
		if err != nil || v.IsPrerelease() && !s.Prerelease || !strings.Contains(store.Fold(version), store.Fold(s.Filter)) {
			return false
		}
		return rule.Allows(v)
	}, nil
}

// Description is a package as searches show it: one row for all of its versions.
type Description struct {
	PackageID, Description, LatestVersion string
}

// Describe returns the packages of one page whose ID has the term in it, and how many there are in all.
func Describe(tx *store.Tx, spaceID, term string, skip, take int) ([]Description, int, error) {
	newest, total, err := Search{SpaceID: spaceID, Term: term, Latest: true, Skip: skip, Take: take}.Find(tx)
	if err != nil {
		return nil, 0, err
	}
	list := make([]Description, len(newest))
	for i, p := range newest {
		list[i] = Description{p.PackageID, p.Description, p.Version}
	}
	return list, total, nil
}
