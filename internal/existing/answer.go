package existing

// Answer is what S3 says of one object version, when it is asked for its headers or is to put it under another key.
type Answer struct {
	Status            int    // of HTTP, which tells errors apart where the answer has no body
	Code              string // of the error, where there is one
	Algorithm, KeyARN string // how the version is encrypted
}

// The statuses that say something of the version itself.
const (
	ok        = 200
	badly     = 400
	forbidden = 403
	notThere  = 404
)

// Add counts an object version by S3's answer to the question for its headers. It says whether the answer is about the
// version: any other is a failure of the question. S3 answers 400, without a body, when it is asked without the key of
// the customer that the object is encrypted with. What was deleted meanwhile does not count.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
func (f *Found) Add(o Object, a Answer, bucketKeyARN string) (settled bool) {
	switch a.Status {
	case ok:
		f.count(o, encryptionOf(a, bucketKeyARN), a.KeyARN)
	case badly:
		f.count(o, customerKey, "")
	case forbidden:
		f.count(o, unreadable, "")
	case notThere:
	default:
		return false
	}
	return true
}

func encryptionOf(a Answer, bucketKeyARN string) encryption {
	switch {
	case a.Algorithm == "aws:kms" && a.KeyARN == bucketKeyARN:
		return bucketKey
	case a.Algorithm == "aws:kms":
		return otherKey
	case a.Algorithm == "aws:kms:dsse":
		return dualLayer
	}
	return s3Managed
}

// Add counts an object version by S3's answer to the wish to put it under the bucket's key, and says whether that is
// about the version: refused is what S3 would refuse again, for retention or a legal hold.
func (d *Done) Add(o Object, a Answer) (settled bool) {
	switch {
	case a.Status == ok:
		d.Updated++
	case a.Status == notThere:
		d.Gone++
	case a.Status >= 400 && a.Status < 500:
		d.refuse(o, a.Code)
	default:
		return false
	}
	return true
}
