package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"example.com/sharedbucket/internal/build"
)

// code is a zip for Lambda.
type code struct {
	zip    []byte
	digest [sha256.Size]byte
}

// pack puts the function's program into a zip. The same program gives the same bytes, so that its name is the same.
func pack(bootstrap []byte) (code, error) {
	zip, err := build.FunctionZip(bootstrap)
	return code{zip, sha256.Sum256(zip)}, err
}

// key is the object's key: content-addressed, so that CloudFormation sees new code as a changed property.
func (c code) key(arch string) string {
	return fmt.Sprintf("sharedbucket-provider/%s/%s.zip", arch, hex.EncodeToString(c.digest[:]))
}

// upload puts the zip where nothing is yet, and says what it found.
func (c code) upload(ctx context.Context, client *s3.Client, bucket, arch string) (string, error) {
	key, checksum := c.key(arch), base64.StdEncoding.EncodeToString(c.digest[:])
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(c.zip),
		IfNoneMatch:    aws.String("*"),
		ChecksumSHA256: &checksum,
		ContentType:    aws.String("application/zip"),
	})
	if err == nil {
		return fmt.Sprintf("s3://%s/%s: uploaded, %d bytes", bucket, key, len(c.zip)), nil
	}
	var problem smithy.APIError
	if !errors.As(err, &problem) || problem.ErrorCode() != "PreconditionFailed" {
		return "", fmt.Errorf("uploading s3://%s/%s: %w", bucket, key, err)
	}
	there, err := client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		return "", fmt.Errorf("reading s3://%s/%s: %w", bucket, key, err)
	}
	if aws.ToString(there.ChecksumSHA256) != checksum {
		return "", fmt.Errorf("s3://%s/%s: there is an object of this name with other content (SHA-256 %s); "+
			"it is not overwritten",
			bucket, key, aws.ToString(there.ChecksumSHA256))
	}
	return fmt.Sprintf("s3://%s/%s: is there already", bucket, key), nil
}
