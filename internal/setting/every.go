package setting

import (
	"slices"

	"example.com/sharedbucket/internal/share"
)

// Every has the names of all settings.
func Every() []Names { return slices.Concat(EveryOfBucket(), EveryOfKey()) }

// EveryOfBucket has those of a bucket's settings.
func EveryOfBucket() []Names { return namesOf(append(WantedOfBucket(share.Share{}), Encryption{})) }

// EveryOfKey has those of a key's settings.
func EveryOfKey() []Names { return namesOf(WantedOfKey(share.Share{})) }

func namesOf[S any](settings []Of[S]) []Names {
	var all []Names
	for _, s := range settings {
		all = append(all, s.Names())
	}
	return all
}
