package role

import (
	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/share"
)

// JobRole is the role with which S3 Batch Operations re-encrypts what lies in adopted buckets.
const (
	JobRoleName = NamePrefix + "${AWS::Region}" + share.JobRoleSuffix
	jobRole     = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + JobRoleName
)

// batchService is who works with that role.
const batchService = "batchoperations.s3.amazonaws.com"

// JobTrust is who may assume the role of jobs. S3 does not document that it says for whose account it comes, so that
// this counts only when it does. A job is created by somebody who may pass the role, and roles are passed within an
// account only.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html (Trust policy)
func JobTrust() map[string]any {
	return Document([]any{map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Service": batchService}, "Action": "sts:AssumeRole",
		"Condition": map[string]any{"StringEqualsIfExists": map[string]any{"aws:SourceAccount": sub("${AWS::AccountId}")}},
	}})
}

// batchStatements are what the provider does with S3 Batch Operations.
func batchStatements() []Statement {
	return []Statement{
		{
			Sid:       "StartJobs",
			Actions:   []string{"s3:CreateJob"},
			With:      AdoptableBucketArns,
			Resources: []string{"*"},
			Why: "ExistingObjects ReEncrypt, of a bucket that holds too much for the function: S3 Batch Operations does it. " +
				"What a job can do is what the role of jobs may.",
			Star: "s3:CreateJob has no resource types.",
		},
		{
			Sid:       "FollowJobs",
			Actions:   []string{"s3:DescribeJob", "s3:UpdateJobStatus"},
			With:      AdoptableBucketArns,
			Resources: []string{"arn:${AWS::Partition}:s3:${AWS::Region}:${AWS::AccountId}:job/*"},
			Why: "Says how far such a job has come, and cancels it when its share goes. The function cancels none that does " +
				"not work with that role and for that share's bucket.",
		},
		{
			Sid:       "PassRoleToJobs",
			Actions:   []string{"iam:PassRole"},
			With:      AdoptableBucketArns,
			Resources: []string{jobRole},
			Condition: condition{"StringEquals": {"iam:PassedToService": {batchService}}},
			Why:       "Gives such a job its role. No other role, and to nobody else.",
		},
	}
}

// JobStatements are the statements of the role of jobs besides those of both roles.
func JobStatements(settings Settings) []Statement { return settle(settings, JobsParameterized()) }

// EveryOfJobs are all of these, with words as Every has them.
func EveryOfJobs() []Statement { return inWords(JobsParameterized()) }

// JobsParameterized are all of these, as Parameterized has them.
func JobsParameterized() []Statement {
	return []Statement{
		{
			Sid:       "ListExistingObjects",
			Actions:   []string{"s3:PutInventoryConfiguration"},
			Only:      AdoptableBucketArns,
			Condition: condition{"StringEquals": inAccount},
			Why:       "Makes the list of the objects that a job is for: S3 asks for this right then.",
		},
		{
			Sid:       "WriteReports",
			Actions:   []string{"s3:PutObject"},
			Only:      AdoptableBucketArns,
			Below:     "/" + existing.ReportPrefix + allObjects,
			Condition: condition{"StringEquals": inAccount},
			Why:       "Writes the report of what a job could not do, below this prefix alone.",
		},
	}
}
