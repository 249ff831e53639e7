package setting

import (
	"strconv"

	"example.com/sharedbucket/internal/share"
)

// KeySettings are the settings of a key.
type KeySettings struct {
	Rotation Rotation
}

// MadeKey are the settings of a key as CreateKey makes it.
func MadeKey() KeySettings { return KeySettings{} }

// WantedOfKey are the settings that a share wants of a key of its own, in the order in which they are written.
func WantedOfKey(s share.Share) []Of[KeySettings] { return []Of[KeySettings]{Rotation(s.RotationDays)} }

// Rotation is the number of days between two rotations of a key, 0 where KMS does not rotate it.
type Rotation int

// NoRotation is that of a key which KMS cannot rotate.
const NoRotation Rotation = -1

// Names are those of automatic rotation.
func (Rotation) Names() Names {
	return Names{
		On: Key, Operation: EnableKeyRotation, Option: "--rotation-period-in-days",
		Read: "kms:GetKeyRotationStatus", Write: "kms:EnableKeyRotation",
		ChangedBy: []string{"DisableKeyRotation", "EnableKeyRotation"},
		Brief:     "switches rotation on", Purpose: "The key's rotation.",
	}
}

// Differs is about another period, also none.
func (r Rotation) Differs(now KeySettings) string {
	if now.Rotation == r || now.Rotation == NoRotation {
		return ""
	}
	return "the rotation period differs"
}

// Set is the new period.
func (r Rotation) Set(in *KeySettings) { in.Rotation = r }

// Argument is the period.
func (r Rotation) Argument() string { return strconv.Itoa(int(r)) }

// Properties are that it is on, and the period.
func (r Rotation) Properties() map[string]any {
	return map[string]any{"EnableKeyRotation": true, "RotationPeriodInDays": int(r)}
}
