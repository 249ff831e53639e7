package provider

import (
	"slices"

	"github.com/aws/aws-lambda-go/cfn"
)

// statuses are those of a stack in which CloudFormation sends an event to a custom resource of it. A stack at rest
// (…_COMPLETE, …_FAILED) sends none, and neither does one in REVIEW_IN_PROGRESS: that has a change set, but no
// resources yet, and whoever may prepare a change set need not be the one who may execute it.
//
// CloudFormation waits for a custom resource's answer before it goes on, in express mode too, so an event that is
// waited for finds its stack in the status in which it was sent. Where documentation is silent a status is listed: a
// refusal in the wrong place makes a stack fail, while an entry too many needs somebody who is quick.
//
//	https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (status codes)
//	https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
//	https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
//	https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-express-mode.html
var statuses = map[cfn.RequestType][]string{
	cfn.RequestCreate: {
		"CREATE_IN_PROGRESS",
		"UPDATE_IN_PROGRESS",
		"UPDATE_ROLLBACK_IN_PROGRESS", // silent: something that has to be made again on the way back
		"IMPORT_IN_PROGRESS",          // silent: a change set that imports and creates
	},
	cfn.RequestUpdate: {
		"UPDATE_IN_PROGRESS",
		"UPDATE_ROLLBACK_IN_PROGRESS", // properties swapped; also after ContinueUpdateRollback and RollbackStack
		"IMPORT_IN_PROGRESS",          // silent
		"IMPORT_ROLLBACK_IN_PROGRESS", // silent
	},
	cfn.RequestDelete: {
		"DELETE_IN_PROGRESS",
		"ROLLBACK_IN_PROGRESS",                         // a Create that failed or was cancelled
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",          // what was replaced or left the template
		"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", // what the failed update had made
		"UPDATE_ROLLBACK_IN_PROGRESS",                  // silent
		"UPDATE_IN_PROGRESS",                           // what an earlier operation without rollback left failed
		"IMPORT_ROLLBACK_IN_PROGRESS",                  // silent
	},
}

// updating is the status of a stack that is at an update, which may be about some of its resources only.
const updating = "UPDATE_IN_PROGRESS"

// rollingBack is the status of a stack on the way back from an update that failed.
const rollingBack = "UPDATE_ROLLBACK_IN_PROGRESS"

// sends says whether CloudFormation sends an event of that kind while a stack has that status.
func sends(kind cfn.RequestType, status string) bool { return slices.Contains(statuses[kind], status) }

// resting are the statuses of a stack that is at rest and whose resources are as their last declaration says: not those
// after a failure, in which it is open what is to be.
var resting = []string{
	"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
}
