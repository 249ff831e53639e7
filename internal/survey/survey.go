// Package survey reads the world of a bucket for a proof, with credentials for as many of its accounts as there are. It
// puts together what package cloud reads account by account, and notes what nobody could read.
package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// Request is what is to be read.
type Request struct {
	// Configs are the credentials, by account.
	Configs map[string]aws.Config
	// Env is the owner's; its Account is empty where nobody knows whose the bucket is.
	Env    share.Env
	Bucket string
	// KeyName is what the key is looked up by from other accounts, "" where it is not known.
	KeyName string
	// Others are further accounts that take part.
	Others []string
}

// noCredentials is why most of what is unread is unread.
const noCredentials = "no credentials for this account"

// Read reads everything that the credentials reach.
func Read(ctx context.Context, r Request) (proof.World, error) {
	s := &surveyor{Request: r, accounts: map[string]*cloud.Survey{}}
	for account, c := range r.Configs {
		env := r.Env
		env.Account = account
		s.accounts[account] = cloud.NewSurvey(c, env)
	}
	if r.Env.Account == "" {
		if err := s.findOwner(ctx); err != nil {
			return proof.World{}, err
		}
	}
	s.world.Accounts = map[string]proof.Account{}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { s.readBucket(gctx); return nil })
	g.Go(func() error { s.readOrganization(gctx); return nil })
	for _, account := range s.taking() {
		g.Go(func() error { s.readIdentities(gctx, account); return nil })
	}
	if err := g.Wait(); err != nil {
		return proof.World{}, err
	}
	if err := ctx.Err(); err != nil {
		return proof.World{}, err
	}
	s.sort()
	return s.world, nil
}

// surveyor is one reading.
type surveyor struct {
	Request
	accounts map[string]*cloud.Survey

	mu    sync.Mutex
	world proof.World
}

// taking are all accounts that take part, sorted.
func (s *surveyor) taking() []string {
	all := append([]string{s.Env.Account}, s.Others...)
	for account := range s.accounts {
		all = append(all, account)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// findOwner asks with every account's credentials whether the bucket is its own.
func (s *surveyor) findOwner(ctx context.Context) error {
	for _, account := range s.taking() {
		if account == "" {
			continue
		}
		region, owns, err := s.accounts[account].Owns(ctx, s.Bucket)
		if err != nil {
			return err
		}
		if owns {
			s.Env.Account = account
			if region != "" {
				s.moveTo(region)
			}
			return nil
		}
	}
	return fmt.Errorf("bucket %s belongs to none of the accounts that there are credentials for; "+
		"give a profile of its owner", s.Bucket)
}

// moveTo makes every account's calls go to the bucket's region.
func (s *surveyor) moveTo(region string) {
	s.Env.Region = region
	for account, c := range s.Configs {
		env := s.Env
		env.Account = account
		s.accounts[account] = cloud.NewSurvey(c, env)
	}
}

func (s *surveyor) note(missed ...proof.Unread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Unread = append(s.world.Unread, missed...)
}

func (s *surveyor) readBucket(ctx context.Context) {
	if owner := s.accounts[s.Env.Account]; owner != nil {
		bucket, missed := owner.Bucket(ctx, s.Bucket)
		s.world.Bucket = bucket
		s.note(missed...)
		return
	}
	s.world.Bucket = proof.Bucket{Name: s.Bucket, Region: s.Env.Region, Owner: s.Env.Account}
	for _, part := range []proof.Part{
		proof.BucketPolicy, proof.KeyPolicy, proof.PublicAccessBlock, proof.BucketEncryption,
	} {
		s.note(proof.Unread{Part: part, Account: s.Env.Account, Why: noCredentials})
	}
	if s.KeyName == "" {
		return
	}
	for _, account := range s.taking() {
		if there := s.accounts[account]; there != nil {
			if arn := there.Key(ctx, s.KeyName); arn != "" {
				s.world.Bucket.Key, s.world.Bucket.BucketKeyEnabled = &proof.Key{ARN: arn}, true
				if strings.Contains(s.KeyName, ":alias/") {
					s.world.Bucket.Key.Aliases = []string{s.KeyName[strings.Index(s.KeyName, ":alias/")+1:]}
				}
				return
			}
		}
	}
}

func (s *surveyor) readIdentities(ctx context.Context, account string) {
	there := s.accounts[account]
	if there == nil {
		s.note(proof.Unread{Part: proof.Identities, Account: account, Why: noCredentials})
		return
	}
	principals, missed := there.Identities(ctx)
	s.note(missed...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Principals = append(s.world.Principals, principals...)
}

// sort puts what was read at the same time into an order that is always the same.
func (s *surveyor) sort() {
	slices.SortStableFunc(s.world.Principals, func(a, b proof.Principal) int {
		return compareTexts(a.Account, b.Account, string(a.Type), string(b.Type), a.ARN, b.ARN)
	})
	slices.SortStableFunc(s.world.Unread, func(a, b proof.Unread) int {
		return compareTexts(a.Account, b.Account, string(a.Part), string(b.Part), a.ARN, b.ARN)
	})
}

// ByHand reads what an adoption depends on besides the world that was read.
func ByHand(ctx context.Context, r Request, w proof.World) (adopt.Hand, []proof.Unread) {
	env := r.Env
	env.Account, env.Region = w.Bucket.Owner, w.Bucket.Region
	keyARN := ""
	if w.Bucket.Key != nil && share.IsKeyARN(w.Bucket.Key.ARN) {
		keyARN = w.Bucket.Key.ARN
	}
	return cloud.NewSurvey(r.Configs[env.Account], env).ByHand(ctx, w.Bucket.Name, keyARN)
}
