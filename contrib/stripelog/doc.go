// Package stripelog lets stripe-go log through slog, without bodies, ids in paths,
// or the texts of errors.
//
//	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
//		LeveledLogger: stripelog.NewContext(stripelog.Config{Logger: p.Logger("external.stripe")}),
//	})
//
// What stripe-go prints becomes events with attrs:
//
//		{"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"stripe_retry","service":"stripe","operation":"POST /v1/payment_intents/{id}/capture","attempt":2,"delay_ms":512.00}
//
//	  - stripe_request, stripe_response, stripe_finished, stripe_body (its size) at
//	    DEBUG: what happens to each attempt;
//	  - stripe_retry at WARNING;
//	  - stripe_error at ERROR, at INFO where stripe-go says that the customer's card
//	    is the reason (status 402), with stage: create, send, response, decode.
//	  - stripe_message at the level of stripe-go for what this package does not
//	    know: the format of the message without its arguments.
//
// [NewContext] is for stripe-go from v83 on, which hands over the context of the
// call, so that the lines have the request's id. [New] is for the versions before.
// Neither needs a version of its own: the package does not import stripe-go.
//
// The lines of the SDK do not tell a whole call. For one line per call with its
// duration, status and provider request id, give an httplog.Transport to the
// BackendConfig's HTTPClient too, wrap the backend in stripecalls.Backend, and set
// [Config.Quiet]: then a failure is told once.
package stripelog
