package cloud

import (
	"slices"
	"testing"

	"example.com/sharedbucket/internal/setting"
)

// KMS is not asked for the rotation of a key that it cannot rotate, and whose rotation then is never written.
func TestObserveRotation(t *testing.T) {
	const metadata = `"Arn": "` + keyARN + `", "KeyState": "Enabled", "KeyManager": "CUSTOMER", "KeyUsage": "ENCRYPT_DECRYPT"`
	for _, c := range []struct {
		name, kind, status string
		want               setting.Rotation
	}{
		{
			name: "on", kind: `"Origin": "AWS_KMS", "KeySpec": "SYMMETRIC_DEFAULT"`,
			status: `{"KeyRotationEnabled": true, "RotationPeriodInDays": 180}`, want: 180,
		},
		{
			name: "off", kind: `"Origin": "AWS_KMS", "KeySpec": "SYMMETRIC_DEFAULT"`,
			status: `{"KeyRotationEnabled": false}`, want: 0,
		},
		{name: "imported", kind: `"Origin": "EXTERNAL", "KeySpec": "SYMMETRIC_DEFAULT"`, want: setting.NoRotation},
		{name: "asymmetric", kind: `"Origin": "AWS_KMS", "KeySpec": "RSA_2048"`, want: setting.NoRotation},
	} {
		answers := map[string][]recorded{
			"DescribeKey":      {{status: 200, body: `{"KeyMetadata": {` + metadata + `, ` + c.kind + `}}`}},
			"GetKeyPolicy":     {{status: 200, body: `{"Policy": "{}"}`}},
			"ListResourceTags": {{status: 200, body: `{"Tags": []}`}},
			"ListAliases":      {{status: 200, body: `{"Aliases": []}`}},
		}
		if c.status != "" {
			answers["GetKeyRotationStatus"] = []recorded{{status: 200, body: c.status}}
		}
		inBubble(t, answers, func(t *testing.T, cloud *Cloud, r *replay) {
			o := &observation{Cloud: cloud}
			k := o.key(t.Context(), keyARN)
			if k == nil || len(o.unread) > 0 || k.Rotation != c.want {
				t.Errorf("%s: %+v, unread %v", c.name, k, o.unread)
			}
			if asked := slices.Contains(r.calls, "GetKeyRotationStatus"); asked != (c.status != "") {
				t.Errorf("%s: asked %t", c.name, asked)
			}
		})
	}
}
