package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/share"
)

// checkResponseURL refuses an event before anything is done for it when its answer would go to anybody but
// CloudFormation: such an event is forged, and its address may be the function's own runtime. There is nobody to
// answer.
func (p *Provider) checkResponseURL(ctx context.Context, e cfn.Event) error {
	env, known, err := ownEnvironment(ctx)
	if !known {
		env, err = share.EnvFromARN(e.StackID)
	}
	if err != nil {
		return err
	}
	to, err := url.Parse(e.ResponseURL)
	if err != nil {
		return errors.New("the event's ResponseURL is not a URL; nothing was done")
	}
	if !p.AnswersTo(env, to) {
		return fmt.Errorf("the event's ResponseURL leads to %.100q, which is not where CloudFormation of %s takes answers; "+
			"nothing was done", to.Scheme+"://"+to.Host, env.Region)
	}
	return nil
}

// noRedirect keeps the answer from following a redirect: CloudFormation's bucket sends none, and the address that was
// checked is not the one that would be called.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// answer delivers the outcome of an event to CloudFormation.
func (p *Provider) answer(ctx context.Context, e cfn.Event, o outcome, log *slog.Logger) error {
	body, err := answerBody(e, o)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		again, err := p.put(ctx, e.ResponseURL, body)
		if err == nil {
			return nil
		}
		log.Warn("answering", "try", try, "error", err)
		if !again || try == 5 || ctx.Err() != nil {
			return fmt.Errorf("answering CloudFormation: %w", err)
		}
		time.Sleep(time.Duration(try*try) * p.pause)
	}
}

// put sends the answer once, without a Content-Type: the URL was signed for none.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
func (p *Provider) put(ctx context.Context, to string, body []byte) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, to, bytes.NewReader(body))
	if err != nil {
		return false, errors.New("the event's ResponseURL is not a URL")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return true, withoutURL(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	again = resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests
	return again, fmt.Errorf("the response URL answered %s", resp.Status)
}

// withoutURL keeps the presigned URL, which an http error repeats, out of logs.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// answerBody is the answer as JSON, with the Reason cut so that the whole is not too large. Attributes cannot be cut:
// when they are too large, that is the answer.
func answerBody(e cfn.Event, o outcome) ([]byte, error) {
	r := cfn.NewResponse(&e)
	r.PhysicalResourceID = o.id
	r.Status = cfn.StatusSuccess
	if e.RequestType != cfn.RequestDelete {
		r.Data = o.data
	}
	if o.err != nil {
		r.Status, r.Data, r.Reason = cfn.StatusFailed, nil, o.err.Error()
	}
	for {
		body, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("writing the answer: %w", err)
		}
		over := len(body) - maxAnswer
		if over <= 0 {
			return body, nil
		}
		tooLarge := fmt.Sprintf("the answer has %d bytes, CloudFormation takes %d", len(body), maxAnswer)
		switch {
		case r.Data != nil:
			r.Status, r.Data, r.Reason = cfn.StatusFailed, nil, tooLarge
		case r.Reason == "" || r.Reason == cutNote:
			return nil, errors.New(tooLarge)
		default:
			r.Reason = shorten(r.Reason, len(body))
		}
	}
}

const cutNote = " … (cut; the function's log has the rest)"

// shorten cuts a text that makes an answer of size bytes, in proportion, because JSON writes some letters with many
// bytes. It takes a little too little rather than too much, and is called again until the answer fits.
func shorten(text string, size int) string {
	text = strings.TrimSuffix(text, cutNote)
	keep := max(0, min(len(text)*maxAnswer/size, len(text)-1)-len(cutNote)/2)
	for keep > 0 && !utf8.RuneStart(text[keep]) {
		keep--
	}
	return text[:keep] + cutNote
}
