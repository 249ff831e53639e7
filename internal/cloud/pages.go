package cloud

import "context"

// pages is a paginator of the SDK: Out is one page of an answer, Options are those of its service.
type pages[Out, Options any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*Options)) (*Out, error)
}

// collect is what all pages of a listing hold. What came before a failure is there, too.
func collect[Out, Options, T any](
	ctx context.Context, p pages[Out, Options], of func(*Out) []T, options ...func(*Options),
) (all []T, err error) {
	for p.HasMorePages() {
		page, err := p.NextPage(ctx, options...)
		if err != nil {
			return all, err
		}
		all = append(all, of(page)...)
	}
	return all, nil
}
