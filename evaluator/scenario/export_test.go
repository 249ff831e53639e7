package scenario

// Fields are the fields that are read, by where they stand.
func Fields() map[string][]string {
	return map[string][]string{
		"scenario": scenarioFields, "principals": principalFields, "requests": requestFields, "copy_from": copyFromFields,
		"other_buckets": bucketFields, "access_points": pointFields, "block_public_access": blockFields,
	}
}
