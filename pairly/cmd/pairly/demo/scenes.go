package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

// slowRequest waits for an answer that takes longer than anybody should.
func (p *play) slowRequest(ctx context.Context) error {
	c := p.client("203.0.113.90", browsers[0])
	return c.call(ctx, http.MethodGet, p.cfg.SlowPath, nil, nil)
}

// panicRequest hits the route that panics: the client gets a 500, the log the
// stack and what led there, and the service lives on.
func (p *play) panicRequest(ctx context.Context, fan *person) error {
	return expect(http.StatusInternalServerError, fan.call(ctx, http.MethodGet, p.cfg.PanicPath, nil, nil))
}

// secretsInRequest puts secrets into a query and into the browser's name.
func (p *play) secretsInRequest(ctx context.Context) error {
	q := url.Values{"api_key": {plantedKey}, "token": {plantedJWT}, "card": {plantedCard}, "currency": {"EUR"}}
	c := p.client("203.0.113.92", "PriceBot/1.0 (Authorization: Bearer "+plantedJWT+")")
	return c.call(ctx, http.MethodGet, "/api/credits/packages?"+q.Encode(), nil, nil)
}

// impatientRequests is one more than an address may make in a minute before
// it is banned, and a few to see the ban.
const impatientRequests = 151 + 4

// impatient asks for the prices until its address is refused, then banned: all
// within a second, and not before the others have had their say.
func (p *play) impatient(ctx context.Context) error {
	if !pause(ctx, 3*time.Second) {
		return nil
	}
	// Another address each time: a ban outlives the run, as the data folder does.
	c := p.client(fmt.Sprintf("198.51.100.%d", 100+rand.IntN(150)), "PriceWatch/0.3")
	var refused bool
	for range impatientRequests {
		err := c.call(ctx, http.MethodGet, "/api/credits/packages", nil, nil)
		var se *statusError
		switch {
		case errors.As(err, &se) && se.status == http.StatusTooManyRequests:
			refused = true
		case err != nil:
			return err
		}
		if !pause(ctx, 4*time.Millisecond) {
			return nil
		}
	}
	if !refused {
		return fmt.Errorf("want status 429 within %d requests, got none", impatientRequests)
	}
	return nil
}

// misfits are the scenes that need an account and go wrong on purpose.
func (p *play) misfits(ctx context.Context, all cast) error {
	for _, scene := range []func(context.Context, cast) error{
		p.typo, p.guessed, p.pennyless, p.impostor, p.nosy, p.thief,
	} {
		if !pause(ctx, 250*time.Millisecond) {
			return nil
		}
		if err := scene(ctx, all); err != nil {
			return err
		}
	}
	return nil
}

// typo is one wrong password, then the right one, from a device whose name
// holds a card number.
func (p *play) typo(ctx context.Context, all cast) error {
	emma := all.fans[1]
	c := p.client("203.0.113.93", browsers[2])
	err := c.authenticate(ctx, "/api/auth/login", map[string]any{"email": emma.email, "password": wrongPassword})
	if err := expect(http.StatusUnauthorized, err); err != nil {
		return err
	}
	return p.authenticate(ctx, c, "/api/auth/login", map[string]any{
		"email": emma.email, "password": demoPassword, "device_info": "phone of " + plantedCard,
	})
}

// guessed is an account that three wrong passwords lock.
func (p *play) guessed(ctx context.Context, all cast) error {
	c := p.client("203.0.113.94", browsers[3])
	body := map[string]any{"email": all.stranger.email, "password": wrongPassword}
	for range 3 {
		if err := expect(http.StatusUnauthorized, c.authenticate(ctx, "/api/auth/login", body)); err != nil {
			return err
		}
	}
	body["password"] = demoPassword // too late
	return expect(http.StatusForbidden, c.authenticate(ctx, "/api/auth/login", body))
}

// pennyless is a fan who has nothing to pay with.
func (p *play) pennyless(ctx context.Context, all cast) error {
	aria := all.creators[0]
	err := all.stranger.call(ctx, http.MethodPost, "/api/credits/tip", map[string]any{
		"creator_id": aria.id, "amount": 50, "idempotency_key": "tip-with-nothing",
	}, nil)
	return expect(http.StatusPaymentRequired, err)
}

// impostor opens another user's chat socket with their own token.
func (p *play) impostor(ctx context.Context, all cast) error {
	c := *all.stranger.client
	c.id = all.creators[0].id
	ch, err := c.dial(ctx, func(frame) {})
	if err == nil {
		ch.hangUp()
		return errors.New("want the socket closed with 4403, got a login")
	}
	if got := websocket.CloseStatus(err); got != 4403 {
		return fmt.Errorf("want the socket closed with 4403: %w", err)
	}
	return nil
}

// nosy is a fan who tries an administrator's page.
func (p *play) nosy(ctx context.Context, all cast) error {
	err := all.fans[0].call(ctx, http.MethodGet, "/api/admin/security/banned-ips", nil, nil)
	return expect(http.StatusForbidden, err)
}

// thief presents a refresh token that its owner has used already: the session
// ends for both.
func (p *play) thief(ctx context.Context, all cast) error {
	victim := all.stranger
	stolen := victim.refresh
	body := map[string]any{"refresh_token": stolen}
	if err := p.authenticate(ctx, victim.client, "/api/auth/refresh", body); err != nil {
		return err
	}
	c := p.client("198.51.100.77", browsers[0])
	return expect(http.StatusUnauthorized, c.authenticate(ctx, "/api/auth/refresh", body))
}

// office is the administrator's day: look at the bans every few seconds, lift
// them, and keep the fans in credit.
func (p *play) office(ctx context.Context, admin *client, fans []*person) error {
	for n := 1; pause(ctx, 3*time.Second); n++ {
		err := p.retry(ctx, admin, func() error { return liftBans(ctx, admin) })
		if err == nil && n%10 == 0 {
			err = p.grant(ctx, admin, fans)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func liftBans(ctx context.Context, admin *client) error {
	var banned struct {
		IPs []struct {
			IP string `json:"ip"`
		} `json:"banned_ips"`
	}
	if err := admin.call(ctx, http.MethodGet, "/api/admin/security/banned-ips", nil, &banned); err != nil {
		return err
	}
	for _, b := range banned.IPs {
		err := admin.call(ctx, http.MethodPost, "/api/admin/security/unban", map[string]string{"ip": b.IP}, nil)
		if err := unless(http.StatusNotFound, err); err != nil { // it may have ended meanwhile
			return err
		}
	}
	return nil
}
