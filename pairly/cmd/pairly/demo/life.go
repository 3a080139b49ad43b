package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// remarks are what fans say and creators answer; none of it may be in the log.
var remarks = []string{
	privateText,
	"how was the weather on the lake?",
	"I tried the recipe, it needs more salt",
	"good morning from the train",
	"thank you, that made my day",
}

// live is a fan's evening: look at a profile, chat, tip, check the balance.
func (p *play) live(ctx context.Context, f *person, creators []*person, n int) error {
	// The socket outlives ctx so that the fan can say goodbye.
	ch, err := f.dial(context.WithoutCancel(ctx), func(frame) {})
	if err != nil {
		return fmt.Errorf("open the chat: %w", err)
	}
	defer ch.hangUp()
	for i := 0; pause(ctx, thought(i)); i++ {
		to := creators[(n+i)%len(creators)]
		if err := ch.say(ctx, to.id, remarks[rand.IntN(len(remarks))], pairly.NewUUID()); err != nil {
			return fmt.Errorf("send a message: %w", err)
		}
		// A request now and then keeps a fan far below the limit of sixty a
		// minute.
		if i%3 != 2 {
			continue
		}
		err := p.retry(ctx, f.client, func() error { return p.errand(ctx, f, to, i/3) })
		if err := unless(http.StatusPaymentRequired, err); err != nil {
			return err
		}
	}
	return nil
}

// thought is how long a fan thinks before message n: little at first, so that all
// there is to see is soon seen, then long enough for whoever reads along.
func thought(n int) time.Duration {
	least, spread := 500, 900
	if n > 3 {
		least, spread = 2500, 4000
	}
	return time.Duration(least+rand.IntN(spread)) * time.Millisecond
}

// errand is one request of a fan over HTTP.
func (p *play) errand(ctx context.Context, f, to *person, n int) error {
	switch n % 4 {
	case 0:
		return f.call(ctx, http.MethodPost, "/api/credits/tip", map[string]any{
			"creator_id": to.id, "amount": 1 + rand.IntN(10), "message": privateText,
			"idempotency_key": pairly.NewUUID(),
		}, nil)
	case 1:
		return f.call(ctx, http.MethodGet, "/api/messages/history/"+to.id+"?limit=20", nil, nil)
	case 2:
		return f.call(ctx, http.MethodGet, "/api/credits/balance", nil, nil)
	default:
		return f.call(ctx, http.MethodGet, "/api/messages/conversations", nil, nil)
	}
}

// answer is a creator's evening: answer one message in three.
func (p *play) answer(ctx context.Context, c *person) error {
	senders := make(chan string, 16)
	ch, err := c.dial(context.WithoutCancel(ctx), func(f frame) {
		if f.Type != "new_message" {
			return
		}
		select {
		case senders <- f.SenderID:
		default: // too many to answer
		}
	})
	if err != nil {
		return fmt.Errorf("open the chat: %w", err)
	}
	defer ch.hangUp()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ch.reader.Done():
			return errors.New("want the chat open, got it closed by the service")
		case to := <-senders:
			if n%3 != 0 {
				continue
			}
			if err := ch.say(ctx, to, remarks[n%len(remarks)], pairly.NewUUID()); err != nil {
				return fmt.Errorf("answer a message: %w", err)
			}
		}
	}
}

// retry runs fn, and once more after a refresh where the access token has
// expired: a demo may run for longer than half an hour.
func (p *play) retry(ctx context.Context, c *client, fn func() error) error {
	err := fn()
	var se *statusError
	if !errors.As(err, &se) || se.status != http.StatusUnauthorized {
		return err
	}
	body := map[string]any{"refresh_token": c.refresh}
	if err := p.authenticate(ctx, c, "/api/auth/refresh", body); err != nil {
		return err
	}
	return fn()
}

// unless drops err where it is an answer with the status.
func unless(status int, err error) error {
	var se *statusError
	if errors.As(err, &se) && se.status == status {
		return nil
	}
	return err
}
