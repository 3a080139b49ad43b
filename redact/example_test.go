package redact_test

import (
	"fmt"
	"strings"

	"github.com/pairly/pairlog/redact"
)

func ExampleRedactor_String() {
	r, _ := redact.New(redact.Config{})
	fmt.Println(r.String("login with password=hunter2 for bob@example.com from 192.168.1.77"))
	// Output:
	// login with password=[REDACTED] for b***@example.com from 192.168.1.0/24
}

func ExampleSecret() {
	type config struct {
		User     string
		Password redact.Secret[string]
	}
	c := config{"app", redact.NewSecret("hunter2")}
	fmt.Printf("%+v\n", c)
	fmt.Println(len(c.Password.Reveal())) // the only way to the value
	// Output:
	// {User:app Password:[REDACTED]}
	// 7
}

func ExampleRedactor_AppendJSON() {
	r, _ := redact.New(redact.Config{})
	fmt.Println(string(r.AppendJSON(nil, []byte(`{"user": {"Password": "x"}, "note": "card 4111 1111 1111 1111"}`))))
	// Output:
	// {"user":{"Password":"[REDACTED]"},"note":"card [CARD]"}
}

func ExampleNew() {
	r, err := redact.New(redact.Config{
		// Keys: a name matches as a run of whole words in any spelling.
		Keys: []redact.KeyRule{
			{Name: "loyalty number", Class: redact.ClassSecret}, // loyaltyNumber, X-Loyalty-Number, …
			{Name: "push token", Class: redact.ClassKeep},       // not a secret here
		},
		// The user's own words are dropped; their length is written instead.
		Content: []string{"bio", "message_text"},
		// Text: anything that can find offsets.
		Values: []redact.ValueRule{{
			Name: "ticket",
			Find: func(s string) (start, end int, ok bool) {
				i := strings.Index(s, "TCK-")
				if i < 0 || len(s) < i+12 {
					return 0, 0, false
				}
				return i, i + 12, true
			},
			Mark: "[TICKET]",
		}},
		// In the group "webhook" only these keys are written.
		Allow: map[string][]string{"webhook": {"id", "type", "created"}},
		// Switching a default off takes its name.
		Disable: []redact.Rule{redact.RulePhone},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(r.AppendJSON(nil, []byte(`{"loyaltyNumber":71,"push_token":"a1","bio":"I like…","note":"see TCK-20250115","webhook":{"id":"w1","body":"x"}}`))))
	// Output:
	// {"loyaltyNumber":"[REDACTED]","push_token":"a1","bio_length":7,"note":"see [TICKET]","webhook":{"id":"w1","body":"[REDACTED]"}}
}

func ExampleRedactor_Lines() {
	r, _ := redact.New(redact.Config{})
	lines := r.Lines()
	for _, s := range []string{
		`{"event":"login_failed","client_ip":"192.168.1.77","password":"hunter2"}`,
		`{"event":"login","client_ip":"192.168.7.12","user_id":"507f1f77bcf86cd799439011"}`,
	} {
		out, ok := lines.AppendDocument(nil, s)
		fmt.Println(ok, string(out))
	}
	lines.Flush()
	fmt.Println(r.Total(), "redactions")
	// Output:
	// true {"event":"login_failed","client_ip":"192.168.1.0/24","password":"[REDACTED]"}
	// true {"event":"login","client_ip":"192.168.7.0/24","user_id":"507f1f77bcf86cd799439011"}
	// 3 redactions
}
