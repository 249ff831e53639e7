package cloud

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/share"
)

// Emulated says whether the environment (AWS_ENDPOINT_URL) leads to an emulator instead of to AWS.
func Emulated(c aws.Config) bool { return aws.ToString(c.BaseEndpoint) != "" }

// IsResponseURL says whether u leads to the bucket in which CloudFormation of a region takes answers of custom
// resources, and nowhere else. Which form of S3's addresses CloudFormation signs changed over the years (s3-region,
// then s3.region; without a region in us-east-1), so all of them are taken.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
func IsResponseURL(env share.Env, u *url.URL) bool {
	if u.Scheme != "https" || u.User != nil || u.Opaque != "" || (u.Port() != "" && u.Port() != "443") {
		return false
	}
	bucket := "cloudformation-custom-resource-response-" + strings.ReplaceAll(env.Region, "-", "")
	host := strings.ToLower(u.Hostname())
	if of, virtual := strings.CutPrefix(host, bucket+"."); virtual {
		return slices.Contains(hostsOfS3(env.Region), of)
	}
	inBucket := strings.HasPrefix(u.Path, "/"+bucket+"/") && !slices.Contains(strings.Split(u.Path, "/"), "..")
	return inBucket && slices.Contains(hostsOfS3(env.Region), host)
}

// hostsOfS3 are the names under which S3 of a region is reached. The SDK knows the domain of each partition.
func hostsOfS3(region string) []string {
	var hosts []string
	resolver := s3.NewDefaultEndpointResolverV2()
	for _, variant := range []s3.EndpointParameters{{}, {UseDualStack: aws.Bool(true)}, {UseFIPS: aws.Bool(true)}} {
		variant.Region = &region
		// Not every partition has every variant.
		if endpoint, err := resolver.ResolveEndpoint(context.Background(), variant); err == nil {
			hosts = append(hosts, endpoint.URI.Hostname())
		}
	}
	for _, host := range slices.Clone(hosts) {
		if domain, regional := strings.CutPrefix(host, "s3."+region+"."); regional {
			hosts = append(hosts, "s3-"+region+"."+domain, "s3."+domain)
		}
	}
	return hosts
}
