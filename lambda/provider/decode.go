package provider

import (
	"errors"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// declared is what the event declares, as it is remembered.
func (r resource) declared() declaration.Properties { return declaration.Lasting(r.ResourceProperties) }

// before is what was declared before an Update.
func (r resource) before() declaration.Properties {
	return declaration.Lasting(r.OldResourceProperties)
}

// wantedShare is the declared share, and the one before an Update. Previous properties are read leniently: they may be
// those of a deployment that failed for being wrong.
func (r resource) wantedShare() (want share.Share, previous *share.Share, err error) {
	if want, err = share.ParseShare(r.ResourceProperties, r.env, share.Within(r.limits)); err != nil {
		return want, nil, forTemplates(err)
	}
	if err = document.CheckShare(want); err != nil {
		return want, nil, err
	}
	if r.RequestType == cfn.RequestUpdate {
		p, _ := share.ParseShare(r.OldResourceProperties, r.env)
		previous = &p
	}
	return want, previous, nil
}

func (r resource) wantedAccess() (want share.Access, previous *share.Access, err error) {
	if want, err = share.ParseAccess(r.ResourceProperties, r.env, share.Within(r.limits)); err != nil {
		return want, nil, forTemplates(err)
	}
	if err = document.CheckAccess(want); err != nil {
		return want, nil, err
	}
	if r.RequestType == cfn.RequestUpdate {
		p, _ := share.ParseAccess(r.OldResourceProperties, r.env)
		previous = &p
	}
	return want, previous, nil
}

// forTemplates says of violations also which parameter of a template is meant: the function does not know where its
// event comes from.
func forTemplates(err error) error {
	var all share.Violations
	if errors.As(err, &all) {
		return all.ForTemplates()
	}
	return err
}
