package plan

// RememberJobs writes down the jobs that were started for what the bucket held, in place of those before.
func RememberJobs(w Wanted, now Remembered) (Plan, error) {
	m := w.memory()
	if m.name == "" || now.Declaration == nil {
		return nil, nil
	}
	after := *now.Declaration
	after.Jobs = w.Jobs
	return m.put(now.Declaration, after, "what the bucket held is re-encrypted by S3 Batch Operations")
}

// cancelJobs ends the remembered jobs of a share that goes, or that does not want them any more.
func (w Wanted) cancelJobs(now Remembered) []Step {
	if now.Declaration == nil || w.Removal == "" && w.Share.ReEncrypt {
		return nil
	}
	var steps []Step
	for _, id := range now.Declaration.Jobs {
		steps = append(steps, Step{
			Round: 1, Operation: CancelJob, Resource: w.Share.Bucket, Value: id,
			Reason: "the share does not re-encrypt what is in its bucket any more",
		})
	}
	return steps
}
