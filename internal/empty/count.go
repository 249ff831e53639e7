package empty

import "context"

// Count counts the versions that a checkpoint leaves to be deleted, up to a number, until stop is done. Nothing is
// deleted, and memory does not grow with what is counted: the listing alone is the emptying's.
func Count(ctx, stop context.Context, b Bucket, from Checkpoint, upTo int) (versions int, all bool, err error) {
	from.Uploads, from.Report = false, Report{}
	stop, enough := context.WithCancel(stop)
	defer enough()
	counter := &counting{Bucket: b, upTo: upTo, enough: enough, counted: make(chan int, 1)}
	counter.counted <- 0
	left, err := Empty(ctx, stop, counter, from)
	return <-counter.counted, left.Done(), err
}

// counting is a bucket of which nothing is deleted.
type counting struct {
	Bucket
	upTo    int
	enough  context.CancelFunc
	counted chan int // holds the number between two uses of it
}

func (c *counting) DeleteVersions(_ context.Context, versions []Version) ([]Failure, error) {
	n := <-c.counted + len(versions)
	c.counted <- n
	if n >= c.upTo {
		c.enough()
	}
	return nil, nil
}

func (c *counting) DeleteVersion(ctx context.Context, v Version) (*Failure, error) {
	_, err := c.DeleteVersions(ctx, []Version{v})
	return nil, err
}
