package cloud

import (
	"net/url"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
)

func TestIsResponseURL(t *testing.T) {
	const signed = "arn%3Aaws%3Acloudformation%3A…%7CShare%7Cid?X-Amz-Signature=1"
	const oregon = "cloudformation-custom-resource-response-uswest2"
	of := func(region, host string) string {
		return "https://cloudformation-custom-resource-response-" + strings.ReplaceAll(region, "-", "") + "." + host + "/" +
			signed
	}
	for _, c := range []struct {
		name, region, url string
		want              bool
	}{
		{name: "today's form", region: "us-west-2", url: of("us-west-2", "s3.us-west-2.amazonaws.com"), want: true},
		{name: "the older form", region: "us-west-2", url: of("us-west-2", "s3-us-west-2.amazonaws.com"), want: true},
		{name: "without region", region: "us-east-1", url: of("us-east-1", "s3.amazonaws.com"), want: true},
		{name: "dual stack", region: "eu-west-1", url: of("eu-west-1", "s3.dualstack.eu-west-1.amazonaws.com"), want: true},
		{
			name: "FIPS", region: "us-gov-west-1",
			url:  of("us-gov-west-1", "s3-fips.us-gov-west-1.amazonaws.com"),
			want: true,
		},
		{name: "China", region: "cn-north-1", url: of("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"), want: true},
		{
			name: "European Sovereign Cloud", region: "eusc-de-east-1",
			url:  of("eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"),
			want: true,
		},
		{name: "isolated", region: "us-iso-east-1", url: of("us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov"), want: true},
		{
			name: "path style", region: "us-west-2",
			url:  "https://s3.us-west-2.amazonaws.com/" + oregon + "/" + signed,
			want: true,
		},
		{
			name: "path style of before 2019", region: "us-west-2",
			url:  "https://s3-us-west-2.amazonaws.com/" + oregon + "/" + signed,
			want: true,
		},
		{name: "port 443", region: "us-west-2", url: of("us-west-2", "s3.us-west-2.amazonaws.com:443"), want: true},
		{
			name: "capital letters", region: "us-west-2",
			url:  "HTTPS://" + oregon + ".S3.us-west-2.amazonaws.com/" + signed,
			want: true,
		},

		{name: "http", region: "us-west-2", url: "http://" + oregon + ".s3.us-west-2.amazonaws.com/" + signed},
		{name: "another port", region: "us-west-2", url: of("us-west-2", "s3.us-west-2.amazonaws.com:9001")},
		{name: "a user", region: "us-west-2", url: "https://a@" + oregon + ".s3.us-west-2.amazonaws.com/" + signed},
		{
			name: "the user is AWS's host", region: "us-west-2",
			url: of("us-west-2", "s3.us-west-2.amazonaws.com@example.com"),
		},
		{name: "another region's bucket", region: "us-west-2", url: of("us-east-1", "s3.us-east-1.amazonaws.com")},
		{name: "another region's host", region: "us-west-2", url: of("us-west-2", "s3.us-east-1.amazonaws.com")},
		{
			name: "another bucket", region: "us-west-2",
			url: "https://cloudformation-custom-resource-response-mallory.s3.us-west-2.amazonaws.com/x",
		},
		{
			name: "a bucket with dashes, which anybody may make", region: "us-west-2",
			url: "https://cloudformation-custom-resource-response-us-west-2.s3.us-west-2.amazonaws.com/x",
		},
		{
			name: "a bucket below which the name is", region: "us-west-2",
			url: "https://x." + oregon + ".s3.us-west-2.amazonaws.com/x",
		},
		{
			name: "path style, another bucket", region: "us-west-2",
			url: "https://s3.us-west-2.amazonaws.com/mallory/" + oregon + "/x",
		},
		{
			name: "path style, a bucket of a longer name", region: "us-west-2",
			url: "https://s3.us-west-2.amazonaws.com/" + oregon + "2/x",
		},
		{
			name: "path style, out of the bucket", region: "us-west-2",
			url: "https://s3.us-west-2.amazonaws.com/" + oregon + "/../mallory/x",
		},
		{
			name: "path style, out of the bucket, encoded", region: "us-west-2",
			url: "https://s3.us-west-2.amazonaws.com/" + oregon + "/%2e%2e/mallory/x",
		},
		{
			name: "another domain", region: "us-west-2",
			url: "https://" + oregon + ".s3.us-west-2.amazonaws.com.example.com/x",
		},
		{
			name: "the domain of another partition", region: "us-west-2",
			url: "https://" + oregon + ".s3.us-west-2.amazonaws.com.cn/x",
		},
		{name: "another service", region: "us-west-2", url: "https://" + oregon + ".execute-api.us-west-2.amazonaws.com/x"},
		{name: "a final dot", region: "us-west-2", url: "https://" + oregon + ".s3.us-west-2.amazonaws.com./x"},
		{name: "the runtime", region: "us-west-2", url: "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next"},
		{name: "nothing", region: "us-west-2", url: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := IsResponseURL(share.Env{Partition: "aws", Region: c.region}, u); got != c.want {
				t.Errorf("%s: %v", c.url, got)
			}
		})
	}
}
