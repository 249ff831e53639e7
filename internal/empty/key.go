package empty

// carried says whether XML 1.0 can carry a key. A request to delete several objects is XML, so that other keys, such as
// those with a U+0001, are deleted one by one: an encoder would put U+FFFD in their place, and S3 would answer that the
// object of that name, which does not exist, was deleted.
// https://www.w3.org/TR/xml/#charsets
func carried(key string) bool {
	for _, c := range key {
		switch {
		case c == '\t', c == '\n', c == '\r':
		case c < 0x20, c == 0xFFFD, c == 0xFFFE, c == 0xFFFF:
			return false
		}
	}
	return true
}
