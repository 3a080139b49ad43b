// Package contrib is the home of pairlog's adapters that need a third party's
// types. Each is a package of its own, which imports the root, and at most one
// third party:
//
//   - pgxlog: queries, batches, copies and connections of pgx
//   - redislog: commands of go-redis, and whether Redis is there
//   - otellog: trace and span ids of OpenTelemetry
//   - stripelog, razorpaylog, awslog: what the SDKs of Stripe, Razorpay and AWS
//     say, and what they send
//   - stripecalls: one call per request of Stripe's SDK, however often it is sent
package contrib
