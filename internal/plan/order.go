package plan

import "slices"

// inOrder puts groups of steps one after the other: each begins when the one before is done, rounds within a group keep
// their order.
func inOrder(groups ...[]Step) Plan {
	var plan Plan
	last := 0
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b Step) int { return a.Round - b.Round })
		highest := last
		for i, s := range g {
			if i == 0 || g[i-1].Round != s.Round {
				highest++
			}
			plan = append(plan, s)
			plan[len(plan)-1].Round = highest
		}
		last = highest
	}
	return plan
}

// sequence has the steps on one resource, which must not overlap: S3 refuses concurrent changes of one bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (OperationAborted)
type sequence struct {
	round int
	steps []Step
}

func (q *sequence) add(s Step) {
	q.round++
	s.Round = q.round
	q.steps = append(q.steps, s)
}

// beside puts steps into the first round that there is, so that they cost none of their own. When there are newcomers,
// it must be a round of the first few groups, in which nobody is let in, or else one of their own.
func beside(steps []Step, groups [][]Step, before int, newcomers bool) [][]Step {
	if !newcomers {
		before = len(groups)
	}
	for i := range groups[:before] {
		if len(groups[i]) > 0 {
			groups[i] = append(steps, groups[i]...)
			return groups
		}
	}
	return ahead(steps, groups)
}

// ahead puts steps into a round of their own, before all others.
func ahead(steps []Step, groups [][]Step) [][]Step { return append([][]Step{steps}, groups...) }
