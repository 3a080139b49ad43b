package demo

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// A person is a simulated user and the device they use.
type person struct {
	*client
	name, email, role string
	price             int // in credits a message, creators only
}

// A cast is everybody who has an account.
type cast struct {
	fans, creators []*person
	stranger       *person // has an account, no credits, and a bad memory
}

var (
	fanNames     = []string{"Dev", "Emma", "Farid", "Grace"}
	creatorNames = []string{"Aria", "Bruno", "Chloe"}
	prices       = []int{5, 3, 0}
	browsers     = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
		"Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
	}
)

// signUp makes the cast. Each run has e-mail addresses of its own, so that a
// data folder can be used again, and each person an address from the ranges
// that are kept for documentation (RFC 5737), so that one's limit is not
// another's.
func (p *play) signUp(ctx context.Context) (cast, error) {
	run := pairly.NewID(time.Now())[18:]
	var all cast
	var people []*person
	add := func(name, role string, price int) *person {
		n := len(people)
		who := &person{
			client: p.client(fmt.Sprintf("203.0.113.%d", 20+n), browsers[n%len(browsers)]),
			name:   name, role: role, price: price,
			email: fmt.Sprintf("%s.%s@example.com", name, run),
		}
		people = append(people, who)
		return who
	}
	for i, n := range creatorNames {
		all.creators = append(all.creators, add(n, "creator", prices[i]))
	}
	for _, n := range fanNames {
		all.fans = append(all.fans, add(n, "fan", 0))
	}
	all.stranger = add("Hugo", "fan", 0)

	errs := make(chan error, len(people))
	var wg sync.WaitGroup
	for _, who := range people {
		wg.Go(func() {
			errs <- p.guard(ctx, func(ctx context.Context) error {
				return p.authenticate(ctx, who.client, "/api/auth/signup", map[string]any{
					"email": who.email, "password": demoPassword, "name": who.name, "role": who.role,
				})
			})
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return all, fmt.Errorf("sign up: %w", err)
		}
	}
	p.mu.Lock()
	p.report.Users = len(people) + 1 // and the administrator
	p.mu.Unlock()
	return all, nil
}

// publish gives the creators their profiles.
func (p *play) publish(ctx context.Context, creators []*person) error {
	for i, c := range creators {
		err := c.call(ctx, http.MethodPost, "/api/profiles/", map[string]any{
			"display_name": c.name, "age": 24 + i, "price_per_message": c.price,
			"bio":      "Ask me about sailing, bread and " + c.name + ".",
			"location": map[string]float64{"lat": 48.137154 + float64(i), "lng": 11.576124},
		}, nil)
		if err != nil {
			return fmt.Errorf("publish a profile: %w", err)
		}
	}
	return nil
}

// grant gives each fan credits, as only an administrator can.
func (p *play) grant(ctx context.Context, admin *client, fans []*person) error {
	for _, f := range fans {
		err := admin.call(ctx, http.MethodPost, "/api/credits/admin/adjust", map[string]any{
			"user_id": f.id, "amount": 250, "reason": "welcome gift of the demo",
			"idempotency_key": pairly.NewUUID(),
		}, nil)
		if err != nil {
			return fmt.Errorf("grant credits: %w", err)
		}
	}
	return nil
}
