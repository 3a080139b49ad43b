// Package httplogtest checks that a logging middleware tells the truth: a truth
// table of what can happen to a request, each row played by a real client
// against a real server, with the line that the middleware wrote held against
// what the client saw.
//
// A middleware's own test is one call:
//
//	func TestTruth(t *testing.T) {
//		httplogtest.Test(t, httplogtest.Subject{
//			Wrap: func(log io.Writer) func(http.Handler) http.Handler {
//				return mylog.Middleware(slog.New(slog.NewJSONHandler(log, nil)))
//			},
//			Parse: httplogtest.JSONLines("http_request", "msg", "status", "level"),
//		})
//	}
//
// [Run] returns the rows as values, for a comparison of several middlewares. The
// suite knows nothing of pairlog.
package httplogtest
